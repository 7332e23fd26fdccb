//! Types that models lead to.

use schemig_core::capture::{Fault, Input, TableFacts, in_turn, resolve};
use schemig_core::schema::Schema;

use super::{Capture, Package, Request, scan};

/// The SQL types of all columns of all models.
fn columns(package: &Package) -> Vec<String> {
    match meant(&package.scan()) {
        Ok(columns) => columns,
        Err(faults) => panic!("{faults:#?}"),
    }
}

/// The same of what was scanned, or the mistakes.
pub fn meant(capture: &Capture) -> Result<Vec<String>, Vec<Fault>> {
    let resolved = resolve(&Input {
        models: &capture.models,
        types: &capture.types,
        tables: &capture.tables,
        snapshot: &Schema::default(),
        type_map: &Default::default(),
        storable: &|_| true,
        found: &|_| None,
        has_enums: true,
        has_partitions: true,
        default_schema: Some("public"),
        spread: &in_turn,
    })?;
    let columns = resolved.schema.tables.values().flat_map(|table| &table.columns);
    Ok(columns.map(|(name, column)| format!("{name} {}", column.sql_type)).collect())
}

#[test]
fn only_files_that_declare_what_is_needed_are_parsed() {
    let package = Package::new(&[
        ("src/lib.rs", "mod models; mod types; mod ids; mod other; mod noise;"),
        (
            "src/models.rs",
            "use crate::types::*; use uuid::Uuid; use crate::ids::Key as TheKey;\n\
             #[derive(Migratable)] struct User { id: Key, mood: Mood, uuid: Uuid, other: TheKey, #[diesel(embed)] times: Times }",
        ),
        (
            "src/types.rs",
            "pub use crate::ids::*; #[derive(DbEnum)] pub enum Mood { A } pub type Key = RawKey;",
        ),
        (
            "src/ids.rs",
            "#[derive(DieselNewType)] pub struct RawKey(i64); #[derive(DieselNewType)] pub struct Key(i32);",
        ),
        ("src/other.rs", "#[derive(Selectable)] pub struct Times { at: chrono::NaiveDateTime }"),
        ("src/noise.rs", "use uuid::Uuid; fn f(_: Mood, _: Uuid) -> Times { todo!() }"),
    ]);
    // `Key` is declared twice and differently: that is for resolve to report.
    let capture = package.scan();
    assert!(
        resolve(&Input {
            models: &capture.models,
            types: &capture.types,
            tables: &[],
            snapshot: &Schema::default(),
            type_map: &Default::default(),
            has_enums: true,
            has_partitions: true,
            default_schema: Some("public"),
            storable: &|_| true,
            found: &|_| None,
            spread: &in_turn,
        })
        .is_err()
    );
    assert_eq!(package.parsed(), ["src/ids.rs", "src/models.rs", "src/other.rs", "src/types.rs"]);
    package.write("src/types.rs", "pub use crate::ids::*; #[derive(DbEnum)] pub enum Mood { A }");
    assert_eq!(columns(&package), ["id integer", "mood mood", "uuid uuid", "other integer", "at timestamp"]);
}

#[test]
fn a_declared_type_hides_one_that_diesel_knows() {
    let lib = "mod own; use own::*; #[derive(Migratable)] struct User { id: i64, it: Uuid }";
    let package = Package::new(&[
        ("src/lib.rs", lib),
        ("src/own.rs", "#[diesel(sql_type = Text)] pub struct Uuid(String);"),
    ]);
    assert_eq!(columns(&package), ["id bigint", "it text"]);
    package.write("src/own.rs", "pub use uuid::Uuid;");
    assert_eq!(columns(&package), ["id bigint", "it uuid"]);
}

#[test]
fn crates_beside_this_one_are_looked_into_only_when_needed() {
    let lib = "use shared_types::Mood; #[derive(Migratable)] struct User { id: i64, mood: Mood }";
    let manifest = "[package]\nname = \"it\"\n[dependencies]\nshared-types = { workspace = true }\nunused = { path = \"../nowhere\", optional = true }";
    let package = Package::new(&[("Cargo.toml", manifest), ("src/lib.rs", lib)]);
    let above = "[workspace]\n[workspace.dependencies]\nshared-types = { path = \"shared\" }";
    package.write("../Cargo.toml", above);
    package.write("../shared/Cargo.toml", "[package]\nname = \"shared-types\"");
    package.write(
        "../shared/src/lib.rs",
        "mod mood; pub use mood::Mood; #[derive(Migratable)] struct NotOurs { id: i64 }",
    );
    package.write("../shared/src/mood.rs", "#[derive(MigratableEnum)] #[schemig(name = \"m\")] pub enum Mood { A }\n#[derive(Migratable)] struct NorThis { id: i64 }");
    assert_eq!(columns(&package), ["id bigint", "mood m"]);
    package.write("src/lib.rs", "#[derive(Migratable)] struct User { id: i64 }");
    assert_eq!(package.scan().read, 1);
}

