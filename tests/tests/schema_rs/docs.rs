//! Comments.

use crate::bench::Bench;

const POSTGRES: &str = "
    CREATE SCHEMA shop;
    CREATE TYPE mood AS ENUM ('glad');
    CREATE TYPE shop.size AS ENUM ('s');
    CREATE TABLE told (id INTEGER PRIMARY KEY, \"type\" VARCHAR(9), feels mood, size shop.size[]);
    CREATE TABLE shop.\"a b\" (id INTEGER PRIMARY KEY, size shop.size NOT NULL);
    CREATE TABLE untold (id INTEGER PRIMARY KEY);
    COMMENT ON TABLE told IS E'  What was told.\\n\\n   With \"quotes\", {braces} and a tail.  \\n';
    COMMENT ON COLUMN told.id IS 'one line';
    COMMENT ON COLUMN told.\"type\" IS E'two\\r\\nlines */';
    COMMENT ON TABLE shop.\"a b\" IS 'In a schema.';
";

#[test]
fn of_the_database_or_written() {
    let bench = Bench::postgres(POSTGRES);
    for docs in
        ["true", "\"only-database-comments\"", "\"database-comments-fallback-to-auto-generated-doc-comment\""]
    {
        bench.differs(&format!("with_docs = {docs}"));
        bench.same(&format!("[print_schema]\nwith_docs = {docs}\nschema = \"shop\"\n"));
    }
    for docs in ["false", "\"no-doc-comments\""] {
        bench.same(&format!("[print_schema]\nwith_docs = {docs}\n"));
    }
}

#[test]
fn a_server_without_comments() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, \"as\" TEXT)");
    bench.differs("with_docs = true");
    bench.same("[print_schema]\nwith_docs = \"only-database-comments\"\n");
}
