//! `diff --base REF --replace-unapplied`: a branch ends with one plan.

use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use super::{branch, commit, diff, notes, now, plans, refused, shared, tree, users};
use crate::bad_input::{done, schemig};
use crate::support::{Crate, git};

const FIELDS: &str = "pub pinned: Option<bool>,\n#[schemig(index)] pub rank: Option<i32>,";

/// A branch on which the models changed five times, and one change was taken back.
fn changed_five_times() -> Crate {
    let home = shared();
    branch(&home, "pins");
    notes(&home, "pub pinned: Option<bool>,");
    diff(&home, 2);
    commit(&home);
    notes(&home, FIELDS);
    diff(&home, 3);
    users(&home, "pub nick: Option<String>,");
    diff(&home, 4);
    commit(&home);
    users(&home, "");
    done(&home, &["diff", "--now", &now(5), "--approve", "nobody has one"]);
    users(&home, "pub mail: Option<String>,");
    diff(&home, 6);
    home
}

fn replace(home: &Crate, day: u32) -> String {
    done(home, &["diff", "--base", "main", "--replace-unapplied", "--now", &now(day)])
}

#[test]
fn a_branch_that_changed_its_mind_ends_with_one_plan() {
    let home = changed_five_times();
    assert_eq!(plans(&home).len(), 6);
    let text = replace(&home, 7);
    assert_eq!(plans(&home).len(), 2, "{text}");
    assert!(text.contains("replaced: plan 0002_add_notes_pinned"), "{text}");
    done(&home, &["status"]);
    let replaced = tree(&home);

    // The same models from `main` on, in one go: the same files.
    commit(&home);
    branch(&home, "at_once");
    notes(&home, FIELDS);
    users(&home, "pub mail: Option<String>,");
    diff(&home, 7);
    assert_eq!(tree(&home), replaced);
}

#[test]
fn once_more_changes_nothing() {
    let home = changed_five_times();
    replace(&home, 7);
    let before = tree(&home);
    let text = replace(&home, 8);
    assert!(text.contains("nothing to do"), "{text}");
    assert_eq!(tree(&home), before);
    done(&home, &["diff", "pins", "--base", "main", "--replace-unapplied", "--now", &now(8)]);
    assert_eq!(plans(&home)[1], "0002_pins", "another name is another plan");
}

#[test]
fn models_that_are_as_they_were_leave_no_plan() {
    let home = changed_five_times();
    notes(&home, "");
    users(&home, "");
    let check = ["diff", "--base", "main", "--replace-unapplied", "--check"];
    assert_eq!(schemig(&home, &check).0, 1);
    let text = replace(&home, 7);
    assert!(text.contains("and none comes"), "{text}");
    assert_eq!(git(&home, &["diff", "main", "--stat"]), "", "all is as it was");
    assert_eq!(schemig(&home, &check).0, 0);
}

#[test]
fn a_release_without_overlap_is_replaced_though_it_is_listed() {
    let home = shared();
    branch(&home, "stops");
    home.write("schemig.toml", "overlap = false\n");
    notes(&home, "pub pinned: Option<bool>,");
    diff(&home, 2);
    users(&home, "pub mail: Option<String>,");
    diff(&home, 3);
    assert!(home.read("schemig/deployed").contains("0003_"));
    replace(&home, 4);
    assert_eq!(plans(&home), ["0001_create_notes", "0002_add_notes_pinned"]);
    assert!(home.read("schemig/deployed").ends_with("0001_create_notes\n0002_add_notes_pinned\n"));
    assert_eq!(
        home.names("migrations").len(),
        home.names("migrations")
            .iter()
            .filter(|name| name.starts_with("2026-11-01") || name.starts_with("2026-11-04"))
            .count()
    );
    done(&home, &["diff", "--check"]);
}

