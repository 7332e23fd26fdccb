//! Bad models: each mistake at its place, all at once.

use super::{Given, column, users};
use crate::capture::TableFacts;
use crate::schema::{Schema, SqlType};

fn given_users() -> Given {
    Given::snapshot(Schema::default().with_table("users", users(&[("email", column("text"))])))
}

#[test]
fn two_models_of_one_table() {
    let source = "#[derive(Migratable)]\nstruct User { id: i64 }\n#[derive(Migratable)]\n#[diesel(table_name = users)]\nstruct Account { id: i64 }";
    assert_eq!(
        Given::default().mistakes(source),
        "m.rs:5:8: `User` and `Account` both describe the table `users`\n  and m.rs:2:8\n  \
         help: only one struct per table derives `Migratable`; the others stay ordinary Diesel structs"
    );
}

#[test]
fn unknown_types_are_never_guessed() {
    let source = "use money::Value;\nstruct Plain;\n#[derive(Migratable)]\nstruct User {\n    id: u64,\n    a: Option<Mystery>,\n    b: Value,\n    \
                  c: Plain,\n    d: (i32, i32),\n    e: [u8; 4],\n}";
    let mistakes = Given::default().mistakes(source);
    let lines: Vec<&str> = mistakes.lines().filter(|line| line.starts_with("m.rs")).collect();
    assert_eq!(
        lines,
        [
            "m.rs:5:9: the type `u64` of `id` is unknown: nothing says what it is in the database",
            "m.rs:6:8: the type `Option<Mystery>` of `a` is unknown: nothing says what it is in the database",
            "m.rs:7:8: the type `Value` of `b` is unknown: nothing says what it is in the database",
            "m.rs:8:8: the type `Plain` of `c` is unknown: its declaration at m.rs:2:8 has no `#[diesel(sql_type = …)]`",
            "m.rs:9:8: the type `(i32,i32)` of `d` is unknown: it is no type that schemig knows",
            "m.rs:10:8: the type `[u8;4]` of `e` is unknown: it is no type that schemig knows",
        ]
    );
    assert!(mistakes.contains("help: write `#[schemig(sql_type = \"…\")]` on `a`, or give the type a line in the type map of schemig.toml"));
}

#[test]
fn a_type_that_is_declared_twice_is_ambiguous() {
    let source = "type Id = i32;\ntype Id = i64;\n#[derive(Migratable)]\nstruct User { id: i64, other: Id }";
    assert!(Given::default().mistakes(source).starts_with(
        "m.rs:4:31: the type `Id` of `other` is unknown: it is declared differently at m.rs:1:6 and m.rs:2:6"
    ));
}

#[test]
fn aliases_in_a_circle_end() {
    let source = "type A = B;\ntype B = A;\n#[derive(Migratable)]\nstruct User { id: i64, it: A }";
    assert!(
        Given::default()
            .mistakes(source)
            .starts_with("m.rs:4:28: the type `A` of `it` is unknown: its aliases lead in a circle")
    );
}

#[test]
fn a_database_without_the_type() {
    let given = Given { without: vec![SqlType::Uuid], ..Given::default() };
    assert!(
        given
            .mistakes("#[derive(Migratable)]\nstruct User { id: i64, it: Uuid }")
            .starts_with("m.rs:2:28: Diesel has no column type for `Uuid` in this database")
    );
}

#[test]
fn a_type_that_a_model_names_and_diesel_cant_read() {
    let given = Given { without: vec![SqlType::Named("ltree".to_owned())], ..Given::default() };
    let mistakes = given.mistakes(
        "#[derive(Migratable)]\nstruct Place { id: i32, #[schemig(sql_type = \"ltree\")] path: Tree }",
    );
    assert_eq!(
        mistakes,
        "m.rs:2:46: Diesel can't read `ltree` in this database\n  help: name a type that it reads here"
    );
}

#[test]
fn an_index_on_a_missing_column_of_a_struct_that_embeds() {
    let source = "#[derive(Queryable)] struct Inner { name: String }\n#[derive(Migratable)]\n#[schemig(index(nam))]\nstruct User { id: i64, #[diesel(embed)] inner: Inner }";
    assert_eq!(
        Given::default().mistakes(source),
        "m.rs:3:17: `User` has no column `nam`\n  help: its columns are `id`, `name`"
    );
}

#[test]
fn an_embedded_struct_that_isnt_there_or_repeats_a_column() {
    let source = "#[derive(Queryable)] struct Inner { id: i64 }\n#[derive(Migratable)]\nstruct User { id: i64,\n#[diesel(embed)] a: Inner,\n#[diesel(embed)] b: Outer }";
    let mistakes = Given::default().mistakes(source);
    assert!(mistakes.contains("m.rs:1:37: `User` has the column `id` twice\n  and m.rs:3:15"), "{mistakes}");
    assert!(mistakes.contains("m.rs:5:21: the embedded struct `Outer` isn't found"), "{mistakes}");
}

