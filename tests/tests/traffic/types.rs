//! Every type goes there and back: bound, stored, and decoded as the values that they were.

use cargo_schemig::database::Connection;
use cargo_schemig::verify::rows::{Filling, fill};
use cargo_schemig::verify::traffic::{Kind, Release, Session, Side, Statement, Value, statements};
use schemig_core::dialect::Dialect;
use schemig_core::schema::{Column, Schema, SqlType, Table};
use schemig_tests::fixture::Product;
use schemig_tests::server::Server;

/// Types by their spelling: all that schemig knows, and with `citext` and below what only the server and Diesel know.
const EVERYWHERE: &[&str] = &[
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(6,2)",
    "numeric(4,0)",
    "text",
    "varchar",
    "varchar(5)",
    "char(3)",
    "boolean",
    "binary",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "json",
    "jsonb",
];

const POSTGRES: &[&str] = &[
    "interval",
    "uuid",
    "text[]",
    "bigint[]",
    "numeric[]",
    "timestamptz[]",
    "uuid[]",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "money",
    "oid",
    "pg_lsn",
    "int4range",
    "int8range",
    "numrange",
    "daterange",
    "tsrange",
    "tstzrange",
    "int4range[]",
    "mood",
    "mood[]",
    "shop.\"Mood\"",
    "positive",
    "point",
    "xml",
    "bit(3)",
    "tsvector",
    "timetz",
];

/// From PostgreSQL 14 on.
const MULTIRANGES: &[&str] = &["int4multirange", "nummultirange", "datemultirange", "tstzmultirange"];

const OWN_TYPES: &str = "CREATE TYPE mood AS ENUM ('glad', 'it''s sad'); CREATE SCHEMA shop; \
    CREATE TYPE shop.\"Mood\" AS ENUM ('grün'); CREATE DOMAIN positive AS integer CHECK (VALUE > 41)";

/// A table with a column of each type, none of which may be NULL.
fn schema(types: &[&str]) -> Schema {
    let mut table = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::Integer));
    for (place, text) in types.iter().enumerate() {
        table = table.with_column(&format!("c{place}"), Column::required(SqlType::parse(text)));
    }
    Schema::default().with_table("all_types", table)
}

fn find<'a>(statements: &'a [Statement], kind: &Kind) -> &'a Statement {
    statements.iter().find(|one| one.kind == *kind).expect("every table has it")
}

/// What the release reads, writes again under new keys, and reads then.
fn there_and_back(session: &mut Session, dialect: &dyn Dialect, schema: &Schema) {
    let spelling = session.connection().spelling();
    let statements = statements(Release { schema, side: Side::Newest, dialect, spelling });
    let select = find(&statements, &Kind::Select);
    let rows = session.run(select, &[Value::Integer(1000)]).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(rows.len() > 20, "only {} rows could be filled in", rows.len());
    for (number, row) in rows.iter().enumerate() {
        let mut new = row.clone();
        new[0] = Value::Integer(1_000_000 + i64::try_from(number).expect("few rows"));
        let written = session.run(find(&statements, &Kind::Insert), &new);
        let written = written.unwrap_or_else(|failure| panic!("{failure}\n{new:?}"));
        assert_eq!(written, [new.clone()], "what was bound comes back");
        let found = session.run(find(&statements, &Kind::Find), &new[..1]);
        assert_eq!(found.unwrap_or_else(|failure| panic!("{failure}")), [new], "and is read again");
    }
    // Of a type that is known by name only, one guess will do.
    for (place, field) in select.known.fields.iter().enumerate().skip(1) {
        let mut values: Vec<String> = rows.iter().map(|row| row[place].to_string()).collect();
        values.sort();
        values.dedup();
        let named = matches!(field.sql_type, SqlType::Named(_));
        assert!(values.len() > if named { 0 } else { 1 }, "{} has only {values:?}", field.sql_type);
    }
}

fn filled(server: &mut Server, product: Product, schema: &Schema) {
    let dialect = Server::dialect(product);
    let connection = server.connection();
    let filling = Filling {
        dialect: dialect.as_ref(),
        spelling: connection.spelling(),
        schema,
        demands: &[],
        lookups: &[],
        rows: 60,
        seed: 3,
    };
    let filled = fill(connection, &filling).expect("the server is there");
    println!("{filled:?}");
}

#[test]
fn on_postgres() {
    let mut server = Server::new(Product::Postgres);
    let version: u32 = server.ask("SELECT current_setting('server_version_num')::int / 10000 AS value")[0]
        .parse()
        .expect("a version");
    let multiranges = if version < 14 { &[] } else { MULTIRANGES };
    let schema = schema(&[EVERYWHERE, POSTGRES, multiranges].concat());
    server.execute(OWN_TYPES).expect("types of the user's own");
    server.create(&schema);
    filled(&mut server, Product::Postgres, &schema);
    let connection = server.database().expect("a database on a cluster").connect();
    let mut session = Session::new(Connection::Postgres(Box::new(connection)));
    there_and_back(&mut session, Server::dialect(Product::Postgres).as_ref(), &schema);
}

#[test]
fn on_sqlite() {
    let mut server = Server::new(Product::Sqlite);
    let schema = schema(EVERYWHERE);
    server.build(&schema);
    filled(&mut server, Product::Sqlite, &schema);
    let Connection::Sqlite(connection) = server.into_connection() else { panic!("it is SQLite") };
    let mut session = Session::new(Connection::Sqlite(connection));
    there_and_back(&mut session, Server::dialect(Product::Sqlite).as_ref(), &schema);
}
