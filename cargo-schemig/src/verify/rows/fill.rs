//! Filling a database, table by table.

use std::collections::BTreeSet;

use diesel::QueryResult;
use diesel::result::Error;
use schemig_core::operation::{Operation, inverse};
use schemig_core::schema::{State, TableName};

use super::circle::{close, seed};
use super::filler::Filler;
use super::order::{circles, order};
use super::{Filled, Filling};
use crate::database::Connection;
use crate::verify::traffic::Class;

/// Fills the tables.
///
/// # Errors
/// When the connection is lost, or a constraint that was put there for the rows can't be taken away again.
pub fn fill(connection: &mut Connection, filling: &Filling<'_>) -> QueryResult<Filled> {
    let (back, mut state) = demand(connection, filling)?;
    let demanding = state.schema.clone();
    let held = Filling { schema: &demanding, ..*filling };
    let mut filled = Filled::default();
    let (order, circles) = (order(&held), circles(&held));
    let mut seeded: BTreeSet<&TableName> = BTreeSet::new();
    for name in &order {
        let circle = circles.iter().find(|circle| circle.contains(name));
        if let Some(circle) = circle.filter(|_| !seeded.contains(name))
            && seed(connection, held, circle)?
        {
            seeded.extend(circle);
        }
        let mut table = Filler::new(connection, held, name)?;
        table.written = usize::from(seeded.contains(name));
        let rejection = table.fill(connection)?;
        filled.counts.insert(name.clone(), table.written);
        filled.rejected.extend(rejection.map(|text| (name.clone(), text)));
    }
    close(connection, &held, &order)?;
    for operation in back.iter().rev() {
        connection.execute(&filling.dialect.render(std::slice::from_ref(operation), &state).sql)?;
        state.apply(operation).map_err(|fault| Error::QueryBuilderError(fault.to_string().into()))?;
    }
    Ok(filled)
}

/// Writes a few rows to one table; gives back what the server said last where it got none.
///
/// # Errors
/// When the connection is lost.
pub(crate) fn top_up(
    connection: &mut Connection,
    filling: Filling<'_>,
    name: &TableName,
) -> QueryResult<Option<String>> {
    Filler::new(connection, filling, name)?.fill(connection)
}

/// Puts the demanded constraints there, as far as the database takes them; gives back what takes them away again.
fn demand(connection: &mut Connection, filling: &Filling<'_>) -> QueryResult<(Vec<Operation>, State)> {
    let mut state = State::at_rest(filling.schema.clone());
    let mut back = Vec::new();
    for operation in filling.demands {
        let mut after = state.clone();
        if after.apply(operation).is_err() {
            continue;
        }
        let sql = filling.dialect.render(std::slice::from_ref(operation), &state).sql;
        match connection.execute(&sql) {
            Ok(()) => {
                back.extend(inverse(operation, &state));
                state = after;
            }
            Err(error) if Class::of(&error) == Class::Connection => return Err(error),
            Err(_) => {}
        }
    }
    Ok((back, state))
}
