//! Bad input: a clear message at the right place, the documented exit code, and a tree that is as it was. What is printed stands in
//! `snapshots/`, whole, as a user reads it.

mod changes;
mod disk;
mod enums;
mod log;
mod models;
mod project;
mod snapshot;

use std::process::{Command, Output};

use crate::support::Crate;

const BINARY: &str = env!("CARGO_BIN_EXE_cargo-schemig");

/// Runs the program in the crate; its exit code and all that it prints.
pub fn schemig(home: &Crate, typed: &[&str]) -> (i32, String) {
    let output = Command::new(BINARY).arg("schemig").args(typed).current_dir(home.root()).output().unwrap();
    told(&output)
}

fn told(output: &Output) -> (i32, String) {
    let text =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    (output.status.code().unwrap(), text)
}

const NOTES: &str =
    "format = 1\ntable = \"notes\"\nprimary_key = [\"id\"]\n\n[columns]\nid = { type = \"integer\" }\n";

/// A started crate with `notes` in its snapshot.
fn started(snapshot: &str) -> Crate {
    let home = Crate::new();
    home.write("schemig/deployed", "");
    home.write("schemig/snapshot/notes.toml", snapshot);
    home
}

/// Refused with these words, and nothing is changed.
pub fn refused(home: &Crate, typed: &[&str], exit: i32, words: &[&str]) -> String {
    let before = home.tree();
    let (code, text) = schemig(home, typed);
    assert_eq!(code, exit, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} isn't in:\n{text}");
    }
    assert_eq!(home.tree(), before);
    text.replace(&home.root().display().to_string(), "<crate>")
}

/// Refused, at this place, saying what to do; and what is said is what a reader has seen and accepted.
pub fn refused_at(home: &Crate, typed: &[&str], name: &str, place: &str) {
    let text = refused(home, typed, 2, &[place, "help: "]);
    insta::assert_snapshot!(name, text);
}

/// The derives and the table of a model, and these lines.
pub fn model(name: &str, table: &str, fields: &str) -> String {
    let lines: String = fields.lines().map(|line| format!("    {}\n", line.trim())).collect();
    format!(
        "#[derive(Queryable, Selectable, Migratable)]\n#[diesel(table_name = {table})]\npub struct {name} {{\n{lines}}}\n"
    )
}

/// Notes with an id and these fields.
pub fn notes(fields: &str) -> String {
    model("Note", "notes", &format!("pub id: i32,\n{fields}"))
}

/// What a command prints that succeeds.
pub fn done(home: &Crate, typed: &[&str]) -> String {
    let (code, text) = schemig(home, typed);
    assert_eq!(code, 0, "{typed:?}: {text}");
    text
}

/// A crate with these models, whose release runs everywhere.
fn shipped(models: &str) -> Crate {
    let home = Crate::new();
    home.write("schemig.toml", "overlap = true\n");
    ship(&home, models);
    home
}

/// The same, for PostgreSQL.
pub fn shipped_on_postgres(models: &str) -> Crate {
    let home = Crate::new();
    home.write("Cargo.toml", &home.read("Cargo.toml").replace("sqlite", "postgres"));
    ship(&home, models);
    home
}

fn ship(home: &Crate, models: &str) {
    home.write("src/lib.rs", models);
    for typed in [&["init"][..], &["diff", "--now", "2026-11-20-070000"], &["contract"]] {
        let (code, text) = schemig(home, typed);
        assert_eq!(code, 0, "{text}");
    }
    home.say_sizes();
}
