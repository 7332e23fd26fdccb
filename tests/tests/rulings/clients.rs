//! Clients that write without pause while something else goes on.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

/// What became of the clients' queries.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many turns went well.
    pub done: usize,
    /// How many were told of a deadlock, which the app retries: a promise that is printed (R1).
    pub deadlocks: usize,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl Tally {
    /// Nothing failed, and something was done.
    pub fn assert_clean(&self) {
        assert!(
            self.failures.is_empty(),
            "{} beside {}: {:#?}",
            self.failures.len(),
            self.done,
            self.kinds()
        );
        assert!(self.done >= 100, "the clients hardly got on: {self:?}");
    }

    /// Some turn failed with this.
    pub fn assert_failed(&self, says: &str) {
        assert!(
            self.failures.iter().any(|failure| failure.contains(says)),
            "{says:?} among {:#?}",
            self.kinds()
        );
    }

    /// Each failure once.
    fn kinds(&self) -> BTreeSet<&String> {
        self.failures.iter().collect()
    }
}

/// Which client, and how often it has written already.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    pub client: usize,
    pub turn: usize,
}

impl Turn {
    /// A number below `count` that jumps about, differently for each client.
    pub fn pick(self, count: usize) -> usize {
        (self.turn * 7919 + self.client * 2503 + self.turn * self.turn % 13) % count
    }

    /// A number that no other turn has.
    pub fn fresh(self) -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(1_000_000);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }
}

/// Sets the flag when it goes, even by a panic: the clients would write forever.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does `work` while each connection takes turns with `write`: some before it, some after it.
pub fn under_load(
    connections: Vec<PgConnection>,
    write: impl Fn(&mut PgConnection, Turn) -> QueryResult<()> + Sync,
    work: impl FnOnce(),
) -> Tally {
    let (stop, turns) = (AtomicBool::new(false), AtomicUsize::new(0));
    let count = connections.len();
    let (stop_ref, turns_ref, write_ref) = (&stop, &turns, &write);
    std::thread::scope(|scope| {
        let start = |(client, connection)| {
            scope.spawn(move || take_turns(connection, client, write_ref, stop_ref, turns_ref))
        };
        let threads: Vec<_> = connections.into_iter().enumerate().map(start).collect();
        {
            let _stop = StopAtEnd(&stop);
            wait_for(count * 5, &turns);
            work();
            wait_for(turns.load(Ordering::Relaxed) + count * 10, &turns);
        }
        let mut tally = Tally::default();
        for thread in threads {
            let Tally { done, deadlocks, mut failures } =
                thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            tally.done += done;
            tally.deadlocks += deadlocks;
            tally.failures.append(&mut failures);
        }
        tally
    })
}

fn wait_for(enough: usize, turns: &AtomicUsize) {
    let started = Instant::now();
    while turns.load(Ordering::Relaxed) < enough {
        assert!(started.elapsed() < Duration::from_secs(30), "the clients hang");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn take_turns(
    mut connection: PgConnection,
    client: usize,
    write: &impl Fn(&mut PgConnection, Turn) -> QueryResult<()>,
    stop: &AtomicBool,
    turns: &AtomicUsize,
) -> Tally {
    let mut tally = Tally::default();
    for turn in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match write(&mut connection, Turn { client, turn }) {
            Ok(()) => tally.done += 1,
            Err(error) => {
                // A string of statements that opened a transaction leaves it open when it fails.
                let _ = connection.batch_execute("ROLLBACK");
                let error = error.to_string();
                if error.contains("deadlock detected") {
                    tally.deadlocks += 1;
                } else {
                    tally.failures.push(error);
                }
            }
        }
        turns.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_micros(500));
    }
    tally
}
