//! Filling a database, table by table.

use std::collections::BTreeSet;

use diesel::QueryResult;
use diesel::result::Error;
use schemig_core::operation::{Operation, inverse};
use schemig_core::schema::{Index, State, TableName};

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
    sweep(connection, &held, &mut filled)?;
    for operation in back.iter().rev() {
        connection.execute(&filling.dialect.render(std::slice::from_ref(operation), &state).sql)?;
        state.apply(operation).map_err(|fault| Error::QueryBuilderError(fault.to_string().into()))?;
    }
    Ok(filled)
}

/// Takes away rows whose source row couldn't be written: what looks up a value there would find none.
fn sweep(connection: &mut Connection, filling: &Filling<'_>, filled: &mut Filled) -> QueryResult<()> {
    let spelling = filling.spelling;
    for (at, source) in filling.lookups.iter().filter(|(_, source)| source.otherwise.is_none()) {
        let Some([key]) = filling.schema.tables.get(&at.table).map(|table| table.primary_key.as_slice())
        else {
            continue;
        };
        let (table, looked_up) = (spelling.table(&at.table), spelling.table(&source.table));
        let (own, theirs) =
            (spelling.qualified(&at.table, key), spelling.qualified(&source.table, &source.key));
        let found = format!("EXISTS (SELECT 1 FROM {looked_up} WHERE {theirs} = {own})");
        match connection.execute(&format!("DELETE FROM {table} WHERE NOT {found}")) {
            Err(error) if Class::of(&error) == Class::Connection => return Err(error),
            // Where others refer to them they stay, and the plan's own count will tell.
            Ok(()) | Err(_) => {}
        }
    }
    for (name, count) in filled.counts.iter_mut().filter(|_| !filling.lookups.is_empty()) {
        let counted = connection.texts(&format!("SELECT count(*) FROM {}", spelling.table(name)))?;
        *count = counted.first().and_then(|text| text.parse().ok()).unwrap_or(*count);
    }
    Ok(())
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

/// What is demanded, and behind an exclusion constraint, whose operators may come with an extension that isn't there yet, what rows can be
/// held to in its place: no two are alike where the operator is `=`, so none excludes another.
fn with_weaker(operation: &Operation) -> Vec<Operation> {
    let mut all = vec![operation.clone()];
    if let Operation::CreateIndex { table, index, definition, .. } = operation {
        let mut keys = definition.keys.iter().zip(&definition.operators);
        let equal = keys.find(|(_, operator)| *operator == "=").map(|(key, _)| vec![key.clone()]);
        all.extend(equal.map(|keys| Operation::CreateIndex {
            table: table.clone(),
            index: index.clone(),
            definition: Index { keys, predicate: definition.predicate.clone(), ..Index::unique_on([]) },
            online: false,
        }));
    }
    all
}

/// Puts the demanded constraints there, as far as the database takes them; gives back what takes them away again.
fn demand(connection: &mut Connection, filling: &Filling<'_>) -> QueryResult<(Vec<Operation>, State)> {
    let mut state = State::at_rest(filling.schema.clone());
    let mut back = Vec::new();
    for operation in filling.demands.iter().flat_map(with_weaker) {
        let operation = &operation;
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
