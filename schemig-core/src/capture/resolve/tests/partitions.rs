//! `partition_by(…)`: what it means, and where there is no such thing.

use super::Given;
use crate::schema::{Partitioning, Schema, Strategy};

fn source(attributes: &str) -> String {
    format!(
        "#[derive(Migratable)] #[diesel(primary_key(id, day))]\n{attributes}\nstruct Event {{ id: i64, #[schemig(name = \"Day\")] day: i64 }}"
    )
}

#[test]
fn columns_are_named_as_the_database_has_them_and_silence_leaves_what_there_is() {
    let said = r#"#[schemig(partition_by(range(day), partitions = ["old.one", "two"]))]"#;
    let first = Given::snapshot(Schema::default()).schema(&source(said));
    let by =
        |schema: &Schema| schema.tables[&"events".into()].partition_by.clone().expect("it is in partitions");
    let Partitioning { strategy, columns, partitions } = by(&first);
    assert_eq!((strategy, columns), (Strategy::Range, vec!["Day".into()]));
    assert_eq!(partitions, Some(vec!["old.one".into(), "two".into()]));
    let second = Given::snapshot(first.clone()).schema(&source(""));
    assert_eq!((&second, by(&second).partitions), (&first, by(&first).partitions));
}

#[test]
fn a_database_without_partitions_has_no_place_for_it() {
    let given = Given { without_enums: true, ..Given::default() };
    let faults = given.resolve(&source("#[schemig(partition_by(range(day)))]")).unwrap_err();
    assert_eq!(faults[0].message, "this database has no tables with partitions");
    assert_eq!((faults.len(), faults[0].places[0].line), (1, 2));
}
