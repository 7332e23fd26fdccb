//! A database with rows, and files sent to it as Diesel sends them.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use schemig_core::dialect::{Dialect as _, Rendered};
use schemig_core::plan::creation;
use schemig_core::schema::State;
use schemig_tests::cluster::{Cluster, Database};

use crate::planned::{File, Planned};

/// A database that a plan starts from.
pub struct Bench {
    pub database: Database<'static>,
    pub connection: PgConnection,
}

impl Bench {
    /// The tables that `planned` starts from, made by our own files, with rows.
    pub fn new(stem: &str, planned: &Planned, rows: &str) -> Self {
        let database = Cluster::shared().database(stem);
        let mut connection = database.connect();
        for operation in creation(&planned.start.schema, planned.dialect.capabilities()) {
            let rendered = planned.dialect.render(std::slice::from_ref(&operation), &State::default());
            send(&mut connection, &rendered).unwrap_or_else(|error| panic!("{error}\nin {}", rendered.sql));
        }
        let mut bench = Self { database, connection };
        bench.sql(rows);
        bench
    }

    /// Runs SQL that must not fail.
    pub fn sql(&mut self, sql: &str) {
        self.connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}\nin {sql}"));
    }

    /// The one value of a query, as text.
    pub fn ask(&mut self, sql: &str) -> String {
        ask(&mut self.connection, sql).unwrap_or_else(|error| panic!("{error}\nin {sql}"))
    }

    /// Files up, in order.
    pub fn up(&mut self, files: &[File]) {
        for file in files {
            let sent = send(&mut self.connection, &file.up);
            sent.unwrap_or_else(|error| panic!("{error}\nin {}", file.up.sql));
        }
    }

    /// Files down, the last first.
    pub fn down(&mut self, files: &[File]) {
        for file in files.iter().rev() {
            let sent = send(&mut self.connection, &file.down);
            sent.unwrap_or_else(|error| panic!("{error}\nin {}", file.down.sql));
        }
    }

    /// What the server says to SQL that must fail.
    pub fn refused(&mut self, sql: &str) -> String {
        refused(&mut self.connection, &Rendered { sql: sql.to_owned(), transactional: true })
    }

    /// As many connections as there are clients, none of which waits forever.
    pub fn clients(&self) -> Vec<PgConnection> {
        (0..8).map(|_| self.client()).collect()
    }

    /// One of them.
    pub fn client(&self) -> PgConnection {
        let mut connection = self.database.connect();
        connection.batch_execute("SET statement_timeout = '20s'").expect("a setting");
        connection
    }
}

/// Sends a file as Diesel does: one string, in a transaction or not.
pub fn send(connection: &mut PgConnection, rendered: &Rendered) -> QueryResult<()> {
    if rendered.transactional {
        connection.transaction(|connection| connection.batch_execute(&rendered.sql))
    } else {
        connection.batch_execute(&rendered.sql)
    }
}

/// What the server says to a file that must fail.
pub fn refused(connection: &mut PgConnection, rendered: &Rendered) -> String {
    match send(connection, rendered) {
        Ok(()) => panic!("this was to fail: {}", rendered.sql),
        Err(error) => error.to_string(),
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// The one value of a query, as text.
pub fn ask(connection: &mut PgConnection, sql: &str) -> QueryResult<String> {
    let answers: Vec<Answer> =
        diesel::sql_query(format!("SELECT ({sql})::text AS value")).load(connection)?;
    let value = answers.into_iter().next().and_then(|answer| answer.value);
    Ok(value.unwrap_or_else(|| "NULL".to_owned()))
}
