//! Rows that come from another table. One INSERT: SQLite has one writer, and a batch would lock the database as much.

use super::quote::{columns, name, qualified};
use super::statement::Statement;
use crate::schema::{ColumnName, RowsFrom, State, TableName};

/// Copies the rows that stand. A row that is there already is brought in step.
pub(super) fn copy(table: &TableName, rows: &RowsFrom, before: &State) -> Vec<Statement> {
    let set: Vec<String> = rows
        .values
        .keys()
        .map(|column| name(column.as_str()))
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let outcome =
        if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
    let rest = format!(
        "INTO {} ({})\n    SELECT {} FROM {} WHERE true\n    ON CONFLICT ({}) DO {outcome};",
        qualified(table),
        columns(rows.columns()),
        made(rows, before).join(", "),
        qualified(&rows.table),
        name(rows.key.as_str())
    );
    vec![Statement::Write { verb: "INSERT", rest }]
}

/// What each column gets, in a query whose only table is the source; the key first.
fn made(rows: &RowsFrom, before: &State) -> Vec<String> {
    let source = before.schema.tables.get(&rows.table);
    let value = |column: &ColumnName| match source.and_then(|source| rows.copied(column, source)) {
        Some(copied) => name(copied.as_str()),
        None => format!("({})", rows.values[column]),
    };
    std::iter::once(name(rows.source_key.as_str())).chain(rows.values.keys().map(value)).collect()
}

/// The source's rows that don't stand so in the table: what to select them from.
pub(super) fn uncopied(table: &TableName, rows: &RowsFrom, before: &State) -> String {
    let wanted: Vec<String> = rows
        .columns()
        .zip(made(rows, before))
        .map(|(column, value)| format!("{value} AS {}", name(column.as_str())))
        .collect();
    let key = name(rows.key.as_str());
    let other = rows.values.keys().map(|column| name(column.as_str()));
    let other = other.map(|column| format!("copied.{column} IS NOT wanted.{column}"));
    let wrong: Vec<String> = std::iter::once(format!("copied.{key} IS NULL")).chain(other).collect();
    format!(
        "(SELECT {} FROM {}) AS wanted LEFT JOIN {} AS copied ON copied.{key} = wanted.{key} WHERE {}",
        wanted.join(", "),
        qualified(&rows.table),
        qualified(table),
        wrong.join(" OR ")
    )
}
