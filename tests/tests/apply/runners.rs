//! One runner at a time.

use diesel::connection::SimpleConnection as _;

use crate::stage::{Stage, finish, migrations_of};

#[test]
fn ten_at_once_apply_each_migration_once() {
    let stage = Stage::with_contract("ten");
    let children: Vec<_> = (0..10).map(|_| stage.start(&["--log", "json"])).collect();
    let mut applied = Vec::new();
    for child in children {
        let run = finish(child).expect_success("a runner");
        assert_eq!(migrations_of(&run, "failed"), [""; 0]);
        applied.extend(migrations_of(&run, "applied"));
    }
    let mut once = applied.clone();
    once.sort();
    once.dedup();
    assert_eq!(applied.len(), once.len(), "applied twice: {applied:#?}");
    assert_eq!(stage.recorded(), once.len());
    assert!(once.len() >= 18, "{once:#?}");
    let indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'users'::regclass AND NOT indisvalid";
    assert_eq!(stage.ask(indexes), "0");
    let not_null = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'organization_id'";
    assert_eq!(stage.ask(not_null), "true");
}

/// Without the lock they do get into each other's way: the test above would notice.
#[test]
fn who_comes_too_late_says_who_is_at_work() {
    let stage = Stage::new("late");
    let mut holder = stage.database.connect();
    holder
        .batch_execute(
            "SELECT pg_advisory_lock(1547579757, hashtext(current_database())) /* somebody's run */",
        )
        .expect("a lock");
    let run = stage.apply(&["--wait", "600ms"]);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    for words in [
        "another runner is at work",
        "somebody's run",
        "if its client is gone: SELECT pg_cancel_backend(",
        "600 ms",
        "nothing was run",
        "--wait",
    ] {
        assert!(run.printed().contains(words), "{words}: {}", run.printed());
    }
    assert_eq!(stage.ask("SELECT to_regclass('users') IS NULL"), "true");
    holder.batch_execute("SELECT pg_advisory_unlock_all()").expect("an end");
    stage.apply(&[]).expect_success("alone");
}