#[test]
fn the_type_that_diesel_has_for_an_enum_is_looked_up() {
    let lib =
        "mod schema; use mood::Mood; mod mood; #[derive(Migratable)] struct User { id: i64, mood: Mood }";
    let mood =
        "#[derive(DbEnum)] #[ExistingTypePath = \"crate::schema::sql_types::MoodEnum\"] pub enum Mood { A }";
    let schema = "pub mod sql_types { #[derive(diesel::sql_types::SqlType)] #[diesel(postgres_type(name = \"moods\"))] pub struct MoodEnum; }";
    let package = Package::new(&[("src/lib.rs", lib), ("src/mood.rs", mood), ("src/schema.rs", schema)]);
    assert_eq!(columns(&package), ["id bigint", "mood moods"]);
}

#[test]
fn a_crate_beside_this_one_may_have_modules_under_a_condition() {
    let lib = "use shared::PersonId; #[derive(Migratable)] struct Post { id: i64, by: PersonId }";
    let manifest =
        "[package]\nname = \"it\"\n[dependencies]\nshared = { path = \"../shared\", features = [\"full\"] }";
    let package = Package::new(&[("Cargo.toml", manifest), ("src/lib.rs", lib)]);
    package.write("../shared/Cargo.toml", "[package]\nname = \"shared\"\n[features]\nfull = []");
    let shared = "#[cfg(feature = \"full\")] mod schema; #[cfg_attr(feature = \"full\", derive(DieselNewType))] pub struct PersonId(pub i32);";
    package.write("../shared/src/lib.rs", shared);
    package.write("../shared/src/schema.rs", "");
    assert_eq!(columns(&package), ["id bigint", "by integer"]);
}

#[test]
fn schema_rs_says_what_its_identifiers_dont() {
    let schema = "pub mod sql_types { #[derive(diesel::sql_types::SqlType)] #[diesel(postgres_type(name = \"MOOD\"))] pub struct Mood; }\n\
                  pub mod auth { diesel::table! { use diesel::sql_types::*; auth.users (id) { id -> Int8, #[sql_name = \"type\"] type_ -> Text, #[max_length = 9] name -> Varchar, } } }";
    let lib = "mod schema; #[derive(Migratable)] struct User { id: i64, type_: Mine }\n#[diesel(sql_type = crate::schema::sql_types::Mood)] enum Mine { A }";
    let package = Package::new(&[("src/lib.rs", lib), ("src/schema.rs", schema)]);
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    let facts = TableFacts {
        identifier: "users".to_owned(),
        schema: Some("auth".to_owned()),
        name: "users".to_owned(),
        columns: vec![pair("id", "id"), pair("type_", "type"), pair("name", "name")],
    };
    assert_eq!(package.scan().tables, [facts]);
    assert_eq!(columns(&package), ["id bigint", "type \"MOOD\""]);
}

#[test]
fn a_plain_schema_rs_isnt_parsed_and_need_not_be_there() {
    let lib = "mod schema; #[derive(Migratable)] struct User { id: i64 }";
    let package = Package::new(&[("src/lib.rs", lib)]);
    assert_eq!(package.models(), ["User"]);
    package.write("src/schema.rs", "diesel::table! { users (id) { id -> BigInt, } } this doesn't parse");
    assert!(package.scan().tables.is_empty());
}

#[test]
fn every_file_of_schema_rs_is_read_as_diesel_prints_it() {
    let shop = "// @generated automatically by Diesel CLI.\n\npub mod shop {\n    diesel::table! {\n        use diesel::sql_types::*;\n        use crate::types::*;\n\n        \
                /// Representation of the `shop.type` table.\n        ///\n        /// (Automatically generated by Diesel.)\n        #[sql_name = \"shop.type\"]\n        \
                shop.type_ (id) {\n            /// One line\n            id -> Int8,\n            #[sql_name = \"a b\"]\n            #[max_length = 9]\n            a_b -> Varchar,\n        }\n    }\n}\n";
    let plain = "diesel::table! { columns_ (id) { id -> Int8, } }";
    let package = Package::new(&[
        ("src/lib.rs", "mod schema; mod shop; #[derive(Migratable)] struct User { id: i64 }"),
        ("src/schema.rs", plain),
        ("src/shop.rs", shop),
    ]);
    let files = ["src/schema.rs", "src/shop.rs"].map(|file| package.path().join(file)).to_vec();
    let request = Request { directory: package.path(), schema_rs: files, ..Request::default() };
    let found = scan(&request).unwrap_or_else(|error| panic!("{error:?}")).tables;
    let told: Vec<_> = found.iter().map(|facts| (facts.schema.as_deref(), facts.name.as_str())).collect();
    assert_eq!(told, [(None, "columns_"), (Some("shop"), "type")]);
    assert_eq!(found[1].columns[1], ("a_b".to_owned(), "a b".to_owned()));
    std::fs::remove_file(package.path().join("src/shop.rs")).expect("it was there");
    assert_eq!(scan(&request).unwrap_or_else(|error| panic!("{error:?}")).tables.len(), 1);
}
