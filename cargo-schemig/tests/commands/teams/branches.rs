//! Two branches that both ran `diff`, merged by git.

use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use super::{branch, commit, diff, notes, now, plans, refused, shared, users};
use crate::bad_input::{done, model, schemig};
use crate::support::{Crate, git, try_git};

/// `main` has gone on with users, and `pins` has changed notes.
fn on_two_tables(overlap: bool) -> Crate {
    let home = shared();
    home.write("schemig.toml", &format!("overlap = {overlap}\n"));
    commit(&home);
    branch(&home, "pins");
    notes(&home, "pub pinned: Option<bool>,");
    diff(&home, 2);
    commit(&home);
    git(&home, &["switch", "--quiet", "main"]);
    users(&home, "pub mail: Option<String>,");
    diff(&home, 3);
    commit(&home);
    home
}

fn ends_well(home: &Crate) {
    done(home, &["status"]);
    let text = done(home, &["diff", "--check"]);
    assert!(text.contains("nothing to do"), "{text}");
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let source = FileBasedMigrations::from_path(home.path("migrations")).unwrap();
    connection.run_pending_migrations(source).unwrap();
    diesel::sql_query("SELECT pinned FROM notes").execute(&mut connection).unwrap();
}

#[test]
fn different_tables_merge_without_a_conflict() {
    for overlap in [true, false] {
        let home = on_two_tables(overlap);
        git(&home, &["merge", "--quiet", "--no-edit", "pins"]);
        assert_eq!(plans(&home), ["0001_create_notes", "0002_add_notes_pinned", "0002_add_users_mail"]);
        ends_well(&home);
        // The next plan builds on both.
        notes(&home, "pub pinned: Option<bool>,\npub body: Option<String>,");
        diff(&home, 4);
        let plan = home.read("schemig/plans/0003_add_notes_body.toml");
        if overlap {
            assert!(
                plan.contains("parents = [\"0002_add_notes_pinned\", \"0002_add_users_mail\"]"),
                "{plan}"
            );
            done(&home, &["contract", "0003_add_notes_body"]);
        }
        ends_well(&home);
    }
}

/// `main` and `pins` have both changed notes, and git can't merge that.
fn on_one_table() -> Crate {
    let home = shared();
    branch(&home, "pins");
    notes(&home, "pub pinned: Option<bool>,");
    diff(&home, 2);
    commit(&home);
    git(&home, &["switch", "--quiet", "main"]);
    notes(&home, "pub body: Option<String>,");
    diff(&home, 3);
    commit(&home);
    git(&home, &["switch", "--quiet", "pins"]);
    let merged = try_git(&home, &["merge", "--no-edit", "main"]);
    assert!(!merged.status.success());
    home
}

fn wanted_by_both(home: &Crate) {
    notes(home, "pub body: Option<String>,\npub pinned: Option<bool>,");
}

#[test]
fn one_table_is_a_conflict_that_says_what_to_do() {
    let home = on_one_table();
    for command in ["status", "diff", "contract", "schema"] {
        let words = [
            "schemig/snapshot/notes.toml has a merge conflict",
            "0002_add_notes_body, 0002_add_notes_pinned",
            "`cargo schemig diff --base main --replace-unapplied` keeps those of main",
        ];
        refused(&home, &[command], &words);
    }
    insta::assert_snapshot!(refused(&home, &["status"], &["schemig/snapshot/notes.toml:"]));
    wanted_by_both(&home);
    let text = done(&home, &["diff", "--base", "main", "--replace-unapplied", "--now", &now(4)]);
    assert_eq!(plans(&home), ["0001_create_notes", "0002_add_notes_body", "0003_add_notes_pinned"], "{text}");
    ends_well(&home);
    commit(&home);
    assert_eq!(git(&home, &["status", "--short"]), "");
}

#[test]
fn the_other_side_may_stay_as_well() {
    let home = on_one_table();
    wanted_by_both(&home);
    done(&home, &["diff", "--base", "HEAD", "--replace-unapplied", "--now", &now(4)]);
    assert_eq!(plans(&home), ["0001_create_notes", "0002_add_notes_pinned", "0003_add_notes_body"]);
    ends_well(&home);
}

