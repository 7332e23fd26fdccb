//! What Diesel has recorded as applied, read by a role that may do nothing but read.

use std::collections::BTreeSet;

use diesel::QueryResult;

use crate::database::Connection;

/// The versions of the migrations that have run on a database; none where Diesel's table isn't there. It isn't made.
///
/// # Errors
/// The server's.
pub fn applied(connection: &mut Connection) -> QueryResult<BTreeSet<String>> {
    let there = match connection {
        Connection::Postgres(_) => "SELECT 1 WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL",
        Connection::Sqlite(_) => "SELECT 1 FROM sqlite_schema WHERE name = '__diesel_schema_migrations'",
    };
    if connection.texts(there)?.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(connection.texts("SELECT version FROM __diesel_schema_migrations")?.into_iter().collect())
}
