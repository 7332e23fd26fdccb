//! What a PostgreSQL server knows of types that its users made: labels, and what a domain stands for.

use diesel::QueryResult;
use schemig_core::dialect::Dialect;
use schemig_core::schema::{ColumnName, SqlType};

use super::{literal, samples};
use crate::database::Connection;
use crate::verify::traffic::{Field, Value, ask};

/// Values of a type that is only known by name, as text that the server reads.
///
/// # Errors
/// When the server doesn't know the type either.
pub(super) fn values(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    sql_type: &SqlType,
) -> QueryResult<Vec<Value>> {
    let (SqlType::Named(_), Connection::Postgres(_)) = (sql_type, &*connection) else {
        return Ok(Vec::new());
    };
    // The server folds and looks up the name as it does in DDL; a serial is no type at all.
    let oid = format!("to_regtype('{}')", dialect.type_name(sql_type).replace('\'', "''"));
    let labels = words(
        connection,
        dialect,
        &format!("SELECT enumlabel::text FROM pg_enum WHERE enumtype = {oid} ORDER BY enumsortorder"),
    )?;
    if !labels.is_empty() {
        return Ok(labels.into_iter().map(Value::Text).collect());
    }
    let base = format!(
        "SELECT format_type(typbasetype, typtypmod)::text FROM pg_type WHERE oid = {oid} AND typtype = 'd'"
    );
    let Some(base) = words(connection, dialect, &base)?.pop().map(|text| SqlType::parse(&text)) else {
        return Ok(Vec::new());
    };
    let checks = words(
        connection,
        dialect,
        &format!("SELECT pg_get_constraintdef(oid)::text FROM pg_constraint WHERE contypid = {oid}"),
    )?;
    let suggested = checks.iter().flat_map(|check| literal::suggestions(check, &base));
    let all = suggested.chain(samples::samples(&base));
    Ok(all.map(|value| Value::Text(value.to_string())).collect())
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
