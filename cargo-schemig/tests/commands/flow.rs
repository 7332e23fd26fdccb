//! The commands one after the other on a crate, with models given as schemas.

use cargo_schemig::arguments::{Cargo, Command, Contract, Diff, Schemig};
use cargo_schemig::capture::Capture;
use cargo_schemig::commands::{self, Outcome};
use cargo_schemig::exit::{Exit, Stop};
use cargo_schemig::report::Report;
use clap::Parser;
use schemig_core::schema::{Column, ModelMark, Schema, SqlType, Table};

use crate::support::Crate;

fn arguments(home: &Crate, typed: &[&str]) -> Command {
    let manifest = home.path("Cargo.toml");
    let manifest = manifest.to_str().unwrap();
    let all = ["cargo", "schemig"].iter().chain(typed).copied().chain(["--manifest-path", manifest]);
    let Cargo { command: Schemig::Schemig(arguments) } = Cargo::try_parse_from(all).unwrap();
    arguments.command
}

fn diff_arguments(home: &Crate, typed: &[&str]) -> Diff {
    let all: Vec<&str> = ["diff", "--now", "2026-11-22-070000"].iter().chain(typed).copied().collect();
    let Command::Diff(diff) = arguments(home, &all) else { panic!("{all:?}") };
    diff
}

fn contract_arguments(home: &Crate, typed: &[&str]) -> Contract {
    let all: Vec<&str> = ["contract", "--now", "2026-11-29-090000"].iter().chain(typed).copied().collect();
    let Command::Contract(contract) = arguments(home, &all) else { panic!("{all:?}") };
    contract
}

fn shown(outcome: Outcome) -> (Exit, Report) {
    match outcome {
        Outcome::Report { exit, report } => (exit, *report),
        Outcome::Verdict { .. } | Outcome::Pages(_) => panic!("these commands write plans"),
        Outcome::Text { text, notes: _ } => panic!("{text}"),
    }
}

fn try_diff(home: &Crate, schema: &Schema, typed: &[&str]) -> Result<(Exit, Report), Stop> {
    let read = |_: &cargo_schemig::project::Project, _: &Schema| {
        let mark = ModelMark { type_name: "Model".to_owned(), fingerprint: "0123456789abcdef".to_owned() };
        let models = schema.tables.keys().map(|name| (name.clone(), vec![mark.clone()])).collect();
        Ok(Capture { schema: schema.clone(), models, ..Capture::default() })
    };
    commands::diff::run(&diff_arguments(home, typed), &read).map(shown)
}

fn diff(home: &Crate, schema: &Schema, typed: &[&str]) -> (Exit, Report) {
    try_diff(home, schema, typed).unwrap_or_else(|stop| panic!("{stop:?}"))
}

fn contract(home: &Crate, typed: &[&str]) -> (Exit, Report) {
    let done = commands::contract::run(&contract_arguments(home, typed));
    shown(done.unwrap_or_else(|stop| panic!("{stop:?}")))
}

fn init(home: &Crate) {
    let Command::Init(common) = arguments(home, &["init"]) else { panic!() };
    commands::init::run(&common).unwrap();
    home.say_sizes();
}

fn notes(more: &[(&str, Column)]) -> Schema {
    let table = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::Integer))
        .with_column("body", Column::required(SqlType::Text));
    let table = more.iter().fold(table, |table, (name, column)| table.with_column(name, column.clone()));
    Schema::default().with_table("notes", table)
}

fn pinned() -> Column {
    Column::required(SqlType::Boolean).with_default("false")
}

/// A started crate whose first plan made `notes` and is deployed.
fn with_notes(more: &[(&str, Column)]) -> Crate {
    let home = Crate::new();
    home.write("schemig.toml", "overlap = true\n");
    init(&home);
    assert_eq!(diff(&home, &notes(more), &[]).0, Exit::Done);
    contract(&home, &[]);
    home
}

#[test]
fn a_new_table_is_written_with_all_that_belongs_to_it() {
    let home = Crate::new();
    init(&home);
    let (exit, report) = diff(&home, &notes(&[]), &["create_notes"]);
    assert_eq!(exit, Exit::Done);
    assert_eq!(report.changes, ["create table notes (2 columns)"]);
    assert_eq!(home.names("migrations"), ["2026-11-22-070000-0000_create_notes_01_expand"]);
    let up = home.read("migrations/2026-11-22-070000-0000_create_notes_01_expand/up.sql");
    assert!(up.starts_with("-- schemig: create table notes\n") && up.contains("CREATE TABLE"), "{up}");
    assert_eq!(home.names("schemig/snapshot"), ["notes.toml"]);
    assert_eq!(home.names("schemig/plans"), ["0001_create_notes.toml"]);
}

#[test]
fn a_second_diff_writes_nothing() {
    let home = with_notes(&[]);
    let before = home.tree();
    for typed in [&[][..], &["--check"], &["--dry-run"]] {
        let (exit, report) = diff(&home, &notes(&[]), typed);
        assert_eq!((exit, report.written.len()), (Exit::Done, 0), "{typed:?}");
    }
    assert_eq!(home.tree(), before);
}

