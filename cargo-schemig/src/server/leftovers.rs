//! What this process must not leave behind: cleared up when it isn't needed any more, or when somebody presses Ctrl-C.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::connection::SimpleConnection as _;

use crate::database::{Connection, Url};

/// Something that was made and has to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// A database on a server.
    Database {
        /// A database beside it, to connect to.
        server: Url,
        /// Its name.
        name: String,
    },
    /// A file.
    File(PathBuf),
    /// A directory.
    Directory(PathBuf),
}

static KEPT: Mutex<Vec<Leftover>> = Mutex::new(Vec::new());

fn kept() -> MutexGuard<'static, Vec<Leftover>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers it.
pub(super) fn keep(leftover: Leftover) {
    kept().push(leftover);
}

/// Remembers it, and makes it. Whoever clears up on Ctrl-C waits until it is made, and nobody makes another after that.
pub(super) fn keep_while<T>(leftover: Leftover, make: impl FnOnce() -> T) -> T {
    let mut kept = kept();
    kept.push(leftover);
    make()
}

/// It is somebody else's from now on.
pub(super) fn forget(leftover: &Leftover) {
    kept().retain(|other| other != leftover);
}

/// Removes it.
pub(super) fn clear(leftover: &Leftover) {
    forget(leftover);
    remove(leftover);
}

/// Best effort: a failure here would hide the run's own.
fn remove(leftover: &Leftover) {
    match leftover {
        Leftover::Database { server, name } => drop_database(server, name),
        Leftover::File(path) => drop(fs::remove_file(path)),
        Leftover::Directory(path) => drop(fs::remove_dir_all(path)),
    }
}

/// From now on Ctrl-C, a hang-up and a polite kill clear up first, and then end the process with the shell's code for it.
/// Statements that run are cut off. Does nothing when called again.
pub fn clear_on_interrupt() {
    // It only fails when somebody else has set a handler: then that one decides.
    let _ = ctrlc::try_set_handler(|| {
        // Held until the end: whoever would make something more waits for ever.
        let kept = kept();
        kept.iter().rev().for_each(remove);
        std::process::exit(130);
    });
}

/// Ends the sessions of a database and drops it. `WITH (FORCE)` would do both, from PostgreSQL 13 on.
fn drop_database(server: &Url, name: &str) {
    let Ok(Connection::Postgres(mut connection)) = Connection::establish(server) else { return };
    // It is ours alone, so a session that is left is one of this process.
    for _ in 0..50 {
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        );
        let _ = connection.batch_execute(&end);
        if connection.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\"")).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
