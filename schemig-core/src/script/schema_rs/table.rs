//! One `table!`.

use std::collections::BTreeMap;

use super::options::PrintSchema;
use super::{NoDieselType, column_identifier, docs, identifier_of, indented, name, table_identifier};
use crate::dialect::{CustomType, Dialect};
use crate::schema::{Column, ColumnName, ColumnRef, Domains, Fact, SqlType, Table, TableName};

/// What says how types are printed, and those that the tables need and Diesel doesn't have, by Rust name.
pub(super) struct Types<'a> {
    pub dialect: &'a dyn Dialect,
    pub domains: &'a Domains,
    pub print: &'a PrintSchema,
    pub custom: BTreeMap<String, CustomType>,
}

/// Prints a table, and keeps the types that it needs and Diesel doesn't have.
pub(super) fn table(
    (name, table): (&TableName, &Table),
    types: &mut Types<'_>,
) -> Result<String, NoDieselType> {
    let print = types.print;
    let identifier = table_identifier(name, table);
    let mut columns = String::new();
    let mut own: Vec<String> = Vec::new();
    for (column, known) in &table.columns {
        let printed = types.printed(known).ok_or_else(|| NoDieselType {
            column: ColumnRef::new(name, column),
            sql_type: known.sql_type.clone(),
        })?;
        if let Some(named) = printed.custom {
            if !own.contains(&named.name) {
                own.push(named.name.clone());
            }
            // Of two that Rust can't tell apart only one has a place.
            types.custom.entry(named.name.clone()).or_insert(named);
        }
        let column = Named { sql: column, called: identifier_of(column, known, &identifier), table: name };
        columns.push_str(&print_column(&column, known, (&printed.name, printed.max_length), print));
    }
    let key: Vec<String> =
        table.primary_key.iter().map(|column| column_identifier(column, &identifier, table)).collect();
    let schema = name.schema.as_ref().map(|schema| name::rust_name(schema, None) + ".").unwrap_or_default();
    let mut body = imports(&print.import_types, &own);
    let said = format!("Representation of the `{name}` table.");
    body.push_str(&docs::of(print.with_docs, table.comment.as_deref(), &[&said]));
    if identifier != name.name {
        body.push_str(&format!("#[sql_name = {}]\n", rust_string(&name.to_string())));
    }
    body.push_str(&format!("{schema}{identifier} ({}) {{\n{}}}\n", key.join(", "), indented(&columns)));
    Ok(format!("diesel::table! {{\n{}}}\n", indented(&body)))
}

/// What a table imports: what diesel.toml says, else Diesel's types where it needs others too.
fn imports(said: &[String], own: &[String]) -> String {
    let all = if said.is_empty() && !own.is_empty() { "use diesel::sql_types::*;\n" } else { "" };
    let said = said.iter().map(|import| format!("use {import};\n"));
    let own = own.iter().map(|own| format!("use super::sql_types::{own};\n"));
    let lines = all.to_owned() + &said.chain(own).collect::<String>();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// A column, by its names.
struct Named<'a> {
    sql: &'a ColumnName,
    called: String,
    table: &'a TableName,
}

fn print_column(
    column: &Named<'_>,
    known: &Column,
    (diesel, max_length): (&str, Option<u32>),
    print: &PrintSchema,
) -> String {
    let Named { sql, called, table } = column;
    let (open, close) = if known.nullable { ("Nullable<", ">") } else { ("", "") };
    let printed = format!("{open}{diesel}{close}");
    let mut text = docs::of(
        print.with_docs,
        known.comment.as_deref(),
        &[&format!("The `{sql}` column of the `{table}` table."), &format!("Its SQL type is `{printed}`.")],
    );
    if called != sql.as_str() {
        text.push_str(&format!("#[sql_name = {}]\n", rust_string(sql.as_str())));
    }
    if let Some(length) = max_length {
        text.push_str(&format!("#[max_length = {length}]\n"));
    }
    text.extend([called, " -> ", &printed, ",\n"]);
    text
}

/// A server that keeps lengths has a type of its own for text that has one.
fn max_length(sql_type: &SqlType, diesel: &str) -> Option<u32> {
    match sql_type {
        SqlType::Varchar(Some(length)) | SqlType::Char(length) if diesel != "Text" => Some(*length),
        SqlType::Named(name) => bits(name),
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
        | SqlType::Array(_) => None,
    }
}

/// How many bits a string of bits has; one, where nobody says.
fn bits(name: &str) -> Option<u32> {
    let (bare, length) = match name.split_once('(') {
        Some((bare, length)) => (bare.trim(), length.strip_suffix(')')?.trim().parse().ok()),
        None => (name, None),
    };
    match bare {
        "bit" => length.or(Some(1)),
        "bit varying" | "varbit" => length,
        _ => None,
    }
}

/// A type as a column has it.
struct Printed {
    name: String,
    custom: Option<CustomType>,
    max_length: Option<u32>,
}

impl Types<'_> {
    /// A type, or what stands behind it. A domain that is picked keeps its name, and the length of what is behind it.
    fn printed(&self, column: &Column) -> Option<Printed> {
        let sql_type = &column.sql_type;
        let Self { dialect, domains, print, custom: _ } = *self;
        let behind = domains.behind(sql_type);
        let is_picked = || sql_type.type_name().is_some_and(|name| print.domains.contain(&name.name));
        let printed = behind.filter(|_| !is_picked()).unwrap_or(sql_type);
        let is_found = column.is_observed(Fact::Type);
        let name = if is_found { dialect.found_type(printed) } else { dialect.diesel_type(printed) };
        let (name, custom) = diesel_type(printed, name, dialect)?;
        let provided = dialect.printing().provided;
        let is_here = |named: &CustomType| {
            !(print.types_elsewhere
                || provided.contains(&named.name.as_str())
                || print.except_types.contain(&named.name))
        };
        let max_length = max_length(behind.unwrap_or(sql_type), &name);
        Some(Printed { custom: custom.filter(is_here), name, max_length })
    }
}

/// The name of a type in `table!`: Diesel's own, or that of a type which schema.rs defines.
fn diesel_type(
    sql_type: &SqlType,
    diesels: Option<String>,
    dialect: &dyn Dialect,
) -> Option<(String, Option<CustomType>)> {
    if let Some(name) = diesels {
        return Some((name, None));
    }
    let mut element = sql_type;
    while let SqlType::Array(inner) = element {
        element = inner;
    }
    let SqlType::Named(name) = element else { return None };
    let custom = dialect.custom_type(name)?;
    let name =
        if element == sql_type { custom.name.clone() } else { format!("Array<Nullable<{}>>", custom.name) };
    Some((name, Some(custom)))
}

/// A Rust string; a raw one where it holds quotes.
fn rust_string(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let hashes = "#".repeat(text.matches('#').count() + 1);
    format!("r{hashes}\"{text}\"{hashes}")
}
