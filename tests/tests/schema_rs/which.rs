//! Which tables, in which order, and which of them together.

use crate::bench::Bench;

const EITHER: &str = "
    CREATE TABLE users (zip TEXT, id INTEGER PRIMARY KEY NOT NULL, \"Age\" INTEGER);
    CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users (id));
    CREATE TABLE post_tags (id INTEGER PRIMARY KEY NOT NULL, post_id INTEGER REFERENCES posts (id), tag INTEGER REFERENCES tags (id));
    CREATE TABLE lonely (id INTEGER PRIMARY KEY NOT NULL);
    CREATE TABLE accounts (id INTEGER PRIMARY KEY NOT NULL, bank INTEGER REFERENCES banks (id));
    CREATE TABLE banks (id INTEGER PRIMARY KEY NOT NULL, chief INTEGER);
    CREATE TABLE loops (id INTEGER PRIMARY KEY NOT NULL, one INTEGER REFERENCES rings (id));
    CREATE TABLE rings (id INTEGER PRIMARY KEY NOT NULL, other INTEGER REFERENCES loops (id));
    CREATE TABLE tags (id INTEGER PRIMARY KEY NOT NULL);
";

/// What both servers take: keys come when all tables stand.
fn postgres() -> Bench {
    let mut keys = String::new();
    let tables: Vec<String> = EITHER.split(';').map(|table| without_keys(table, &mut keys)).collect();
    Bench::postgres(&format!("{};{keys}", tables.join(";")))
}

fn without_keys(table: &str, keys: &mut String) -> String {
    let name = table.split_whitespace().nth(2).unwrap_or_default();
    let column = |part: &str| match part.split_once(" REFERENCES ") {
        Some((column, parent)) => {
            let field = column.split_whitespace().next().unwrap_or_default().to_owned();
            let (parent, rest) = parent.split_once(')').unwrap_or((parent, ""));
            keys.push_str(&format!("ALTER TABLE {name} ADD FOREIGN KEY ({field}) REFERENCES {parent});"));
            format!("{column}{rest}")
        }
        None => part.to_owned(),
    };
    table.split(',').map(column).collect::<Vec<_>>().join(",")
}

#[test]
fn some_tables_only() {
    for bench in [Bench::sqlite(EITHER), postgres()] {
        let printed = bench.differs("filter = { only_tables = [\"^post\", \"users\"] }");
        assert!(printed.contains("post_tags") && !printed.contains("lonely"), "{printed}");
        bench.differs("filter = { except_tables = [\"s$\"] }");
        bench.differs("[print_schema.filter]\nexcept_tables = [\"^users$\"]");
        bench.same("[print_schema]\nfilter = {}\n");
        bench.differs("filter = { only_tables = [] }");
        bench.same("[print_schema]\nfilter = { except_tables = [] }\n");
    }
}

#[test]
fn columns_by_name() {
    for bench in [Bench::sqlite(EITHER), postgres()] {
        bench.differs("column_sorting = \"name\"");
        bench.same("[print_schema]\ncolumn_sorting = \"ordinal_position\"\n");
    }
}

#[test]
fn together_or_not() {
    for bench in [Bench::sqlite(EITHER), postgres()] {
        bench.differs("allow_tables_to_appear_in_same_query_config = \"fk_related_tables\"");
        bench.differs("allow_tables_to_appear_in_same_query_config = \"none\"");
        bench.same("[print_schema]\nallow_tables_to_appear_in_same_query_config = \"all_tables\"\n");
        bench.differs(
            "allow_tables_to_appear_in_same_query_config = \"fk_related_tables\"\nfilter = { except_tables = [\"^posts\"] }",
        );
    }
}
