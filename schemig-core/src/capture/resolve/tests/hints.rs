//! Hints, as far as they have something left to do.

use super::{Given, column, users};
use crate::schema::{Column, ColumnName, ColumnRef, Dropped, Expression, Origin, Schema, Source, SqlType};

fn at(table: &str, column: &str) -> ColumnRef {
    ColumnRef::new(&table.into(), &column.into())
}

#[test]
fn a_rename_is_a_hint_until_it_is_done() {
    let old = Schema::default().with_table("accounts", users(&[("mail", column("varchar(99)"))]));
    let source = "#[derive(Migratable)] #[schemig(renamed_from = accounts)] struct User { id: i64, #[schemig(renamed_from = mail)] email: String }";
    let first = Given::snapshot(old).resolve(source).unwrap();
    assert_eq!(first.hints.table_renames[&"users".into()], Some("accounts".into()));
    assert_eq!(first.hints.column_renames[&at("users", "email")], Some("mail".into()));
    assert_eq!(
        first.schema.tables[&"users".into()].columns[&ColumnName::from("email")].sql_type,
        SqlType::Varchar(Some(99))
    );
    assert!(!first.schema.tables.contains_key(&"accounts".into()));
    let second = Given::snapshot(first.schema.clone()).resolve(source).unwrap();
    assert!(second.hints == Default::default());
    assert_eq!(second.schema, first.schema);
    let notes: Vec<String> = second.notes.iter().map(|note| note.message.clone()).collect();
    assert_eq!(notes, ["this `renamed_from` has done its work and can be taken away"; 2]);
}

#[test]
fn none_really_drops_and_adds() {
    let old = Schema::default().with_table("users", users(&[("mail", column("text"))]));
    let source =
        "#[derive(Migratable)] struct User { id: i64, #[schemig(renamed_from = none)] email: String }";
    let resolved = Given::snapshot(old).resolve(source).unwrap();
    assert_eq!(resolved.hints.column_renames[&at("users", "email")], None);
    let source = "#[derive(Migratable)] #[schemig(renamed_from = none)] struct Pet { id: i64 }";
    assert_eq!(Given::default().resolve(source).unwrap().hints.table_renames[&"pets".into()], None);
}

#[test]
fn a_backfill_serves_a_new_or_newly_required_column() {
    let source = "#[derive(Migratable)] struct User { id: i64, \
                  #[schemig(backfill(from = memberships, key = user_id, value = org, otherwise = \"0\"))] organization_id: i64, \
                  #[schemig(backfill = \"lower(email)\")] email: String } \
                  #[derive(Migratable)] #[diesel(table_name = memberships)] struct M { id: i64, user_id: i64, #[schemig(name = \"organization\")] org: i64 }";
    let before = |email: Column| Schema::default().with_table("users", users(&[("email", email)]));
    let hints = Given::snapshot(before(Column::optional(SqlType::Text))).resolve(source).unwrap().hints;
    assert_eq!(
        hints.backfills[&at("users", "organization_id")],
        Origin::Source(Source {
            table: "memberships".into(),
            key: "user_id".into(),
            value: "organization".into(),
            otherwise: Some(Expression::from("0")),
        })
    );
    assert_eq!(hints.backfills[&at("users", "email")], Origin::Expression(Expression::from("lower(email)")));
    let required = Given::snapshot(before(Column::required(SqlType::Text))).resolve(source).unwrap();
    assert!(!required.hints.backfills.contains_key(&at("users", "email")));
    assert_eq!(required.notes.len(), 1);
}

#[test]
fn a_source_may_be_a_table_that_goes() {
    let old = users(&[("user_id", column("bigint")), ("name", column("text"))]);
    let source = "#[derive(Migratable)] struct Pet { id: i64, #[schemig(backfill(from = old, key = user_id, value = name))] name: String }";
    let resolved = Given::snapshot(Schema::default().with_table("old", old)).resolve(source).unwrap();
    assert!(
        matches!(&resolved.hints.backfills[&at("pets", "name")], Origin::Source(source) if source.table == "old".into())
    );
}

#[test]
fn dropped_speaks_of_a_column_that_is_there() {
    let old = Schema::default().with_table("users", users(&[("legacy", column("text"))]));
    let source = "#[derive(Migratable)] #[schemig(dropped(\"legacy\", fill = none, with = [\"users_legacy\"]), dropped(\"older\"))] struct User { id: i64 }";
    let resolved = Given::snapshot(old).resolve(source).unwrap();
    let only = Dropped { fill: Some(None), with: vec!["users_legacy".into()] };
    assert_eq!(resolved.hints.drops, [(at("users", "legacy"), only)].into());
    assert_eq!(resolved.notes[0].message, "this `dropped` has done its work and can be taken away");
}
