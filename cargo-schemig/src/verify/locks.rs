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
    let rows: Vec<Row> =
        diesel::sql_query(format!("{HELD} AND lock.pid = pg_catalog.pg_backend_pid()")).load(connection)?;
    Ok(strongest(rows))
}

const HELD: &str = "
    SELECT space.nspname::text AS schema, class.relname::text AS name, lock.mode::text AS mode
    FROM pg_catalog.pg_locks AS lock
    JOIN pg_catalog.pg_class AS class ON class.oid = lock.relation
    JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
    WHERE lock.locktype = 'relation' AND lock.granted AND class.relkind IN ('r', 'p')
        AND lock.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
        AND class.relname NOT LIKE '\\_\\_%'";

fn strongest(rows: Vec<Row>) -> Locks {
    let mut found: BTreeMap<TableName, LockMode> = BTreeMap::new();
    for Row { schema, name, mode } in rows {
        let table = TableName { schema: (schema != "public").then_some(schema), name };
        let Some(mode) = parse(&mode) else { continue };
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
pub fn predicted(
    dialect: &dyn Dialect,
    operations: &[Operation],
    before: &State,
) -> BTreeMap<TableName, LockMode> {
    let mut found: BTreeMap<TableName, LockMode> = BTreeMap::new();
    let mut state = before.clone();
    for operation in operations {
        for (table, mode) in dialect.effect(operation, &state).locks {
            let held = found.entry(table).or_insert(mode);
            *held = (*held).max(mode);
        }
        if state.apply(operation).is_err() {
            break;
        }
    }
    found
}

/// The locks that are stronger than was said, on tables that were there before: those are the ones that somebody waits for. Locks that
/// make no query wait are nobody's business.
pub fn unforeseen<'a>(
    held: &'a Locks,
    predicted: &BTreeMap<TableName, LockMode>,
    before: &State,
) -> impl Iterator<Item = &'a (TableName, LockMode)> {
    let said = predicted.clone();
    let there: Vec<TableName> = before.schema.tables.keys().cloned().collect();
    held.iter().filter(move |(table, mode)| {
        there.contains(table) && mode.blocks_writes() && said.get(table).is_none_or(|said| said < mode)
    })
}

/// The locks that make queries wait, on tables that were there before, in words.
pub fn blocking(locks: &Locks, before: &State) -> Vec<String> {
    let there = |table: &TableName| before.schema.tables.contains_key(table);
    let blocks = locks.iter().filter(|(table, mode)| mode.blocks_writes() && there(table));
    blocks.map(|(table, mode)| format!("{mode} on {table}")).collect()
}
