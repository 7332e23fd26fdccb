//! A release on a pooled connection: opened before the migration, with its statements prepared as it goes.

use std::fmt;

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager as _};
use diesel::result::{DatabaseErrorKind, Error, UnexpectedNullError};
use schemig_core::schema::TableName;

use super::Value;
use super::codec::{Bind, Server};
use super::query::{Query, Reading, load};
use super::statement::{Field, Kind, Known, Slot, Spelling, Statement};
use crate::database::Connection;

/// A row as a release reads it: a value for each column that it knows, in order.
pub type Row = Vec<Value>;

/// A release's connection.
pub struct Session {
    connection: Connection,
}

/// A statement that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The table, as the release calls it.
    pub table: TableName,
    /// What the statement does.
    pub kind: Kind,
    /// The statement.
    pub sql: String,
    /// Of which kind the error is.
    pub class: Class,
    /// What Diesel says, with what it says of the causes.
    pub text: String,
}

/// Kinds of errors, as far as it matters who is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A key stands already.
    Unique,
    /// A foreign key refuses.
    ForeignKey,
    /// NULL where none may be.
    NotNull,
    /// A check refuses.
    Check,
    /// An exclusion constraint refuses.
    Exclusion,
    /// Transactions in each other's way: a deadlock, a serialization failure, a lock that wasn't had in time.
    Contention,
    /// A statement that was prepared for another type.
    CachedPlan,
    /// Another error of the server.
    Server,
    /// A field that isn't what the release takes it for.
    Decoding,
    /// NULL in a field that the release doesn't read it from.
    UnexpectedNull,
    /// A value that can't be sent: its type isn't on the server, or isn't the column's.
    Binding,
    /// The connection is gone.
    Connection,
}

impl Session {
    /// A release's connection. Statements are prepared on it as they are run.
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// The connection itself.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Runs a statement of the release, with a value for each of its slots.
    ///
    /// # Errors
    /// What the release would meet.
    pub fn run(&mut self, statement: &Statement, values: &[Value]) -> Result<Vec<Row>, Box<Failure>> {
        let ran = match &mut self.connection {
            Connection::Postgres(connection) => run(&mut **connection, statement, values),
            Connection::Sqlite(connection) => run(&mut **connection, statement, values),
        };
        ran.map_err(|error| Failure::of(statement, &error))
    }

    /// Begins a transaction, as Diesel does; `about` is its first statement, for the report.
    ///
    /// # Errors
    /// The server's.
    pub fn begin(&mut self, about: &Statement) -> Result<(), Box<Failure>> {
        let begun = match &mut self.connection {
            Connection::Postgres(connection) => begin(&mut **connection),
            Connection::Sqlite(connection) => begin(&mut **connection),
        };
        begun.map_err(|error| Failure::of(about, &error))
    }

    /// Commits it.
    ///
    /// # Errors
    /// The server's.
    pub fn commit(&mut self, about: &Statement) -> Result<(), Box<Failure>> {
        let committed = match &mut self.connection {
            Connection::Postgres(connection) => commit(&mut **connection),
            Connection::Sqlite(connection) => commit(&mut **connection),
        };
        committed.map_err(|error| Failure::of(about, &error))
    }

    /// Undoes it. What made it fail counts; a connection that is lost shows at the next statement.
    pub fn roll_back(&mut self) {
        let _ = match &mut self.connection {
            Connection::Postgres(connection) => roll_back(&mut **connection),
            Connection::Sqlite(connection) => roll_back(&mut **connection),
        };
    }
}

/// Runs a query that no release runs, and decodes what comes back as these fields, any of which may be NULL.
///
/// # Errors
/// The server's, and Diesel's.
pub(crate) fn ask(connection: &mut Connection, sql: &str, fields: &[Field]) -> QueryResult<Vec<Row>> {
    match connection {
        Connection::Postgres(connection) => ask_through(&mut **connection, sql, fields),
        Connection::Sqlite(connection) => ask_through(&mut **connection, sql, fields),
    }
}

fn ask_through<C, DB>(connection: &mut C, sql: &str, fields: &[Field]) -> QueryResult<Vec<Row>>
where
    C: LoadConnection<Backend = DB>,
    DB: Server,
{
    let reading = fields.iter().filter_map(|field| Some((DB::codec(&field.codec)?, true))).collect();
    load(connection, Query { pieces: &[sql.to_owned()], binds: Vec::new(), kept: false }, &reading)
}

