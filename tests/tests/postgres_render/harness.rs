//! A database, the state that it is in, and files sent to it as Diesel sends them.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::{Dialect as _, Rendered};
use schemig_core::operation::{Operation, inverse};
use schemig_core::schema::{
    Action, Check, Column, ForeignKey, Index, Origin, Provenance, Source, SqlType, State, Table,
};
use schemig_tests::cluster::{Cluster, Database};

/// A database and what schemig knows of it.
pub struct Live {
    pub database: Database<'static>,
    pub connection: PgConnection,
    pub dialect: Postgres,
    pub state: State,
}

/// The tables of the story, in the order in which they are made.
pub fn story() -> [Operation; 3] {
    [create("organizations", organizations()), create("users", users()), create("memberships", memberships())]
}

impl Live {
    /// An empty database.
    pub fn empty(stem: &str) -> Self {
        let cluster = Cluster::shared();
        let database = cluster.database(stem);
        let connection = database.connect();
        let dialect = Postgres { version: cluster.version(), ..Postgres::default() };
        Self { database, connection, dialect, state: State::default() }
    }

    /// Users with and without membership, in organizations 1 and 2; made by our own files.
    pub fn story(stem: &str) -> Self {
        let mut live = Self::empty(stem);
        story().iter().for_each(|table| live.up(std::slice::from_ref(table)));
        live.sql(
            "INSERT INTO public.organizations (id, name) VALUES (1, 'one'), (2, 'two');
             INSERT INTO public.users (id, email, full_name, settings) SELECT n, 'u' || n, 'U' || n, '{\"a\": 1, \"a\": 2}'
                 FROM generate_series(1, 20) AS n;
             INSERT INTO public.memberships (user_id, organization_id) SELECT n, 1 + n % 2 FROM generate_series(1, 18) AS n;",
        );
        live.state.empty.clear();
        live
    }

    pub fn sql(&mut self, sql: &str) {
        self.connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}\nin {sql}"));
    }

    /// The one value of a query, as text.
    pub fn ask(&mut self, sql: &str) -> String {
        ask(&mut self.connection, sql)
    }

    pub fn render(&self, operations: &[Operation]) -> Rendered {
        self.dialect.render(operations, &self.state)
    }

    /// Does operations to the database and to the state.
    pub fn up(&mut self, operations: &[Operation]) {
        let rendered = self.render(operations);
        send(&mut self.connection, &rendered).unwrap_or_else(|error| panic!("{error}\nin {}", rendered.sql));
        self.advance(operations);
        self.stand_in();
    }

    /// Makes the partitions that tables need.
    fn stand_in(&mut self) {
        let tables: Vec<_> =
            self.state.schema.tables.iter().map(|(name, table)| (name.clone(), table)).collect();
        if let Some(sql) = self.dialect.stand_ins(&tables) {
            self.sql(&sql);
        }
    }

    pub fn advance(&mut self, operations: &[Operation]) {
        for operation in operations {
            self.state.apply(operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
        }
    }

    /// Does operations and expects an error; its text.
    pub fn fails(&mut self, operations: &[Operation]) -> String {
        let rendered = self.render(operations);
        match send(&mut self.connection, &rendered) {
            Ok(()) => panic!("this was to fail: {}", rendered.sql),
            Err(error) => error.to_string(),
        }
    }

    /// What takes `operation` back, in the state before it.
    pub fn inverse(&self, operation: &Operation) -> Vec<Operation> {
        inverse(operation, &self.state)
    }

    /// Another session, which gives up on a lock after a while rather than hang the test.
    pub fn session(&self) -> PgConnection {
        let mut connection = self.database.connect();
        connection.batch_execute("SET lock_timeout = '20s'").expect("a setting");
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

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

pub fn ask(connection: &mut PgConnection, sql: &str) -> String {
    let answers: Vec<Answer> = diesel::sql_query(format!("SELECT ({sql})::text AS value"))
        .load(connection)
        .unwrap_or_else(|error| panic!("{error}\nin {sql}"));
    let [answer] = answers.as_slice() else { panic!("one row from {sql}") };
    answer.value.clone().unwrap_or_else(|| "NULL".to_owned())
}

pub fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

pub fn create(table: &str, definition: Table) -> Operation {
    Operation::CreateTable { table: table.into(), definition }
}

pub fn add(table: &str, column: &str, definition: Column) -> Operation {
    Operation::AddColumn { table: table.into(), column: column.into(), definition }
}

pub fn references(columns: &[&str], parent: &str, key: &[&str]) -> ForeignKey {
    ForeignKey {
        columns: columns.iter().map(|column| (*column).into()).collect(),
        references: parent.into(),
        key: key.iter().map(|column| (*column).into()).collect(),
        on_delete: Action::Cascade,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Provenance::Declared,
    }
}

fn organizations() -> Table {
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("name", Column::required(SqlType::Text))
}

fn users() -> Table {
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("email", Column::required(SqlType::Text))
        .with_column("full_name", Column::optional(SqlType::Varchar(Some(40))))
        .with_column("settings", Column::optional(SqlType::Json))
        .with_column("seen", Column::required(SqlType::Integer).with_default("0"))
        .with_index("users_email_key", Index::unique_on(["email"]))
        .with_check("users_seen_check", Check::on("seen >= 0"))
}

fn memberships() -> Table {
    Table::keyed_by(["user_id"])
        .with_column("user_id", Column::required(SqlType::BigInt))
        .with_column("organization_id", Column::required(SqlType::BigInt))
        .with_foreign_key("memberships_user_id_fkey", references(&["user_id"], "users", &["id"]))
        .with_foreign_key(
            "memberships_organization_id_fkey",
            references(&["organization_id"], "organizations", &["id"]),
        )
}

/// Where `users.organization_id` comes from.
pub fn source(otherwise: Option<&str>) -> Source {
    Source {
        table: "memberships".into(),
        key: "user_id".into(),
        value: "organization_id".into(),
        otherwise: otherwise.map(Into::into),
    }
}

pub fn organization_id() -> Operation {
    add("users", "organization_id", Column::optional(SqlType::BigInt))
}

pub fn follow(source: &Source) -> Operation {
    Operation::Follow { table: "users".into(), column: "organization_id".into(), source: source.clone() }
}

pub fn keep_filled(source: &Source) -> Operation {
    Operation::KeepFilled {
        table: "users".into(),
        column: "organization_id".into(),
        origin: Origin::Source(source.clone()),
    }
}

pub fn backfill(table: &str, column: &str, origin: Origin) -> Operation {
    Operation::Backfill { table: table.into(), column: column.into(), origin, batched: true }
}
