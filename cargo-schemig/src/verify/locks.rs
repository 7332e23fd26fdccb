//! The table locks that a run takes, as the server has them, beside those that the plan's effects say.

use std::collections::BTreeMap;

use diesel::sql_types::Text;
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl as _};
use schemig_core::dialect::{Dialect, LockMode};
use schemig_core::operation::Operation;
use schemig_core::schema::{State, TableName};

use super::run::Locks;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    mode: String,
}

/// The strongest lock on each user's table that this session holds.
///
/// # Errors
/// The catalog can't be read.
pub fn held(connection: &mut PgConnection) -> QueryResult<Locks> {
    load(connection, "pg_catalog.pg_backend_pid()")
}

/// The strongest lock on each user's table that the session of this process holds.
///
/// # Errors
/// The catalog can't be read.
pub fn held_by(connection: &mut PgConnection, pid: i32) -> QueryResult<Locks> {
    load(connection, &pid.to_string())
}

const HELD: &str = "
    SELECT space.nspname::text AS schema, class.relname::text AS name, lock.mode::text AS mode
    FROM pg_catalog.pg_locks AS lock
    JOIN pg_catalog.pg_class AS class ON class.oid = lock.relation
    JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
    WHERE lock.locktype = 'relation' AND lock.granted AND class.relkind IN ('r', 'p')
        AND lock.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
        AND class.relname <> '__diesel_schema_migrations' AND lock.pid = ";

fn load(connection: &mut PgConnection, pid: &str) -> QueryResult<Locks> {
    let rows: Vec<Row> = diesel::sql_query(format!("{HELD}{pid}")).load(connection)?;
    Ok(strongest(rows.into_iter().filter_map(|Row { schema, name, mode }| {
        let table = TableName { schema: (schema != "public").then_some(schema), name };
        Some((table, parse(&mode)?))
    })))
}

/// Of several locks on a table the strongest, in order of the tables.
pub fn strongest(locks: impl Iterator<Item = (TableName, LockMode)>) -> Locks {
    let mut found: BTreeMap<TableName, LockMode> = BTreeMap::new();
    for (table, mode) in locks {
        let held = found.entry(table).or_insert(mode);
        *held = (*held).max(mode);
    }
    found.into_iter().collect()
}

/// A mode as `pg_locks` names it.
fn parse(mode: &str) -> Option<LockMode> {
    Some(match mode {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        _ => return None,
    })
}

/// What the plan says that these operations lock, the strongest on each table, in the state before.
pub fn predicted(dialect: &dyn Dialect, operations: &[Operation], before: &State) -> Locks {
    let mut locks = Vec::new();
    let mut state = before.clone();
    for operation in operations {
        locks.extend(dialect.effect(operation, &state).locks);
        if state.apply(operation).is_err() {
            break;
        }
    }
    strongest(locks.into_iter())
}

/// The locks that are stronger than was said, on tables that were there before: those are the ones that somebody waits for. Locks that
/// make no query wait are nobody's business. Each with what was said.
pub fn unforeseen(
    held: &[(TableName, LockMode)],
    said: &[(TableName, LockMode)],
    before: &State,
) -> Vec<String> {
    let mut found = Vec::new();
    for (table, mode) in held.iter().filter(|(table, mode)| mode.blocks_writes() && is_there(before, table)) {
        let said = said.iter().find(|(other, _)| other == table).map(|(_, said)| *said);
        match said {
            Some(said) if said >= *mode => {}
            Some(said) => found.push(format!("{mode} on {table}, and {said} was said")),
            None => found.push(format!("{mode} on {table}, and nothing was said")),
        }
    }
    found
}

/// A table of the state before, or a partition that one of them is known to have.
pub fn is_there(before: &State, table: &TableName) -> bool {
    let tables = &before.schema.tables;
    let mut spread = tables.values().filter_map(|known| known.partition_by.as_ref());
    tables.contains_key(table) || spread.any(|by| by.known().contains(table))
}

/// The locks that make queries wait, on tables that were there before, in words.
pub fn blocking(locks: &[(TableName, LockMode)], before: &State) -> Vec<String> {
    let blocks = locks.iter().filter(|(table, mode)| mode.blocks_writes() && is_there(before, table));
    blocks.map(|(table, mode)| format!("{mode} on {table}")).collect()
}
