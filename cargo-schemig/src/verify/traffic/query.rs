//! A statement on its way through Diesel's connection: cached, bound and decoded as a typed query is.

use std::error::Error as StandardError;
use std::fmt;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::deserialize;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{Error, UnexpectedEndOfRow, UnexpectedNullError};
use diesel::row::{Field as _, Row};
use diesel::sql_types::Untyped;

use super::Value;
use super::codec::{Bind, Codec};

/// A statement with its binds. Unlike `sql_query` it may be kept by the connection.
pub(crate) struct Query<'a, DB: Backend> {
    /// The text around the binds.
    pub pieces: &'a [String],
    /// As many as there are gaps between the pieces.
    pub binds: Vec<Box<dyn Bind<DB>>>,
    /// Whether the connection keeps it prepared.
    pub kept: bool,
}

impl<DB: Backend> QueryFragment<DB> for Query<'_, DB> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.kept {
            pass.unsafe_to_cache_prepared();
        }
        let mut binds = self.binds.iter();
        for (place, piece) in self.pieces.iter().enumerate() {
            if place > 0
                && let Some(bind) = binds.next()
            {
                bind.push(pass.reborrow())?;
            }
            pass.push_sql(piece);
        }
        Ok(())
    }
}

impl<DB: Backend> QueryId for Query<'_, DB> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> diesel::query_builder::Query for Query<'_, DB> {
    type SqlType = Untyped;
}

/// How a result's columns are decoded, in order: the codec, and whether the release reads NULL there.
pub(crate) type Reading<'a, DB> = Vec<(&'a Codec<DB>, bool)>;

/// Runs it and decodes what comes back.
///
/// # Errors
/// The server's, and Diesel's where a field isn't what the release takes it for.
pub(crate) fn load<C, DB>(
    connection: &mut C,
    query: Query<'_, DB>,
    reading: &Reading<'_, DB>,
) -> QueryResult<Vec<Vec<Value>>>
where
    C: LoadConnection<Backend = DB>,
    DB: Backend,
{
    let mut rows = Vec::new();
    for row in connection.load(query)? {
        let row = row?;
        rows.push(decode(&row, reading).map_err(Error::DeserializationError)?);
    }
    Ok(rows)
}

/// Runs it for its effect.
///
/// # Errors
/// The server's.
pub(crate) fn execute<C, DB>(connection: &mut C, query: &Query<'_, DB>) -> QueryResult<()>
where
    C: diesel::Connection<Backend = DB>,
    DB: Backend,
{
    connection.execute_returning_count(query).map(|_| ())
}

fn decode<'r, DB: Backend>(
    row: &impl Row<'r, DB>,
    reading: &Reading<'_, DB>,
) -> deserialize::Result<Vec<Value>> {
    let field = |(place, (codec, nullable)): (usize, &(&Codec<DB>, bool))| {
        let field = row.get(place).ok_or(UnexpectedEndOfRow)?;
        codec.decode(field.value(), *nullable).map_err(|error| {
            // As Diesel does with a typed field: NULL says of itself what it is.
            if error.is::<UnexpectedNullError>() {
                error
            } else {
                Box::new(FieldError { field: field.field_name().map(str::to_owned), error })
            }
        })
    };
    reading.iter().enumerate().map(field).collect()
}

/// Diesel's own of the same words can't be made outside of it.
#[derive(Debug)]
struct FieldError {
    field: Option<String>,
    error: Box<dyn StandardError + Send + Sync>,
}

impl StandardError for FieldError {
    fn source(&self) -> Option<&(dyn StandardError + 'static)> {
        Some(&*self.error)
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(name) => write!(f, "Error deserializing field '{name}'"),
            None => f.write_str("Error deserializing field"),
        }
    }
}