/// The conflict is gone, by hand: both columns stand in the snapshot, and both plans.
fn ended_by_hand() -> Crate {
    let home = on_one_table();
    wanted_by_both(&home);
    git(&home, &["checkout", "--quiet", "--ours", "schemig/snapshot/notes.toml", "src/schema.rs"]);
    let snapshot = home.read("schemig/snapshot/notes.toml");
    let pinned = snapshot.lines().find(|line| line.starts_with("pinned = ")).unwrap();
    let body = pinned.replace("pinned", "body").replace("boolean", "text");
    home.write("schemig/snapshot/notes.toml", &snapshot.replace(pinned, &format!("{body}\n{pinned}")));
    home
}

#[test]
fn a_plan_that_does_not_know_of_the_other_is_noticed() {
    let home = ended_by_hand();
    let words =
        ["0002_add_notes_body", "0002_add_notes_pinned", "both change table notes", "--replace-unapplied"];
    for command in [&["diff"][..], &["status"], &["contract", "0002_add_notes_body"], &["verify"]] {
        refused(&home, command, &words);
    }
    let database = tempfile::tempdir().unwrap();
    let url = database.path().join("notes.db").display().to_string();
    refused(&home, &["apply", "--database-url", &url], &words);
    insta::assert_snapshot!(refused(&home, &["status"], &words));
    done(&home, &["diff", "--base", "main", "--replace-unapplied", "--now", &now(4)]);
    ends_well(&home);
}

#[test]
fn the_other_may_be_deployed_already() {
    let home = ended_by_hand();
    let deployed = home.read("schemig/deployed") + "0002_add_notes_body\n";
    home.write("schemig/deployed", &deployed);
    refused(&home, &["status"], &["0002_add_notes_pinned was made without 0002_add_notes_body"]);
}

#[test]
fn one_name_for_two_plans() {
    let home = on_two_tables(true);
    git(&home, &["switch", "--quiet", "--create", "mails", "main~1"]);
    for (name, day) in [("one", 5), ("other", 6)] {
        git(&home, &["switch", "--quiet", "--create", name, "mails"]);
        let field = format!("pub {name}: Option<String>,");
        if name == "one" {
            notes(&home, &field)
        } else {
            users(&home, &field)
        }
        done(&home, &["diff", "sprint", "--now", &now(day)]);
        commit(&home);
    }
    assert!(!try_git(&home, &["merge", "--no-edit", "one"]).status.success());
    let file = "schemig/plans/0002_sprint.toml";
    refused(&home, &["status"], &[file, "has a merge conflict", "two branches gave one name to two plans"]);
    // What is said does it.
    git(&home, &["merge", "--abort"]);
    let base = git(&home, &["merge-base", "one", "HEAD"]);
    done(&home, &["diff", "other", "--base", base.trim(), "--replace-unapplied", "--now", &now(7)]);
    commit(&home);
    git(&home, &["merge", "--quiet", "--no-edit", "one"]);
    assert_eq!(plans(&home), ["0001_create_notes", "0002_other", "0002_sprint"]);
    done(&home, &["status"]);
}

#[test]
fn new_tables_may_meet_in_schema_rs_alone() {
    let home = shared();
    for (name, day) in [("papers", 2), ("pencils", 3)] {
        branch(&home, name);
        home.write("src/lib.rs", &format!("mod notes;\nmod users;\nmod {name};\n"));
        home.write(&format!("src/{name}.rs"), &model("Thing", name, "pub id: i32,"));
        diff(&home, day);
        commit(&home);
    }
    assert!(!try_git(&home, &["merge", "--no-edit", "papers"]).status.success());
    home.write("src/lib.rs", "mod notes;\nmod users;\nmod papers;\nmod pencils;\n");
    let conflicts = git(&home, &["diff", "--name-only", "--diff-filter=U"]);
    assert_eq!(conflicts, "src/lib.rs\nsrc/schema.rs\n", "nothing of schemig's own");
    let text = done(&home, &["status"]);
    assert!(text.contains("src/schema.rs has a merge conflict"), "{text}");
    let (code, text) = schemig(&home, &["diff", "--now", &now(4)]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(home.read("src/schema.rs"), done(&home, &["schema"]));
    ends_as_planned(&home);
}

fn ends_as_planned(home: &Crate) {
    let text = done(home, &["diff", "--check"]);
    assert!(text.contains("nothing to do"), "{text}");
    assert!(!done(home, &["status"]).contains("conflict"));
}
