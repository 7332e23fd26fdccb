//! Diesel's CLI and `apply` go on where the other stopped.

use crate::stage::{STALE, STAMP, Stage, finish};

/// Stops a backfill of `apply` in its middle.
fn stop_half_way(stage: &Stage) {
    let mut child = stage.start(&["--batch-time", "2ms"]);
    stage.until_passed(2_000);
    child.kill().expect("a process to kill");
    finish(child);
    // Its last batch may go on for a moment.
    stage.until("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'migration' AND datname = current_database())");
}

#[test]
fn the_cli_goes_on_where_apply_was_killed_and_apply_where_the_cli_ended() {
    let stage = Stage::new("then_cli").filled_with(30_000);
    stage.count_updates();
    stop_half_way(&stage);
    let before = stage.passed();
    assert!((2_001..30_000).contains(&before), "{before} are done");
    let found =
        cargo_schemig::introspect::postgres(&mut stage.database.connect(), "public").expect("the catalog");
    let kept: Vec<_> = found.schema.tables.keys().filter(|table| table.name.starts_with("__")).collect();
    assert!(kept.is_empty(), "nobody's models are meant: {kept:?}");
    stage.diesel().run().expect_success("Diesel's CLI");
    assert_eq!(stage.ask(STALE), "0");
    assert_eq!(stage.ask("SELECT count(*) FROM updates"), "30000");
    let run = stage.apply(&[]).expect_success("nothing is left");
    assert!(run.stdout.contains("nothing is pending"), "{}", run.stdout);
    stage.assert_filled_once(30_000);
}

#[test]
fn apply_goes_on_where_the_cli_was_stopped() {
    let stage = Stage::new("cli_then").filled_with(30_000);
    stage.sql(
        "CREATE FUNCTION stop_at() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.id = 17000 THEN RAISE 'stopped'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER stop_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stop_at()",
    );
    let run = stage.diesel().run();
    assert!(!run.success() && run.printed().contains("stopped"), "{}", run.printed());
    assert_eq!(stage.ask("SELECT count(*) FROM users WHERE organization_id IS NOT NULL"), "15000");
    stage.sql("DROP TRIGGER stop_at ON users");
    stage.count_updates();
    stage.apply(&[]).expect_success("apply");
    assert_eq!(stage.ask(STALE), "0");
    assert_eq!(
        stage.ask("SELECT count(*) FROM updates"),
        "15000",
        "what the CLI committed isn't written again"
    );
    let pending = stage.diesel().migration(&["pending"]).expect_success("pending");
    assert!(pending.printed().contains("false"), "{}", pending.printed());
    stage.diesel().redo().expect_success("the last one is the CLI's too");
}

/// A place from before a revert would have rows passed over that the revert left stale.
#[test]
fn a_place_from_before_a_revert_is_forgotten() {
    let stage = Stage::new("reverted").filled_with(20_000);
    stop_half_way(&stage);
    let first = format!("{STAMP}-0000");
    loop {
        let reverted = stage.diesel().revert().expect_success("a revert").printed();
        if reverted.contains(&first) {
            break;
        }
    }
    let there = "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'organization_id' AND NOT attisdropped)";
    assert_eq!(stage.ask(there), "false", "the column went with what stood in it");
    assert_ne!(stage.passed(), 0, "the place is still there");
    // The rows are new to the trigger, so only the backfill can fill them.
    stage.apply(&["--until", "expand"]).expect_success("expand");
    stage.apply(&[]).expect_success("again");
    assert_eq!(stage.ask(STALE), "0");
    assert_eq!(stage.ask("SELECT count(*) FROM users WHERE organization_id IS NULL"), "0");
}
