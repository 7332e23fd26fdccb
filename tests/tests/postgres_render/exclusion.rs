//! Exclusion constraints: rows that exclude each other are named, and what needs an extension is known (DOCTRINE, B19, B25).

use diesel::connection::SimpleConnection as _;
use schemig_core::dialect::postgres::extension;
use schemig_core::operation::Operation;
use schemig_core::plan::Foreign;
use schemig_core::schema::{Index, IndexKey, SqlType, Violation};

use crate::harness::Live;

fn apart() -> Index {
    Index {
        keys: vec![
            IndexKey::Expression("int8range(seen, seen + 10)".into()),
            IndexKey::Column("full_name".into()),
        ],
        ..Index::excluding([("seen", "&&"), ("full_name", "=")])
    }
}

fn build(definition: Index) -> Operation {
    Operation::CreateIndex { table: "users".into(), index: "apart".into(), definition, online: false }
}

#[test]
fn rows_that_exclude_each_other_stop_it_and_are_named() {
    let mut live = Live::story("apart");
    live.up(&[Operation::CreateExtension { name: "btree_gist".into() }]);
    live.sql("UPDATE public.users SET seen = 20 * id; UPDATE public.users SET seen = 25, full_name = 'U1' WHERE id = 2");
    let guard = Operation::Guard { table: "users".into(), against: Violation::Duplicate { index: apart() } };
    let message = live.fails(std::slice::from_ref(&guard));
    assert!(
        message.contains("rows of public.users that exclude each other: 1; see them: SELECT"),
        "{message}"
    );
    let (_, query) = message.split_once("see them: ").unwrap_or_else(|| panic!("a query in {message}"));
    let pair = format!(
        "SELECT one || ' and ' || other FROM ({}) AS pairs (one, other)",
        query.trim_end_matches(';')
    );
    let pair = live.ask(&pair);
    assert!(pair.contains("u1") && pair.contains("u2"), "{pair}");
    let message = live.fails(&[build(apart())]);
    assert!(message.contains("rows of public.users exclude each other: Key (int8range("), "{message}");
    let standing = "SELECT count(*)::text FROM pg_constraint WHERE conname = 'apart'";
    assert_eq!(live.ask(standing), "0");
    live.sql("UPDATE public.users SET seen = 0 WHERE id = 2");
    live.up(&[guard, build(apart())]);
    live.up(&[Operation::DropIndex { table: "users".into(), index: "apart".into(), online: false }]);
    assert_eq!(live.ask(standing), "0");
}

#[test]
fn what_gist_has_no_operators_for_comes_with_an_extension() {
    let types = [
        "bigint",
        "bit(3)",
        "bit varying",
        "bytea",
        "char(3)",
        "cidr",
        "date",
        "double precision",
        "inet",
        "integer",
        "interval",
        "macaddr",
        "macaddr8",
        "money",
        "numeric(9,2)",
        "oid",
        "real",
        "smallint",
        "text",
        "time",
        "time with time zone",
        "timestamp",
        "timestamptz",
        "uuid",
        "varchar(20)",
        "mood",
        "int4range",
        "tstzrange",
        "box",
        "circle",
    ];
    let mut live = Live::empty("gist");
    live.sql("CREATE TYPE public.mood AS ENUM ('a')");
    for able in [false, true] {
        for (place, name) in types.iter().enumerate() {
            let sql_type = SqlType::parse(name);
            let wanted = Foreign::Key { method: "gist", sql_type: &sql_type, is_enum: *name == "mood" };
            let lent = extension(&wanted).is_some();
            let operator = if lent { "=" } else { "&&" };
            let sql = format!(
                "CREATE TABLE public.t_{able}_{place} (x {name}, EXCLUDE USING gist (x WITH {operator}))"
            );
            let made = live.connection.batch_execute(&sql);
            assert_eq!(made.is_ok(), able || !lent, "{name}: {made:?}");
        }
        live.sql("CREATE EXTENSION IF NOT EXISTS btree_gist");
    }
}