#[test]
fn mistakes_of_an_embedded_struct_stand_in_it() {
    let source = "#[derive(Selectable)]\nstruct Inner {\n #[schemig(defualt = 0)]\n name: i32 }\n#[derive(Migratable)]\nstruct User { id: i64, #[diesel(embed)] inner: Inner }";
    assert!(Given::default().mistakes(source).starts_with("m.rs:3:12: `defualt` is no key of"));
}

#[test]
fn a_rename_of_what_never_was() {
    let source = "#[derive(Migratable)]\n#[schemig(renamed_from = accounts)]\n#[diesel(table_name = people)]\nstruct Person { id: i64 }\n\
                  #[derive(Migratable)]\nstruct User { id: i64,\n #[schemig(renamed_from = mail)]\n address: String }";
    let mistakes = given_users().mistakes(source);
    assert!(
        mistakes.contains("m.rs:2:26: there is no table `accounts` to rename, and none is called `people`"),
        "{mistakes}"
    );
    assert!(
        mistakes.contains("m.rs:7:27: `users` has no column `mail` to rename, and none is called `address`"),
        "{mistakes}"
    );
}

#[test]
fn a_rename_of_a_column_that_stays() {
    let source = "#[derive(Migratable)]\nstruct User { id: i64, email: String,\n #[schemig(renamed_from = email)]\n address: String }";
    assert_eq!(
        given_users().mistakes(source),
        "m.rs:3:27: `email` can't be renamed: it is still a column\n  and m.rs:2:24"
    );
}

#[test]
fn references_to_nothing() {
    let source = "#[derive(Migratable)]\nstruct User { id: i64,\n #[schemig(references = \"teams\")]\n team: i64,\n \
                  #[schemig(references(pairs(c)))]\n pair: i64,\n #[schemig(references = \"pairs\")]\n two: i64 }\n\
                  #[derive(Migratable)] #[diesel(primary_key(a, b))]\nstruct Pair { a: i64, b: i64 }";
    let mistakes = Given::default().mistakes(source);
    assert!(
        mistakes.contains("m.rs:3:25: there is no table `teams`\n  help: the models have `users`, `pairs`"),
        "{mistakes}"
    );
    assert!(
        mistakes.contains("m.rs:5:29: `pairs` has no column `c`\n  help: its columns are `a`, `b`"),
        "{mistakes}"
    );
    assert!(mistakes.contains("m.rs:7:12: the primary key of `pairs` has 2 columns"), "{mistakes}");
}

#[test]
fn a_backfill_from_nothing() {
    let source = "#[derive(Migratable)]\nstruct User { id: i64,\n #[schemig(backfill(from = \"nowhere\", key = \"a\", value = \"b\"))]\n x: i64,\n \
                  #[schemig(backfill(from = \"pairs\", key = \"a\", value = \"c\"))]\n y: i64 }\n\
                  #[derive(Migratable)] #[diesel(primary_key(a))]\nstruct Pair { a: i64, b: i64 }";
    let mistakes = Given::default().mistakes(source);
    assert!(mistakes.contains("m.rs:3:28: there is no table `nowhere`"), "{mistakes}");
    assert!(mistakes.contains("m.rs:5:56: `pairs` has no column `c`"), "{mistakes}");
}

#[test]
fn a_struct_by_position_in_another_order() {
    let head = "#[derive(Migratable, Queryable)]\nstruct User {";
    let mistakes = given_users().mistakes(&format!("{head} email: String, id: i64 }}"));
    assert!(mistakes.starts_with("m.rs:2:15: `User` derives `Queryable` without `Selectable`"), "{mistakes}");
    assert!(mistakes.ends_with("or put the fields in this order: `id`, `email`"), "{mistakes}");
    given_users().schema(&format!("{head} id: i64, email: String, age: i32 }}"));
    given_users()
        .schema("#[derive(Migratable, Queryable, Selectable)] struct User { email: String, id: i64 }");
    let between = given_users().mistakes(&format!("{head} id: i64, age: i32, email: String }}"));
    assert!(between.starts_with("m.rs:2:24: "), "{between}");
}

#[test]
fn a_nullable_key_behind_an_alias() {
    let source = "type Id = Option<i64>;\n#[derive(Migratable)]\nstruct User { id: Id }";
    assert!(
        Given::default()
            .mistakes(source)
            .starts_with("m.rs:3:19: `id` is in the primary key and can't be NULL")
    );
}

#[test]
fn an_identifier_that_two_schemas_have() {
    let facts = |schema: &str| TableFacts {
        identifier: "users".to_owned(),
        schema: Some(schema.to_owned()),
        name: "users".to_owned(),
        columns: Vec::new(),
    };
    let given = Given { tables: vec![facts("auth"), facts("shop")], ..Given::default() };
    assert_eq!(
        given.mistakes("#[derive(Migratable)]\nstruct User { id: i64 }"),
        "m.rs:2:8: `users` may be any of `auth.users`, `shop.users`\n  help: say which with `#[schemig(schema = \"…\")]`"
    );
    given.table("#[derive(Migratable)] #[schemig(schema = \"auth\")] struct User { id: i64 }", "auth.users");
}

