//! Seeing who waits for whom, so that a case meets the moment that it is about rather than hopes for it.

use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::bench::ask;

/// The process of a connection, as `pg_stat_activity` numbers it.
pub fn process(connection: &mut PgConnection) -> String {
    ask(connection, "SELECT pg_backend_pid()").expect("its number")
}

/// Waits until a condition on the server holds.
pub fn until(connection: &mut PgConnection, condition: &str) {
    assert!(within(connection, condition, Duration::from_secs(20)), "this never held: {condition}");
}

/// Whether a condition on the server holds at some moment of this time.
pub fn within(connection: &mut PgConnection, condition: &str, time: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        if ask(connection, &format!("SELECT {condition}")).expect("an answer") == "true" {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

/// The condition that a process waits for a lock that another holds.
pub fn waits(process: &str) -> String {
    format!("cardinality(pg_blocking_pids({process})) > 0")
}

pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}
