//! Looking at sessions from outside while a stage runs: how long the traffic waits for locks, and which locks the stage holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::holds::{Looked, Looks};
use super::locks;
use crate::database::Connection;

/// What the traffic's sessions call themselves, so that they can be told from the migration's.
pub const TRAFFIC: &str = "schemig_traffic";

/// How often it looks. What is shorter may go unseen.
const PAUSE: Duration = Duration::from_millis(3);

/// A thread that looks every few milliseconds until it is asked what it saw.
struct Watch<T> {
    stop: Arc<AtomicBool>,
    looking: Option<JoinHandle<T>>,
}

impl<T> Drop for Watch<T> {
    /// Nobody asks any more: it ends all the same.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(looking) = self.looking.take() {
            drop(looking.join());
        }
    }
}

impl<T: Send + 'static> Watch<T> {
    fn begin(
        mut connection: Connection,
        mut seen: T,
        look: impl Fn(&mut Connection, &mut T) + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let looking = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                look(&mut connection, &mut seen);
                thread::sleep(PAUSE);
            }
            seen
        });
        Self { stop, looking: Some(looking) }
    }

    fn end(mut self) -> Option<T> {
        self.stop.store(true, Ordering::Relaxed);
        self.looking.take()?.join().ok()
    }
}

/// How long statements of the traffic wait for locks.
pub struct Waits(Option<Watch<u64>>);

impl Waits {
    /// Begins to look. SQLite has no sessions to look at: there nobody waits longer than the statement before takes.
    pub fn watch(connection: Connection) -> Self {
        // A statement's own time before it waits is counted in: too much rather than too little.
        let query = format!(
            "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start) * 1000000), 0)::int8::text
            FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = '{TRAFFIC}'
                AND state = 'active' AND wait_event_type = 'Lock'"
        );
        let look = move |connection: &mut Connection, longest: &mut u64| {
            let seen = connection.texts(&query).ok().and_then(|texts| texts.concat().parse::<u64>().ok());
            *longest = (*longest).max(seen.unwrap_or(0));
        };
        Self(match &connection {
            Connection::Postgres(_) => Some(Watch::begin(connection, 0, look)),
            Connection::Sqlite(_) => None,
        })
    }

    /// The longest wait that was seen; `None` where nobody looks.
    pub fn longest(self) -> Option<Duration> {
        self.0?.end().map(Duration::from_micros)
    }
}

/// The locks of a session, which can't be asked itself while it is in the middle of a statement.
pub struct Held(Watch<Looks>);

impl Held {
    /// Begins to look at a session, which holds nothing yet, on a connection of its own; `None` where the server lists no locks.
    pub fn watch(session: &mut Connection, connection: Connection) -> Option<Self> {
        let pid = match session {
            Connection::Postgres(_) => {
                session.texts("SELECT pg_backend_pid()").ok()?.concat().parse().ok()?
            }
            Connection::Sqlite(_) => return None,
        };
        let look = move |connection: &mut Connection, seen: &mut Looks| {
            if let Connection::Postgres(connection) = connection {
                let asked = Instant::now();
                // A look that fails is none: the time between two others is the longer for it.
                if let Ok(held) = locks::held_by(connection, pid) {
                    seen.saw([asked, Instant::now()], held);
                }
            }
        };
        Some(Self(Watch::begin(connection, Looks::from(Instant::now()), look)))
    }

    /// What was seen. The session's run is over by now.
    pub fn end(self) -> Option<Looked> {
        let ended = Instant::now();
        Some(self.0.end()?.over(ended))
    }
}
