//! A migration whose backend ends while it works: a deployment that was cancelled, a server that failed over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::stage::Stage;
use crate::run::Run;

/// Ends what has worked for a while: long enough for a backfill to have kept some batches.
const END: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'migration' AND state = 'active'
      AND clock_timestamp() - query_start > interval '300 milliseconds'";

/// Runs what is pending and ends its backend on the way. Whoever holds an old snapshot holds up CREATE INDEX CONCURRENTLY, so
/// that this is interrupted at any size.
pub fn run(stage: &Stage, connect: impl Fn() -> PgConnection) -> Run {
    let mut holder = connect();
    holder
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM users LIMIT 1")
        .expect("a snapshot to hold");
    let mut killer = connect();
    let over = AtomicBool::new(false);
    let run = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                killer.batch_execute(END).expect("a superuser may end a backend");
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let run = stage.run();
        over.store(true, Ordering::Relaxed);
        run
    });
    holder.batch_execute("ROLLBACK").expect("the snapshot goes");
    run
}

/// The command that a guard's message asks for, between `run: ` and the semicolon.
pub fn command(run: &Run) -> Option<&str> {
    let (_, asked) = run.stderr.rsplit_once("run: ")?;
    asked.split_once(';').map(|(command, _)| command)
}
