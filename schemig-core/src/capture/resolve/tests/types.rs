//! What Rust types demand, and what columns keep.

use std::collections::BTreeMap;

use super::{Given, column, users};
use crate::schema::{Check, Column, ColumnName, Identity, Provenance, Schema, SqlType};

/// The type of the column `it` of a table that wasn't there, and whether it may be NULL.
fn of(declarations: &str, rust: &str) -> (String, bool) {
    let source = format!("{declarations}\n#[derive(Migratable)] struct User<'a> {{ id: i64, it: {rust} }}");
    let table = Given::default().table(&source, "users");
    let it = &table.columns[&ColumnName::from("it")];
    (it.sql_type.to_string(), it.nullable)
}

#[test]
fn known_types() {
    for (rust, sql) in [
        ("i16", "smallint"),
        ("i32", "integer"),
        ("i64", "bigint"),
        ("f32", "real"),
        ("f64", "double precision"),
        ("bool", "boolean"),
        ("String", "text"),
        ("&'a str", "text"),
        ("std::borrow::Cow<'a, str>", "text"),
        ("Vec<u8>", "binary"),
        ("&'a [u8]", "binary"),
        ("chrono::NaiveDate", "date"),
        ("NaiveTime", "time"),
        ("NaiveDateTime", "timestamp"),
        ("DateTime<Utc>", "timestamptz"),
        ("time::Date", "date"),
        ("time::Time", "time"),
        ("PrimitiveDateTime", "timestamp"),
        ("OffsetDateTime", "timestamptz"),
        ("std::time::SystemTime", "timestamp"),
        ("Uuid", "uuid"),
        ("serde_json::Value", "jsonb"),
        ("BigDecimal", "numeric"),
        ("rust_decimal::Decimal", "numeric"),
        ("PgInterval", "interval"),
        ("IpNetwork", "inet"),
        ("ipnet::IpNet", "inet"),
        ("Vec<String>", "text[]"),
        ("Vec<Option<i64>>", "bigint[]"),
        ("Vec<Vec<u8>>", "binary[]"),
    ] {
        assert_eq!(of("", rust), (sql.to_owned(), false), "{rust}");
        assert_eq!(of("", &format!("Option<{rust}>")), (sql.to_owned(), true), "Option<{rust}>");
    }
}

#[test]
fn names_are_followed_to_what_they_mean() {
    for (declarations, rust, sql, nullable) in [
        ("type Id = i64;", "Id", "bigint", false),
        ("type Maybe<T> = Option<T>;", "Maybe<i32>", "integer", true),
        ("type Text = Option<Name>; type Name = String;", "crate::Text", "text", true),
        ("use chrono::NaiveDate as Day;", "Day", "date", false),
        ("use serde_json as json;", "json::Value", "jsonb", false),
        ("#[derive(DieselNewType)] struct UserId(i64);", "UserId", "bigint", false),
        ("#[diesel(sql_type = diesel::sql_types::Text)] struct Email(String);", "Email", "text", false),
        ("#[diesel(sql_type = Array<Int4>)] enum Numbers { A }", "Numbers", "integer[]", false),
        ("#[derive(DbEnum)] enum Mood { Happy }", "Mood", "mood", false),
        (
            "#[derive(MigratableEnum)] #[schemig(name = \"m_o_o_d\")] enum Mood { Happy }",
            "Mood",
            "m_o_o_d",
            false,
        ),
        (
            "#[diesel(sql_type = sql_types::Geo)] struct Point; #[diesel(postgres_type(name = \"geo\", schema = \"gis\"))] struct Geo;",
            "Point",
            "gis.geo",
            false,
        ),
        ("#[diesel(sql_type = Jsonb)] struct Json<T>(T);", "Json<Vec<String>>", "jsonb", false),
    ] {
        assert_eq!(of(declarations, rust), (sql.to_owned(), nullable), "{declarations} {rust}");
    }
}

#[test]
fn a_declared_type_hides_a_known_one_unless_it_is_imported() {
    let own = "#[diesel(sql_type = Text)] struct Date(String);";
    assert_eq!(of(own, "Date").0, "text");
    assert_eq!(of(own, "time::Date").0, "date");
}

#[test]
fn deserialize_as_says_what_is_read() {
    let source = "#[derive(Migratable)] struct User { id: i64, #[diesel(deserialize_as = Option<String>)] it: Mystery }";
    let table = Given::default().table(source, "users");
    assert_eq!(table.columns[&ColumnName::from("it")], Column::optional(SqlType::Text));
}