/// The module that a struct has its table from tells tables of one name apart; what doesn't tell it is asked about.
#[test]
fn a_module_says_which_schema_is_meant() {
    let given = Given::snapshot(
        Schema::default()
            .with_table("users", users(&[]))
            .with_table("auth.users", users(&[]))
            .with_table("Back office.users", users(&[])),
    );
    let model = |before: &str, attribute: &str| {
        format!("{before}\n#[derive(Migratable)] {attribute} struct User {{ id: i64, name: String }}")
    };
    for (before, attribute, table) in [
        ("", "", "users"),
        ("use crate::schema::users;", "", "users"),
        ("use crate::auth::schema::users;", "", "users"),
        ("use crate::schema::*;", "", "users"),
        ("use crate::schema::auth::{users, roles};", "", "auth.users"),
        ("use diesel::prelude::*; use crate::schema::auth::*;", "", "auth.users"),
        ("use crate::schema::Back_office::users;", "", "Back office.users"),
        ("", "#[diesel(table_name = crate::schema::auth::users)]", "auth.users"),
        ("", "#[diesel(table_name = crate::schema::users)]", "users"),
        ("use crate::schema::auth;", "#[diesel(table_name = auth::users)]", "auth.users"),
        ("use crate::schema::auth as a;", "#[diesel(table_name = a::users)]", "auth.users"),
        ("use crate::schema::auth::users;", "#[schemig(schema = \"public\")]", "users"),
    ] {
        let resolved = given.table(&model(before, attribute), table);
        assert!(
            resolved.columns.keys().any(|column| column.as_str() == "name"),
            "{before} {attribute} means {table}"
        );
    }
    for before in [
        "use crate::schema::users; use crate::schema::auth::users;",
        "use crate::schema::Back_office::*; use crate::schema::auth::*;",
    ] {
        let said = "`users` may be any of `users`, `Back office.users`, `auth.users`\n  help: say which with `#[schemig(schema = \"…\")]`";
        assert_eq!(given.mistakes(&model(before, "")).split_once(": ").unwrap().1, said);
    }
}

#[test]
fn what_the_server_numbers_is_an_integer_that_is_numbered_once() {
    for (attribute, rust, said) in [
        ("identity", "String", "`it` is numbered by the server, and its type is text"),
        (
            "identity, sql_type = \"numeric\"",
            "i64",
            "`it` is numbered by the server, and its type is numeric",
        ),
        ("identity, sql_type = \"serial\"", "i32", "`it` is numbered twice: as an identity and as a serial"),
        (
            "default = 1, sql_type = \"bigserial\"",
            "i64",
            "`it` has a default, and a bigserial has one of its own",
        ),
        ("sql_type = \"bigserial\"", "Option<i64>", "`it` is a bigserial and never NULL"),
    ] {
        let source =
            format!("#[derive(Migratable)]\nstruct User {{ id: i64, #[schemig({attribute})] it: {rust} }}");
        let mistakes = Given::default().mistakes(&source);
        assert!(mistakes.starts_with("m.rs:2:") && mistakes.contains(said), "{mistakes}");
        assert!(mistakes.contains("help: "), "{mistakes}");
    }
}

fn two_tables() -> Given {
    let schema = Schema::default().with_table("drafts", users(&[])).with_table("posts", users(&[]));
    Given::snapshot(schema)
}

#[test]
fn tables_that_are_swapped() {
    let source = "#[derive(Migratable)]\n#[schemig(renamed_from = \"posts\")]\nstruct Draft { id: i64 }\n#[derive(Migratable)]\n\
                  #[schemig(renamed_from = \"drafts\")]\nstruct Post { id: i64 }";
    let mistakes = two_tables().mistakes(source);
    let both =
        ["m.rs:2:26: `drafts` and `posts` can't take each other's name", "m.rs:5:26: `posts` and `drafts`"];
    assert!(both.iter().all(|line| mistakes.contains(line)), "{mistakes}");
    assert!(mistakes.contains("#[schemig(name = \"posts\")]"), "{mistakes}");
}

#[test]
fn tables_that_are_renamed_in_a_row() {
    let source = "#[derive(Migratable)]\n#[schemig(renamed_from = \"drafts\")]\nstruct Post { id: i64 }\n#[derive(Migratable)]\n\
                  #[schemig(renamed_from = \"posts\")]\nstruct Archive { id: i64 }";
    let mistakes = two_tables().mistakes(source);
    assert!(mistakes.contains("`drafts` can't be renamed to `posts`, which is another table"), "{mistakes}");
    assert!(mistakes.contains("`posts` can't be renamed: it is still a table"), "{mistakes}");
}
