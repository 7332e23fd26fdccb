//! Filling rows that stand. One UPDATE: SQLite has one writer, and a batch would lock the database as much.

use super::guard;
use super::quote::{name, qualified};
use super::statement::Statement;
use crate::schema::{ColumnName, Origin, Source, State, TableName};

/// The value that a source gives to a row.
pub(super) struct LookedUp {
    /// An expression over the row.
    pub value: String,
    /// Which rows it holds for, when not for all.
    pub only: Option<String>,
}

/// Writes the values that `column` should have. A row that has its value isn't written, so a second run is cheap.
pub(super) fn statements(
    table: &TableName,
    column: &ColumnName,
    origin: &Origin,
    before: &State,
) -> Vec<Statement> {
    let filled = name(column.as_str());
    let (value, rows) = match origin {
        Origin::Expression(expression) => (format!("({expression})"), format!("{filled} IS NULL")),
        Origin::Numbers => {
            return guard::refusal(&format!("SQLite has no sequences, so it can't number {table}.{column}"));
        }
        Origin::Column(old) => {
            let old = name(old.as_str());
            (old.clone(), format!("{filled} IS NOT {old}"))
        }
        Origin::Source(source) => {
            let Some(key) = key_of(table, before) else {
                return guard::refusal(&format!("{table} has no single key to look its rows up by"));
            };
            let LookedUp { value, only } = from_source(table, source, key);
            let only = only.map(|rows| format!(" AND {rows}")).unwrap_or_default();
            let rows = format!("{filled} IS NOT {value}{only}");
            (value, rows)
        }
    };
    let rest = format!("{} SET {filled} = {value} WHERE {rows};", qualified(table));
    vec![Statement::Write { verb: "UPDATE", rest }]
}

/// The table's key, when it is one column.
pub(super) fn key_of<'a>(table: &TableName, before: &'a State) -> Option<&'a ColumnName> {
    match before.schema.tables.get(table)?.primary_key.as_slice() {
        [key] => Some(key),
        _ => None,
    }
}

/// What `source` says of a row of `table`. Without `otherwise`, rows that have no source row keep what they have.
pub(super) fn from_source(table: &TableName, source: &Source, key: &ColumnName) -> LookedUp {
    let rows = format!(
        "FROM {} AS source WHERE source.{} = {}.{}",
        qualified(&source.table),
        name(source.key.as_str()),
        name(&table.name),
        name(key.as_str())
    );
    let value = format!("(SELECT source.{} {rows})", name(source.value.as_str()));
    match &source.otherwise {
        Some(otherwise) => LookedUp {
            value: format!("CASE WHEN EXISTS (SELECT 1 {rows}) THEN {value} ELSE ({otherwise}) END"),
            only: None,
        },
        None => LookedUp { value, only: Some(format!("EXISTS (SELECT 1 {rows})")) },
    }
}
