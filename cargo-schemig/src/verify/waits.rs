//! How long statements of the traffic wait for locks, looked at from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::database::Connection;

/// What the traffic's sessions call themselves, so that they can be told from the migration's.
pub const TRAFFIC: &str = "schemig_traffic";

/// Looks at the sessions every few milliseconds until it is asked what it saw.
pub struct Waits {
    stop: std::sync::Arc<AtomicBool>,
    looking: Option<JoinHandle<Duration>>,
}

impl Waits {
    /// Begins to look. SQLite has no sessions to look at: there nobody waits longer than the statement before takes.
    pub fn watch(connection: Connection) -> Self {
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let looking = match &connection {
            Connection::Postgres(_) => {
                let stop = stop.clone();
                Some(thread::spawn(move || look(connection, &stop)))
            }
            Connection::Sqlite(_) => None,
        };
        Self { stop, looking }
    }

    /// The longest wait that was seen; `None` where nobody looks.
    pub fn longest(self) -> Option<Duration> {
        self.stop.store(true, Ordering::Relaxed);
        self.looking?.join().ok()
    }
}

fn look(mut connection: Connection, stop: &AtomicBool) -> Duration {
    // A statement's own time before it waits is counted in: too much rather than too little.
    let query = format!(
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start) * 1000000), 0)::int8::text
        FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND application_name = '{TRAFFIC}' AND state = 'active' AND wait_event_type = 'Lock'"
    );
    let mut longest = 0;
    while !stop.load(Ordering::Relaxed) {
        let seen = connection.texts(&query).ok().and_then(|texts| texts.concat().parse::<u64>().ok());
        longest = longest.max(seen.unwrap_or(0));
        thread::sleep(Duration::from_millis(3));
    }
    Duration::from_micros(longest)
}
