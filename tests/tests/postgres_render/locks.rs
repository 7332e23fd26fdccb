//! Strong locks make nobody wait long, and come through beside long transactions (R5).

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_core::operation::Operation;

use crate::harness::{Live, ask, organization_id, pause, send};

fn drop_key() -> Operation {
    Operation::DropForeignKey { table: "memberships".into(), name: "memberships_user_id_fkey".into() }
}

/// Someone reads both tables in one transaction, in the order that is unlucky for the migration, for 1.5 s. Others read
/// meanwhile; the longest of their reads.
fn longest_read_beside(live: &Live, operation: &Operation) -> Duration {
    let rendered = live.render(std::slice::from_ref(operation));
    let (mut holder, mut reader, mut migrator) = (live.session(), live.session(), live.database.connect());
    std::thread::scope(|scope| {
        let (ready, go) = std::sync::mpsc::channel();
        scope.spawn(move || {
            holder.batch_execute("BEGIN; SELECT count(*) FROM public.memberships").expect("a read");
            ready.send(()).expect("someone listens");
            pause(400);
            holder.batch_execute("SELECT count(*) FROM public.users").expect("a read");
            pause(1_100);
            holder.batch_execute("COMMIT").expect("an end");
        });
        go.recv().expect("the holder holds");
        let migration = scope.spawn(move || send(&mut migrator, &rendered));
        let (mut longest, started) = (Duration::ZERO, Instant::now());
        while !migration.is_finished() || started.elapsed() < Duration::from_secs(1) {
            let asked = Instant::now();
            ask(
                &mut reader,
                "SELECT count(*) FROM public.users u JOIN public.memberships m ON m.user_id = u.id",
            );
            longest = longest.max(asked.elapsed());
            pause(5);
        }
        migration.join().expect("no panic").unwrap_or_else(|error| panic!("the migration gave up: {error}"));
        longest
    })
}

#[test]
fn an_exclusive_lock_on_two_tables_comes_through_and_nobody_waits_long() {
    let live = Live::story("two_locks");
    // Two locks of 0.2 s each, and what a busy machine adds.
    let longest = longest_read_beside(&live, &drop_key());
    assert!(longest < Duration::from_millis(700), "a reader waited {longest:?}");
}

#[test]
fn an_exclusive_lock_on_one_table_comes_through_and_nobody_waits_long() {
    let live = Live::story("one_lock");
    let longest = longest_read_beside(&live, &organization_id());
    assert!(longest < Duration::from_millis(500), "a reader waited {longest:?}");
}
