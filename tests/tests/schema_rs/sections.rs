//! Schemas and sections: several files.

use crate::bench::Bench;

const TWO: &str = "
    CREATE SCHEMA shop; CREATE SCHEMA \"odd one\";
    CREATE TYPE mood AS ENUM ('glad');
    CREATE TABLE users (id INTEGER PRIMARY KEY, feels mood);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);
    CREATE TABLE shop.items (id INTEGER PRIMARY KEY, feels mood, user_id INTEGER REFERENCES users);
    CREATE TABLE shop.orders (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES shop.items);
    CREATE TABLE shop.users (id INTEGER PRIMARY KEY);
    CREATE TABLE \"odd one\".\"type\" (id INTEGER PRIMARY KEY);
";

#[test]
fn a_schema_is_a_module() {
    let bench = Bench::postgres(TWO);
    for schema in ["shop", "odd one", "public", "nowhere"] {
        bench.differs(&format!("schema = \"{schema}\""));
    }
    bench.differs("schema = \"shop\"\nfilter = { only_tables = [\"items\"] }");
}

#[test]
fn one_after_the_other() {
    let bench = Bench::postgres(TWO);
    bench.differs("[print_schema.shop]\nschema = \"shop\"");
    bench.differs("with_docs = true\n[print_schema.shop]\nschema = \"shop\"\n[print_schema.abroad]\nschema = \"odd one\"");
    bench.differs("with_docs = true\n[print_schema.default]\nfilter = { only_tables = [\"users\"] }");
    bench.differs("with_docs = true\ncustom_type_derives = [\"Clone\"]\n[print_schema.x]\nwith_docs = true");
}

#[test]
fn a_schema_that_nothing_prints_is_named() {
    let bench = Bench::postgres(TWO);
    let notes = bench.notes("[print_schema.shop]\nschema = \"shop\"\n");
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("the schema odd one"), "{notes:?}");
}
