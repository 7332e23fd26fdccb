//! Fields whose Rust types don't say what the column is.

use schemig_core::schema::Schema;

use super::{adopted, proposed, says, settles, table, users};

fn moods() -> Schema {
    let columns = [("id", "bigint"), ("mood", "mood"), ("price", "numeric(10,2)?")];
    Schema::default().with_table("days", table(&["id"], &columns)).with_enum("mood", ["happy", "sad"])
}

#[test]
fn an_enum_of_ones_own() {
    let text = "#[derive(Queryable, Selectable)]\nstruct Day {\n    id: i64,\n    mood: Mood,\n    price: Option<Price>,\n}\nenum Mood { Happy, Sad }\n";
    let home = adopted(moods(), &[("src/lib.rs", text)]);
    says(
        &proposed(&home),
        &[
            "with #[schemig(sql_type = \"mood\")] on `mood`: `Mood` alone doesn't say it; or derive schemig::MigratableEnum on `Mood`",
            "with #[schemig(sql_type = \"numeric(10,2)\")] on `price`",
        ],
    );
    settles(&home);
    let edited = home.read("src/lib.rs");
    assert!(edited.contains("    #[schemig(sql_type = \"mood\")]\n    mood: Mood,\n"), "{edited}");
    assert!(edited.contains("    #[schemig(sql_type = \"numeric(10,2)\")]\n    price"), "{edited}");
}

/// What diesel-derive-enum says is enough.
#[test]
fn an_enum_of_diesel_derive_enum() {
    let text = "#[derive(HasQuery)]\nstruct Day { id: i64, mood: Mood, price: Option<bigdecimal::BigDecimal> }\n\
        #[derive(diesel_derive_enum::DbEnum)]\n#[db_enum(existing_type_path = \"crate::schema::sql_types::Mood\")]\nenum Mood { Happy, Sad }\n";
    let schema_rs = "pub mod sql_types {\n    #[derive(diesel::sql_types::SqlType)]\n    #[diesel(postgres_type(name = \"mood\"))]\n    pub struct Mood;\n}\n";
    let home =
        adopted(moods(), &[("src/lib.rs", &format!("mod schema;\n{text}")), ("src/schema.rs", schema_rs)]);
    let printed = proposed(&home);
    assert!(!printed.contains("sql_type ="), "{printed}");
    settles(&home);
}

/// An enum of the same name counts already, whoever derives `Migratable`: `diff` would add its label.
#[test]
fn an_enum_that_is_not_the_databases() {
    let text = "#[derive(HasQuery)]\nstruct Day { id: i64, mood: Mood, price: Option<bigdecimal::BigDecimal> }\n\
        #[derive(schemig::MigratableEnum)]\nenum Mood { Happy, Sad, Sleepy }\n";
    let home = adopted(moods(), &[("src/lib.rs", text)]);
    let printed = proposed(&home);
    says(&printed, &["not Day", "can't be its model: add value 'sleepy' to enum mood"]);
}

/// One that can't be a model takes no other with it.
#[test]
fn one_that_can_not_be_a_model_beside_one_that_can() {
    let columns = [("id", "bigint"), ("page", "ltree")];
    let schema = users().with_table("feeds", table(&["id"], &columns));
    let text = "#[derive(HasQuery)]\nstruct Feed { id: i64, page: Path }\n\
        #[derive(HasQuery)]\nstruct User { id: i64, email: String, nick: Option<String> }\n";
    let home = adopted(schema, &[("src/lib.rs", text)]);
    home.write("schemig.toml", "server = \"12\"\n");
    let words = [
        "feeds: no struct can be its model",
        "not Feed (src/lib.rs:2) reads all 2 columns, but can't be its model: Diesel can't read `ltree` in this database",
        "users: User (src/lib.rs:4) reads all 3 columns",
    ];
    says(&proposed(&home), &words);
    settles(&home);
}

/// What is read through another type is read as that.
#[test]
fn deserialize_as() {
    let text = "#[derive(Queryable, Selectable)]\nstruct User {\n    id: i64,\n    email: String,\n    #[diesel(deserialize_as = Nick)]\n    nick: String,\n}\n";
    let home = adopted(users(), &[("src/lib.rs", text)]);
    says(&proposed(&home), &["not User (src/lib.rs:2) reads `nick` as `Nick`, and the column may be NULL"]);
    let home = adopted(users(), &[("src/lib.rs", &text.replace("= Nick", "= Option<String>"))]);
    settles(&home);
}

/// Nothing can be written on a field of a struct that is no model.
#[test]
fn a_type_in_an_embedded_struct() {
    let text = "#[derive(HasQuery)]\nstruct User { id: i64, #[diesel(embed)] rest: Rest }\n\
        #[derive(HasQuery)]\n#[diesel(table_name = users)]\nstruct Rest { email: Email, nick: Option<String> }\n";
    let home = adopted(users(), &[("src/lib.rs", text)]);
    says(
        &proposed(&home),
        &[
            "embeds `email`, whose type `Email` needs a line in the type map of schemig.toml: Email = \"varchar(255)\"",
        ],
    );
    home.write("schemig.toml", "[types]\nEmail = \"varchar(255)\"\n");
    settles(&home);
}
