//! The session that migrations run in: what is set for one and set back after it, and how its server says that a lock wasn't had.

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_query;
use diesel::sql_types::{Integer, Text};
use schemig_core::dialect::GAVE_UP;

use super::lock::NUMBER;

/// A session's own facts.
#[derive(Debug)]
pub struct Session {
    /// The number of its process on the server.
    pub pid: i32,
    /// What `lock_timeout` and `statement_timeout` were.
    saved: [String; 2],
    /// What the server says, in its own language, when `lock_timeout` is over. Diesel gives no SQLSTATE.
    timed_out: String,
}

#[derive(QueryableByName)]
struct Facts {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Text)]
    lock_timeout: String,
    #[diesel(sql_type = Text)]
    statement_timeout: String,
}

impl Session {
    /// Reads what there is. `other` is a second session, which is made to wait a moment for a lock that `connection`, the owner of the
    /// run's advisory lock, holds: so it hears the server's words for that.
    ///
    /// # Errors
    /// The server doesn't answer.
    pub fn read(connection: &mut PgConnection, other: &mut PgConnection) -> QueryResult<Self> {
        // A client that is gone must not leave its statement running, and its lock held: from version 14 on, where the server's system
        // can tell; where it can't, setting it is an error that changes nothing.
        let check = "SELECT set_config(name, '2s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'";
        drop(sql_query(check).execute(connection));
        let facts: Facts = sql_query(
            "SELECT pg_backend_pid() AS pid, current_setting('lock_timeout') AS lock_timeout, \
             current_setting('statement_timeout') AS statement_timeout",
        )
        .get_result(connection)?;
        let heard = other
            .batch_execute(&format!(
                "BEGIN; SET LOCAL lock_timeout = '1ms'; SELECT pg_advisory_xact_lock({NUMBER}, hashtext(current_database()))"
            ))
            .err();
        other.batch_execute("ROLLBACK")?;
        let timed_out = match heard {
            Some(Error::DatabaseError(_, said)) => said.message().to_owned(),
            Some(error) => return Err(error),
            None => "canceling statement due to lock timeout".to_owned(),
        };
        Ok(Self { pid: facts.pid, saved: [facts.lock_timeout, facts.statement_timeout], timed_out })
    }

    /// Sets `lock_timeout`, in milliseconds (0: none), and takes `statement_timeout` away where `unbounded`.
    ///
    /// # Errors
    /// The server doesn't answer.
    pub fn set(&self, connection: &mut PgConnection, lock_timeout: u128, unbounded: bool) -> QueryResult<()> {
        let [_, statement_timeout] = &self.saved;
        let statement_timeout = if unbounded { "0" } else { statement_timeout };
        configure(connection, &lock_timeout.to_string(), statement_timeout)
    }

    /// Sets back what was set.
    ///
    /// # Errors
    /// The server doesn't answer.
    pub fn reset(&self, connection: &mut PgConnection) -> QueryResult<()> {
        let [lock_timeout, statement_timeout] = &self.saved;
        configure(connection, lock_timeout, statement_timeout)
    }

    /// Whether an error says that a lock wasn't had: the timeout was over, a deadlock was resolved against us, or a file of ours gave up
    /// after attempts of its own.
    pub fn is_locked_out(&self, error: &Error) -> bool {
        let Error::DatabaseError(_, said) = error else { return false };
        let message = said.message();
        // Both processes of a deadlock are named in its details, in any language.
        let names_us =
            |details: &str| details.lines().filter(|line| line.contains(&self.pid.to_string())).count() >= 2;
        message == self.timed_out
            || message == "deadlock detected"
            || said.details().is_some_and(names_us)
            || (message.starts_with("schemig:") && message.contains(GAVE_UP))
    }
}

fn configure(connection: &mut PgConnection, lock_timeout: &str, statement_timeout: &str) -> QueryResult<()> {
    sql_query("SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)")
        .bind::<Text, _>(lock_timeout)
        .bind::<Text, _>(statement_timeout)
        .execute(connection)
        .map(drop)
}
