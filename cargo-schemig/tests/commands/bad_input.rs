//! Bad input: a clear message, the documented exit code, and a tree that is as it was.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::process::{Command, Output};

use crate::support::Crate;

const BINARY: &str = env!("CARGO_BIN_EXE_cargo-schemig");

/// Nobody in particular: no file here is theirs.
const NOBODY: u32 = 65534;

fn schemig(home: &Crate, typed: &[&str]) -> (i32, String) {
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
fn refused(home: &Crate, typed: &[&str], exit: i32, words: &[&str]) {
    let before = home.tree();
    let (code, text) = schemig(home, typed);
    assert_eq!(code, exit, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} isn't in:\n{text}");
    }
    assert_eq!(home.tree(), before);
}

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
    refused(&home, &["diff"], 2, &["schemig/snapshot/notes.toml:5:9", "<<<<<<< HEAD", "is damaged"]);
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
fn an_edited_plan() {
    let home = started(NOTES);
    home.write("schemig/plans/0001_a.toml", "format = 1\nid = \"0001_b\"\nparents = []\n");
    refused(&home, &["status"], 2, &["schemig/plans/0001_a.toml", "overlap"]);
}

#[test]
fn a_crate_that_is_not_there() {
    let home = Crate::new();
    refused(
        &home,
        &["status", "--manifest-path", "nowhere/Cargo.toml"],
        2,
        &["nowhere/Cargo.toml", "isn't a file"],
    );
    refused(&home, &["status", "-p", "ghost"], 2, &["no package `ghost`"]);
}

#[test]
fn a_crate_that_was_not_started() {
    refused(&Crate::new(), &["diff"], 2, &["cargo schemig init"]);
}

#[test]
fn a_crate_with_migrations_is_not_started_as_if_it_had_none() {
    let home = Crate::new();
    home.write("migrations/2026-01-01-000000_a/up.sql", "SELECT 1;");
    refused(&home, &["init"], 2, &["2026-01-01-000000_a"]);
}

#[test]
fn a_configuration_with_unknown_keys() {
    let home = started(NOTES);
    home.write("schemig.toml", "overlop = true\n");
    refused(&home, &["status"], 2, &["schemig.toml:1:1", "overlop"]);
}

#[test]
fn a_database_that_is_not_decided() {
    let home = started(NOTES);
    home.write("Cargo.toml", &home.read("Cargo.toml").replace("\"sqlite\"", "\"sqlite\", \"postgres\""));
    refused(&home, &["status"], 2, &["several databases", "dialect = \"sqlite\""]);
}

#[test]
fn words_that_are_no_arguments() {
    refused(&started(NOTES), &["diff", "--what"], 2, &["--what"]);
    refused(&started(NOTES), &["contract", "0009_ghost"], 2, &["0009_ghost"]);
    assert_eq!(schemig(&started(NOTES), &["--help"]).0, 0);
}

/// Runs as somebody who may write nothing in the crate but what is given to them.
fn schemig_as_guest(home: &Crate, theirs: &[&str], typed: &[&str]) -> (i32, String) {
    let root = home.root();
    let is_root = fs::metadata(root).unwrap().uid() == 0;
    if !is_root {
        fs::set_permissions(root, Permissions::from_mode(if theirs.contains(&".") { 0o755 } else { 0o555 }))
            .unwrap();
        fs::set_permissions(home.path("schemig"), Permissions::from_mode(0o555)).unwrap();
        let outcome = schemig(home, typed);
        fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(home.path("schemig"), Permissions::from_mode(0o755)).unwrap();
        return outcome;
    }
    fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
    for path in theirs {
        chown(home.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    // The target directory may be nobody's business.
    let tools = tempfile::tempdir().unwrap();
    fs::set_permissions(tools.path(), Permissions::from_mode(0o755)).unwrap();
    let binary = tools.path().join("cargo-schemig");
    fs::copy(BINARY, &binary).unwrap();
    let user = format!("--reuid={NOBODY}");
    let group = format!("--regid={NOBODY}");
    let mut command = Command::new("setpriv");
    command.args([&user, &group, "--clear-groups"]).arg(binary).arg("schemig").args(typed);
    told(&command.current_dir(root).output().unwrap())
}

/// A plan that is open, with nothing in it but a name.
const OPEN: &str = "format = 1\nid = \"0001_a\"\nparents = []\noverlap = true\nchanges = []\ncancels = []\napprovals = []\n\
                    promises = []\nconfirmed = false\n";

#[test]
fn a_directory_that_can_not_be_written() {
    let home = started(NOTES);
    home.write("schemig/plans/0001_a.toml", OPEN);
    let before = home.tree();
    let (code, text) = schemig_as_guest(&home, &[], &["contract"]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("can't write"), "{text}");
    assert_eq!(home.tree(), before);
    assert_eq!(schemig(&home, &["contract"]).0, 0, "as the owner it works");
}

#[test]
fn a_directory_below_that_can_not_be_written() {
    let home = started(NOTES);
    home.write("schemig/plans/0001_a.toml", OPEN);
    let before = home.tree();
    let (code, text) = schemig_as_guest(&home, &["."], &["contract"]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("schemig/deployed"), "{text}");
    assert_eq!(home.tree(), before);
}
