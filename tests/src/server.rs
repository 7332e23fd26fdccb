//! A database on a real server, PostgreSQL or SQLite, behind one face.

use cargo_schemig::database::Connection;
use cargo_schemig::introspect::{self, Introspected};
use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationConnection as _, MigrationSource as _};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use schemig_core::dialect::Dialect;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::sqlite::Sqlite;
use schemig_core::plan::creation;
use schemig_core::schema::{Schema, State};
use tempfile::TempDir;

use crate::cluster::{Cluster, Database};
use crate::fixture::Product;
use crate::pair::Directory;

/// Which way a migration directory is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// up.sql.
    Up,
    /// down.sql.
    Down,
}

/// A database, empty at first, and gone with the value.
pub struct Server {
    connection: Connection,
    /// What it needs beside tables before rows can be written: partitions.
    stand_ins: Option<String>,
    database: Option<Database<'static>>,
}

/// What is in a database: tables, and what schemig may have left beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Tables, and what has no place in a schema.
    pub introspected: Introspected,
    /// Functions, which are in no table's description.
    pub functions: String,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// What the fixtures have for a default that differs from row to row; the server brings it from 13 on.
const UUID_BEFORE_13: &str = "CREATE FUNCTION pg_catalog.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE \
    AS 'SELECT md5(random()::text || clock_timestamp()::text)::uuid'";

