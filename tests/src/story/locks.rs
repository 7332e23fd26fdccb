//! How long an app's query waited for a lock, sampled from `pg_stat_activity`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

/// How often it looks. A wait that is shorter may go unseen, and one that is seen may be this much longer at each end.
const INTERVAL: Duration = Duration::from_millis(5);

const WAITING: &str = "
    SELECT pid, query_start::text AS started FROM pg_stat_activity
    WHERE datname = current_database() AND application_name IN ('before', 'after') AND wait_event_type = 'Lock'";

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Text)]
    started: String,
}

/// A thread that looks, as long as this lives.
#[derive(Debug)]
pub struct LockWatch {
    longest: Arc<Mutex<Duration>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl LockWatch {
    /// Starts to look, on a connection of its own.
    pub fn start(url: &str) -> LockWatch {
        let (longest, stop) = (Arc::new(Mutex::new(Duration::ZERO)), Arc::new(AtomicBool::new(false)));
        let mut connection = PgConnection::establish(url).expect("the database answers");
        let (seen, ended) = (Arc::clone(&longest), Arc::clone(&stop));
        let thread = std::thread::spawn(move || look(&mut connection, &seen, &ended));
        LockWatch { longest, stop, thread: Some(thread) }
    }

    /// The longest wait since the last call.
    pub fn take(&self) -> Duration {
        assert!(!self.thread.as_ref().is_some_and(JoinHandle::is_finished), "nobody looks at locks any more");
        std::mem::take(&mut *self.longest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends it, and returns the longest wait since the last call of [`LockWatch::take`].
    pub fn stop(self) -> Duration {
        self.take()
    }
}

impl Drop for LockWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn look(connection: &mut PgConnection, longest: &Mutex<Duration>, stop: &AtomicBool) {
    // A query is known by its session and its start: the same pair in two samples is the same wait, or two of one query.
    let mut waits: BTreeMap<(i32, String), Instant> = BTreeMap::new();
    while !stop.load(Ordering::Relaxed) {
        let sampled = Instant::now();
        let waiting: Vec<Waiting> =
            diesel::sql_query(WAITING).load(connection).expect("pg_stat_activity is readable");
        let seen: Vec<(i32, String)> =
            waiting.into_iter().map(|Waiting { pid, started }| (pid, started)).collect();
        waits.retain(|wait, _| seen.contains(wait));
        for wait in seen {
            let first = *waits.entry(wait).or_insert(sampled);
            let waited = sampled.duration_since(first) + INTERVAL;
            let mut longest = longest.lock().unwrap_or_else(PoisonError::into_inner);
            *longest = longest.max(waited);
        }
        std::thread::sleep(INTERVAL);
    }
}
