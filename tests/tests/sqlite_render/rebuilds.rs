//! Making a table anew must keep what it doesn't mean to change.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use indexmap::IndexMap;
use schemig_core::dialect::Dialect as _;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, ColumnName, Identity, SqlType, Table};

use crate::VERSIONS;
use crate::bench::{Bench, library};

pub fn authors() -> Table {
    library().tables.remove(&"authors".into()).expect("it is there")
}

pub fn rebuild(definition: Table) -> Operation {
    Operation::RebuildTable {
        table: "authors".into(),
        definition,
        values: IndexMap::new(),
        back: IndexMap::new(),
    }
}

#[test]
fn rows_children_and_numbers_survive() {
    for sqlite in VERSIONS {
        let mut bench = Bench::library(sqlite);
        let before = bench.dump();
        bench.up(&[rebuild(authors())]).expect("a rebuild");
        bench.compare("after a rebuild that changes nothing");
        let rows = |dump: String| dump.split_once("\n-- ").map(|(_, rows)| rows.to_owned());
        assert_eq!(rows(bench.dump()), rows(before));
        bench.execute("DELETE FROM authors WHERE id = 1");
        assert_eq!(bench.text("SELECT count(*) AS value FROM books"), "2", "the key still cascades");
    }
}

#[test]
fn columns_are_computed_dropped_and_added_in_one_go() {
    let mut definition = authors().with_column("label", Column::required(SqlType::Text));
    definition.columns.shift_remove(&ColumnName::from("born"));
    let mut values = IndexMap::new();
    values.insert("label".into(), "name || '/' || coalesce(email, '-')".into());
    values.insert("note".into(), "coalesce(note, 'none')".into());
    let change =
        Operation::RebuildTable { table: "authors".into(), definition, values, back: IndexMap::new() };
    let mut bench = Bench::library(VERSIONS[0]);
    bench.there_and_back(&[change]);
    let mut bench = Bench::library(VERSIONS[0]);
    let mut definition = authors().with_column("label", Column::required(SqlType::Text));
    definition.columns.shift_remove(&ColumnName::from("name"));
    definition.indexes.remove(&"authors_note".into());
    let values = IndexMap::from([("label".into(), "upper(name)".into())]);
    bench
        .up(&[Operation::RebuildTable { table: "authors".into(), definition, values, back: IndexMap::new() }])
        .expect("a rebuild");
    bench.compare("after a column was computed from one that goes");
    let labels = "SELECT group_concat(label, ' ') AS value FROM (SELECT label FROM authors ORDER BY id)";
    assert_eq!(bench.text(labels), " ADA BOB BOB");
}

#[test]
fn numbers_of_deleted_rows_are_not_given_again() {
    let mut bench = Bench::library(VERSIONS[0]);
    let mut numbered = authors();
    numbered.columns[&ColumnName::from("id")].identity = Some(Identity::Always);
    bench.up(&[rebuild(numbered.clone())]).expect("AUTOINCREMENT comes");
    bench.compare("with AUTOINCREMENT");
    bench.execute("INSERT INTO authors (id, name) VALUES (70, 'Cyd'); DELETE FROM authors;");
    bench.up(&[rebuild(numbered)]).expect("a rebuild of an empty table");
    bench.execute("INSERT INTO authors (name) VALUES ('Dan')");
    assert_eq!(bench.text("SELECT max(id) AS value FROM authors"), "71");
    bench.up(&[rebuild(authors())]).expect("AUTOINCREMENT goes");
    bench.compare("without AUTOINCREMENT");
}

#[test]
fn a_second_run_converges_or_stops() {
    let mut bench = Bench::library(VERSIONS[0]);
    let mut same_columns = authors();
    same_columns.columns[&ColumnName::from("score")].default = Some("5".into());
    let before = bench.state.clone();
    bench.up(&[rebuild(same_columns.clone())]).expect("once");
    let after = bench.state.clone();
    bench.state = before.clone();
    bench.up(&[rebuild(same_columns)]).expect("twice");
    assert_eq!(bench.state.schema, after.schema);
    bench.compare("after two runs");
    bench.state = after;
    let more = authors().with_column("more", Column::optional(SqlType::Text));
    let before = bench.state.clone();
    bench.up(&[rebuild(more.clone())]).expect("once");
    bench.execute("UPDATE authors SET more = 'written since'");
    bench.state = before;
    bench.stops(&[rebuild(more)], "columns that its plan doesn't know, or its rebuild has run before");
}

#[test]
fn a_crash_at_any_point_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("db").display().to_string();
    let mut bench = Bench::at(&path, VERSIONS[0]);
    let before = bench.dump();
    let wider = authors().with_column("more", Column::required(SqlType::Text).with_default("'x'"));
    let sql = VERSIONS[0].render(&[rebuild(wider)], &bench.state).sql;
    let (inside, _) = sql.split_once("\nCOMMIT;").expect("it commits");
    let ends: Vec<usize> = inside.match_indices(";\n").map(|(at, _)| at + 1).chain([inside.len()]).collect();
    assert!(ends.len() > 20, "{sql}");
    for end in ends {
        let mut crashing = SqliteConnection::establish(&path).expect("a second connection");
        crashing.batch_execute(&inside[..end]).unwrap_or_else(|error| panic!("{error}: {}", &inside[..end]));
        drop(crashing);
        assert_eq!(bench.dump(), before, "after a crash behind {}", &inside[..end]);
    }
    bench.compare("after the crashes");
}

#[test]
fn children_survive_where_foreign_keys_were_off_before() {
    let mut bench = Bench::library(VERSIONS[0]);
    bench.execute("PRAGMA foreign_keys = OFF");
    bench.up(&[rebuild(authors())]).expect("a rebuild");
    bench.compare("after a rebuild, which leaves foreign keys on");
    assert_eq!(bench.text("SELECT count(*) AS value FROM books"), "4");
}
