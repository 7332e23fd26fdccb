//! A crate that isn't there or isn't ready, and configuration that says what schemig doesn't know.

use super::{NOTES, model, refused, refused_at, schemig, shipped, started};
use crate::support::Crate;

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

#[test]
fn a_directory_without_a_package() {
    let nowhere = Crate::new();
    std::fs::remove_file(nowhere.path("Cargo.toml")).unwrap();
    refused_at(&nowhere, &["diff"], "no_package", "no Cargo.toml");
    nowhere.write("Cargo.toml", "[workspace]\nmembers = []\n");
    refused_at(&nowhere, &["diff"], "a_workspace", "-p");
    nowhere.write("Cargo.toml", "[package\n");
    refused(&nowhere, &["diff"], 2, &["Cargo.toml:1"]);
}

#[test]
fn a_dialect_or_a_server_that_schemig_does_not_know() {
    let home = started(NOTES);
    home.write("schemig.toml", "dialect = \"oracle\"\n");
    refused_at(&home, &["diff"], "unknown_dialect", "oracle");
    home.write("schemig.toml", "dialect = \"postgres\"\nserver = \"9.6\"\n");
    refused_at(&home, &["diff"], "unknown_server", "9.6");
    home.write("schemig.toml", "dialect = \"sqlite\"\nserver = \"new\"\n");
    refused(&home, &["diff"], 2, &["new", "help: "]);
}

#[test]
fn a_database_without_a_section() {
    let home = started(NOTES);
    refused(&home, &["diff", "--database", "audit"], 2, &["[database.audit]", "leave --database out"]);
    home.write("schemig.toml", "[database.main]\n[database.audit]\n");
    refused(&home, &["diff"], 2, &["--database audit or --database main"]);
}

#[test]
fn diesel_would_print_the_schema_while_a_contract_is_open() {
    let home = shipped(&model("Note", "notes", "pub id: i32,\npub colour: Option<String>,"));
    home.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    home.write("src/lib.rs", &model("Note", "notes", "pub id: i32,"));
    refused_at(&home, &["diff", "--approve", "nobody looks"], "diesel_prints", "diesel.toml");
}

#[test]
fn a_diesel_toml_that_does_not_parse() {
    let home = started(NOTES);
    home.write("diesel.toml", "[print_schema]\nfile = \n");
    refused(&home, &["diff"], 2, &["diesel.toml:2"]);
}
