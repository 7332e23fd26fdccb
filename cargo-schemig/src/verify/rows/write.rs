//! Writing many rows at once.

use diesel::connection::{Connection as _, LoadConnection, SimpleConnection as _};
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

/// Writes a row to each of several tables, all or none of them; the rows may refer to each other.
///
/// # Errors
/// The server's.
pub(super) fn insert_together(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    rows: &[(&Known, Cells)],
) -> QueryResult<()> {
    match connection {
        // References are looked at when the whole statement is done.
        Connection::Postgres(connection) => {
            let mut text = Text { sql: Sql::begin("WITH "), binds: Vec::new() };
            for (place, (known, row)) in rows.iter().enumerate() {
                text.sql.push(&format!("{}s{place} AS (", if place > 0 { ", " } else { "" }));
                text.insert(dialect, known, std::slice::from_ref(row))?;
                text.sql.push(")");
            }
            text.sql.push(" SELECT 1");
            text.execute(&mut **connection)
        }
        // They are put off until the end of the transaction.
        Connection::Sqlite(connection) => connection.transaction(|connection| {
            connection.batch_execute("PRAGMA defer_foreign_keys = ON")?;
            rows.iter()
                .try_for_each(|(known, row)| through(connection, dialect, known, std::slice::from_ref(row)))
        }),
    }
}

fn through<C, DB>(connection: &mut C, dialect: &dyn Dialect, known: &Known, rows: &[Cells]) -> QueryResult<()>
where
    C: LoadConnection<Backend = DB>,
    DB: Server,
{
    let named = rows.first().is_some_and(|row| row.iter().any(Option::is_some));
    // DEFAULT VALUES makes one row.
    let each = if named { rows.len() } else { 1 };
    for rows in rows.chunks(each.max(1)) {
        let mut text = Text { sql: Sql::begin(""), binds: Vec::new() };
        text.insert(dialect, known, rows)?;
        text.execute(connection)?;
    }
    Ok(())
}

/// A statement in the making.
struct Text<DB: Server> {
    sql: Sql,
    binds: Vec<Box<dyn Bind<DB>>>,
}

impl<DB: Server> Text<DB> {
    fn insert(&mut self, dialect: &dyn Dialect, known: &Known, rows: &[Cells]) -> QueryResult<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        let table = known.spelling.table(&known.name);
        let places: Vec<usize> = (0..first.len()).filter(|place| first[*place].is_some()).collect();
        if places.is_empty() {
            self.sql.push(&format!("INSERT INTO {table} DEFAULT VALUES"));
            return Ok(());
        }
        let names: Vec<String> =
            places.iter().map(|place| known.spelling.column(&known.fields[*place].name)).collect();
        self.sql.push(&format!("INSERT INTO {table} ({}) VALUES ", names.join(", ")));
        for (number, row) in rows.iter().enumerate() {
            self.sql.push(if number > 0 { ", (" } else { "(" });
            for (number, place) in places.iter().enumerate() {
                self.sql.push(if number > 0 { ", " } else { "" });
                let value = row[*place].as_ref().unwrap_or(&Value::Null);
                let (bind, cast) = cell::<DB>(dialect, known, &known.fields[*place], value)?;
                self.sql.bind();
                self.sql.push(&cast);
                self.binds.push(bind);
            }
            self.sql.push(")");
        }
        Ok(())
    }

    fn execute<C: LoadConnection<Backend = DB>>(self, connection: &mut C) -> QueryResult<()> {
        let Self { sql, binds } = self;
        execute(connection, &Query { pieces: sql.pieces(), binds, kept: false })
    }
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