impl Server {
    /// A new database on the cluster that the process shares, or in memory.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn new(product: Product) -> Self {
        match product {
            Product::Postgres => {
                let database = Cluster::shared().database("fixture");
                let connection = Connection::Postgres(Box::new(database.connect()));
                let mut server = Self { connection, stand_ins: None, database: Some(database) };
                if Cluster::shared().version() < 13 {
                    server.execute(UUID_BEFORE_13).expect("a function");
                }
                server
            }
            Product::Sqlite => {
                let connection = <SqliteConnection as diesel::Connection>::establish(":memory:")
                    .expect("a database in memory");
                let connection = Connection::Sqlite(Box::new(connection));
                let mut server = Self { connection, stand_ins: None, database: None };
                server.execute("PRAGMA foreign_keys = ON").expect("a setting");
                server
            }
        }
    }

    /// What renders for a product as it is here.
    pub fn dialect(product: Product) -> Box<dyn Dialect + Send + Sync> {
        match product {
            Product::Postgres => {
                Box::new(Postgres { version: Cluster::shared().version(), ..Postgres::default() })
            }
            Product::Sqlite => Self::usual_dialect(product),
        }
    }

    /// What renders for a product where nobody names a version: what the snapshots show, on whichever server they are made.
    pub fn usual_dialect(product: Product) -> Box<dyn Dialect + Send + Sync> {
        match product {
            Product::Postgres => Box::new(Postgres::default()),
            // The oldest that schemig knows; what is rendered for it runs on all.
            Product::Sqlite => Box::new(Sqlite { version: (3, 35) }),
        }
    }

    /// The database, where it is on a cluster.
    pub fn database(&self) -> Option<&Database<'static>> {
        self.database.as_ref()
    }

    /// The connection to it.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The connection, for whoever goes on with it.
    pub fn into_connection(self) -> Connection {
        self.connection
    }

    /// The product.
    pub fn product(&self) -> Product {
        match &self.connection {
            Connection::Postgres(_) => Product::Postgres,
            Connection::Sqlite(_) => Product::Sqlite,
        }
    }

    /// Clears it and makes these tables at once.
    ///
    /// # Panics
    /// When the server refuses one.
    pub fn build(&mut self, schema: &Schema) {
        self.clear();
        let later = self.stand_ins.take();
        self.stand_in([schema]);
        self.create(schema);
        self.stand_ins = later.or_else(|| self.stand_ins.take());
    }

    /// Has the partitions that tables of these schemas need, whenever tables are made from here on.
    pub fn stand_in<'a>(&mut self, schemas: impl IntoIterator<Item = &'a Schema>) {
        let dialect = Self::dialect(self.product());
        self.stand_ins = cargo_schemig::verify::sequence::stand_ins(dialect.as_ref(), schemas);
    }

    /// Makes the partitions that are missing.
    fn stands(&mut self) -> QueryResult<()> {
        self.stand_ins.clone().map_or(Ok(()), |sql| self.execute(&sql))
    }

    /// Makes these tables beside what it holds.
    ///
    /// # Panics
    /// When the server refuses one.
    pub fn create(&mut self, schema: &Schema) {
        let dialect = Self::dialect(self.product());
        let mut state = State::default();
        for operation in creation(schema, dialect.capabilities()) {
            let sql = dialect.render(std::slice::from_ref(&operation), &state).sql;
            self.execute(&sql).unwrap_or_else(|error| panic!("{error}\nin {sql}"));
            state.apply(&operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
        }
        self.stands().unwrap_or_else(|error| panic!("{error}"));
    }

    /// Leaves nothing in it. Making a database takes a server longer than emptying one. The connection is another one then: Diesel keeps
    /// the numbers of types, and one that is made again has another.
    fn clear(&mut self) {
        match self.product() {
            Product::Postgres => {
                self.execute(
                    "DO 'DECLARE own text; BEGIN
                        FOR own IN SELECT nspname FROM pg_namespace WHERE nspname !~ ''^pg_'' AND nspname <> ''information_schema'' LOOP
                            EXECUTE format(''DROP SCHEMA %I CASCADE'', own);
                        END LOOP;
                     END'; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO public",
                )
                .expect("a superuser may");
                let connection = self.database.as_ref().map(|database| Box::new(database.connect()));
                self.connection = Connection::Postgres(connection.expect("it is on the cluster"));
            }
            Product::Sqlite => *self = Self::new(Product::Sqlite),
        }
    }

    /// Runs statements.
    ///
    /// # Errors
    /// The server's.
    pub fn execute(&mut self, sql: &str) -> QueryResult<()> {
        match &mut self.connection {
            Connection::Postgres(connection) => connection.batch_execute(sql),
            Connection::Sqlite(connection) => connection.batch_execute(sql),
        }
    }

    /// What a query gives as `value`, row by row, as text; NULL is the word.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn ask(&mut self, query: &str) -> Vec<String> {
        let query = format!("SELECT CAST(value AS TEXT) AS value FROM ({query}) AS asked");
        let answers: QueryResult<Vec<Answer>> = match &mut self.connection {
            Connection::Postgres(connection) => diesel::sql_query(&query).load(&mut **connection),
            Connection::Sqlite(connection) => diesel::sql_query(&query).load(&mut **connection),
        };
        let answers = answers.unwrap_or_else(|error| panic!("{error}\nin {query}"));
        answers.into_iter().map(|answer| answer.value.unwrap_or_else(|| "NULL".to_owned())).collect()
    }

    /// Lets Diesel run a migration directory one way.
    ///
    /// # Errors
    /// What Diesel says.
    pub fn run(&mut self, directory: &Directory, way: Way) -> Result<(), String> {
        let root: TempDir = tempfile::tempdir().expect("a directory");
        directory.write(root.path());
        let source = FileBasedMigrations::from_path(root.path()).expect("one migration");
        macro_rules! run {
            ($connection:expr, $backend:ty) => {{
                let migrations: Vec<Box<dyn Migration<$backend>>> =
                    source.migrations().expect("one migration");
                match way {
                    Way::Up => $connection.run_migration(&migrations[0]),
                    Way::Down => $connection.revert_migration(&migrations[0]),
                }
                .map(|_| ())
                .map_err(|error| error.to_string())
            }};
        }
        let ran = match &mut self.connection {
            Connection::Postgres(connection) => {
                connection.setup().expect("Diesel's own table");
                run!(connection, diesel::pg::Pg)
            }
            Connection::Sqlite(connection) => {
                connection.setup().expect("Diesel's own table");
                let ran = run!(connection, diesel::sqlite::Sqlite);
                if ran.is_err() {
                    // What a file with a transaction of its own leaves open, Diesel doesn't end; a new process would.
                    let _ = connection.batch_execute("ROLLBACK");
                    let _ = connection.batch_execute("PRAGMA foreign_keys = ON");
                }
                ran
            }
        };
        ran.and_then(|()| self.stands().map_err(|error| error.to_string()))
    }

    /// What is in it.
    ///
    /// # Panics
    /// When it can't be read back.
    pub fn contents(&mut self) -> Contents {
        let introspected = match &mut self.connection {
            Connection::Postgres(connection) => introspect::postgres(connection, "public"),
            Connection::Sqlite(connection) => introspect::sqlite(connection),
        };
        let functions = match &self.connection {
            Connection::Postgres(_) => self.ask(
                "SELECT string_agg(proname, ', ' ORDER BY proname) AS value FROM pg_proc \
                 WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend \
                     WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')",
            ),
            Connection::Sqlite(_) => Vec::new(),
        };
        Contents { introspected: introspected.expect("it can be read back"), functions: functions.concat() }
    }
}
