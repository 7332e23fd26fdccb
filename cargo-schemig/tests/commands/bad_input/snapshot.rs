//! A snapshot that can't be used.

use super::{NOTES, refused, refused_at, started};

#[test]
fn a_snapshot_of_a_newer_format() {
    let home = started(&NOTES.replace("format = 1", "format = 2\nmood = \"new\""));
    for command in ["diff", "status", "schema", "contract"] {
        refused(&home, &[command], 2, &["schemig/snapshot/notes.toml", "format 2", "newer cargo-schemig"]);
    }
}

#[test]
fn a_damaged_snapshot_is_shown_where_it_is_damaged() {
    let home = started(&NOTES.replace("[columns]", "<<<<<<< HEAD\n[columns]"));
    refused(
        &home,
        &["diff"],
        2,
        &["schemig/snapshot/notes.toml:5:1", "<<<<<<< HEAD", "has a merge conflict"],
    );
    let home = started(&NOTES.replace("type =", "tpye ="));
    refused(&home, &["diff"], 2, &["schemig/snapshot/notes.toml:6:8", "tpye", "expected one of"]);
}

#[test]
fn all_damaged_files_are_shown_at_once() {
    let home = started("format = 9\n");
    home.write("schemig/snapshot/users.toml", "what");
    refused(&home, &["status"], 2, &["notes.toml", "users.toml"]);
}

#[test]
fn what_is_said_of_a_snapshot() {
    let home = started(&NOTES.replace("format = 1", "format = 2"));
    refused_at(&home, &["diff"], "a_newer_format", "schemig/snapshot/notes.toml");
    let home = started(&NOTES.replace("integer", "intejer\" \""));
    refused_at(&home, &["diff"], "a_damaged_snapshot", "schemig/snapshot/notes.toml:6");
    let conflict =
        "<<<<<<< HEAD\nid = { type = \"integer\" }\n=======\nid = { type = \"big_int\" }\n>>>>>>> b\n";
    let home = started(&NOTES.replace("id = { type = \"integer\" }\n", conflict));
    refused_at(&home, &["diff"], "conflict_in_a_snapshot", "schemig/snapshot/notes.toml:6");
}

#[test]
fn two_files_of_one_table() {
    let home = started(NOTES);
    home.write("schemig/snapshot/copy.toml", NOTES);
    refused_at(&home, &["diff"], "two_files_of_one_table", "schemig/snapshot/copy.toml");
}