#[test]
fn plans_that_were_made_since_have_to_be_named() {
    let home = changed_five_times();
    let words = ["0002_add_notes_pinned", "0006_add_users_mail", "--replace-unapplied"];
    refused(&home, &["diff", "--base", "main"], &words);
    let text = refused(&home, &["diff", "--base", "nowhere", "--replace-unapplied"], &["nowhere"]);
    assert!(text.contains("name a branch"), "{text}");
    refused(&home, &["diff", "--base=--output=x", "--replace-unapplied"], &["no name of a git ref"]);
    refused(&home, &["diff", "--replace-unapplied"], &["--base"]);
    commit(&home);
    git(&home, &["switch", "--quiet", "--detach", "main"]);
    refused(&home, &["diff", "--base", "pins"], &["`pins` has gone on", "git merge pins"]);
}

#[test]
fn a_deployed_plan_stays() {
    let home = changed_five_times();
    done(&home, &["contract", "0002_add_notes_pinned"]);
    let typed = ["diff", "--base", "main", "--replace-unapplied"];
    refused(&home, &typed, &["plan 0002_add_notes_pinned is deployed"]);
    // What a branch that moves says counts alike.
    let home = changed_five_times();
    commit(&home);
    git(&home, &["branch", "production"]);
    home.write("schemig.toml", "overlap = true\ndeployed = \"production\"\n");
    refused(&home, &typed, &["plan 0006_add_users_mail is deployed"]);
}

#[test]
fn a_migration_that_somebody_edited_stays() {
    let home = changed_five_times();
    let name = home.names("migrations").into_iter().find(|name| name.starts_with("2026-11-03")).unwrap();
    let [up, down] = ["up", "down"].map(|side| format!("migrations/{name}/{side}.sql"));
    let typed = ["diff", "--base", "main", "--replace-unapplied", "--now", &now(7)];
    let written = home.read(&down);
    home.write(&down, &(written.clone() + "SELECT 1;\n"));
    refused(&home, &typed, &[&name, "was edited after it was written (down.sql)", "[schemig]"]);
    let (exit, told) = schemig(&home, &["status", "--check"]);
    assert!(
        exit == 1 && told.contains(&format!("{name} was edited since it was written (down.sql)")),
        "{told}"
    );
    home.write(&down, &written);
    done(&home, &["status", "--check"]);
    home.write(&up, &(home.read(&up) + "SELECT 1;\n"));
    refused(&home, &typed, &[&name, "was edited after it was written (up.sql)", "[schemig]"]);
    // One of somebody's own stays where it is, and is spoken of.
    home.write(&format!("migrations/{name}/metadata.toml"), "run_in_transaction = true\n");
    let text = done(&home, &typed);
    assert!(text.contains(&format!("{name} was written by hand and stays")), "{text}");
    assert!(home.read(&up).ends_with("SELECT 1;\n"));
}

#[test]
fn what_has_run_on_a_database_stays() {
    let home = changed_five_times();
    let database = tempfile::tempdir().unwrap();
    let file = database.path().join("notes.db").display().to_string();
    let mut connection = SqliteConnection::establish(&file).unwrap();
    let source = || FileBasedMigrations::from_path(home.path("migrations")).unwrap();
    connection.run_pending_migrations(source()).unwrap();
    let typed = ["diff", "--base", "main", "--replace-unapplied", "--now", &now(7), "--database-url", &file];
    let text = refused(&home, &typed, &["2026-11-02-070000-0000", "has run on this database"]);
    // What is said does it.
    let count: usize = text.rsplit("--number ").next().unwrap().trim().parse().unwrap();
    for _ in 0..count {
        connection.revert_last_migration(source()).unwrap();
    }
    done(&home, &typed);
    connection.run_pending_migrations(source()).unwrap();
}

#[test]
fn a_plan_that_a_merge_brought_is_not_this_branchs() {
    let home = changed_five_times();
    commit(&home);
    branch(&home, "mails");
    users(&home, "pub nick: Option<String>,");
    diff(&home, 8);
    commit(&home);
    branch(&home, "both");
    notes(&home, "pub body: Option<String>,");
    diff(&home, 9);
    commit(&home);
    git(&home, &["merge", "--quiet", "--no-edit", "mails"]);
    let typed = ["diff", "--base", "main", "--replace-unapplied"];
    refused(&home, &typed, &["plan 0002_add_users_nick came from another branch"]);
}
