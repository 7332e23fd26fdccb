//! `rows_from(…)`: what it means, and bad ones.

use super::{Given, column, users};
use crate::schema::{Column, ColumnName, Expression, RowsFrom, Schema, SqlType, Table};

const USER: &str = "#[derive(Migratable)] struct User { id: i64, name: String, bio: Option<String> }\n";

fn snapshot() -> Schema {
    let table = users(&[("name", column("text")), ("bio", Column::optional(SqlType::Text))]);
    let pair =
        Table::keyed_by(["a", "b"]).with_column("a", column("bigint")).with_column("b", column("bigint"));
    Schema::default().with_table("users", table).with_table("pairs", pair)
}

/// A new table with this attribute and these fields.
fn profile(rows: &str, fields: &str) -> String {
    format!(
        "{USER}#[derive(Migratable)] #[diesel(primary_key(user_id))]\n#[schemig(rows_from({rows}))]\nstruct Profile {{ user_id: i64, {fields} }}"
    )
}

#[test]
fn rows_come_from_a_table_until_they_are_there() {
    let source = profile(
        r#""users", user_id = "id", bio = "bio", shout = "upper(name)""#,
        "bio: Option<String>, shout: String",
    );
    let first = Given::snapshot(snapshot()).resolve(&source).unwrap();
    let value = |column: &str, text: &str| (ColumnName::from(column), Expression::from(text));
    let rows = RowsFrom {
        table: "users".into(),
        source_key: "id".into(),
        key: "user_id".into(),
        values: [value("bio", "bio"), value("shout", "upper(name)")].into(),
    };
    assert_eq!(first.hints.rows, [("profiles".into(), rows)].into());
    let second = Given::snapshot(first.schema.clone()).resolve(&source).unwrap();
    assert!(second.hints == Default::default());
    assert_eq!(second.schema, first.schema);
    assert_eq!(second.notes[0].message, "this `rows_from` has done its work and can be taken away");
}

#[test]
fn bad_rows_are_told_where_they_stand() {
    let optional = "bio: Option<String>";
    for (rows, fields, line, said) in [
        (r#""nowhere", user_id = "id""#, optional, 3, "there is no table `nowhere`"),
        (r#""profiles", user_id = "id""#, optional, 3, "`profiles` is new itself, and has no rows"),
        (r#""pairs", user_id = "a""#, optional, 3, "the primary key of `pairs` isn't one column"),
        (
            r#""users", bio = "bio""#,
            optional,
            3,
            "`rows_from` doesn't say what the primary key `user_id` gets",
        ),
        (
            r#""users", user_id = "name""#,
            optional,
            3,
            "the primary key `user_id` has to hold that of `users`",
        ),
        (r#""users", user_id = "id", bio = "biography""#, optional, 3, "`users` has no column `biography`"),
        (
            r#""users", user_id = "id", bio = "(select max(name) from pets)""#,
            optional,
            3,
            "reads other rows than that of `users`",
        ),
        (r#""users", user_id = "id""#, "bio: String", 4, "rows that come from `users` get nothing for `bio`"),
        (
            r#""users", user_id = "id", bio = "bio""#,
            "bio: String",
            3,
            "`bio` is never NULL, and `users.bio` may be",
        ),
        (
            r#""users", user_id = "id", n = "id""#,
            "#[schemig(identity)] n: i64",
            3,
            "`n` is numbered or computed by the server",
        ),
    ] {
        let mistakes = Given::snapshot(snapshot()).mistakes(&profile(rows, fields));
        assert!(mistakes.starts_with(&format!("m.rs:{line}:")) && mistakes.contains(said), "{mistakes}");
        assert!(mistakes.contains("help: "), "{mistakes}");
    }
    let source = profile(r#""users", user_id = "id", bio = "coalesce(bio, '')""#, "bio: String");
    Given::snapshot(snapshot()).resolve(&source).unwrap();
}

#[test]
fn a_source_that_is_renamed_at_the_same_time() {
    let source = profile(r#""people", user_id = "id""#, "bio: Option<String>").replace(
        "struct User",
        "#[diesel(table_name = people)] #[schemig(renamed_from = users)] struct User",
    );
    let mistakes = Given::snapshot(snapshot()).mistakes(&source);
    assert!(mistakes.starts_with("m.rs:3:21: `people` is renamed at the same time"), "{mistakes}");
}

#[test]
fn a_key_of_two_columns() {
    let source = format!(
        "{USER}#[derive(Migratable)] #[diesel(primary_key(a, b))]\n#[schemig(rows_from(\"users\", a = \"id\", b = \"id\"))]\nstruct Profile {{ a: i64, b: i64 }}"
    );
    let mistakes = Given::snapshot(snapshot()).mistakes(&source);
    assert!(mistakes.starts_with("m.rs:3:11: the primary key of `profiles` isn't one column"), "{mistakes}");
}
