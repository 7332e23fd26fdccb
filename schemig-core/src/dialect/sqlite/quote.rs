//! Names and strings as SQLite reads them. Everything is quoted: its list of keywords grows.

use crate::schema::{ColumnName, TableName};

/// A name in double quotes.
pub(super) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A column's new name. RENAME COLUMN writes it into checks and indexes in the form that it has here, so it is quoted only
/// where it must be.
pub(super) fn new_name(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let reserved = RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word));
    if plain && !reserved { text.to_owned() } else { name(text) }
}

/// The words that SQLite takes for no name, or for something else in an expression.
const RESERVED: &[&str] = &[
    "add",
    "all",
    "alter",
    "and",
    "as",
    "autoincrement",
    "between",
    "case",
    "cast",
    "check",
    "collate",
    "commit",
    "constraint",
    "create",
    "current_date",
    "current_time",
    "current_timestamp",
    "default",
    "deferrable",
    "delete",
    "distinct",
    "drop",
    "else",
    "escape",
    "except",
    "exists",
    "false",
    "foreign",
    "from",
    "group",
    "having",
    "in",
    "index",
    "indexed",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "limit",
    "not",
    "notnull",
    "nothing",
    "null",
    "on",
    "or",
    "order",
    "primary",
    "raise",
    "references",
    "returning",
    "select",
    "set",
    "table",
    "then",
    "to",
    "transaction",
    "true",
    "union",
    "unique",
    "update",
    "using",
    "values",
    "when",
    "where",
];

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
