//! The session that migrations run in: what is set for one and set back after it, and how its server says that a lock wasn't had.

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text};
use schemig_core::dialect::GAVE_UP;

use super::lock::NUMBER;

/// A session's own facts.
#[derive(Debug)]
pub struct Session {
    /// The number of its process on the server.
    pub pid: i32,
    /// What the settings were.
    saved: Vec<Setting>,
    /// What the server says, in its own language, when `lock_timeout` is over. Diesel gives no SQLSTATE.
    timed_out: String,
}

#[derive(Debug, QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Pid {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// What steps of plans need: time, and (DOCTRINE, R6) to see in each statement what was committed before it.
const PLANNED: [(&str, &str); 3] = [
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "0"),
    ("transaction_timeout", "0"),
];

/// What is set and set back, as far as this version of the server knows it.
const SAVED: &str = "SELECT name, current_setting(name) AS value FROM pg_settings WHERE name IN \
    ('lock_timeout', 'default_transaction_isolation', 'statement_timeout', 'transaction_timeout')";

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
        // Between two attempts the session idles, from version 14 on for too long for some.
        let idle = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'";
        sql_query(idle).execute(connection)?;
        let Pid { pid } = sql_query("SELECT pg_backend_pid() AS pid").get_result(connection)?;
        let saved = sql_query(SAVED).load(connection)?;
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
        Ok(Self { pid, saved, timed_out })
    }

    /// Sets `lock_timeout`, in milliseconds (0: none), and what a step of a plan needs where it is `planned`.
    ///
    /// # Errors
    /// The server doesn't answer.
    pub fn set(&self, connection: &mut PgConnection, lock_timeout: u128, planned: bool) -> QueryResult<()> {
        let lock_timeout = lock_timeout.to_string();
        let value = |setting: &Setting| {
            let needed = PLANNED.iter().find(|(name, _)| planned && *name == setting.name);
            match needed {
                _ if setting.name == "lock_timeout" => lock_timeout.clone(),
                Some((_, value)) => (*value).to_owned(),
                None => setting.value.clone(),
            }
        };
        self.configure(connection, self.saved.iter().map(value).collect())
    }

    /// Sets back what was set.
    ///
    /// # Errors
    /// The server doesn't answer.
    pub fn reset(&self, connection: &mut PgConnection) -> QueryResult<()> {
        self.configure(connection, self.saved.iter().map(|setting| setting.value.clone()).collect())
    }

    fn configure(&self, connection: &mut PgConnection, values: Vec<String>) -> QueryResult<()> {
        let names: Vec<&str> = self.saved.iter().map(|setting| setting.name.as_str()).collect();
        sql_query("SELECT set_config(name, value, false) FROM unnest($1, $2) AS each (name, value)")
            .bind::<Array<Text>, _>(names)
            .bind::<Array<Text>, _>(values)
            .execute(connection)
            .map(drop)
    }

    /// Whether an error says that a lock wasn't had: the timeout was over, a deadlock was resolved against us, or a file of ours gave up
    /// after attempts of its own.
    pub fn is_locked_out(&self, error: &Error) -> bool {
        let Error::DatabaseError(_, said) = error else { return false };
        let message = said.message();
        message == self.timed_out
            || message == "deadlock detected"
            || said.details().is_some_and(|details| names(details, self.pid))
            || (message.starts_with("schemig:") && message.contains(GAVE_UP))
    }
}

/// Whether the details of a deadlock, in any language, name this process: once as the one that waits, once as the one that is waited for.
fn names(details: &str, pid: i32) -> bool {
    let pid = pid.to_string();
    let has_pid = |line: &&str| line.split(|c: char| !c.is_ascii_digit()).any(|number| number == pid);
    details.lines().filter(has_pid).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_deadlock_names_the_process_and_not_a_longer_number() {
        let details = "Process 123 waits for ShareLock on transaction 7; blocked by process 45.\n\
            Prozess 45 wartet auf ShareLock; blockiert von Prozess 123.";
        assert!(names(details, 123) && names(details, 45));
        assert!(!names(details, 12) && !names(details, 7), "one of another session");
    }
}
