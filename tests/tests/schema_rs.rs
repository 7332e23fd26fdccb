//! schema.rs, byte for byte what the real `diesel print-schema` prints for the same database.

use std::process::Command;

use cargo_schemig::introspect;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use schemig_core::dialect::Dialect;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::sqlite::Sqlite;
use schemig_core::script::schema_rs::schema_rs;
use schemig_tests::cluster::Cluster;
use schemig_tests::diesel_cli;

/// Names that Rust can't take, keys of all kinds, tables without a key to anything.
const EITHER: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, users TEXT, \"type\" VARCHAR(20) NOT NULL, \"2 fast\" BOOLEAN);
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY NOT NULL, author INTEGER NOT NULL REFERENCES users (id), reviewer INTEGER,
        parent INTEGER REFERENCES posts (id), \"self\" INTEGER REFERENCES users (id), at TIMESTAMP, day DATE
    );
    CREATE TABLE columns (id SMALLINT NOT NULL, part BIGINT NOT NULL, price REAL, PRIMARY KEY (id, part));
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY NOT NULL, post INTEGER NOT NULL REFERENCES posts (id), column_id SMALLINT, part BIGINT,
        \"as\" INTEGER UNIQUE REFERENCES users (id), FOREIGN KEY (column_id, part) REFERENCES columns (id, part)
    );
    CREATE TABLE likes (id INTEGER PRIMARY KEY NOT NULL, comment_ref INTEGER REFERENCES comments (\"as\"));
    CREATE TABLE \"it's \"\"odd\"\"#\" (\"key \"\"x\"\"\" INTEGER PRIMARY KEY NOT NULL);
";

const POSTGRES: &str = "
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TYPE \"Odd Type\" AS ENUM ('x');
    CREATE TABLE much (
        id INT8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code CHAR(3), open VARCHAR, n NUMERIC(9,2), tags TEXT[] NOT NULL,
        short VARCHAR(5)[], at TIMESTAMPTZ, span INTERVAL, u UUID, j JSON, jb JSONB, b BYTEA, t TIME, d FLOAT8,
        feels mood NOT NULL, felt mood[], odd \"Odd Type\", search TSVECTOR, net INET, r INT4RANGE, v BIT VARYING
    );
    CREATE TABLE much_more (id SERIAL PRIMARY KEY, feels mood);
";

fn print_schema(url: &str) -> String {
    let output = Command::new(diesel_cli::binary())
        .args(["--database-url", url, "print-schema", "--custom-type-derives"])
        .args(["diesel::query_builder::QueryId", "--custom-type-derives", "Clone"])
        .current_dir(std::env::temp_dir())
        .output()
        .expect("the Diesel CLI runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn same(ours: &str, theirs: &str) {
    assert_eq!(ours.lines().collect::<Vec<_>>(), theirs.lines().collect::<Vec<_>>());
    assert_eq!(ours, theirs);
}

#[test]
fn sqlite_prints_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("db").display().to_string();
    let mut connection = SqliteConnection::establish(&path).expect("a database");
    let sqlite = Sqlite { version: (3, 53) };
    connection
        .batch_execute("CREATE TABLE one (id INTEGER PRIMARY KEY NOT NULL, d DOUBLE, b BLOB)")
        .expect("a table");
    for _ in 0..2 {
        let found = introspect::sqlite(&mut connection).expect("a schema").schema;
        same(&schema_rs(&found, &sqlite as &dyn Dialect).expect("types"), &print_schema(&path));
        let _ = connection.batch_execute(EITHER);
    }
}

#[test]
fn lines_break_where_rustfmt_breaks_them() {
    let directory = tempfile::tempdir().expect("a directory");
    for (lengths, case) in [
        vec![9; 5],
        vec![16, 17, 9, 3],
        vec![16, 17, 10, 3],
        vec![16, 17, 11, 3],
        vec![10; 30],
        vec![9, 9, 9, 9, 9, 9, 9, 9, 6, 3],
        vec![9, 9, 9, 9, 9, 9, 9, 9, 7, 3],
        vec![10, 10, 10, 10, 10, 11],
    ]
    .into_iter()
    .zip(0..)
    {
        let path = directory.path().join(format!("db{case}")).display().to_string();
        let mut connection = SqliteConnection::establish(&path).expect("a database");
        for (length, number) in lengths.into_iter().zip(0..) {
            let name = format!("t{number:02}{}", "x".repeat(length - 3));
            let sql = format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY NOT NULL)");
            connection.batch_execute(&sql).expect("a table");
        }
        let found = introspect::sqlite(&mut connection).expect("a schema").schema;
        let ours = schema_rs(&found, &Sqlite { version: (3, 53) } as &dyn Dialect).expect("types");
        same(&ours, &print_schema(&path));
    }
}

#[test]
fn postgres_prints_the_same() {
    let database = Cluster::shared().database("print");
    let mut connection = database.connect();
    connection.batch_execute(EITHER).expect("tables");
    connection.batch_execute(POSTGRES).expect("more tables");
    let found = introspect::postgres(&mut connection, "public").expect("a schema").schema;
    let postgres = Postgres { version: 15, default_schema: "public".to_owned() };
    same(&schema_rs(&found, &postgres as &dyn Dialect).expect("types"), &print_schema(&database.url()));
}

#[test]
fn a_type_that_diesel_does_not_have_is_an_error_with_its_place() {
    let mut connection = SqliteConnection::establish(":memory:").expect("a database");
    connection.batch_execute("CREATE TABLE t (id INTEGER PRIMARY KEY, at GEOMETRY)").expect("a table");
    let found = introspect::sqlite(&mut connection).expect("a schema").schema;
    let error = schema_rs(&found, &Sqlite { version: (3, 53) } as &dyn Dialect).expect_err("no such type");
    assert_eq!(error.to_string(), "Diesel has no type for t.at, which is GEOMETRY");
}
