//! Online index builds that stopped.

use std::process::Command;

use diesel::connection::SimpleConnection as _;
use schemig_tests::cluster::Cluster;

use crate::stage::{Stage, finish, migrations_of};

const VALID: &str = "SELECT coalesce((SELECT indisvalid::text FROM pg_index WHERE indexrelid = to_regclass('users_organization_id_idx')), 'none')";

/// The build that waits for a lock.
const BUILDING: &str = "FROM pg_stat_activity WHERE query LIKE '%CREATE %INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' \
    AND application_name = 'migration' AND datname = current_database()";

/// A writer that an online build waits for, of a row that the backfill doesn't.
const OPEN: &str = "BEGIN; INSERT INTO users (id, email, organization_id) VALUES (5000, 'x', 1)";

/// The build waits for a writer, and is cut off.
fn cut_off(stage: &Stage) {
    let mut writer = stage.database.connect();
    writer.batch_execute(OPEN).expect("a lock");
    let child = stage.start(&[]);
    stage.until(&format!("SELECT EXISTS (SELECT {BUILDING})"));
    stage.sql(&format!("SELECT pg_terminate_backend(pid) {BUILDING}"));
    let run = finish(child);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    writer.batch_execute("ROLLBACK").expect("an end");
}

#[test]
fn a_ruin_is_dropped_and_built_anew() {
    let stage = Stage::new("ruin").filled_with(1_000);
    cut_off(&stage);
    assert_eq!(stage.ask(VALID), "false");
    let run = stage.apply(&["--log", "json"]).expect_success("again");
    assert_eq!(migrations_of(&run, "repaired").len(), 1, "{}", run.stdout);
    assert_eq!(stage.ask(VALID), "true");
    // The directory behind it asks, and was satisfied.
    assert_eq!(stage.recorded(), 12);
}

/// Somebody cancels the build: that is their word, and what it leaves goes.
#[test]
fn a_build_that_is_cancelled_is_not_begun_again() {
    let stage = Stage::new("cancelled").filled_with(1_000);
    let mut writer = stage.database.connect();
    writer.batch_execute(OPEN).expect("a lock");
    let child = stage.start(&["--log", "json"]);
    stage.until(&format!("SELECT EXISTS (SELECT {BUILDING})"));
    stage.sql(&format!("SELECT pg_cancel_backend(pid) {BUILDING}"));
    writer.batch_execute("COMMIT").expect("an end");
    let run = finish(child);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert!(migrations_of(&run, "retry").is_empty(), "{}", run.stdout);
    assert_eq!(migrations_of(&run, "cleared").len(), 1, "{}", run.stdout);
    assert!(!run.stderr.contains("in the way"), "it failed for no lock: {}", run.stderr);
    assert_eq!(stage.ask(VALID), "none");
}

/// An index that isn't valid refuses what is double all the same, and its release runs already.
#[test]
fn a_unique_index_that_rows_stand_against_does_not_stay() {
    let unique =
        "    #[schemig(unique, backfill = \"nullif(full_name, '')\")]\n    pub label: Option<String>,\n";
    let stage = Stage::with_fields(Cluster::shared(), "double", unique);
    stage.apply(&["--until", "expand"]).expect_success("expand");
    stage.sql("INSERT INTO users (id, email, full_name) VALUES (1, 'a', 'one'), (2, 'b', 'two')");
    stage.apply(&["--until", "backfill"]).expect_success("backfill");
    stage.schemig(&["contract", "--confirm", "--now", "2026-11-29-090000"]).expect_success("contract");
    let mut writer = stage.database.connect();
    writer.batch_execute("BEGIN; UPDATE users SET email = 'c' WHERE id = 1").expect("a lock");
    let child = stage.start(&["--log", "json"]);
    stage.until(&format!("SELECT EXISTS (SELECT {BUILDING})"));
    // What was counted before is true no more.
    stage.sql("UPDATE users SET label = 'one' WHERE id = 2");
    writer.batch_execute("COMMIT").expect("an end");
    let run = finish(child);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert_eq!(migrations_of(&run, "cleared").len(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("which may refuse what running releases write"), "{}", run.stdout);
    assert!(migrations_of(&run, "retry").is_empty(), "{}", run.stdout);
    let left = "SELECT count(*) FROM pg_index WHERE indrelid = 'users'::regclass AND NOT indisvalid";
    assert_eq!(stage.ask(left), "0");
}

/// On servers before version 14 nothing else would: they don't notice that their client is gone.
#[test]
fn ctrl_c_ends_the_build_on_the_server_too() {
    let stage = Stage::new("interrupt").filled_with(1_000);
    let mut writer = stage.database.connect();
    writer.batch_execute(OPEN).expect("a lock");
    let child = stage.start(&[]);
    stage.until(&format!("SELECT EXISTS (SELECT {BUILDING})"));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let run = finish(child);
    assert_eq!(run.code, Some(130), "{}", run.printed());
    assert!(run.stdout.contains("interrupted"), "{}", run.printed());
    assert_eq!(stage.ask(&format!("SELECT count(*) {BUILDING}")), "0", "it goes on");
    writer.batch_execute("ROLLBACK").expect("an end");
    stage.apply(&[]).expect_success("a second run");
    assert_eq!(stage.ask(VALID), "true");
}
