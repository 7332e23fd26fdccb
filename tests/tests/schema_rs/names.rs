//! Names that Rust can't take, keys of all kinds, tables without a key to anything.

use crate::bench::{AS_SET_UP, Bench};

pub const EITHER: &str = "
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
    CREATE TABLE __own (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users (id));
    CREATE TABLE turned (one INTEGER NOT NULL, other INTEGER NOT NULL, PRIMARY KEY (other, one));
";

#[test]
fn sqlite_prints_the_same() {
    Bench::sqlite("").same(AS_SET_UP);
    Bench::sqlite("CREATE TABLE one (id INTEGER PRIMARY KEY NOT NULL, d DOUBLE, b BLOB)").same(AS_SET_UP);
    let printed = Bench::sqlite(EITHER).same(AS_SET_UP);
    assert!(printed.contains("turned (one, other)") && !printed.contains("__own"), "{printed}");
}

#[test]
fn postgres_prints_the_same() {
    Bench::postgres("SELECT 1").same(AS_SET_UP);
    let printed = Bench::postgres(EITHER).same(AS_SET_UP);
    assert!(printed.contains("turned (other, one)") && !printed.contains("__own"), "{printed}");
}

#[test]
fn a_table_that_sqlite_might_call_its_own_is_passed_by() {
    let printed = Bench::sqlite("CREATE TABLE SQLiteral (id INTEGER PRIMARY KEY NOT NULL)").same(AS_SET_UP);
    assert_eq!(printed.lines().count(), 1, "{printed}");
}

#[test]
fn a_difference_would_be_seen() {
    let bench = Bench::sqlite(EITHER);
    let theirs = bench.theirs(AS_SET_UP).expect("it prints");
    let planted = "[print_schema]\nfilter = { except_tables = [\"likes\"] }\n";
    assert_ne!(bench.ours(planted).expect("it prints"), theirs);
}
