//! A populated SQLite database, and Diesel's own harness running what the dialect renders.

use std::fs;

use cargo_schemig::introspect;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use schemig_core::dialect::Dialect;
use schemig_core::dialect::sqlite::Sqlite;
use schemig_core::operation::{Operation, inverse};
use schemig_core::schema::{
    Action, Check, Column, ForeignKey, Identity, Index, Provenance, Schema, SqlType, State, Table,
};
use tempfile::TempDir;

/// A database, what is known of it, and the migrations that ran.
pub struct Bench {
    pub connection: SqliteConnection,
    pub state: State,
    pub sqlite: Sqlite,
    migrations: TempDir,
    count: u32,
}

/// Authors with books: NULLs, duplicates, boundary values, a parent without and one with several children.
pub fn library() -> Schema {
    let key = Column { identity: Some(Identity::ByDefault), ..Column::required(SqlType::Integer) };
    let authors = Table::keyed_by(["id"])
        .with_column("id", key.clone())
        .with_column("name", Column::required(SqlType::Text))
        .with_column("email", Column::optional(SqlType::Varchar(Some(50))))
        .with_column("score", Column::required(SqlType::Integer).with_default("0"))
        .with_column("born", Column::optional(SqlType::Timestamp))
        .with_column("note", Column::optional(SqlType::Text))
        .with_index("authors_email", Index::unique_on(["email"]))
        .with_index("authors_note", Index::on(["note", "name"]))
        .with_check("score_is_positive", Check::on("score >= 0"));
    let books = Table::keyed_by(["id"])
        .with_column("id", key)
        .with_column("author_id", Column::required(SqlType::Integer))
        .with_column("title", Column::required(SqlType::Text))
        .with_column("price", Column::optional(SqlType::Double))
        .with_index("books_author_id", Index::on(["author_id"]))
        .with_foreign_key("books_author_id_fkey", refers("author_id", Action::Cascade));
    Schema::default().with_table("authors", authors).with_table("books", books)
}

/// A foreign key to `authors`.
pub fn refers(column: &str, on_delete: Action) -> ForeignKey {
    ForeignKey {
        columns: vec![column.into()],
        references: "authors".into(),
        key: vec!["id".into()],
        on_delete,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Provenance::Declared,
    }
}

const ROWS: &str = "
    INSERT INTO authors (id, name, email, score, born, note) VALUES
        (1, 'Ada', 'ada@example.org', 0, '1815-12-10 00:00:00', NULL),
        (2, 'Bob', NULL, 9223372036854775807, NULL, ''),
        (3, 'Bob', NULL, 7, NULL, 'it''s'),
        (-5, '', 'x', 1, NULL, NULL);
    INSERT INTO books (id, author_id, title, price) VALUES
        (1, 1, 'Notes', 1.5), (2, 1, 'Notes', NULL), (3, 2, 'More', -0.0), (9, -5, '', 1e300);
";

impl Bench {
    /// The library, made by the dialect itself, and its rows.
    pub fn library(sqlite: Sqlite) -> Self {
        Self::at(":memory:", sqlite)
    }

    /// The same in a file.
    pub fn at(path: &str, sqlite: Sqlite) -> Self {
        let mut bench = Self {
            connection: SqliteConnection::establish(path).expect("a new database"),
            state: State::default(),
            sqlite,
            migrations: tempfile::tempdir().expect("a directory"),
            count: 0,
        };
        for (table, definition) in &library().tables {
            let (table, definition) = (table.clone(), definition.clone());
            bench.up(&[Operation::CreateTable { table, definition }]).expect("an empty database takes it");
        }
        bench.execute(ROWS);
        bench.state.empty.clear();
        bench
    }

    /// Runs the operations as one migration. On success the state follows.
    pub fn up(&mut self, operations: &[Operation]) -> Result<(), String> {
        let rendered = self.sqlite.render(operations, &self.state);
        self.migrate(&rendered.sql, rendered.transactional)?;
        for operation in operations {
            self.state.apply(operation).expect("the model takes what the server took");
        }
        Ok(())
    }

    /// Lets Diesel run a file.
    pub fn migrate(&mut self, sql: &str, transactional: bool) -> Result<(), String> {
        self.count += 1;
        let directory = self.migrations.path().join(format!("2026-01-01-{:06}_step", self.count));
        fs::create_dir(&directory).expect("a new directory");
        fs::write(directory.join("up.sql"), sql).expect("up.sql");
        fs::write(directory.join("down.sql"), "SELECT 1;\n").expect("down.sql");
        let metadata = format!("run_in_transaction = {transactional}\n");
        fs::write(directory.join("metadata.toml"), metadata).expect("metadata.toml");
        let source = FileBasedMigrations::from_path(self.migrations.path()).expect("migrations");
        let run =
            self.connection.run_pending_migrations(source).map(|_| ()).map_err(|error| error.to_string());
        if run.is_err() {
            fs::remove_dir_all(&directory).expect("the directory goes");
        }
        run
    }

