//! A migration directory, run and timed, and how long it keeps others waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_tests::pair::Directory;

/// What a directory took, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// From the first statement to the last commit.
    pub wall: f64,
    /// The longest that another session's writes waited for the table meanwhile.
    pub waited: f64,
}

/// Runs a directory's up.sql as Diesel does.
pub fn run(directory: &Directory, url: &str, table: &str) -> Took {
    let mut connection = PgConnection::establish(url).expect("the database answers");
    let [up, _] = &directory.files;
    let writer = Writer::start(url, table);
    let began = Instant::now();
    let outcome = if directory.run_in_transaction {
        connection.transaction(|connection| connection.batch_execute(up))
    } else {
        connection.batch_execute(up)
    };
    let wall = began.elapsed();
    outcome.unwrap_or_else(|error| panic!("{error}\nin {up}"));
    Took { wall: wall.as_secs_f64(), waited: writer.stop().as_secs_f64() }
}

/// A session that wants to write to a table, all the time: it takes the lock that writes take, and gives it back.
struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Writer {
    fn start(url: &str, table: &str) -> Self {
        let mut connection = PgConnection::establish(url).expect("the database answers");
        let lock = format!("BEGIN; LOCK TABLE {table} IN ROW EXCLUSIVE MODE; COMMIT");
        let stop = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !ended.load(Ordering::Relaxed) {
                let began = Instant::now();
                connection.batch_execute(&lock).expect("a lock");
                longest = longest.max(began.elapsed());
                std::thread::sleep(Duration::from_millis(5));
            }
            longest
        });
        Self { stop, thread }
    }

    fn stop(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("it only looks")
    }
}
