//! Locks that others hold: short waits, a bounded number of them, and the name of who is in the way.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;

use schemig_tests::cluster::Cluster;

use crate::stage::{Stage, finish, migrations_of};

/// A migration that somebody wrote by hand.
fn by_hand(stage: &Stage, name: &str, up: &str, metadata: Option<&str>) {
    let directory = stage.project.root().join("migrations").join(name);
    std::fs::create_dir(&directory).expect("a directory");
    std::fs::write(directory.join("up.sql"), up).expect("up.sql");
    std::fs::write(directory.join("down.sql"), "SELECT 1;").expect("down.sql");
    if let Some(metadata) = metadata {
        std::fs::write(directory.join("metadata.toml"), metadata).expect("metadata.toml");
    }
}

#[test]
fn a_lock_that_is_held_is_waited_for_shortly_and_its_holder_named() {
    let stage = Stage::new("held");
    stage.apply(&[]).expect_success("what there is");
    by_hand(&stage, "2026-12-01-000000_note", "ALTER TABLE users ADD COLUMN note text;", None);
    let mut holder = stage.database.connect();
    holder.batch_execute("BEGIN; SELECT count(*) FROM users /* a long report */").expect("a lock");
    let pid = stage.ask(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE '%a long report%' AND pid <> pg_backend_pid()",
    );

    let started = Instant::now();
    let child = stage.start(&["--lock-timeout", "300ms", "--lock-attempts", "2"]);
    let mut longest = Duration::ZERO;
    let mut reader = stage.database.connect();
    while started.elapsed() < Duration::from_millis(1_300) {
        let asked = Instant::now();
        reader.batch_execute("SELECT count(*) FROM users WHERE id = 1").expect("a reader reads");
        longest = longest.max(asked.elapsed());
        std::thread::sleep(Duration::from_millis(5));
    }
    let run = finish(child);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    for words in [
        "after 2 attempts",
        &format!("pid {pid}"),
        "idle in transaction",
        "a long report",
        "stays applied",
        "trying again in 500 ms",
    ] {
        assert!(run.printed().contains(words), "{words}: {}", run.printed());
    }
    assert!(longest < Duration::from_millis(800), "a reader waited {longest:?} behind 300 ms");

    let child = stage.start(&["--lock-timeout", "300ms", "--log", "json"]);
    std::thread::sleep(Duration::from_millis(700));
    holder.batch_execute("ROLLBACK").expect("an end");
    let run = finish(child).expect_success("it gets through in the end");
    assert!(!migrations_of(&run, "retry").is_empty(), "{}", run.printed());
}

/// A short lock_timeout would leave an invalid index; a long one is what the role has, and stays in place.
#[test]
fn what_commits_by_itself_waits_and_the_session_is_as_before() {
    let stage = Stage::new("online");
    stage.apply(&[]).expect_success("what there is");
    let metadata = Some("run_in_transaction = false\n");
    by_hand(
        &stage,
        "2026-12-01-000000_index",
        "CREATE INDEX CONCURRENTLY by_name ON users (full_name);",
        metadata,
    );
    let settings = "CREATE TABLE settings AS SELECT current_setting('lock_timeout') AS lock_timeout;";
    by_hand(&stage, "2026-12-01-000001_settings", settings, Some("run_in_transaction = false\n"));
    by_hand(
        &stage,
        "2026-12-01-000002_settings",
        "INSERT INTO settings SELECT current_setting('lock_timeout');",
        None,
    );
    let mut writer = stage.database.connect();
    writer.batch_execute("BEGIN; INSERT INTO organizations (name) VALUES ('open') /* a slow writer */; UPDATE users SET full_name = ''").expect("a lock");
    let child = stage.start(&["--lock-timeout", "200ms", "--log", "json"]);
    std::thread::sleep(Duration::from_millis(2_500));
    writer.batch_execute("COMMIT").expect("an end");
    let run = finish(child).expect_success("it waits");
    assert_eq!(migrations_of(&run, "waiting"), ["2026-12-01-000000_index"], "{}", run.stdout);
    assert!(run.stdout.contains("UPDATE users SET full_name"), "{}", run.stdout);
    assert!(migrations_of(&run, "retry").is_empty());
    assert_eq!(stage.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_name'::regclass"), "true");
    assert_eq!(
        stage.ask("SELECT string_agg(lock_timeout, ',' ORDER BY lock_timeout) FROM settings"),
        "0,200ms"
    );
}

/// A role's own settings would cut steps short, or hide from them what others commit; what a person wrote runs with them.
#[test]
fn steps_of_plans_run_with_settings_of_their_own() {
    let stage = Stage::new("settings").filled_with(2_000);
    if Cluster::shared().version() >= 14 {
        stage.sql(&format!("ALTER DATABASE {} SET idle_session_timeout = '100ms'", stage.database.name()));
    }
    stage.sql(&format!(
        "ALTER DATABASE {0} SET default_transaction_isolation = 'serializable';
        ALTER DATABASE {0} SET statement_timeout = '5s';
        CREATE TABLE seen (isolation text, statement_timeout text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO seen SELECT current_setting('transaction_isolation'), current_setting('statement_timeout');
            RETURN NULL; END $$;
        CREATE TRIGGER see AFTER UPDATE ON users FOR EACH STATEMENT EXECUTE FUNCTION see()",
        stage.database.name()
    ));
    stage.apply(&[]).expect_success("what there is");
    let settings = "CREATE TABLE theirs AS SELECT current_setting('default_transaction_isolation') AS isolation, \
        current_setting('statement_timeout') AS statement_timeout;";
    by_hand(&stage, "2026-12-01-000000_settings", settings, None);
    by_hand(&stage, "2026-12-01-000001_note", "ALTER TABLE users ADD COLUMN note text;", None);
    let mut holder = stage.database.connect();
    holder.batch_execute("BEGIN; SELECT count(*) FROM users").expect("a lock");
    let child = stage.start(&["--lock-timeout", "100ms", "--log", "json"]);
    std::thread::sleep(Duration::from_millis(1_500));
    holder.batch_execute("ROLLBACK").expect("an end");
    let run = finish(child).expect_success("no pause between attempts is too long");
    assert!(!migrations_of(&run, "retry").is_empty(), "{}", run.stdout);
    assert_eq!(
        stage.ask("SELECT DISTINCT isolation || ',' || statement_timeout FROM seen"),
        "read committed,0"
    );
    assert_eq!(stage.ask("SELECT isolation || ',' || statement_timeout FROM theirs"), "serializable,5s");
}

/// Someone holds a row that the backfill is to write.
#[test]
fn a_backfill_waits_for_a_row_and_goes_on() {
    let stage = Stage::new("row").filled_with(5_000);
    stage.count_updates();
    let mut holder = stage.database.connect();
    holder
        .batch_execute("BEGIN; SELECT * FROM users WHERE id = 2500 FOR UPDATE /* a person at lunch */")
        .expect("a lock");
    let child = stage.start(&["--until", "backfill", "--log", "json"]);
    std::thread::sleep(Duration::from_millis(3_000));
    holder.batch_execute("ROLLBACK").expect("an end");
    let run = finish(child).expect_success("it goes on");
    assert!(!migrations_of(&run, "waiting").is_empty(), "{}", run.stdout);
    assert!(run.stdout.contains("a person at lunch"), "{}", run.stdout);
    stage.assert_filled_once(5_000);
}
