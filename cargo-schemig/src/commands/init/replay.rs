//! What the migrations make, found out on a database that is made for it and dropped again.

use diesel::Connection as _;
use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;

use super::adopt::Read;
use crate::database::{self, Connection, Url};
use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};
use crate::migrations::{self, Migration};
use crate::project::Project;
use crate::server::{Ground, clear_on_interrupt};

/// Runs all migrations, in Diesel's order, and reads what they made.
///
/// # Errors
/// There is none; no database can be had; one of them fails.
pub(super) fn replay(project: &Project, server: Option<&str>) -> Result<Read, Stop> {
    let migrations = migrations::read(project)?;
    if migrations.is_empty() {
        let message = format!("{} holds no migration", project.shown(&project.migrations));
        return Err(Stop::refused(message, "leave --from-migrations out to start an empty project"));
    }
    clear_on_interrupt();
    let ground = match server.map(|url| database::url(project, Some(url))).transpose()? {
        Some(url @ Url::Postgres(_)) => Ground::postgres(Some(&url))?,
        Some(Url::Sqlite(_)) => {
            let help = "leave --database-url out: the migrations run on a file that is made for it";
            return Err(Stop::refused("SQLite needs no server to run migrations on", help));
        }
        None if project.dialect.default_schema().is_some() => Ground::postgres(None)?,
        None => Ground::sqlite()?,
    };
    let scratch = ground.empty()?;
    let mut connection = scratch.connect()?;
    for migration in &migrations {
        run(&mut connection, migration).map_err(|error| failed(project, migration, &error, server))?;
    }
    Read::from(&mut connection, project)
        .map_err(|error| database::failed(scratch.url(), "what the migrations made can't be read", &error))
}

/// As Diesel runs one.
fn run(connection: &mut Connection, migration: &Migration) -> QueryResult<()> {
    let Migration { up, run_in_transaction, .. } = migration;
    match (connection, run_in_transaction) {
        (Connection::Postgres(connection), true) => {
            connection.transaction(|connection| connection.batch_execute(up))
        }
        (Connection::Sqlite(connection), true) => {
            connection.transaction(|connection| connection.batch_execute(up))
        }
        (connection, false) => connection.execute(up),
    }
}

fn failed(
    project: &Project,
    migration: &Migration,
    error: &diesel::result::Error,
    server: Option<&str>,
) -> Stop {
    let message = format!(
        "{} doesn't run on an empty database: {error}",
        project.shown(&migration.path.join("up.sql"))
    );
    let mut found = Diagnostic::new(message);
    // A server that is started for this has no roles but its own.
    if server.is_none() && project.dialect.default_schema().is_some() {
        found = found.help(
            "where it needs a role or an extension that a new server hasn't, name one that has it: add --database-url",
        );
    }
    let found = found
        .help("mend it, where it never ran so; or adopt a database on which it has run: --database-url without --from-migrations");
    Stop { exit: Exit::Failed, diagnostics: vec![found] }
}
