//! Running migrations on SQLite. It has one writer, so there is nothing to batch and nobody to watch.

use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text};
use diesel_migrations::MigrationHarness as _;

use super::failure::{Failure, Fault};
use super::log::{Event, Log};
use super::migration::Harnessed;
use super::pending::Pending;
use super::{Options, Runner, words};
use crate::database::{self, Url};
use crate::exit::Stop;
use crate::migrations::StepRef;

/// Between two questions for the lock.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection, and the lock of the run.
pub struct Sqlite<'a> {
    connection: Box<SqliteConnection>,
    /// Held open: the system takes the lock back when the process ends, however it ends.
    _lock: Option<SqliteConnection>,
    options: &'a Options,
    url: &'a Url,
    log: &'a Log,
}

impl<'a> Sqlite<'a> {
    /// Takes the lock.
    ///
    /// # Errors
    /// Another runner held it for longer than anybody wants to wait; the lock's file can't be made.
    pub fn start(
        mut connection: Box<SqliteConnection>,
        options: &'a Options,
        url: &'a Url,
        log: &'a Log,
    ) -> Result<Self, Stop> {
        let failed = |error: Error| database::failed(url, "the database failed", &error);
        let lock = match lock_path(&mut connection).map_err(failed)? {
            Some(path) => Some(take(&path, options.wait, url, log)?),
            None => None,
        };
        // Others that write now are through in a moment.
        let patience = format!("PRAGMA busy_timeout = {}", options.lock_timeout.as_millis());
        connection.batch_execute(&patience).map_err(failed)?;
        Ok(Self { connection, _lock: lock, options, url, log })
    }
}

#[derive(QueryableByName)]
struct Attached {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    file: Option<String>,
}

/// The lock's file, beside the database, one for all spellings of its name; `None` for a database in memory, which is nobody else's.
fn lock_path(connection: &mut SqliteConnection) -> QueryResult<Option<String>> {
    // A SELECT of the same would read the schema, and meet the lock of whoever writes.
    let attached: Vec<Attached> = sql_query("PRAGMA database_list").load(connection)?;
    let file = attached.into_iter().find(|one| one.name == "main").and_then(|one| one.file);
    let one_name = |file: String| match std::fs::canonicalize(&file) {
        Ok(path) => path.into_os_string().into_string().unwrap_or(file),
        Err(_) => file,
    };
    Ok(file.filter(|file| !file.is_empty()).map(|file| format!("{}-schemig-lock", one_name(file))))
}

/// A database of its own, locked whole and never written to: SQLite locks files on every system, and no lock outlives its process. The
/// file stays, empty: whoever removed it could do so under another runner's feet.
fn take(path: &str, wait: Duration, url: &Url, log: &Log) -> Result<SqliteConnection, Stop> {
    let started = Instant::now();
    let mut lock = SqliteConnection::establish(path).map_err(|error| {
        database::failed(url, &format!("can't open {path}, which keeps other runners out"), &error)
    })?;
    let mut said = false;
    loop {
        match lock.batch_execute("BEGIN EXCLUSIVE") {
            Ok(()) => return Ok(lock),
            Err(error) if !is_locked(&error) => {
                return Err(database::failed(
                    url,
                    &format!("can't lock {path}, which keeps other runners out"),
                    &error,
                ));
            }
            Err(_) => {}
        }
        let left = wait.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(super::held(&format!("it holds {path}"), wait));
        }
        if !said {
            said = true;
            let message =
                format!("another runner is at work; waiting for it, {} at most", words::duration(wait));
            log.say(Event::new("queued", message).with("most_seconds", wait.as_secs()));
        }
        std::thread::sleep(PAUSE.min(left));
    }
}

/// SQLite's own words, in no other language.
fn is_locked(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, said) if said.message().contains("is locked"))
}

impl Runner for Sqlite<'_> {
    fn applied(&mut self) -> Result<Vec<String>, Failure> {
        super::applied(&mut *self.connection)
    }

    fn tidy(&mut self, _pending: &[&StepRef]) -> Result<(), Failure> {
        // A backfill is one UPDATE here, and keeps no place.
        Ok(())
    }

    fn run(&mut self, pending: &Pending<'_>) -> Result<(), Stop> {
        let name = pending.migration.name.as_str();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let ran = self.connection.run_migration(&Harnessed::file(pending.migration)).map(drop);
            let Err(failure) = ran.map_err(Failure::from) else { return Ok(()) };
            if !pending.migration.run_in_transaction {
                // The file may have begun a transaction of its own; an error says that it hadn't.
                drop(self.connection.batch_execute("ROLLBACK"));
            }
            let locked = matches!(&failure, Failure::Database(error) if is_locked(error));
            if !locked || !pending.can_run_again() || attempt >= self.options.lock_attempts {
                return Err(Fault {
                    migration: name,
                    failure,
                    attempts: attempt,
                    blocker: None,
                    locked: false,
                }
                .stop(self.url));
            }
            let pause = super::pause(attempt);
            let message = format!("{name}: {failure}; trying again in {}", words::duration(pause));
            self.log.say(Event::new("retry", message).of(name).with("attempt", attempt));
            std::thread::sleep(pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::lock_path;

    #[test]
    fn all_spellings_of_a_database_have_one_lock() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().canonicalize().unwrap();
        let place = place.to_str().unwrap();
        let lock = |url: &str| lock_path(&mut SqliteConnection::establish(url).unwrap()).unwrap();
        let wanted = format!("{place}/my db-schemig-lock");
        for url in [
            format!("{place}/my db"),
            format!("{place}/./my db"),
            format!("file:{place}/my%20db?mode=rwc"),
            format!("file://localhost{place}/my%20db"),
            format!("sqlite://{place}/my%20db"),
        ] {
            assert_eq!(lock(&url), Some(wanted.clone()), "{url}");
        }
        assert_eq!(lock(":memory:"), None);
        assert_eq!(lock("file:x?mode=memory"), None);
    }
}
