//! Names and strings as SQLite reads them. Everything is quoted: its list of keywords grows.

use crate::schema::{ColumnName, TableName};

/// A name in double quotes.
pub(super) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A string in single quotes.
pub(super) fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A table or view with the attached database it is in.
pub(super) fn qualified(table: &TableName) -> String {
    in_schema_of(table, &table.name)
}

/// Something that lives where `table` lives.
pub(super) fn in_schema_of(table: &TableName, what: &str) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", name(schema), name(what)),
        None => name(what),
    }
}

/// The catalog that lists `table`.
pub(super) fn catalog(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{}.sqlite_schema", name(schema)),
        None => "sqlite_schema".to_owned(),
    }
}

/// Columns between commas.
pub(super) fn columns<'a>(list: impl IntoIterator<Item = &'a ColumnName>) -> String {
    list.into_iter().map(|column| name(column.as_str())).collect::<Vec<_>>().join(", ")
}
