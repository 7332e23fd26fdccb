//! Online index builds that stopped.

use diesel::connection::SimpleConnection as _;

use crate::stage::{Stage, finish, migrations_of};

const VALID: &str = "SELECT coalesce((SELECT indisvalid::text FROM pg_index WHERE indexrelid = to_regclass('users_organization_id_idx')), 'none')";

/// A writer that an online build waits for, of a row that the backfill doesn't.
const OPEN: &str = "BEGIN; INSERT INTO users (id, email, organization_id) VALUES (5000, 'x', 1)";

/// The build waits for a writer, and is cut off.
fn cut_off(stage: &Stage) {
    let mut writer = stage.database.connect();
    writer.batch_execute(OPEN).expect("a lock");
    let child = stage.start(&[]);
    stage.until("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' AND application_name = 'migration')");
    stage.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'migration' AND datname = current_database() AND query LIKE '%CREATE INDEX CONCURRENTLY%'");
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

/// Somebody cancels the build, and it is begun again by itself.
#[test]
fn a_build_that_is_cancelled_is_begun_again() {
    let stage = Stage::new("cancelled").filled_with(1_000);
    let mut writer = stage.database.connect();
    writer.batch_execute(OPEN).expect("a lock");
    let child = stage.start(&["--log", "json"]);
    stage.until("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' AND application_name = 'migration')");
    stage.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'migration' AND datname = current_database() AND query LIKE '%CREATE INDEX CONCURRENTLY%'");
    writer.batch_execute("COMMIT").expect("an end");
    let run = finish(child).expect_success("it is begun again");
    assert_eq!(migrations_of(&run, "retry").len(), 1, "{}", run.stdout);
    assert_eq!(migrations_of(&run, "repaired").len(), 1, "{}", run.stdout);
    assert_eq!(stage.ask(VALID), "true");
}
