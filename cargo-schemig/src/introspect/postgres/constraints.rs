//! Checks and foreign keys.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{
    Action, Check, ColumnName, ConstraintName, Deferral, ForeignKey, Provenance, TableName,
};

use super::super::{Error, Introspected};
use super::{Names, OWN_TABLES};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    table_number: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_valid: bool,
    #[diesel(sql_type = Bool)]
    is_deferrable: bool,
    #[diesel(sql_type = Bool)]
    is_deferred: bool,
    #[diesel(sql_type = Nullable<Text>)]
    expression: Option<String>,
    #[diesel(sql_type = BigInt)]
    parent_number: i64,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    parent_columns: Vec<String>,
    #[diesel(sql_type = Text)]
    on_delete: String,
    #[diesel(sql_type = Text)]
    on_update: String,
}

/// A NOT NULL that isn't proved (from PostgreSQL 18 on) counts as unvalidated; the column has it.
pub(super) fn read(
    connection: &mut PgConnection,
    names: &Names,
    found: &mut Introspected,
) -> Result<(), Error> {
    for row in sql_query(query()).load::<Row>(connection)? {
        let Some(table) = names.get(&row.table_number) else { continue };
        let name = ConstraintName(row.name.clone());
        if !row.is_valid {
            found.unvalidated.push((table.clone(), name.clone()));
        }
        let Some(known) = found.schema.tables.get_mut(table) else { continue };
        match (row.kind.as_str(), &row.expression) {
            ("c", Some(expression)) => {
                known.checks.insert(name, Check::on(expression));
            }
            ("f", _) => match names.get(&row.parent_number) {
                Some(parent) => {
                    known.foreign_keys.insert(name, foreign_key(row, parent.clone()));
                }
                None => found.unmodelled.push(format!("foreign key {name} of {table}")),
            },
            _ => {}
        }
    }
    Ok(())
}

/// What a partition inherits is left out with the partition.
fn query() -> String {
    let columns = |numbers: &str, table: &str| {
        format!(
            "ARRAY(
                SELECT attribute.attname::text FROM unnest({numbers}) WITH ORDINALITY AS at (number, place)
                JOIN pg_catalog.pg_attribute AS attribute
                    ON attribute.attrelid = {table} AND attribute.attnum = at.number
                ORDER BY at.place
            )"
        )
    };
    format!(
        "SELECT rule.conrelid::int8 AS table_number, rule.conname::text AS name, rule.contype::text AS kind,
            rule.convalidated AS is_valid, rule.condeferrable AS is_deferrable, rule.condeferred AS is_deferred,
            pg_catalog.pg_get_expr(rule.conbin, rule.conrelid, true) AS expression,
            rule.confrelid::int8 AS parent_number, {own} AS columns, {parents} AS parent_columns,
            rule.confdeltype::text AS on_delete, rule.confupdtype::text AS on_update
        FROM pg_catalog.pg_constraint AS rule
        WHERE rule.conrelid IN ({OWN_TABLES}) AND rule.contype IN ('c', 'f', 'n')
        ORDER BY rule.conname",
        own = columns("rule.conkey", "rule.conrelid"),
        parents = columns("rule.confkey", "rule.confrelid"),
    )
}

fn foreign_key(row: Row, references: TableName) -> ForeignKey {
    ForeignKey {
        columns: row.columns.into_iter().map(ColumnName).collect(),
        references,
        key: row.parent_columns.into_iter().map(ColumnName).collect(),
        on_delete: action(&row.on_delete),
        on_update: action(&row.on_update),
        deferral: match (row.is_deferrable, row.is_deferred) {
            (false, _) => Deferral::Never,
            (true, false) => Deferral::Immediate,
            (true, true) => Deferral::Deferred,
        },
        provenance: Provenance::Declared,
    }
}

/// The letter that the catalog has for it.
fn action(letter: &str) -> Action {
    match letter {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}
