//! How the parts of a file come together.

use super::Postgres;
use crate::dialect::Dialect as _;
use crate::operation::Operation;
use crate::schema::{
    Action, Check, Column, ForeignKey, Index, Origin, Provenance, Schema, SqlType, State, Table, Violation,
};

fn render(operations: &[Operation]) -> String {
    let users = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("email", Column::optional(SqlType::Text));
    Postgres::default().render(operations, &State::at_rest(Schema::default().with_table("users", users))).sql
}

fn refers_to(parent: &str) -> Table {
    let key = ForeignKey {
        columns: vec!["parent_id".into()],
        references: parent.into(),
        key: vec!["id".into()],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Provenance::Declared,
    };
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("parent_id", Column::optional(SqlType::BigInt))
        .with_index("by_parent", Index::on(["parent_id"]))
        .with_foreign_key("fk", key)
}

fn add(table: &str, column: &str) -> Operation {
    let definition = Column::optional(SqlType::Text);
    Operation::AddColumn { table: table.into(), column: column.into(), definition }
}

fn fill(column: &str) -> Operation {
    let origin = Origin::Expression("''".into());
    Operation::KeepFilled { table: "users".into(), column: column.into(), origin }
}

#[test]
fn a_file_is_never_empty() {
    assert_eq!(render(&[]), "SELECT 1;\n");
}

#[test]
fn what_the_file_itself_makes_is_not_waited_for() {
    let create =
        |table: &str, parent| Operation::CreateTable { table: table.into(), definition: refers_to(parent) };
    let private = render(&[create("a", "a"), create("b", "a"), add("b", "note")]);
    assert!(!private.contains("LOCK TABLE") && !private.contains("schemig_attempt"), "{private}");
    let shared = render(&[create("a", "users"), create("b", "a")]);
    assert!(shared.contains("LOCK TABLE public.users IN SHARE UPDATE EXCLUSIVE MODE;"), "{shared}");
}

#[test]
fn strong_statements_share_their_attempts() {
    let check = Operation::AddCheck {
        table: "users".into(),
        name: "c".into(),
        definition: Check::on("email <> ''"),
        validated: false,
    };
    let sql = render(&[add("users", "a"), add("users", "b"), check]);
    assert_eq!(sql.matches("FOR schemig_attempt").count(), 1, "{sql}");
    assert_eq!(sql.matches("LOCK TABLE").count(), 1, "{sql}");
}

#[test]
fn scans_and_functions_stand_outside_of_the_attempts() {
    let guard =
        Operation::Guard { table: "users".into(), against: Violation::Null { column: "email".into() } };
    let sql = render(&[add("users", "a"), fill("a"), guard, add("users", "b")]);
    let place = |text: &str| sql.find(text).unwrap_or_else(|| panic!("{text} in {sql}"));
    assert!(place("CREATE OR REPLACE FUNCTION") < place("LOCK TABLE"));
    assert!(place("CREATE OR REPLACE TRIGGER") < place("schemig_guilty"));
    assert!(place("schemig_guilty") < place("ADD COLUMN IF NOT EXISTS b"));
    assert_eq!(sql.matches("FOR schemig_attempt").count(), 2, "{sql}");
}

#[test]
fn a_function_that_was_just_dropped_is_made_after_that() {
    let stop = Operation::StopFilling { table: "users".into(), column: "email".into() };
    let sql = render(&[stop, fill("email")]);
    assert!(sql.find("DROP FUNCTION") < sql.find("CREATE OR REPLACE FUNCTION"), "{sql}");
}

#[test]
fn a_table_is_locked_by_the_name_it_has_when_the_file_begins() {
    let rename = |from: &str, to: &str| Operation::RenameTable { from: from.into(), to: to.into() };
    let sql = render(&[rename("users", "people"), rename("people", "persons"), add("persons", "a")]);
    assert_eq!(sql.matches("LOCK TABLE").count(), 1, "{sql}");
    assert!(sql.contains("LOCK TABLE public.users IN"), "{sql}");
}

#[test]
fn before_14_a_trigger_is_looked_up_rather_than_replaced() {
    let old = Postgres { version: 13, ..Postgres::default() };
    let sql = old.render(&[fill("email")], &State::default()).sql;
    assert!(!sql.contains("OR REPLACE TRIGGER") && sql.contains("FROM pg_trigger"), "{sql}");
}
