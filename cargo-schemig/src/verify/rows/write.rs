//! Writing many rows at once.

use diesel::connection::LoadConnection;
use diesel::{QueryResult, result::Error};
use schemig_core::dialect::Dialect;
use schemig_core::schema::SqlType;

use super::maker::Cells;
use crate::database::Connection;
use crate::verify::traffic::codec::{Bind, Server};
use crate::verify::traffic::{Field, Known, Query, Sql, Value, execute};

/// Writes rows that leave out the same columns, all or none of them.
///
/// # Errors
/// The server's.
pub(super) fn insert(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    known: &Known,
    rows: &[Cells],
) -> QueryResult<()> {
    match connection {
        Connection::Postgres(connection) => through(&mut **connection, dialect, known, rows),
        Connection::Sqlite(connection) => through(&mut **connection, dialect, known, rows),
    }
}

fn through<C, DB>(connection: &mut C, dialect: &dyn Dialect, known: &Known, rows: &[Cells]) -> QueryResult<()>
where
    C: LoadConnection<Backend = DB>,
    DB: Server,
{
    let Some(first) = rows.first() else { return Ok(()) };
    let table = known.spelling.table(&known.name);
    let places: Vec<usize> = (0..first.len()).filter(|place| first[*place].is_some()).collect();
    if places.is_empty() {
        let sql = [format!("INSERT INTO {table} DEFAULT VALUES")];
        return rows.iter().try_for_each(|_| {
            execute(connection, &Query::<DB> { pieces: &sql, binds: Vec::new(), kept: false })
        });
    }
    let names: Vec<String> =
        places.iter().map(|place| known.spelling.column(&known.fields[*place].name)).collect();
    let mut sql = Sql::begin(&format!("INSERT INTO {table} ({}) VALUES ", names.join(", ")));
    let mut binds = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        sql.push(if number > 0 { ", (" } else { "(" });
        for (number, place) in places.iter().enumerate() {
            sql.push(if number > 0 { ", " } else { "" });
            let (bind, cast) = cell::<DB>(
                dialect,
                known,
                &known.fields[*place],
                row[*place].as_ref().unwrap_or(&Value::Null),
            )?;
            sql.bind();
            sql.push(&cast);
            binds.push(bind);
        }
        sql.push(")");
    }
    execute(connection, &Query { pieces: sql.pieces(), binds, kept: false })
}

/// A value as a bind parameter; where its Rust type can't hold it, as text that the server reads.
fn cell<DB: Server>(
    dialect: &dyn Dialect,
    known: &Known,
    field: &Field,
    value: &Value,
) -> QueryResult<(Box<dyn Bind<DB>>, String)> {
    let typed = DB::codec(&field.codec).and_then(|codec| codec.bind(value));
    if let Some(bind) = typed {
        return Ok((bind, String::new()));
    }
    let text = known.spelling.codec(dialect, &SqlType::Text);
    let bind = DB::codec(&text).and_then(|codec| codec.bind(&Value::Text(value.to_string())));
    let bind = bind.ok_or_else(|| Error::SerializationError(format!("{value} has no text").into()))?;
    let cast = if known.spelling.is_postgres() {
        format!("::{}", dialect.type_name(&field.sql_type))
    } else {
        String::new()
    };
    Ok((bind, cast))
}
