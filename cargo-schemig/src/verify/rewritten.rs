//! Columns that triggers of the user's own write whenever a row is written, such as `updated_at`. A backfill that writes rows moves them, as
//! its promise says; what stands there proves nothing of a plan.

use std::collections::BTreeSet;

use schemig_core::schema::{ColumnRef, Schema, TableName};

use super::spelling::quoted_table;
use super::values::Values;
use crate::database::Connection;
use crate::exit::Stop;
use crate::server::Scratch;

/// Finds them: a column that nobody knows comes to each table that has triggers, all rows are given a value in it, and all that changed
/// meanwhile is of the triggers' making. Nothing of it stays.
///
/// # Errors
/// The scratch database can't be reached.
pub(super) fn rewritten(scratch: &Scratch, schema: &Schema) -> Result<BTreeSet<ColumnRef>, Stop> {
    let mut connection = scratch.connect()?;
    let triggered = match &connection {
        Connection::Postgres(_) => {
            "SELECT DISTINCT space.nspname || '.' || class.relname FROM pg_catalog.pg_trigger AS entry
            JOIN pg_catalog.pg_class AS class ON class.oid = entry.tgrelid
            JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace WHERE NOT entry.tgisinternal"
        }
        Connection::Sqlite(_) => "SELECT DISTINCT 'public.' || tbl_name FROM sqlite_schema WHERE type = 'trigger'",
    };
    let triggered: BTreeSet<String> = connection.texts(triggered).unwrap_or_default().into_iter().collect();
    let whole = |name: &TableName| format!("{}.{}", name.schema.as_deref().unwrap_or("public"), name.name);
    let mut found = BTreeSet::new();
    for name in schema.tables.keys().filter(|name| triggered.contains(&whole(name))) {
        let table = quoted_table(name);
        let before = Values::read(&mut connection, schema);
        let write = format!(
            "BEGIN; ALTER TABLE {table} ADD COLUMN schemig_probe INTEGER; UPDATE {table} SET schemig_probe = 1"
        );
        // A trigger that refuses tells nothing: the traffic meets it too.
        if connection.execute(&write).is_ok() {
            let after = Values::read(&mut connection, schema);
            found.extend(before.changed(&after).cloned());
        }
        let _ = connection.execute("ROLLBACK");
    }
    Ok(found)
}
