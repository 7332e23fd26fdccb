//! Crates of a workspace, and several databases of a crate.

use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use super::{now, refused};
use crate::bad_input::{done, model};
use crate::support::Crate;

/// A workspace of an app and a crate with the models.
fn workspace() -> Crate {
    let home = Crate::new();
    let manifest = home.read("Cargo.toml").replace("\n[workspace]\n", "");
    std::fs::remove_dir_all(home.path("src")).unwrap();
    home.write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n");
    for name in ["app", "models"] {
        home.write(
            &format!("crates/{name}/Cargo.toml"),
            &manifest.replace("\"notes\"", &format!("\"{name}\"")),
        );
        home.write(&format!("crates/{name}/src/lib.rs"), "");
    }
    home.write("crates/models/src/lib.rs", &model("Note", "notes", "pub id: i32,"));
    home
}

#[test]
fn one_crate_of_a_workspace_needs_no_name() {
    let home = workspace();
    refused(&home, &["init"], &["name one with -p"]);
    done(&home, &["init", "-p", "models"]);
    done(&home, &["diff", "--now", &now(1)]);
    assert_eq!(home.names("crates/models/schemig/plans"), ["0001_create_notes.toml"]);
    assert!(done(&home, &["status"]).contains("1 plan deployed"));
    home.write("crates/app/src/lib.rs", &model("Job", "jobs", "pub id: i32,"));
    done(&home, &["init", "-p", "app"]);
    refused(&home, &["diff"], &["crates/app, crates/models", "name one with -p"]);
    done(&home, &["diff", "-p", "app", "--now", &now(1)]);
    assert!(!home.read("crates/app/src/schema.rs").contains("notes"));
}

const TWO: &str = "[database.audit]\nmodels = \"src/audit\"\nmigrations = \"migrations/audit\"\nschema_rs = \"src/schema_audit.rs\"\n\n\
                   [database.main]\nmodels = \"src/main_models.rs\"\nmigrations = \"migrations/main\"\n";

fn two_databases() -> Crate {
    let home = Crate::new();
    home.write("schemig.toml", TWO);
    home.write("src/lib.rs", "mod audit;\nmod main_models;\n");
    home.write("src/audit.rs", &format!("mod old;\n{}", model("Event", "events", "pub id: i32,")));
    home.write("src/audit/old.rs", &model("OldEvent", "old_events", "pub id: i32,"));
    home.write("src/main_models.rs", &model("Note", "notes", "pub id: i32,"));
    home
}

#[test]
fn each_database_has_its_models() {
    let home = two_databases();
    for (name, tables) in [("audit", &["events.toml", "old_events.toml"][..]), ("main", &["notes.toml"])] {
        done(&home, &["init", "--database", name]);
        done(&home, &["diff", "--database", name, "--now", &now(1)]);
        assert_eq!(home.names(&format!("schemig/{name}/snapshot")), tables);
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let source = FileBasedMigrations::from_path(home.path(&format!("migrations/{name}"))).unwrap();
        let ran = connection.run_pending_migrations(source).unwrap().len();
        assert_eq!(ran, tables.len());
        assert!(done(&home, &["diff", "--database", name]).contains("nothing to do"));
    }
    refused(&home, &["diff"], &["--database audit or --database main"]);
}

#[test]
fn models_that_are_nobodys() {
    let home = two_databases();
    home.write("schemig.toml", &TWO.replace("models = \"src/audit\"\n", ""));
    done(&home, &["init", "--database", "audit"]);
    let words = ["which models are those of audit", "models = \"src/audit\""];
    refused(&home, &["diff", "--database", "audit"], &words);
}

#[test]
fn what_two_databases_cannot_share() {
    let home = two_databases();
    home.write(
        "schemig.toml",
        "[database.audit]\nmodels = \"src/audit\"\n[database.main]\nmodels = \"src/main_models\"\n",
    );
    let words = ["audit and main both have migrations at migrations", "both have schema_rs at src/schema.rs"];
    refused(&home, &["diff", "--database", "main"], &words);
}
