//! Names in the SQL that verify asks databases with: quoted, which PostgreSQL and SQLite read alike.

use schemig_core::schema::TableName;

/// A name in quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name in quotes, with its schema where it says one.
pub fn quoted_table(name: &TableName) -> String {
    let schema = name.schema.iter().map(|schema| format!("{}.", quoted(schema)));
    schema.chain([quoted(&name.name)]).collect()
}
