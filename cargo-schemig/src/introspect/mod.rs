//! A database read back as a schema: for adoption, for drift, and to compare what migrations made.

mod postgres;
mod sqlite;

pub use postgres::postgres;
pub use sqlite::sqlite;

use schemig_core::schema::{ConstraintName, IndexName, Schema, TableName};
use thiserror::Error;

/// What a database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Introspected {
    /// Its tables; every fact is declared, for nobody knows here what the models say.
    pub schema: Schema,
    /// Indexes whose build stopped. They are in the schema too.
    pub invalid_indexes: Vec<(TableName, IndexName)>,
    /// Constraints that rows from before may break. They are in the schema too.
    pub unvalidated: Vec<(TableName, ConstraintName)>,
    /// What stands in the database and has no place in a schema, in a few words each: views, triggers.
    pub unmodelled: Vec<String>,
}

/// Why a database can't be read back.
#[derive(Debug, Error)]
pub enum Error {
    /// The server said no.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    /// A table's own text isn't understood.
    #[error("can't make out how table {table} was made: {what}")]
    Unreadable {
        /// The table.
        table: String,
        /// What was expected.
        what: &'static str,
    },
}

/// The tables that Diesel and `cargo schemig apply` keep for themselves. `diesel print-schema` passes by what begins with `__`.
const KEPT_TABLES: [&str; 2] = ["__diesel_schema_migrations", schemig_core::dialect::CURSORS];