fn begin<C: diesel::Connection>(connection: &mut C) -> QueryResult<()> {
    C::TransactionManager::begin_transaction(connection)
}

fn commit<C: diesel::Connection>(connection: &mut C) -> QueryResult<()> {
    C::TransactionManager::commit_transaction(connection)
}

fn roll_back<C: diesel::Connection>(connection: &mut C) -> QueryResult<()> {
    C::TransactionManager::rollback_transaction(connection)
}

fn run<C, DB>(connection: &mut C, statement: &Statement, values: &[Value]) -> QueryResult<Vec<Row>>
where
    C: LoadConnection<Backend = DB>,
    DB: Server,
{
    let known = &statement.known;
    let slots = statement.slots.iter().zip(values);
    let binds =
        slots.map(|(slot, value)| bind::<DB>(known, *slot, value)).collect::<QueryResult<Vec<_>>>()?;
    let reading: Reading<'_, DB> =
        known.fields.iter().filter_map(|field| Some((DB::codec(&field.codec)?, field.nullable))).collect();
    load(connection, Query { pieces: statement.sql.pieces(), binds, kept: statement.kept }, &reading)
}

fn bind<DB: Server>(known: &Known, slot: Slot, value: &Value) -> QueryResult<Box<dyn Bind<DB>>> {
    let (bound, what) = match slot {
        Slot::Written(place) | Slot::Key(place) => {
            let field = &known.fields[place];
            (DB::codec(&field.codec).and_then(|codec| codec.bind(value)), field.name.to_string())
        }
        Slot::Limit => (DB::limit().bind(value), "the limit".to_owned()),
    };
    bound.ok_or_else(|| Error::SerializationError(format!("{value} is no value for {what}").into()))
}

impl Failure {
    fn of(statement: &Statement, error: &Error) -> Box<Self> {
        Box::new(Self {
            table: statement.known.name.clone(),
            kind: statement.kind.clone(),
            sql: statement.sql(),
            class: Class::of(error),
            text: with_causes(error),
        })
    }
}

/// What libpq says of a connection that is gone.
const LOST: &[&str] = &[
    "terminating connection",
    "server closed the connection",
    "no connection to the server",
    "connection not open",
];

impl Class {
    /// The class of an error of Diesel.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Diesel's errors are open; the others are those of a connection"
    )]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::DatabaseError(kind, information) => Self::of_server(kind, information.message()),
            Error::DeserializationError(inner) if inner.is::<UnexpectedNullError>() => Self::UnexpectedNull,
            Error::DeserializationError(_) | Error::NotFound => Self::Decoding,
            Error::SerializationError(_) | Error::QueryBuilderError(_) | Error::InvalidCString(_) => {
                Self::Binding
            }
            _ => Self::Connection,
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "Diesel's kinds are open; the others are a server's")]
    fn of_server(kind: &DatabaseErrorKind, message: &str) -> Self {
        // What Diesel has no kind for is told by the server's own words; a test holds them to a live one.
        let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::Unique,
            DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => Self::ForeignKey,
            DatabaseErrorKind::NotNullViolation => Self::NotNull,
            DatabaseErrorKind::CheckViolation => Self::Check,
            DatabaseErrorKind::ExclusionViolation => Self::Exclusion,
            DatabaseErrorKind::SerializationFailure => Self::Contention,
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Self::Connection,
            _ if says(LOST) => Self::Connection,
            _ if says(&["cached plan must not change result type"]) => Self::CachedPlan,
            _ if says(&[
                "deadlock detected",
                "lock timeout",
                "database is locked",
                "database table is locked",
            ]) =>
            {
                Self::Contention
            }
            _ => Self::Server,
        }
    }
}

/// What an error says, and what its causes say.
pub fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let inner = if let Error::DeserializationError(inner) = error { inner.source() } else { None };
    if let Some(cause) = inner {
        text.push_str(&format!(": {cause}"));
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}: {}\n  {}", self.kind, self.table, self.text, self.sql)
    }
}

impl Connection {
    /// How its server spells things.
    pub fn spelling(&self) -> &'static Spelling {
        match self {
            Self::Postgres(_) => Spelling::POSTGRES,
            Self::Sqlite(_) => Spelling::SQLITE,
        }
    }
}
