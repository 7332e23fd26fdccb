//! A database read back as a schema: for adoption, for drift, and to compare what migrations made.

mod postgres;
mod sqlite;

pub use postgres::postgres;
pub use sqlite::sqlite;

use std::collections::BTreeSet;

use schemig_core::dialect::Dialect;
use schemig_core::schema::{ConstraintName, Dependant, Domains, IndexName, Schema, TableName};
use thiserror::Error;

use crate::database::Connection;

/// Reads a database back, whichever product it is of.
///
/// # Errors
/// As [`postgres`] and [`sqlite`].
pub fn introspect(connection: &mut Connection, dialect: &dyn Dialect) -> Result<Introspected, Error> {
    match connection {
        Connection::Postgres(connection) => {
            let schema = dialect.default_schema().unwrap_or("public");
            postgres::name_bare(connection, schema)?;
            postgres(connection, schema)
        }
        Connection::Sqlite(connection) => sqlite(connection),
    }
}

/// What a database has beside its tables, and no schema has a place for.
///
/// # Errors
/// The catalog can't be read.
pub fn dependants(connection: &mut Connection, dialect: &dyn Dialect) -> Result<BTreeSet<Dependant>, Error> {
    match connection {
        Connection::Postgres(connection) => {
            let schema = dialect.default_schema().unwrap_or("public");
            postgres::name_bare(connection, schema)?;
            postgres::dependants(connection, schema)
        }
        Connection::Sqlite(connection) => sqlite::dependants(connection),
    }
}

/// Which types of a database are domains, and which types of its columns are none.
///
/// # Errors
/// The catalog can't be read.
pub fn domains(connection: &mut Connection, dialect: &dyn Dialect) -> Result<Domains, Error> {
    match connection {
        Connection::Postgres(connection) => {
            postgres::name_bare(connection, dialect.default_schema().unwrap_or("public"))?;
            postgres::domains(connection, dialect)
        }
        // It has none.
        Connection::Sqlite(_) => Ok(Domains::default()),
    }
}

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

/// An index whose build stopped, in words.
pub fn invalid(table: &TableName, index: &IndexName) -> String {
    format!("index {index} of {table} isn't valid: its build stopped")
}

/// Why a database can't be read back.
#[derive(Debug, Error)]
pub enum Error {
    /// The server said no.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    /// Names of that schema can't be told from others.
    #[error(
        "the role may not use schema {schema}: GRANT USAGE ON SCHEMA {schema} lets it read what is there"
    )]
    Unusable {
        /// The schema (namespace).
        schema: String,
    },
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
