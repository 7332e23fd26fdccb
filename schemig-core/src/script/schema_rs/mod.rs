//! schema.rs: what `diesel print-schema` of Diesel 2.3 prints for a database that holds a schema.
//!
//! schemig prints it itself, for while a contract is open the database still has columns that the release must not select,
//! and there print-schema is wrong. Where no contract is open the two print the same bytes.

mod custom;
mod docs;
mod join;
mod name;
mod options;
mod table;
mod view;

use std::collections::BTreeMap;

use thiserror::Error;

pub use options::{ColumnSorting, Docs, Filter, Names, PrintSchema, Together};

use crate::dialect::Dialect;
use crate::schema::{Column, ColumnName, ColumnRef, Domains, Schema, SqlType, Table, TableName};
use view::View;

/// A column that schema.rs can't have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Diesel has no type for {column}, which is {sql_type}")]
pub struct NoDieselType {
    /// The column.
    pub column: ColumnRef,
    /// Its SQL type.
    pub sql_type: SqlType,
}

/// A schema.rs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Its text.
    pub text: String,
    /// Tables that are left out for want of a primary key. `diesel print-schema` stops at the first of them.
    pub keyless: Vec<TableName>,
}

/// Prints schema.rs. What stands behind a domain is printed where that is known; any other type is printed under its own name.
///
/// # Errors
/// When Diesel has no type for a column, and the server's types can't be named either.
pub fn schema_rs(
    schema: &Schema,
    domains: &Domains,
    dialect: &dyn Dialect,
    print: &PrintSchema,
) -> Result<Printed, NoDieselType> {
    let view = View::of(schema, dialect, print);
    let depth = if print.schema.is_some() { 4 } else { 0 };
    let mut types = table::Types { dialect, domains, print, custom: BTreeMap::new() };
    let mut tables: Vec<String> = Vec::new();
    for (name, table) in &view.tables {
        tables.push(table::table((name, table), &mut types)?);
    }
    let joins = join::joins(&view);
    let mut body = custom::module(&types.custom, print, depth);
    body.push_str(&tables.join("\n"));
    body.push_str(&join::joinable(&joins));
    body.push_str(&join::together(&view, &joins, print.together, depth));
    let body = match &print.schema {
        Some(schema) => in_module(&name::rust_name(schema, None), &body),
        None => body,
    };
    let between = if body.is_empty() { "" } else { "\n" };
    let text = format!("// @generated automatically by Diesel CLI.\n{between}{body}");
    Ok(Printed { text, keyless: view.keyless })
}

fn in_module(name: &str, body: &str) -> String {
    if body.is_empty() {
        return format!("pub mod {name} {{}}\n");
    }
    format!("pub mod {name} {{\n{}}}\n", indented(body))
}

/// Each line that isn't empty, one step further in.
fn indented(text: &str) -> String {
    let line = |line: &str| if line == "\n" { line.to_owned() } else { format!("    {line}") };
    text.split_inclusive('\n').map(line).collect()
}

/// What `table!` calls a table.
fn table_identifier(name: &TableName, table: &Table) -> String {
    table.identifier.clone().unwrap_or_else(|| name::rust_name(&name.name, None))
}

/// What `table!` calls a column of the table that it calls `beside`.
fn column_identifier(column: &ColumnName, beside: &str, table: &Table) -> String {
    match table.columns.get(column) {
        Some(known) => identifier_of(column, known, beside),
        None => name::rust_name(column.as_str(), Some(beside)),
    }
}

/// The same, of a column at hand.
fn identifier_of(column: &ColumnName, known: &Column, beside: &str) -> String {
    known.identifier.clone().unwrap_or_else(|| name::rust_name(column.as_str(), Some(beside)))
}