#[test]
fn check_and_dry_run_write_nothing_and_exit_as_documented() {
    let home = with_notes(&[]);
    let before = home.tree();
    let after = notes(&[("pinned", pinned())]);
    let (exit, report) = diff(&home, &after, &["--check"]);
    assert_eq!(exit, Exit::Found);
    assert!(!report.written.is_empty());
    assert_eq!(diff(&home, &after, &["--dry-run"]).0, Exit::Done);
    assert_eq!(home.tree(), before);
}

#[test]
fn two_runs_are_byte_equal() {
    let trees: Vec<_> = [0, 1]
        .map(|_| {
            let home = with_notes(&[("colour", Column::optional(SqlType::Text))]);
            diff(&home, &notes(&[("pinned", pinned())]), &["--approve", "nobody looks"]);
            home.tree()
        })
        .into();
    assert_eq!(trees[0], trees[1]);
}

#[test]
fn a_dropped_column_needs_approval_and_waits_for_its_contract() {
    let home = with_notes(&[("colour", Column::optional(SqlType::Text))]);
    let before = home.tree();
    let (exit, report) = diff(&home, &notes(&[]), &[]);
    assert_eq!(exit, Exit::Escalated);
    assert_eq!(report.escalations.len(), 1);
    assert_eq!(home.tree(), before);

    let (exit, report) = diff(&home, &notes(&[]), &["--approve", "nobody looks"]);
    assert_eq!(exit, Exit::Done);
    assert!(report.next.iter().any(|line| line.contains("cargo schemig contract 0002_drop_notes_colour")));
    assert_eq!(home.names("migrations").len(), 1, "nothing is dropped while N-1 may run");
    assert!(!home.names("schemig/contracts/0002_drop_notes_colour").is_empty());
    assert!(home.read("schemig/plans/0002_drop_notes_colour.toml").contains("reason = \"nobody looks\""));

    let (exit, report) = contract(&home, &["--confirm"]);
    assert_eq!(exit, Exit::Done, "{report:?}");
    assert_eq!(home.names("migrations")[1], "2026-11-29-090000-0000_drop_notes_colour_01_contract");
    assert!(home.names("schemig/contracts").is_empty());
    assert_eq!(
        home.read("schemig/deployed").lines().skip(1).collect::<Vec<_>>(),
        ["0001_create_notes", "0002_drop_notes_colour"]
    );
}

#[test]
fn a_directory_that_would_run_before_others_is_refused() {
    let home = with_notes(&[]);
    home.write("migrations/2030-01-01-000000_later/up.sql", "SELECT 1;");
    let before = home.tree();
    let stop = try_diff(&home, &notes(&[("pinned", pinned())]), &[]).unwrap_err();
    assert_eq!(stop.exit, Exit::Refused);
    assert!(stop.diagnostics[0].message.contains("2030-01-01-000000_later"), "{stop:?}");
    assert_eq!(home.tree(), before);
}

#[test]
fn two_directories_of_one_version_are_refused() {
    let home = with_notes(&[]);
    home.write("migrations/2026-11-01-000000_a/up.sql", "SELECT 1;");
    home.write("migrations/20261101000000_b/up.sql", "SELECT 1;");
    let before = home.tree();
    let stop = try_diff(&home, &notes(&[("pinned", pinned())]), &[]).unwrap_err();
    assert_eq!(stop.exit, Exit::Refused);
    assert!(stop.diagnostics[0].message.contains("one version"), "{stop:?}");
    assert_eq!(home.tree(), before);
}

#[test]
fn no_models_at_all_drop_nothing() {
    let home = with_notes(&[]);
    let before = home.tree();
    let stop = try_diff(&home, &Schema::default(), &["--approve", "x"]).unwrap_err();
    assert_eq!(stop.exit, Exit::Refused);
    assert!(stop.diagnostics[0].message.contains("derives Migratable"), "{stop:?}");
    assert_eq!(home.tree(), before);
}

#[test]
fn diesel_must_not_print_the_schema_while_a_contract_is_open() {
    let home = with_notes(&[("colour", Column::optional(SqlType::Text))]);
    home.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    let before = home.tree();
    let stop = try_diff(&home, &notes(&[]), &["--approve", "x"]).unwrap_err();
    assert_eq!(stop.exit, Exit::Refused);
    assert_eq!(stop.diagnostics[0].help.len(), 2, "{stop:?}");
    assert_eq!(home.tree(), before);
}

#[test]
fn without_overlap_everything_is_written_at_once() {
    let home = Crate::new();
    init(&home);
    diff(&home, &notes(&[("colour", Column::optional(SqlType::Text))]), &[]);
    let (exit, report) = diff(&home, &notes(&[]), &["--approve", "nobody looks"]);
    assert_eq!(exit, Exit::Done);
    assert!(report.promises.is_empty());
    assert!(home.names("schemig/contracts").is_empty());
    assert!(home.names("migrations").len() >= 2);
    let (exit, report) = contract(&home, &[]);
    assert_eq!((exit, report.steps.len()), (Exit::Done, 0));
}
