//! Rows that refer to each other: the first ones of tables that need each other, and what could be left open.

use diesel::QueryResult;
use schemig_core::schema::{ColumnName, ForeignKey, Table, TableName};

use super::filler::{ATTEMPTS, Filler};
use super::maker::Cells;
use super::write::insert_together;
use super::{Filling, is_optional};
use crate::database::Connection;
use crate::verify::traffic::{Class, Known};

/// How many rows get a reference that was left open.
const CLOSED: usize = 20;

/// Writes a row to each table of a circle, all at once; whether the server took them.
///
/// # Errors
/// When the connection is lost.
pub(super) fn seed(
    connection: &mut Connection,
    filling: Filling<'_>,
    circle: &[TableName],
) -> QueryResult<bool> {
    let mut fillers = Vec::new();
    for name in circle {
        fillers.push(Filler::new(connection, filling, name)?);
    }
    for attempt in 0..ATTEMPTS {
        let mut rows: Vec<Cells> = fillers.iter_mut().map(|filler| filler.one(attempt)).collect();
        for (place, filler) in fillers.iter().enumerate() {
            for link in &filler.maker.links {
                let Some(parent) = circle.iter().position(|name| *name == link.parent) else { continue };
                let known = &fillers[parent].maker.known;
                for (column, key) in link.columns.iter().zip(&link.parent_key) {
                    let Some(key) = known.place(key) else { continue };
                    let value = fillers[parent].maker.explicit(&mut rows[parent], key, 0);
                    rows[place][*column] = value;
                }
            }
        }
        let tables: Vec<(&Known, Cells)> =
            fillers.iter().map(|filler| &filler.maker.known).zip(rows).collect();
        match insert_together(connection, filling.dialect, &tables) {
            Ok(()) => return Ok(true),
            Err(error) if Class::of(&error) == Class::Connection => return Err(error),
            Err(_) => {}
        }
    }
    Ok(false)
}

/// Lets some rows refer to what wasn't there yet when they were written.
///
/// # Errors
/// When the connection is lost.
pub(super) fn close(
    connection: &mut Connection,
    filling: &Filling<'_>,
    order: &[TableName],
) -> QueryResult<()> {
    for (place, name) in order.iter().enumerate() {
        let table = &filling.schema.tables[name];
        let open = table
            .foreign_keys
            .values()
            .filter(|key| is_optional(table, key) && order[place + 1..].contains(&key.references));
        for key in open {
            // Where each row must refer to another one, a single row does.
            for rows in [CLOSED, 1] {
                match connection.execute(&close_some(filling, name, table, key, rows)) {
                    Ok(()) => break,
                    Err(error) if Class::of(&error) == Class::Connection => return Err(error),
                    Err(_) => {}
                }
            }
        }
    }
    Ok(())
}

fn close_some(
    filling: &Filling<'_>,
    name: &TableName,
    table: &Table,
    key: &ForeignKey,
    rows: usize,
) -> String {
    let spelling = filling.spelling;
    let list = |columns: &[ColumnName]| {
        columns.iter().map(|column| spelling.column(column)).collect::<Vec<_>>().join(", ")
    };
    let (own, parent) = (spelling.table(name), spelling.table(&key.references));
    let (primary, referred) = (list(&table.primary_key), list(&key.key));
    format!(
        "UPDATE {own} SET ({}) = (SELECT {referred} FROM {parent} ORDER BY {referred} LIMIT 1) \
         WHERE ({primary}) IN (SELECT {primary} FROM {own} ORDER BY {primary} LIMIT {rows})",
        list(&key.columns)
    )
}
