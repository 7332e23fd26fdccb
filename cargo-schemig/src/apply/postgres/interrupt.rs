//! Ctrl-C: the session on the server ends with the program. Before version 14 a server doesn't notice that its client is gone while it is at
//! work: an online index build would go on for hours, and hold the run's lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;

use crate::apply::log::{Event, Log};

/// Somebody pressed it.
static PRESSED: AtomicBool = AtomicBool::new(false);

/// A server that doesn't answer is left to itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// From now on Ctrl-C, a hang-up and a polite kill end the session `pid`, and then the process with the shell's code for it. Ended, not
/// cancelled: then no statement that was just about to be sent goes on without us.
pub(super) fn ends(url: &str, pid: i32, log: &Arc<Log>) {
    let (url, log) = (url.to_owned(), Arc::clone(log));
    // It only fails when somebody else has set a handler: then that one decides.
    let _ = ctrlc::try_set_handler(move || {
        PRESSED.store(true, Ordering::SeqCst);
        let (done, ended) = mpsc::channel();
        let url = url.clone();
        std::thread::spawn(move || drop(done.send(end(&url, pid))));
        let message = match ended.recv_timeout(PATIENCE) {
            Ok(Ok(())) => "interrupted; what ran stays applied, a second run goes on here".to_owned(),
            Ok(Err(why)) => format!("interrupted; session {pid} may go on, it can't be ended: {why}"),
            Err(_) => format!("interrupted; session {pid} may go on, the server doesn't answer"),
        };
        log.clear_bar();
        log.say(Event::new("interrupted", message).with("exit", 130));
        std::process::exit(130);
    });
}

fn end(url: &str, pid: i32) -> Result<(), String> {
    let mut connection = PgConnection::establish(url).map_err(|error| error.to_string())?;
    let end = sql_query("SELECT pg_terminate_backend($1)").bind::<Integer, _>(pid);
    end.execute(&mut connection).map(drop).map_err(|error| error.to_string())
}

/// Never returns when somebody has pressed it: the handler ends the process, and what failed meanwhile failed because of it.
pub(super) fn give_way() {
    while PRESSED.load(Ordering::SeqCst) {
        std::thread::sleep(PATIENCE);
    }
}
