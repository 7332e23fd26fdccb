//! What isn't run, and why; how far a run goes.

use std::fs;

use crate::stage::{PLAN, STAMP, Stage};

#[test]
fn a_run_stops_before_the_phase_that_is_not_wanted() {
    let stage = Stage::with_contract("until");
    let run = stage.apply(&["--until", "expand"]).expect_success("expand");
    assert!(run.stdout.contains("stopped before") && run.stdout.contains("backfill"), "{}", run.stdout);
    assert_eq!(stage.recorded(), 6);
    stage.apply(&["--until", "backfill"]).expect_success("backfill");
    assert_eq!(stage.recorded(), 12);
    let run = stage.apply(&[]).expect_success("contract");
    assert!(!run.stdout.contains("stopped"), "{}", run.stdout);
    assert_eq!(stage.recorded(), 18);
}

#[test]
fn a_dry_run_lists_and_touches_nothing() {
    let stage = Stage::new("dry");
    let run = stage.apply(&["--dry-run", "--until", "expand"]).expect_success("a list");
    for words in [
        "02_expand: would run (expand); lock: SHARE ROW EXCLUSIVE on org_memberships (writes wait)",
        "6 migrations would run",
        "stopped before",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert_eq!(stage.ask("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn a_contract_waits_for_its_promises() {
    let stage = Stage::with_contract("promises");
    stage.apply(&["--until", "backfill"]).expect_success("backfill");
    let path = stage.project.root().join(format!("schemig/plans/{PLAN}.toml"));
    let text = fs::read_to_string(&path).expect("the plan");
    assert!(text.contains("\nconfirmed = true\n"));
    fs::write(&path, text.replace("\nconfirmed = true\n", "\nconfirmed = false\n")).expect("the plan");

    let run = stage.apply(&[]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    for words in [
        "promises that nobody has confirmed",
        "nothing was run",
        &format!("cargo schemig contract {PLAN} --confirm"),
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    assert_eq!(stage.recorded(), 12);
    stage.apply(&["--until", "backfill"]).expect_success("what comes before may run");
    stage.schemig(&["contract", PLAN, "--confirm"]).expect_success("as the message says");
    assert_eq!(fs::read_to_string(&path).expect("the plan"), text);
    stage.apply(&[]).expect_success("now");
    assert_eq!(stage.recorded(), 18);
}

#[test]
fn a_plan_without_a_file_stops_it_before_it_begins() {
    let stage = Stage::new("lost");
    let path = stage.project.root().join(format!("schemig/plans/{PLAN}.toml"));
    fs::remove_file(&path).expect("the plan");
    let run = stage.apply(&[]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    for words in [
        &format!("{STAMP}-0000_add_users_organization_id_01_expand is of plan {PLAN}, which has no file"),
        "restore",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    assert_eq!(stage.recorded(), 0);
}

#[test]
fn steps_out_of_order_are_refused() {
    let stage = Stage::new("order");
    let migrations = stage.project.root().join("migrations");
    let name = |nth: &str| migrations.join(format!("{STAMP}-{nth}"));
    fs::rename(
        name("0000_add_users_organization_id_01_expand"),
        name("0010_add_users_organization_id_01_expand"),
    )
    .expect("a name");
    let run = stage.apply(&[]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    assert!(
        run.stderr.contains("0010_add_users_organization_id_01_expand is out of order"),
        "{}",
        run.stderr
    );
    assert_eq!(stage.recorded(), 0);

    fs::rename(name("0010_add_users_organization_id_01_expand"), name("0001_twice")).expect("a name");
    let run = stage.apply(&[]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    assert!(run.stderr.contains("have one version to Diesel"), "{}", run.stderr);
}

#[test]
fn metadata_that_diesel_would_pass_by_in_silence_is_refused() {
    let stage = Stage::new("metadata");
    let path = stage
        .project
        .root()
        .join(format!("migrations/{STAMP}-0000_add_users_organization_id_01_expand/metadata.toml"));
    for (text, words) in [
        ("run_in_transaction = true\n[schemig]\nplan = \"x\"\n", "missing field `step`"),
        ("run_in_transaction = tru\n", "metadata.toml"),
        ("run_in_transaction = true\n[schemig]\nplan = \"../x\"\nstep = 1\n", "no plan's name"),
        ("run_in_transaction = true\n[schemig]\nplan = \"x\"\nstep = 0\n", "count from 1"),
    ] {
        fs::write(&path, text).expect("metadata.toml");
        let run = stage.apply(&[]);
        assert_eq!(run.code, Some(2), "{text}: {}", run.printed());
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

/// Somebody changed the file: then what it says is run, and not what the plan says.
#[test]
fn a_backfill_that_was_changed_runs_as_it_stands() {
    let stage = Stage::new("edited").filled_with(1_000);
    let path = stage
        .project
        .root()
        .join(format!("migrations/{STAMP}-0003_add_users_organization_id_04_backfill/up.sql"));
    fs::write(&path, "UPDATE users SET organization_id = 7;\n").expect("up.sql");
    let run = stage.apply(&["--until", "backfill"]);
    assert!(run.stdout.contains("runs as it stands"), "{}", run.printed());
    assert_eq!(stage.ask("SELECT count(*) FROM users WHERE organization_id = 7"), "1000");
}

/// Somebody put a statement before what schemig wrote. It isn't passed by in silence: the server refuses the two together, as it does when
/// Diesel's CLI sends them.
#[test]
fn a_statement_before_a_backfill_is_sent_too() {
    let stage = Stage::new("before").filled_with(1_000);
    let path = stage
        .project
        .root()
        .join(format!("migrations/{STAMP}-0003_add_users_organization_id_04_backfill/up.sql"));
    let up = fs::read_to_string(&path).expect("up.sql");
    let at = up.find("\nDO ").expect("the backfill") + 1;
    let (header, rest) = up.split_at(at);
    let up = format!("{header}UPDATE users SET full_name = 'before';\n\n{rest}");
    fs::write(&path, up).expect("up.sql");
    let run = stage.apply(&["--until", "backfill"]);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert!(run.stdout.contains("runs as it stands"), "{}", run.printed());
    assert!(run.stderr.contains("invalid transaction termination"), "{}", run.printed());
    assert_eq!(stage.recorded(), 6);
}

#[test]
fn a_crate_without_plans_is_served_too() {
    let stage = Stage::new("plain");
    let root = stage.project.root();
    fs::remove_dir_all(root.join("schemig")).expect("schemig/");
    fs::remove_dir_all(root.join("migrations")).expect("migrations/");
    let one = root.join("migrations/2026-01-01-000000_one");
    fs::create_dir_all(&one).expect("a directory");
    fs::write(one.join("up.sql"), "CREATE TABLE one (id int PRIMARY KEY);").expect("up.sql");
    stage.apply(&[]).expect_success("apply");
    assert_eq!(
        stage.ask("SELECT string_agg(version, ',') FROM __diesel_schema_migrations"),
        "20260101000000"
    );
    fs::write(one.join("up.sql"), "").expect("up.sql");
    let run = stage.apply(&[]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
}
