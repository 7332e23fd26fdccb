//! A connection to a server of either kind.

use diesel::connection::SimpleConnection as _;
use diesel::{PgConnection, QueryResult, SqliteConnection};

use super::traffic::Spelling;

/// A connection.
pub enum Connection {
    /// To PostgreSQL.
    Postgres(Box<PgConnection>),
    /// To SQLite.
    Sqlite(Box<SqliteConnection>),
}

impl Connection {
    /// How the server spells things.
    pub fn spelling(&self) -> &'static Spelling {
        match self {
            Self::Postgres(_) => Spelling::POSTGRES,
            Self::Sqlite(_) => Spelling::SQLITE,
        }
    }

    /// Runs statements in one go.
    ///
    /// # Errors
    /// The server's.
    pub fn execute(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(sql),
            Self::Sqlite(connection) => connection.batch_execute(sql),
        }
    }
}