#[test]
fn an_enum_is_text_where_the_database_has_none() {
    let given = Given { without_enums: true, ..Given::default() };
    let source = "#[derive(DbEnum)] enum Mood { Sad, Happy }
        #[derive(Migratable)] struct User { id: i64, mood: Option<Mood> }";
    let (schema, mood) = (given.schema(source), ColumnName::from("mood"));
    assert!(schema.enums.is_empty());
    let users = &schema.tables[&"users".into()];
    assert_eq!(users.columns[&mood].sql_type, SqlType::Text);
    let check = Check::on("\"mood\" IN ('sad', 'happy')");
    assert_eq!(users.checks, BTreeMap::from([("users_mood_check".into(), check)]));

    let again = Given { snapshot: schema.clone(), ..given };
    let more = source.replace("Happy", "Happy, Glad");
    let users = again.table(&more, "users");
    assert!(users.checks[&"users_mood_check".into()].expression.as_str().ends_with("'glad')"));
    // A column that stands without a check is held to none: a Rust type only constrains.
    let mut bare = schema;
    bare.tables.get_mut(&"users".into()).unwrap().checks.clear();
    assert!(Given { snapshot: bare, ..again }.table(source, "users").checks.is_empty());
}

#[test]
fn a_column_keeps_a_type_that_rust_can_read() {
    for (sql, rust, after) in [
        ("varchar(20)", "String", "varchar(20)"),
        ("citext", "String", "citext"),
        ("char(3)", "&'static str", "char(3)"),
        ("json", "serde_json::Value", "json"),
        ("timestamptz", "NaiveDateTime", "timestamptz"),
        ("numeric(10,2)", "BigDecimal", "numeric(10,2)"),
        ("varchar(5)[]", "Vec<String>", "varchar(5)[]"),
        ("integer", "i64", "bigint"),
        ("text", "Uuid", "uuid"),
    ] {
        let given = Given::snapshot(Schema::default().with_table("users", users(&[("it", column(sql))])));
        let source = format!("#[derive(Migratable)] struct User {{ id: i64, it: {rust} }}");
        assert_eq!(
            given.table(&source, "users").columns[&ColumnName::from("it")].sql_type.to_string(),
            after,
            "{sql} {rust}"
        );
        let said = format!(
            "#[derive(Migratable)] struct User {{ id: i64, #[schemig(sql_type = \"money\")] it: {rust} }}"
        );
        assert_eq!(
            given.table(&said, "users").columns[&ColumnName::from("it")].sql_type.to_string(),
            "money"
        );
    }
}

#[test]
fn the_type_map_comes_first() {
    let type_map =
        [("Point".to_owned(), "geometry(Point,4326)".to_owned()), ("a::Uuid".to_owned(), "text".to_owned())];
    let given = Given { type_map: type_map.into(), ..Given::default() };
    let source =
        "#[derive(Migratable)] struct User { id: i64, at: geo::Point, one: a::Uuid, other: b::Uuid }";
    let table = given.table(source, "users");
    let types: Vec<String> = table.columns.values().map(|column| column.sql_type.to_string()).collect();
    assert_eq!(types, ["bigint", "geometry(Point,4326)", "text", "uuid"]);
}

#[test]
fn a_serial_is_a_number_that_a_default_counts() {
    let said = "#[derive(Migratable)] struct User { #[schemig(sql_type = \"bigserial\")] id: i64, #[schemig(sql_type = \"Serial\")] it: i32 }";
    let table = Given::default().table(said, "users");
    let numbered = |sql_type| Column { identity: Some(Identity::Serial), ..Column::required(sql_type) };
    assert_eq!(table.columns[&ColumnName::from("id")], numbered(SqlType::BigInt));
    assert_eq!(table.columns[&ColumnName::from("it")], numbered(SqlType::Integer));
    // One that was found at adoption stays, whether the model says so or is silent; an identity takes its place.
    let mut found = users(&[]);
    let id = found.columns.get_mut(&ColumnName::from("id")).expect("a key");
    *id = Column { provenance: Provenance::Observed, ..numbered(SqlType::BigInt) };
    let given = Given::snapshot(Schema::default().with_table("users", found.clone()));
    for attribute in ["", "#[schemig(sql_type = \"bigserial\")]"] {
        let source = format!("#[derive(Migratable)] struct User {{ {attribute} id: i64 }}");
        assert_eq!(given.table(&source, "users"), found, "{attribute}");
    }
    let table = given.table("#[derive(Migratable)] struct User { #[schemig(identity)] id: i64 }", "users");
    assert_eq!(table.columns[&ColumnName::from("id")].identity, Some(Identity::ByDefault));
}
