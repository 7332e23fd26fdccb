//! schema.rs: what `diesel print-schema` of Diesel 2.3 prints for a database that holds a schema.
//!
//! schemig prints it itself, for while a contract is open the database still has columns that the release must not select,
//! and there print-schema is wrong. Where no contract is open the two print the same bytes.

mod join;
mod name;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::dialect::{CustomType, Dialect};
use crate::schema::{Column, ColumnName, ColumnRef, Schema, SqlType, Table, TableName};

/// A column that schema.rs can't have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Diesel has no type for {column}, which is {sql_type}")]
pub struct NoDieselType {
    /// The column.
    pub column: ColumnRef,
    /// Its SQL type.
    pub sql_type: SqlType,
}

/// Prints schema.rs.
///
/// # Errors
/// When Diesel has no type for a column, and the server's types can't be named either.
pub fn schema_rs(schema: &Schema, dialect: &dyn Dialect) -> Result<String, NoDieselType> {
    let mut custom = BTreeMap::new();
    let mut tables = String::new();
    for (name, table) in &schema.tables {
        tables.push_str(if tables.is_empty() { "" } else { "\n" });
        print_table(&mut tables, name, table, dialect, &mut custom)?;
    }
    let mut text = "// @generated automatically by Diesel CLI.\n\n".to_owned();
    text.push_str(&custom_types(&custom));
    text.push_str(&tables);
    text.push_str(&join::joinable(schema));
    text.push_str(&join::together(schema));
    Ok(text)
}

/// What `table!` calls a table.
pub(super) fn table_identifier(name: &TableName, table: &Table) -> String {
    table.identifier.clone().unwrap_or_else(|| name::rust_name(&name.name, None))
}

/// What `table!` calls a column of the table that it calls `beside`.
pub(super) fn column_identifier(column: &ColumnName, beside: &str, table: &Table) -> String {
    match table.columns.get(column) {
        Some(known) => identifier_of(column, known, beside),
        None => name::rust_name(column.as_str(), Some(beside)),
    }
}

/// The same, of a column at hand.
fn identifier_of(column: &ColumnName, known: &Column, beside: &str) -> String {
    known.identifier.clone().unwrap_or_else(|| name::rust_name(column.as_str(), Some(beside)))
}

/// The types that Diesel doesn't have, by Rust name.
fn custom_types(custom: &BTreeMap<String, CustomType>) -> String {
    if custom.is_empty() {
        return String::new();
    }
    let one = |custom: &CustomType| {
        format!(
            "    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]\n    \
             #[diesel({})]\n    pub struct {};\n",
            custom.attribute, custom.name
        )
    };
    let types: Vec<String> = custom.values().map(one).collect();
    format!("pub mod sql_types {{\n{}}}\n\n", types.join("\n"))
}

fn print_table(
    text: &mut String,
    name: &TableName,
    table: &Table,
    dialect: &dyn Dialect,
    custom: &mut BTreeMap<String, CustomType>,
) -> Result<(), NoDieselType> {
    let identifier = table_identifier(name, table);
    let mut columns = String::new();
    let mut imports: Vec<String> = Vec::new();
    for (column, known) in &table.columns {
        let printed = diesel_type(&known.sql_type, dialect).ok_or_else(|| NoDieselType {
            column: ColumnRef::new(name, column),
            sql_type: known.sql_type.clone(),
        })?;
        if let Some(named) = printed.custom {
            let import = format!("    use super::sql_types::{};\n", named.name);
            if !imports.contains(&import) {
                imports.push(import);
            }
            custom.insert(named.name.clone(), named);
        }
        let called = identifier_of(column, known, &identifier);
        print_column(&mut columns, column, known, &printed.name, &called);
    }
    text.push_str("diesel::table! {\n");
    if !imports.is_empty() {
        text.push_str(&format!("    use diesel::sql_types::*;\n{}\n", imports.concat()));
    }
    if identifier != name.name {
        text.push_str(&format!("    #[sql_name = {}]\n", rust_string(&name.to_string())));
    }
    let schema = name.schema.as_ref().map(|schema| name::rust_name(schema, None) + ".").unwrap_or_default();
    let key: Vec<String> =
        table.primary_key.iter().map(|column| column_identifier(column, &identifier, table)).collect();
    text.push_str(&format!("    {schema}{identifier} ({}) {{\n{columns}    }}\n}}\n", key.join(", ")));
    Ok(())
}

fn print_column(text: &mut String, column: &ColumnName, known: &Column, diesel: &str, identifier: &str) {
    if identifier != column.as_str() {
        text.push_str(&format!("        #[sql_name = {}]\n", rust_string(column.as_str())));
    }
    if let Some(length) = max_length(&known.sql_type, diesel) {
        text.push_str(&format!("        #[max_length = {length}]\n"));
    }
    let (open, close) = if known.nullable { ("Nullable<", ">") } else { ("", "") };
    text.extend(["        ", identifier, " -> ", open, diesel, close, ",\n"]);
}

/// A server that keeps lengths has a type of its own for text that has one.
fn max_length(sql_type: &SqlType, diesel: &str) -> Option<u32> {
    match sql_type {
        SqlType::Varchar(Some(length)) | SqlType::Char(length) if diesel != "Text" => Some(*length),
        SqlType::Varchar(_)
        | SqlType::Char(_)
        | SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Text
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Array(_)
        | SqlType::Named(_) => None,
    }
}

/// A type as a column has it.
struct Printed {
    name: String,
    custom: Option<CustomType>,
}

fn diesel_type(sql_type: &SqlType, dialect: &dyn Dialect) -> Option<Printed> {
    if let Some(name) = dialect.diesel_type(sql_type) {
        return Some(Printed { name, custom: None });
    }
    let mut element = sql_type;
    while let SqlType::Array(inner) = element {
        element = inner;
    }
    let SqlType::Named(name) = element else { return None };
    let custom = dialect.custom_type(name)?;
    let name =
        if element == sql_type { custom.name.clone() } else { format!("Array<Nullable<{}>>", custom.name) };
    Some(Printed { name, custom: Some(custom) })
}

/// A Rust string; a raw one where it holds quotes.
fn rust_string(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let hashes = "#".repeat(text.matches('#').count() + 1);
    format!("r{hashes}\"{text}\"{hashes}")
}
