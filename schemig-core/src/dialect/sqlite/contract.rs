//! The question before a contract: whether its release can have come between expand and this (DOCTRINE, R15).

use super::guard::stop_unless_zero;
use super::quote::{qualified, string};
use super::statement::Statement;
use crate::dialect::ContractGuard;

/// Lets contracts through: SQLite has no settings of its users, so a table is one. A temporary one counts for its session, one that
/// stays counts for the database. Diesel's print-schema passes its name by.
pub const LET_CONTRACT: &str = "CREATE TEMP TABLE IF NOT EXISTS __schemig_contract (n INTEGER)";

/// The statements. `run_on` is in UTC here, as SQLite's clock is. Where Diesel opens no transaction they are one of their own, so that
/// a stop leaves nothing behind.
pub(super) fn guard(guard: &ContractGuard<'_>, in_transaction: bool) -> String {
    let ContractGuard { plan, expand, seconds, tables } = guard;
    let names: Vec<String> = tables.iter().map(qualified).collect();
    let rows: Vec<String> = names.iter().map(|name| format!("EXISTS (SELECT 1 FROM {name})")).collect();
    let complaint = format!(
        "schemig: the contract of plan {plan} came too early: before it, migration {expand} has to have run {} ago, for there are rows in \
         {}; {}. Where no release before it runs, say so: CREATE TABLE __schemig_contract (n INTEGER), a temporary one for the session \
         or one that is dropped afterwards",
        guard.time(),
        names.join(" or "),
        ContractGuard::advice()
    );
    let query = format!(
        "SELECT ({})
    AND NOT EXISTS (
        SELECT 1 FROM __diesel_schema_migrations
        WHERE version = {} AND datetime(run_on) <= datetime('now', '-{seconds} seconds')
    )
    AND NOT EXISTS (
        SELECT 1 FROM (SELECT name FROM sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema)
        WHERE name = '__schemig_contract'
    )",
        rows.join(" OR "),
        string(expand)
    );
    let statements = stop_unless_zero(&complaint, &query);
    let mut lines: Vec<String> = statements.iter().map(|it: &Statement| it.sql(!in_transaction)).collect();
    if in_transaction {
        // Diesel's transactions take a lock when they need one. Whoever has read in one, and is to write, gets the lock at once or
        // never: SQLite doesn't let it wait beside another writer.
        lines.insert(0, "DELETE FROM __diesel_schema_migrations WHERE false;".to_owned());
        lines.insert(
            0,
            "-- Deletes nothing, and waits for the lock that writing takes before anything is read."
                .to_owned(),
        );
    } else {
        lines.insert(0, "BEGIN;".to_owned());
        lines.push("COMMIT;".to_owned());
    }
    lines.join("\n")
}
