//! The log of plans: damaged, edited, deleted, merged badly, or asked for what it can't give.

use super::{NOTES, notes, refused, refused_at, schemig, shipped, shipped_on_postgres, started};
use crate::support::Crate;

const PLAN: &str = "schemig/plans/0001_create_notes.toml";

/// `notes` is shipped, and two more plans aren't: the first of them leaves a contract with a promise open.
fn with_open_plans() -> Crate {
    let home = shipped_on_postgres(&notes("pub title: Option<String>,"));
    home.write("src/lib.rs", &notes("#[schemig(backfill = \"''\")]\npub title: String,"));
    let (code, text) = schemig(&home, &["diff", "--now", "2026-11-21-070000"]);
    assert_eq!(code, 0, "{text}");
    home.write(
        "src/lib.rs",
        &notes("#[schemig(backfill = \"''\")]\npub title: String,\npub body: Option<String>,"),
    );
    let (code, text) = schemig(&home, &["diff", "--now", "2026-11-22-070000"]);
    assert_eq!(code, 0, "{text}");
    home
}

#[test]
fn a_damaged_plan_is_shown_where_it_is_damaged() {
    let home = with_open_plans();
    let plan = "schemig/plans/0002_require_notes_title.toml";
    home.write(plan, &home.read(plan).replacen("phase = ", "phaze = ", 1));
    for command in ["diff", "status", "contract"] {
        refused(&home, &[command], 2, &[plan, "phaze", "version control"]);
    }
    refused_at(&home, &["diff"], "a_damaged_plan", plan);
}

#[test]
fn a_plan_that_somebody_edited() {
    let home = with_open_plans();
    let plan = "schemig/plans/0002_require_notes_title.toml";
    home.write(plan, &home.read(plan).replace("nullable = true", "nullable = false"));
    refused_at(&home, &["diff"], "an_edited_plan", plan);
}

#[test]
fn a_plan_that_lost_its_parts() {
    let home = started(NOTES);
    home.write("schemig/plans/0001_a.toml", "format = 1\nid = \"0001_b\"\nparents = []\n");
    refused(&home, &["status"], 2, &["schemig/plans/0001_a.toml", "overlap"]);
}

#[test]
fn a_plan_under_another_name() {
    let home = with_open_plans();
    let plan = home.read("schemig/plans/0003_add_notes_body.toml");
    home.write("schemig/plans/0004_other.toml", &plan);
    refused_at(&home, &["status"], "a_plan_under_another_name", "schemig/plans/0004_other.toml");
}

#[test]
fn a_plan_that_somebody_deleted() {
    let home = with_open_plans();
    std::fs::remove_file(home.path("schemig/plans/0002_require_notes_title.toml")).unwrap();
    for command in ["diff", "status", "contract"] {
        refused(&home, &[command], 2, &["0002_require_notes_title", "version control"]);
    }
    refused_at(&home, &["diff"], "a_deleted_plan", "schemig/plans/0003_add_notes_body.toml");
}

#[test]
fn a_deployed_plan_needs_no_file() {
    let home = shipped(&notes(""));
    std::fs::remove_file(home.path(PLAN)).unwrap();
    assert_eq!(schemig(&home, &["diff"]).0, 0);
}

#[test]
fn merge_conflict_markers_in_a_plan_and_in_the_list() {
    let home = with_open_plans();
    let plan = "schemig/plans/0003_add_notes_body.toml";
    let text = home.read(plan);
    home.write(
        plan,
        &text.replace("cancels = []\n", "<<<<<<< HEAD\ncancels = []\n=======\ncancels = [1]\n>>>>>>> b\n"),
    );
    refused_at(&home, &["diff"], "conflict_in_a_plan", "schemig/plans/0003_add_notes_body.toml:");
    home.write(plan, &text);
    home.write("schemig/deployed", "<<<<<<< HEAD\n0001_create_notes\n=======\n>>>>>>> b\n");
    refused_at(&home, &["diff"], "conflict_in_deployed", "schemig/deployed:1");
}

#[test]
fn a_contract_whose_promises_nobody_confirmed() {
    let home = with_open_plans();
    refused_at(
        &home,
        &["contract", "0002_require_notes_title"],
        "unconfirmed_promises",
        "0002_require_notes_title",
    );
}

#[test]
fn a_contract_of_several_or_of_none() {
    let home = with_open_plans();
    refused_at(&home, &["contract"], "several_undeployed", "0002_require_notes_title");
    refused_at(&home, &["contract", "0009_ghost"], "unknown_plan", "0009_ghost");
    refused(&started(NOTES), &["contract", "0009_ghost"], 2, &["0009_ghost", "none is open"]);
}

#[test]
fn a_migration_with_the_version_of_another() {
    let home = shipped(&notes(""));
    home.write("migrations/2026-11-01-000000_a/up.sql", "SELECT 1;");
    home.write("migrations/20261101000000_b/up.sql", "SELECT 1;");
    home.write("src/lib.rs", &notes("pub body: Option<String>,"));
    refused_at(&home, &["diff"], "version_collision", "2026-11-01-000000_a");
}

#[test]
fn a_migration_that_would_run_later() {
    let home = shipped(&notes(""));
    home.write("migrations/2030-01-01-000000_later/up.sql", "SELECT 1;");
    home.write("src/lib.rs", &notes("pub body: Option<String>,"));
    refused_at(
        &home,
        &["diff", "--now", "2026-11-22-070000"],
        "a_later_migration",
        "2030-01-01-000000_later",
    );
}

#[test]
fn a_time_that_is_none() {
    let home = shipped(&notes(""));
    home.write("src/lib.rs", &notes("pub body: Option<String>,"));
    refused_at(&home, &["diff", "--now", "yesterday"], "no_time", "yesterday");
    refused_at(&home, &["diff", "?!"], "no_name", "?!");
}