    /// Runs the operations, compares, and takes them back; at each end the database must be what the model says.
    pub fn there_and_back(&mut self, operations: &[Operation]) {
        let mut undo = Vec::new();
        let mut state = self.state.clone();
        for operation in operations {
            undo.splice(0..0, inverse(operation, &state));
            state.apply(operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
        }
        self.up(operations).unwrap_or_else(|error| panic!("{operations:?}: {error}"));
        self.compare(&format!("after {operations:?}"));
        for operation in undo {
            let rendered = self.sqlite.render(std::slice::from_ref(&operation), &self.state);
            self.migrate(&rendered.sql, rendered.transactional)
                .unwrap_or_else(|error| panic!("back by {operation}: {error}\n{}", rendered.sql));
            let mut proved = self.state.clone();
            proved.null_free.extend(self.null_free());
            proved.apply(&operation).unwrap_or_else(|error| panic!("back by {operation}: {error}"));
            self.state = proved;
            self.compare(&format!("after {operation}, which takes back {operations:?}"));
        }
    }

    /// The columns that a DROP NOT NULL left free of NULL, which no one has written since.
    fn null_free(&self) -> Vec<schemig_core::schema::ColumnRef> {
        self.state
            .schema
            .tables
            .iter()
            .flat_map(|(table, known)| known.columns.keys().map(move |column| (table, column)))
            .map(|(table, column)| schemig_core::schema::ColumnRef::new(table, column))
            .collect()
    }

    /// The database reads back as the model says, and no row dangles.
    pub fn compare(&mut self, when: &str) {
        let found = introspect::sqlite(&mut self.connection).expect("a database that can be read").schema;
        assert_eq!(found, self.sqlite.kept(&self.state.schema), "{when}");
        assert_eq!(self.text("SELECT count(*) AS value FROM pragma_foreign_key_check"), "0", "{when}");
        assert_eq!(self.text("SELECT foreign_keys AS value FROM pragma_foreign_keys"), "1", "{when}");
        assert_eq!(self.text("SELECT integrity_check AS value FROM pragma_integrity_check"), "ok", "{when}");
    }

    /// Every row and every definition, for telling whether anything changed. Temporary tables included.
    pub fn dump(&mut self) -> String {
        let tables = "SELECT group_concat(name) AS value FROM (SELECT name FROM sqlite_schema \
                      WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name)";
        let mut dump = self.text(
            "SELECT group_concat(sql, ';') AS value FROM (SELECT coalesce(sql, '') AS sql FROM sqlite_schema \
             UNION ALL SELECT coalesce(sql, '') FROM sqlite_temp_schema)",
        );
        for table in self.text(tables).split(',').map(str::to_owned).collect::<Vec<_>>() {
            let columns = self.text(&format!(
                "SELECT group_concat('quote(' || name || ')', ' || char(9) || ') AS value FROM pragma_table_xinfo('{table}')"
            ));
            let rows = self.text(&format!(
                "SELECT coalesce(group_concat({columns}, char(10)), '') AS value FROM (SELECT * FROM {table} ORDER BY 1)"
            ));
            dump.push_str(&format!("\n-- {table}\n{rows}"));
        }
        dump
    }

    /// A migration that must stop, say `why`, leave everything as it was, and leave no transaction open.
    pub fn stops(&mut self, operations: &[Operation], why: &str) {
        let before = self.dump();
        let error = self.up(operations).expect_err("it stops");
        assert!(error.contains(why), "{error}\nwas expected to say: {why}");
        assert_eq!(self.dump(), before, "after: {error}");
        self.execute("BEGIN; ROLLBACK; PRAGMA foreign_keys = ON;");
    }

    /// Runs statements.
    pub fn execute(&mut self, sql: &str) {
        use diesel::connection::SimpleConnection as _;
        self.connection.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The one text that a query gives as `value`.
    pub fn text(&mut self, query: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            value: String,
        }
        let query = format!("SELECT CAST(value AS TEXT) AS value FROM ({query})");
        sql_query(&query)
            .get_result::<Row>(&mut self.connection)
            .unwrap_or_else(|error| panic!("{query}: {error}"))
            .value
    }
}
