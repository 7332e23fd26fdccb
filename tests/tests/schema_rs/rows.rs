//! Tables without a primary key, and the numbers that SQLite gives rows.

use crate::bench::Bench;

#[test]
fn a_table_without_a_key_is_left_out_with_a_word() {
    let bench = Bench::postgres(
        "CREATE TABLE kept (id INTEGER PRIMARY KEY); CREATE TABLE bare (id INTEGER REFERENCES kept);
        CREATE TABLE other (id INTEGER PRIMARY KEY REFERENCES kept)",
    );
    // Diesel's CLI prints nothing at all.
    assert!(bench.theirs("").expect_err("no key").contains("`bare` has no primary key"));
    let filtered = "[print_schema]\nfilter = { except_tables = [\"bare\"] }\n";
    assert_eq!(bench.ours("[print_schema]\n").expect("it prints"), bench.same(filtered));
    let notes = bench.notes("");
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("bare has no primary key"), "{notes:?}");
    assert!(bench.notes(filtered).is_empty());
}

#[test]
fn a_row_number_is_a_key() {
    let bench = Bench::sqlite(
        "CREATE TABLE bare (name TEXT, link INTEGER REFERENCES bare);
        CREATE TABLE taken (rowid TEXT, b INTEGER); CREATE TABLE other (id INTEGER PRIMARY KEY NOT NULL);",
    );
    let printed = bench.same("[print_schema]\n");
    assert!(printed.contains("bare (rowid)") && printed.contains("taken (oid)"), "{printed}");
    bench.differs("column_sorting = \"name\"");
    bench.differs("sqlite_integer_primary_key_is_bigint = true");
}

const NUMBERED: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, age INTEGER);
    CREATE TABLE named (name TEXT PRIMARY KEY NOT NULL, n INTEGER);
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY NOT NULL, author INTEGER NOT NULL REFERENCES users (id), small SMALLINT REFERENCES users (id),
        \"type\" INTEGER REFERENCES users (id), whose INTEGER REFERENCES named (name), parent INTEGER REFERENCES posts (id)
    );
    CREATE TABLE pairs (one INTEGER NOT NULL, other INTEGER NOT NULL REFERENCES posts (id), PRIMARY KEY (one, other));
    CREATE TABLE to_pairs (
        id INTEGER PRIMARY KEY NOT NULL, one INTEGER, other INTEGER, FOREIGN KEY (one, other) REFERENCES pairs (one, other)
    );
";

#[test]
fn row_numbers_of_64_bits() {
    let bench = Bench::sqlite(NUMBERED);
    let printed = bench.differs("sqlite_integer_primary_key_is_bigint = true");
    assert!(
        printed.contains("author -> BigInt") && printed.contains("age -> Nullable<Integer>"),
        "{printed}"
    );
    bench.same("[print_schema]\nsqlite_integer_primary_key_is_bigint = false\n");
    Bench::postgres(NUMBERED.replace("named (name)", "users (id)").as_str())
        .same("[print_schema]\nsqlite_integer_primary_key_is_bigint = true\n");
}
