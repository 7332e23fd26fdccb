//! Lines break where rustfmt breaks them, for Diesel's CLI sends its output through it.

use crate::bench::{AS_SET_UP, Bench};

const LENGTHS: [&[usize]; 9] = [
    &[9; 5],
    &[16, 17, 9, 3],
    &[14, 15, 9, 3],
    &[16, 17, 10, 3],
    &[16, 17, 11, 3],
    &[10; 30],
    &[9, 9, 9, 9, 9, 9, 9, 9, 6, 3],
    &[9, 9, 9, 9, 9, 9, 9, 9, 7, 3],
    &[10, 10, 10, 10, 10, 11],
];

fn tables(lengths: &[usize], schema: &str) -> String {
    let name = |(number, length): (usize, &usize)| format!("t{number:02}{}", "x".repeat(length - 3));
    let table = |at| format!("CREATE TABLE {schema}{} (id INTEGER PRIMARY KEY NOT NULL);\n", name(at));
    lengths.iter().enumerate().map(table).collect()
}

#[test]
fn tables_that_queries_may_name_together() {
    for lengths in LENGTHS {
        Bench::sqlite(&tables(lengths, "")).same(AS_SET_UP);
    }
}

#[test]
fn the_same_in_a_module() {
    for lengths in LENGTHS {
        let sql = format!("CREATE SCHEMA shop;\n{}", tables(lengths, "shop."));
        Bench::postgres(&sql).same("[print_schema]\nschema = \"shop\"\n");
    }
}

#[test]
fn derives_and_types_with_long_names() {
    let long = "n".repeat(60);
    let bench = Bench::postgres(&format!(
        "CREATE SCHEMA {long}; CREATE TYPE {long}.{long} AS ENUM ('a'); CREATE TYPE {long} AS ENUM ('a');
        CREATE TABLE t (id INTEGER PRIMARY KEY, one {long}.{long});
        CREATE TABLE {long}.t (id INTEGER PRIMARY KEY, one public.{long});"
    ));
    for length in [30, 31, 32, 33, 34, 35, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50] {
        let derives = format!("custom_type_derives = [\"Clone\", \"Debug\", \"{}\"]\n", "D".repeat(length));
        bench.same(&format!("[print_schema]\n{derives}"));
        bench.same(&format!("[print_schema]\nschema = \"{long}\"\n{derives}"));
    }
    bench.differs("custom_type_derives = [\"diesel::sql_types::SqlType\", \"Clone, Debug\"]");
}

#[test]
fn a_project_with_a_width_of_its_own() {
    for config in [
        "max_width = 60\n",
        "max_width = 120\nuse_small_heuristics = \"Max\"\n",
        "tab_spaces = 2\n",
        "hard_tabs = true\n",
    ] {
        for name in ["rustfmt.toml", ".rustfmt.toml"] {
            let lengths = [16, 17, 11, 13, 3];
            let bench = Bench::postgres(&format!(
                "CREATE TYPE mood AS ENUM ('a'); CREATE SCHEMA shop; {} {}; ALTER TABLE t04 ADD m mood",
                tables(&lengths, ""),
                tables(&lengths, "shop.")
            ));
            let keys = "custom_type_derives = [\"diesel::query_builder::QueryId\", \"Clone\", \"Debug\"]\nwith_docs = true\n";
            bench.write(name, config);
            bench.same(&format!("[print_schema]\n{keys}"));
            bench.same(&format!("[print_schema]\nschema = \"shop\"\n{keys}"));
        }
    }
}
