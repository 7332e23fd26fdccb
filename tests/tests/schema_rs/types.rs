//! Types: those that Diesel has, those that it doesn't, and who defines them.

use crate::bench::{AS_SET_UP, Bench};

const TYPES: &str = "
    CREATE SCHEMA shop;
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TYPE \"range\" AS ENUM ('near', 'far');
    CREATE TYPE \"Odd Type\" AS ENUM ('x');
    CREATE TYPE shop.size AS ENUM ('s', 'l');
    CREATE TABLE much (
        id INT8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code CHAR(3), open VARCHAR, n NUMERIC(9,2), tags TEXT[] NOT NULL,
        short VARCHAR(5)[], at TIMESTAMPTZ, span INTERVAL, u UUID, j JSON, jb JSONB, b BYTEA, t TIME, d FLOAT8,
        feels mood NOT NULL, felt mood[], odd \"Odd Type\", search TSVECTOR, net INET, r INT4RANGE, v BIT VARYING, v5 BIT VARYING(5),
        b1 BIT, b8 BIT(8), size shop.size, x XML, tz TIMETZ, r2 \"range\",
        t3 TIMESTAMP(3), tz3 TIMESTAMPTZ(3)[], tt3 TIME(3), ttz3 TIME(3) WITH TIME ZONE, i3 INTERVAL(3), ym INTERVAL YEAR TO MONTH
    );
    CREATE TABLE much_more (id SERIAL PRIMARY KEY, feels mood);
";

#[test]
fn types_of_all_kinds() {
    Bench::postgres(TYPES).same(AS_SET_UP);
}

#[test]
fn defined_elsewhere() {
    let bench = Bench::postgres(TYPES);
    let printed = bench.differs("generate_missing_sql_type_definitions = false");
    assert!(!printed.contains("sql_types"), "{printed}");
    bench.differs("except_custom_type_definitions = [\"^Mood$\", \"Ts.*tor\"]");
    bench.differs("import_types = [\"diesel::sql_types::*\", \"crate::types::*\"]");
    bench.differs(
        "import_types = [\"crate::types::*\"]\ngenerate_missing_sql_type_definitions = false\nwith_docs = true",
    );
    bench.same("[print_schema]\nimport_types = []\ngenerate_missing_sql_type_definitions = true\n");
}

#[test]
fn a_type_that_diesel_does_not_have_is_an_error_with_its_place() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY, at GEOMETRY)");
    let stop = bench.ours(AS_SET_UP).expect_err("no such type");
    assert_eq!(stop.diagnostics[0].message, "Diesel has no type for t.at, which is GEOMETRY");
    assert!(bench.theirs(AS_SET_UP).is_err());
}
