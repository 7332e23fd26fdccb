//! A stage, run one way as Diesel runs it: through its harness, with its table, on a connection of its own.

use std::cell::RefCell;
use std::fmt;

use diesel::PgConnection;
use diesel::backend::Backend;
use diesel::connection::BoxableConnection;
use diesel::migration::{
    Migration, MigrationMetadata, MigrationName, MigrationVersion, Result as MigrationResult,
};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;
use schemig_core::dialect::LockMode;
use schemig_core::schema::TableName;

use super::locks;
use super::sequence::Stage;
use crate::database::Connection;
use crate::exit::Stop;
use crate::server::Kept;

/// Which way a stage is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// up.sql.
    Up,
    /// down.sql.
    Down,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

/// The strongest lock on each table.
pub type Locks = Vec<(TableName, LockMode)>;

/// Runs a stage and lets Diesel record it, or forget it. The locks that its transaction ended with are given back, where it has one and
/// the server lists them.
///
/// # Errors
/// What the server says, as Diesel passes it on.
pub fn run(connection: &mut Connection, stage: &Stage, way: Way) -> Result<Option<Locks>, String> {
    let directory = Directory { stage, traced: RefCell::default() };
    let ran = match connection {
        Connection::Postgres(connection) => recorded::<Pg, _>(&mut **connection, &directory, way),
        Connection::Sqlite(connection) => recorded::<Sqlite, _>(&mut **connection, &directory, way),
    };
    let ran = ran.and_then(|()| match &stage.stand_ins {
        Some(sql) => Ok(connection.execute(sql)?),
        None => Ok(()),
    });
    ran.map(|()| directory.traced.take()).map_err(|error| with_causes(&*error))
}

/// Runs a stage on a connection that is kept for the next, unless it fails: then the next one is new, as a new process would have it.
///
/// # Errors
/// Nobody answers. What the server says to the stage is given back.
pub fn run_on(kept: &mut Kept, stage: &Stage, way: Way) -> Result<Result<Option<Locks>, String>, Stop> {
    let ran = run(kept.connection()?, stage, way);
    if ran.is_err() {
        kept.hang_up();
    }
    Ok(ran)
}

/// Whether Diesel has recorded the stage.
///
/// # Errors
/// What the server says.
pub fn is_recorded(connection: &mut Connection, stage: &Stage) -> Result<bool, String> {
    let applied = match connection {
        Connection::Postgres(connection) => connection.applied_migrations(),
        Connection::Sqlite(connection) => connection.applied_migrations(),
    };
    let applied = applied.map_err(|error| error.to_string())?;
    Ok(applied.contains(&MigrationVersion::from(stage.version.as_str())))
}

/// Runs a stage's way up once more, whether it is recorded or not: a run that stopped before Diesel recorded it does so.
///
/// # Errors
/// What the server says.
pub fn again(connection: &mut Connection, stage: &Stage) -> Result<(), String> {
    let ran = if stage.transactional {
        match connection {
            Connection::Postgres(connection) => in_transaction(&mut **connection, &stage.up),
            Connection::Sqlite(connection) => in_transaction(&mut **connection, &stage.up),
        }
    } else {
        connection.execute(&stage.up)
    };
    ran.map_err(|error| error.to_string())
}

fn in_transaction<C: diesel::Connection>(connection: &mut C, sql: &str) -> diesel::QueryResult<()> {
    connection.transaction(|connection| connection.batch_execute(sql))
}

fn recorded<DB: Backend, C: MigrationHarness<DB>>(
    connection: &mut C,
    directory: &Directory<'_>,
    way: Way,
) -> MigrationResult<()>
where
    for<'a> Directory<'a>: Migration<DB>,
{
    // Diesel makes its table when it first looks what has run.
    connection.applied_migrations()?;
    match way {
        Way::Up => connection.run_migration(directory),
        Way::Down => connection.revert_migration(directory),
    }
    .map(|_| ())
}

/// A stage as Diesel takes it.
struct Directory<'a> {
    stage: &'a Stage,
    traced: RefCell<Option<Locks>>,
}

impl MigrationMetadata for Directory<'_> {
    fn run_in_transaction(&self) -> bool {
        self.stage.transactional
    }
}

impl MigrationName for Directory<'_> {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(self.stage.version.as_str())
    }
}

impl fmt::Display for Directory<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stage.name)
    }
}

impl Migration<Pg> for Directory<'_> {
    fn run(&self, connection: &mut dyn BoxableConnection<Pg>) -> MigrationResult<()> {
        connection.batch_execute(&self.stage.up)?;
        self.trace(connection)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Pg>) -> MigrationResult<()> {
        connection.batch_execute(&self.stage.down)?;
        self.trace(connection)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

impl Directory<'_> {
    /// Before the transaction ends, the locks that it took are all held still.
    fn trace(&self, connection: &mut dyn BoxableConnection<Pg>) -> MigrationResult<()> {
        if let Some(connection) =
            connection.downcast_mut::<PgConnection>().filter(|_| self.stage.transactional)
        {
            self.traced.replace(Some(locks::held(connection)?));
        }
        Ok(())
    }
}

impl Migration<Sqlite> for Directory<'_> {
    fn run(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> MigrationResult<()> {
        Ok(connection.batch_execute(&self.stage.up)?)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> MigrationResult<()> {
        Ok(connection.batch_execute(&self.stage.down)?)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self
    }

    fn name(&self) -> &dyn MigrationName {
        self
    }
}

/// What an error says, and what its causes say, each once.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}
