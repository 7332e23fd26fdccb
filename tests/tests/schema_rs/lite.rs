//! SQLite: what tables declare, and the shapes that they have.

use crate::bench::{AS_SET_UP, Bench};

const BIGINT: &str = "[print_schema]\nsqlite_integer_primary_key_is_bigint = true\n";

/// As tables spell types, of which SQLite asks nothing.
const DECLARED: [&str; 64] = [
    "INT",
    "INTEGER",
    "TINYINT",
    "TINYINT(1)",
    "SMALLINT",
    "SMALLINT UNSIGNED",
    "MEDIUMINT",
    "BIGINT",
    "UNSIGNED BIG INT",
    "BIG INTEGER",
    "INT2",
    "INT4",
    "INT8",
    "UNSIGNED INTEGER",
    "INTEGER UNSIGNED",
    "INT(11)",
    "BIGINT(20)",
    "SMALLINT(5)",
    "CHARACTER(20)",
    "CHAR",
    "CHAR(1)",
    "VARCHAR",
    "VARCHAR(255)",
    "VARYING CHARACTER(255)",
    "CHARACTER VARYING(9)",
    "NCHAR(55)",
    "NATIVE CHARACTER(70)",
    "NVARCHAR(100)",
    "TEXT",
    "TEXT(9)",
    "CLOB",
    "TINYTEXT",
    "LONGTEXT",
    "BLOB",
    "BLOB(4)",
    "BINARY",
    "BINARY(16)",
    "VARBINARY(16)",
    "LONGBLOB",
    "",
    "REAL",
    "DOUBLE",
    "DOUBLE PRECISION",
    "FLOAT",
    "FLOAT(9)",
    "FLOAT8",
    "FLOAT4",
    "NUMERIC",
    "NUMERIC(9)",
    "NUMERIC(10,5)",
    "DECIMAL",
    "DECIMAL(10,5)",
    "DECIMAL(10)",
    "BOOLEAN",
    "BOOL",
    "DATE",
    "DATETIME",
    "TIME",
    "TIMESTAMP",
    "numeric(5, 2)",
    "Bool",
    "sMaLlInT",
    "POINT",
    "FLOATING POINT",
];

#[test]
fn types_as_they_are_declared() {
    let column = |(nth, declared): (usize, &&str)| format!("c{nth} {declared}, n{nth} {declared} NOT NULL");
    let columns: Vec<String> = DECLARED.iter().enumerate().map(column).collect();
    let bench =
        Bench::sqlite(&format!("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, {})", columns.join(", ")));
    bench.same(AS_SET_UP);
    bench.differs("sqlite_integer_primary_key_is_bigint = true");
}

/// What Diesel has no type for it stops at, and so does schemig: but where it knows a type that Diesel reads there.
#[test]
fn types_that_are_not_inferred() {
    for (declared, ours) in [
        ("JSON", Some("Json")),
        ("JSONB", Some("Jsonb")),
        ("TIMESTAMPTZ", Some("TimestamptzSqlite")),
        ("TIMESTAMP WITHOUT TIME ZONE", Some("Timestamp")),
        ("BYTEA", Some("Binary")),
        ("UUID", None),
        ("TIMESTAMP(3)", None),
        ("DATETIME(6)", None),
        ("ANY", None),
        ("MONEY", None),
        ("STRING", None),
        ("XML", None),
        ("BOOLEAN(1)", None),
        ("TIME(3)", None),
        ("BIT", None),
        ("CITEXT[]x", Some("Text")),
    ] {
        let table =
            format!("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, \"at\" \"{declared}\" NOT NULL)");
        let bench = Bench::sqlite(&table);
        let theirs = bench.theirs(AS_SET_UP);
        match (bench.ours(AS_SET_UP), ours) {
            (Ok(printed), Some(ours)) => {
                assert!(printed.contains(&format!("at -> {ours},")), "{declared}: {printed}");
                assert!(theirs.is_err() || theirs.as_ref() == Ok(&printed), "{declared}: {theirs:?}");
            }
            (Err(stop), None) => {
                let says = &stop.diagnostics[0].message;
                assert!(says.starts_with("Diesel has no type for t.at, which is "), "{declared}: {says}");
                assert!(theirs.is_err(), "{declared}: {theirs:?}");
            }
            (ours, _) => panic!("{declared}: {theirs:?} {ours:?}"),
        }
    }
}

