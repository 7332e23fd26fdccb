//! R5: how long a reader waits behind a strong lock that itself has to wait.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_core::plan::Phase;

use crate::case::Case;

/// The longest time that a reader waited while `migrate` ran beside a transaction that holds the table for 1.5 s.
fn longest_read(case: &mut Case, migrate: impl FnOnce(&mut Case) + Send) -> Duration {
    let (mut holder, mut reader) = (case.connect(), case.connect());
    holder.batch_execute("BEGIN; SELECT count(*) FROM users").expect("a read");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(1_500));
            holder.batch_execute("COMMIT").expect("an end");
        });
        let migration = scope.spawn(move || migrate(case));
        let mut longest = Duration::ZERO;
        while !migration.is_finished() {
            let asked = Instant::now();
            reader.batch_execute("SELECT count(*) FROM users").expect("a read");
            longest = longest.max(asked.elapsed());
        }
        migration.join().expect("it comes through");
        longest
    })
}

#[test]
fn a_step_comes_through_beside_a_long_transaction_and_readers_hardly_wait() {
    let mut case = Case::of("add_nullable_column");
    let longest =
        longest_read(&mut case, |case| case.run(Phase::Expand).expect("it tries until it gets the lock"));
    assert!(longest < Duration::from_millis(700), "a reader waited {longest:?}");
}

#[test]
fn a_plain_alter_holds_readers_up_for_as_long() {
    let mut case = Case::of("add_nullable_column");
    let longest = longest_read(&mut case, |case| {
        case.server.execute("ALTER TABLE users ADD COLUMN full_name text").expect("no lock_timeout");
    });
    assert!(longest > Duration::from_millis(900), "a reader waited only {longest:?}");
}
