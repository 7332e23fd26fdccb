//! The user's database: where it is, and a connection to it.

pub(crate) mod dotenv;
mod url;
mod version;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection};

pub use url::Url;
pub use version::older;

use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};
use crate::project::Project;

/// A connection to a database of one product.
pub enum Connection {
    /// PostgreSQL.
    Postgres(Box<PgConnection>),
    /// SQLite.
    Sqlite(Box<SqliteConnection>),
}

impl Connection {
    /// Connects. SQLite makes a file that isn't there, as Diesel's CLI has it.
    ///
    /// # Errors
    /// Nobody answers, or they refuse: exit 4, without the password in what is said.
    pub fn establish(url: &Url) -> Result<Self, Stop> {
        let refused = |error: diesel::ConnectionError| unreachable(url, &error);
        Ok(match url {
            Url::Postgres(whole) => {
                Self::Postgres(Box::new(PgConnection::establish(whole).map_err(refused)?))
            }
            Url::Sqlite(path) => Self::Sqlite(Box::new(SqliteConnection::establish(path).map_err(refused)?)),
        })
    }

    /// Connects to a database that is there: of SQLite no file is made.
    ///
    /// # Errors
    /// There is none, and as [`Self::establish`].
    pub fn to_standing(url: &Url) -> Result<Self, Stop> {
        if url.file().is_some_and(|file| !file.exists()) {
            return Err(Stop::refused(
                format!("there is no database {url}"),
                "name the file that the app uses",
            ));
        }
        Self::establish(url)
    }

    /// Runs statements, sent as one string.
    ///
    /// # Errors
    /// The server's.
    pub fn execute(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(sql),
            Self::Sqlite(connection) => connection.batch_execute(sql),
        }
    }

    /// The texts that a query of one column gives, row by row, without the NULLs.
    ///
    /// # Errors
    /// The server's.
    pub fn texts(&mut self, query: &str) -> QueryResult<Vec<String>> {
        let rows: Vec<Row> = match self {
            Self::Postgres(connection) => diesel::sql_query(format!(
                "SELECT asked.value::text AS value FROM ({query}) AS asked (value)"
            ))
            .load(&mut **connection)?,
            Self::Sqlite(connection) => {
                let query =
                    format!("WITH asked (value) AS ({query}) SELECT CAST(value AS TEXT) AS value FROM asked");
                diesel::sql_query(query).load(&mut **connection)?
            }
        };
        Ok(rows.into_iter().filter_map(|row| row.value).collect())
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// The database that is meant: `--database-url`, else `DATABASE_URL`, else the same in the `.env` of the crate's directory or one
/// above it, where Diesel's CLI finds it too.
///
/// # Errors
/// None of the three says; what one says is no URL; it is a database of another product than the models are for.
pub fn url(project: &Project, given: Option<&str>) -> Result<Url, Stop> {
    let text = match (given, std::env::var("DATABASE_URL")) {
        (Some(given), _) => given.to_owned(),
        (None, Ok(set)) => set,
        (None, Err(_)) => dotenv::database_url(&project.root)?.ok_or_else(|| {
            Stop::refused(
                "which database isn't said",
                "say it with --database-url, with DATABASE_URL in the environment, or with DATABASE_URL in .env",
            )
        })?,
    };
    let url = Url::parse(&text)?;
    if url.product() != project.dialect.name() {
        return Err(Stop::refused(
            format!(
                "{url} is a database of {}, and the models are for {}",
                url.product(),
                project.dialect.name()
            ),
            "name the right database, or set `dialect` in schemig.toml",
        ));
    }
    Ok(url)
}

/// What a database says when it fails: exit 4, without the password.
pub fn failed(url: &Url, what: &str, error: &dyn std::fmt::Display) -> Stop {
    let message = format!("{what}: {}", url.scrub(&error.to_string()));
    Stop { exit: Exit::Failed, diagnostics: vec![Diagnostic::new(message)] }
}

fn unreachable(url: &Url, error: &diesel::ConnectionError) -> Stop {
    let message = format!("can't connect to {url}: {}", url.scrub(error.to_string().trim()));
    let found =
        Diagnostic::new(message).help("check --database-url or DATABASE_URL, and that the server runs");
    Stop { exit: Exit::Failed, diagnostics: vec![found] }
}