/// Keys of all kinds, as row numbers and not.
const SHAPES: &str = r#"
    CREATE TABLE rowless (id INTEGER PRIMARY KEY NOT NULL, a TEXT) WITHOUT ROWID;
    CREATE TABLE rowless_int (id INT PRIMARY KEY, up INTEGER) WITHOUT ROWID;
    CREATE TABLE rowless_pair (one INTEGER, other INT, PRIMARY KEY (other, one)) WITHOUT ROWID;
    CREATE TABLE int_key (id INT PRIMARY KEY, up INT REFERENCES int_key);
    CREATE TABLE int_required (id INT PRIMARY KEY NOT NULL);
    CREATE TABLE big_key (id BIGINT PRIMARY KEY);
    CREATE TABLE unsigned_key (id UNSIGNED INTEGER PRIMARY KEY);
    CREATE TABLE nullable_key (id INTEGER PRIMARY KEY);
    CREATE TABLE descending (id INTEGER PRIMARY KEY DESC);
    CREATE TABLE ascending (id INTEGER PRIMARY KEY ASC);
    CREATE TABLE apart (id INTEGER, a TEXT, PRIMARY KEY (id DESC));
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
    CREATE TABLE lower_key (id integer primary key);
    CREATE TABLE text_key (id TEXT PRIMARY KEY);
    CREATE TABLE untyped (id PRIMARY KEY, a, b DEFAULT 1);
    CREATE TABLE keyless (a INTEGER, b TEXT);
    CREATE TABLE keyless_taken (rowid TEXT, oid INTEGER, b TEXT);
    CREATE TABLE strict (id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL, d BLOB) STRICT;
    CREATE TABLE strict_rowless (id INT PRIMARY KEY, b TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE both (id INTEGER PRIMARY KEY, b TEXT) WITHOUT ROWID, STRICT;
    CREATE TABLE computed (id INTEGER PRIMARY KEY, a INTEGER, v INTEGER GENERATED ALWAYS AS (a + 1) VIRTUAL, s TEXT AS (a || 'x') STORED,
        bare GENERATED ALWAYS AS (a + 2), bare_as AS (a + 3), big BIGINT AS (a) NOT NULL);
    CREATE TABLE refers (
        id INTEGER PRIMARY KEY, a INTEGER, b INTEGER REFERENCES int_key, c INTEGER REFERENCES rowless_pair (one),
        d INT REFERENCES nullable_key, e BIGINT REFERENCES nullable_key (id), f INTEGER REFERENCES keyless (a), g INTEGER REFERENCES descending (id),
        h INTEGER REFERENCES nowhere (id), i SMALLINT REFERENCES counted, k INTEGER REFERENCES text_key (id),
        l UNSIGNED INTEGER REFERENCES counted, m MEDIUMINT REFERENCES counted, n INTEGER REFERENCES big_key, o INTEGER REFERENCES unsigned_key,
        p INTEGER REFERENCES COUNTED (ID), q INTEGER REFERENCES untyped
    );
    CREATE TABLE both_ways (id INTEGER PRIMARY KEY REFERENCES counted (id), other INTEGER REFERENCES both_ways (id));
    CREATE TABLE pair_refers (one INTEGER, other INTEGER, third INTEGER REFERENCES counted, PRIMARY KEY (one, other),
        FOREIGN KEY (one, other) REFERENCES rowless_pair (one, other));
    CREATE TABLE "odd ""table""" ("odd ""key""" INTEGER PRIMARY KEY, [in brackets] INT, `ticks` INTEGER REFERENCES counted, "Ünï" TEXT, 'single' TEXT);
    CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "order" INTEGER REFERENCES "select" ("from"), "a.b" TEXT, "1st" TEXT, "a-b" TEXT, "type" TEXT);
    CREATE TABLE _one (id INTEGER PRIMARY KEY, _a TEXT, __b TEXT);
    CREATE TABLE commented (id INTEGER PRIMARY KEY /* WITHOUT ROWID */, -- WITHOUT ROWID)
        a TEXT DEFAULT ') WITHOUT ROWID', b INTEGER DEFAULT (1 + (2))) /* WITHOUT ROWID */;
    CREATE TABLE checked (id INTEGER PRIMARY KEY, a INTEGER CHECK (a > 0), b TEXT COLLATE NOCASE, UNIQUE (a, b) ON CONFLICT REPLACE);
    CREATE TABLE made AS SELECT 1 AS one, 'x' AS text, 2.5 AS real, x'00' AS blob;
    CREATE VIEW seen AS SELECT id FROM counted;
    CREATE TRIGGER marked AFTER INSERT ON counted BEGIN SELECT 1; END;
    CREATE INDEX by_a ON counted (a);
"#;

#[test]
fn shapes_of_tables() {
    let bench = Bench::sqlite(SHAPES);
    bench.same(AS_SET_UP);
    bench.same("[print_schema]\nwith_docs = true\ncolumn_sorting = \"name\"\n");
    bench.same("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"fk_related_tables\"\n");
}

#[test]
fn row_numbers_of_64_bits_in_all_shapes() {
    let bench = Bench::sqlite(SHAPES);
    bench.differs("sqlite_integer_primary_key_is_bigint = true");
    bench.same(&format!("{BIGINT}filter = {{ except_tables = [\"counted\", \"nullable_key\"] }}\n"));
}

/// A snapshot doesn't say that a table is WITHOUT ROWID: what refers to its key is taken for wide, as the README says.
#[test]
fn references_to_a_table_without_row_numbers() {
    let bench = Bench::sqlite(
        "CREATE TABLE p (id INTEGER PRIMARY KEY) WITHOUT ROWID; CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p)",
    );
    let (ours, theirs) = (bench.ours(BIGINT).expect("it prints"), bench.theirs(BIGINT).expect("it prints"));
    assert_eq!(ours.replace("p -> Nullable<BigInt>", "p -> Nullable<Integer>"), theirs);
}

/// A full-text index has tables of its own, which Diesel prints, and which are nobody's model.
#[test]
fn virtual_tables_are_left_out() {
    let bench = Bench::sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE words USING fts5 (text)",
    );
    let filtered = "[print_schema]\nfilter = { except_tables = [\"^words\"] }\n";
    assert_eq!(bench.ours("[print_schema]\n").expect("it prints"), bench.same(filtered));
}
