//! What can't be read or written: a clear message, and nothing is changed.

use super::{adopted, run, says, users};
use crate::support::Crate;

const USER: &str = "#[derive(HasQuery)]\nstruct User { id: i64, email: String, nick: Option<String> }\n";

fn refused(home: &Crate, typed: &[&str], exit: i32, words: &[&str]) {
    let before = home.tree();
    let (code, text, complaint) = run(home, typed);
    assert_eq!(code, exit, "{complaint}{text}");
    says(&complaint, words);
    assert_eq!(home.tree(), before);
}

#[test]
fn sources_that_do_not_parse() {
    let home = adopted(users(), &[("src/lib.rs", "mod a;\n"), ("src/a.rs", &format!("{USER}struct {{\n"))]);
    refused(
        &home,
        &["init", "--annotate", "--write"],
        2,
        &["this file doesn't parse", "src/a.rs:3:8", "help: `cargo check`"],
    );
}

#[test]
fn a_model_with_a_mistake() {
    let text = format!("{USER}#[derive(HasQuery, schemig::Migratable)]\nstruct Tag {{ id: Thing }}\n");
    let home = adopted(users(), &[("src/lib.rs", &text)]);
    refused(
        &home,
        &["init", "--annotate", "--write"],
        2,
        &["the type `Thing` of `id` is unknown", "src/lib.rs:4:18"],
    );
}

#[test]
fn nothing_was_adopted() {
    let home = Crate::new();
    home.write("src/lib.rs", USER);
    refused(
        &home,
        &["init", "--annotate"],
        2,
        &["there are no tables to find structs for", "add --database-url URL or --from-migrations"],
    );
}

#[test]
fn write_goes_with_annotate() {
    let home = adopted(users(), &[("src/lib.rs", USER)]);
    refused(&home, &["init", "--write"], 2, &["--annotate"]);
    refused(&home, &["init", "--annotate", "--write", "--dry-run"], 2, &["cannot be used with"]);
}

#[test]
fn a_damaged_snapshot() {
    let home = adopted(users(), &[("src/lib.rs", USER)]);
    home.write("schemig/snapshot/users.toml", "format = 1\ntable = \n");
    refused(&home, &["init", "--annotate", "--write"], 2, &["schemig/snapshot/users.toml:2"]);
}

/// A source that can't be written leaves those before it as they were.
#[test]
fn a_source_that_can_not_be_written() {
    let home = adopted(users(), &[("src/lib.rs", USER)]);
    let sources = home.path("src");
    let allow = |mode| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&sources, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0o555);
    // Root may write anywhere.
    if std::fs::write(sources.join("probe"), "").is_err() {
        refused(&home, &["init", "--annotate", "--write"], 4, &["can't write", "src/lib.rs"]);
    }
    allow(0o755);
}

/// Both in one run: the adoption and the edit.
#[test]
fn adoption_and_edit_at_once() {
    let home = Crate::new();
    home.write(
        "migrations/2020-01-01-000000_base/up.sql",
        "CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL);",
    );
    home.write("migrations/2020-01-01-000000_base/down.sql", "DROP TABLE notes;");
    home.write("diesel.toml", "[print_schema]\nfile = \"src/db/schema.rs\"\n");
    home.write("src/lib.rs", "#[derive(HasQuery)]\nstruct Note { id: i32, body: String }\n");
    let before = home.tree();
    let (exit, text, complaint) = run(&home, &["init", "--from-migrations", "--annotate", "--dry-run"]);
    assert_eq!((exit, home.tree()), (0, before), "{complaint}");
    says(
        &text,
        &[
            "notes: Note (src/lib.rs:2) reads all 2 columns",
            "cargo add schemig",
            "there is no src/db/schema.rs",
        ],
    );
    let (exit, text, complaint) = run(&home, &["init", "--from-migrations", "--annotate", "--write"]);
    assert_eq!(exit, 0, "{complaint}{text}");
    assert!(home.read("src/lib.rs").contains("HasQuery, schemig::Migratable"), "{text}");
    let (exit, text, complaint) = run(&home, &["diff", "--now", "2026-11-26-190000"]);
    assert_eq!(exit, 0, "{complaint}{text}");
    says(&text, &["The database stays as it is"]);
    assert_eq!(home.names("migrations"), ["2020-01-01-000000_base"]);
}
