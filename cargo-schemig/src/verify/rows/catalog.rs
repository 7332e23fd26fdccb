//! Values of types that are known by name only: labels, what a domain stands for, or guesses that the server could read.

use diesel::QueryResult;
use schemig_core::dialect::Dialect;
use schemig_core::schema::{ColumnName, Schema, SqlType};

use super::{literal, samples};
use crate::database::Connection;
use crate::verify::traffic::{Class, Field, Value, ask};

/// Values of a type, as text where only the server can read it; of an enum, the labels that `schema` knows.
///
/// # Errors
/// When the connection is lost.
pub(super) fn values(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    schema: &Schema,
    sql_type: &SqlType,
) -> QueryResult<Vec<Value>> {
    match (sql_type, &*connection) {
        (SqlType::Named(_), _) if schema.enum_of(sql_type).is_some() => {
            // The server may have more: those are of releases that know them.
            let known = schema.enum_of(sql_type).map(|(_, known)| known.labels.clone()).unwrap_or_default();
            Ok(known.into_iter().map(Value::Text).collect())
        }
        (SqlType::Named(_), Connection::Postgres(_)) => named(connection, dialect, sql_type),
        (SqlType::Array(element), Connection::Postgres(_)) => {
            let values = values(connection, dialect, schema, element)?;
            let lists = samples::lists(&values);
            Ok(if lists.is_empty() { samples::samples(sql_type) } else { lists })
        }
        (SqlType::Named(_), Connection::Sqlite(_)) => Ok(samples::samples(&meant(dialect, sql_type))),
        _ => Ok(samples::samples(sql_type)),
    }
}

/// The type that Diesel's SQLite takes a declared type for; text where it takes it for none.
fn meant(dialect: &dyn Dialect, sql_type: &SqlType) -> SqlType {
    match dialect.diesel_type(sql_type).as_deref() {
        Some("SmallInt") => SqlType::SmallInt,
        Some("Integer") => SqlType::Integer,
        Some("BigInt") => SqlType::BigInt,
        Some("Float") => SqlType::Real,
        Some("Double") => SqlType::Double,
        Some("Bool") => SqlType::Boolean,
        Some("Binary") => SqlType::Binary,
        Some("Date") => SqlType::Date,
        Some("Time") => SqlType::Time,
        Some("Timestamp") => SqlType::Timestamp,
        Some(_) | None => SqlType::Text,
    }
}

fn named(connection: &mut Connection, dialect: &dyn Dialect, sql_type: &SqlType) -> QueryResult<Vec<Value>> {
    // The server folds and looks up the name as it does in DDL; a serial is no type at all.
    let name = dialect.type_name(sql_type);
    let oid = format!("to_regtype('{}')", name.replace('\'', "''"));
    let labels =
        format!("SELECT enumlabel::text FROM pg_enum WHERE enumtypid = {oid} ORDER BY enumsortorder");
    let labels = words(connection, dialect, &labels)?;
    if !labels.is_empty() {
        return Ok(labels.into_iter().map(Value::Text).collect());
    }
    let base = format!(
        "SELECT format_type(typbasetype, typtypmod)::text FROM pg_type WHERE oid = {oid} AND typtype = 'd'"
    );
    let base = words(connection, dialect, &base)?.pop().map(|text| SqlType::parse(&text));
    let checks = format!("SELECT pg_get_constraintdef(oid)::text FROM pg_constraint WHERE contypid = {oid}");
    let checks = words(connection, dialect, &checks)?;
    let mut candidates = samples::samples(sql_type);
    if let Some(base) = &base {
        candidates = checks.iter().flat_map(|check| literal::suggestions(check, base)).collect();
        candidates.extend(samples::samples(base));
    }
    let mut accepted = Vec::new();
    for candidate in candidates.iter().map(ToString::to_string) {
        match connection.execute(&format!("SELECT '{}'::{name}", candidate.replace('\'', "''"))) {
            Ok(()) => accepted.push(Value::Text(candidate)),
            Err(error) if Class::of(&error) == Class::Connection => return Err(error),
            Err(_) => {}
        }
    }
    Ok(accepted)
}

/// The texts that a query gives.
fn words(connection: &mut Connection, dialect: &dyn Dialect, sql: &str) -> QueryResult<Vec<String>> {
    let text = SqlType::Text;
    let codec = connection.spelling().codec(dialect, &text);
    let field = Field { name: ColumnName::from("word"), sql_type: text, nullable: true, codec };
    let rows = ask(connection, sql, &[field])?;
    let text = |value| if let Value::Text(text) = value { Some(text) } else { None };
    Ok(rows.into_iter().flatten().filter_map(text).collect())
}
