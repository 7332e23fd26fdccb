//! A connection to a server of either kind.

use diesel::{PgConnection, SqliteConnection};

/// A connection.
pub enum Connection {
    /// To PostgreSQL.
    Postgres(Box<PgConnection>),
    /// To SQLite.
    Sqlite(Box<SqliteConnection>),
}
