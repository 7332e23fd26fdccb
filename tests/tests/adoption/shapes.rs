//! Small projects in the shapes of real ones.

use std::fmt::Write as _;

use crate::harness::{Change, Grown, On, migration};

/// Composite keys, foreign keys with actions, a table that refers to itself, names that Rust can't take.
#[test]
fn composite_keys() {
    let up = "CREATE TABLE people (id BIGSERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL, \"type\" TEXT, boss BIGINT REFERENCES people);
        CREATE TABLE places (land CHAR(2) NOT NULL, code INT NOT NULL, name TEXT NOT NULL DEFAULT '', PRIMARY KEY (land, code));
        CREATE TABLE visits (person_id BIGINT NOT NULL REFERENCES people ON DELETE CASCADE, land CHAR(2) NOT NULL, code INT NOT NULL,
            day DATE NOT NULL, note TEXT, PRIMARY KEY (person_id, land, code, day),
            FOREIGN KEY (land, code) REFERENCES places ON UPDATE CASCADE);
        CREATE INDEX visits_day ON visits (day DESC, lower(note)) WHERE note IS NOT NULL;";
    let models = r#"use diesel::prelude::*;
use schemig::Migratable;

use crate::schema::*;

#[derive(Queryable, Selectable, Identifiable, Migratable)]
#[diesel(table_name = people)]
pub struct Person {
    pub id: i64,
    pub name: String,
    #[diesel(column_name = type_)]
    pub kind: Option<String>,
    pub boss: Option<i64>,
}

#[derive(Queryable, Selectable, Identifiable, Migratable)]
#[diesel(table_name = places, primary_key(land, code))]
pub struct Place {
    pub land: String,
    pub code: i32,
    pub name: String,
}

/// Inserted, never read whole.
#[derive(Insertable)]
#[diesel(table_name = visits)]
pub struct NewVisit<'a> {
    pub person_id: i64,
    pub land: &'a str,
    pub code: i32,
    pub note: Option<&'a str>,
}

#[derive(Queryable, Selectable, Associations, Identifiable, Migratable)]
#[diesel(table_name = visits, primary_key(person_id, land, code, day), belongs_to(Person))]
pub struct Visit {
    pub person_id: i64,
    pub land: String,
    pub code: i32,
    pub day: chrono::NaiveDate,
    pub note: Option<String>,
}
"#;
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", models)];
    Grown::with(On::Postgres, &files, &[migration(0, "base", up)]).migrated().must_adopt(Change {
        file: "src/models.rs",
        from: "    pub note: Option<String>,",
        to: "    pub note: Option<String>,\n    pub stars: Option<i16>,",
        table: "visits",
        says: "add column visits.stars",
    });
}

/// Functions, triggers, a view, an enum, a domain, row security; comments, collations, every kind of column that fills itself.
#[test]
fn functions_and_triggers() {
    let up = "CREATE TYPE mood AS ENUM ('glad', 'sad');
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
        CREATE TABLE notes (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title TEXT NOT NULL COLLATE \"C\", body TEXT,
            feels mood NOT NULL DEFAULT 'glad', words INT GENERATED ALWAYS AS (length(body)) STORED, price NUMERIC(10,2),
            tags TEXT[] NOT NULL DEFAULT '{}', changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CHECK (length(title) > 0 AND title <> 'x'), UNIQUE (title, feels));
        COMMENT ON TABLE notes IS 'What was written';
        COMMENT ON COLUMN notes.body IS 'As it was typed';
        CREATE TRIGGER stamped BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION stamp();
        CREATE VIEW titles AS SELECT id, title FROM notes WHERE feels = 'glad';
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY seen ON notes USING (price IS NULL);";
    let models = r#"use diesel::prelude::*;

use crate::schema::notes;

#[derive(Queryable, Selectable, schemig::Migratable)]
#[diesel(table_name = notes)]
pub struct Note {
    pub id: i32,
    pub title: String,
    pub body: Option<String>,
    #[schemig(sql_type = "mood")]
    pub feels: crate::Mood,
    pub words: Option<i32>,
    pub tags: Vec<Option<String>>,
    pub changed: chrono::NaiveDateTime,
}
"#;
    let library = "pub mod models;\npub mod schema;\n\npub struct Mood;\n";
    let files = [("src/lib.rs", library), ("src/models.rs", models)];
    let grown = Grown::with(On::Postgres, &files, &[migration(0, "base", up)]).migrated();
    grown.must_adopt(Change {
        file: "src/models.rs",
        from: "    pub words: Option<i32>,",
        to: "    pub words: Option<i32>,\n    pub likes: Option<i64>,",
        table: "notes",
        says: "add column notes.likes",
    });
    let listed = grown.read("schemig/dependants.toml");
    for name in ["stamp()", "stamped of notes", "titles", "seen of notes"] {
        assert!(listed.contains(name), "{name} isn't listed: {listed}");
    }
    // A column that the view reads is asked about, and nothing is written.
    let text = grown.read("src/models.rs").replace("    pub title: String,\n", "");
    let text =
        text.replace("pub struct Note", "#[schemig(dropped(\"title\", fill = \"'y'\"))]\npub struct Note");
    grown.write("src/models.rs", &text);
    let before = grown.tree();
    let asked = grown.schemig(&["diff", "--rows", "notes=1000"]);
    assert_eq!(asked.code, Some(2), "{}", asked.printed());
    assert!(asked.stderr.contains("the database has what reads it: view titles"), "{}", asked.printed());
    assert_eq!(grown.tree(), before);
}

/// Three backends in one crate, 30 tables: the one that is migrated is chosen by features, and the schema stands in a file of its own.
#[test]
fn three_backends_in_one_crate() {
    let (mut up, mut models) =
        (String::new(), String::from("use diesel::prelude::*;\n\nuse crate::schema::*;\n"));
    for number in 0..30 {
        let parent =
            if number == 0 { String::new() } else { format!(" REFERENCES item_{:02}s (id)", number - 1) };
        writeln!(
            up,
            "CREATE TABLE item_{number:02}s (id INTEGER PRIMARY KEY NOT NULL, parent INTEGER{parent}, name TEXT NOT NULL UNIQUE, \
             size BIGINT NOT NULL DEFAULT 0, made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, CHECK (size >= 0));
             CREATE INDEX item_{number:02}s_made ON item_{number:02}s (made);"
        )
        .expect("text");
        write!(
            models,
            "\n#[derive(Queryable, Selectable, schemig::Migratable)]\n#[diesel(table_name = item_{number:02}s)]\npub struct Item{number:02} {{\n    \
             pub id: i32,\n    pub parent: Option<i32>,\n    pub name: String,\n    pub size: i64,\n    pub made: chrono::NaiveDateTime,\n}}\n"
        )
        .expect("text");
    }
    let library = "pub mod models;\n\n#[cfg(feature = \"sqlite\")]\n#[path = \"schemas/sqlite.rs\"]\npub mod schema;\n\n\
                   #[cfg(all(feature = \"postgres\", not(feature = \"sqlite\")))]\n#[path = \"schemas/postgres.rs\"]\npub mod schema;\n";
    let manifest = "[package]\nname = \"grown\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[features]\ndefault = [\"sqlite\"]\n\
                    sqlite = [\"diesel/sqlite\"]\npostgres = [\"diesel/postgres\"]\nmysql = [\"diesel/mysql\"]\n\n\
                    [dependencies]\ndiesel = \"2.3\"\nschemig = \"0.1\"\n\n[workspace]\n";
    let files = [
        ("Cargo.toml", manifest),
        ("schemig.toml", "dialect = \"sqlite\"\n"),
        ("diesel.toml", "[print_schema]\nfile = \"src/schemas/sqlite.rs\"\n"),
        ("src/lib.rs", library),
        ("src/models.rs", &models),
        ("src/schemas/postgres.rs", "compile_error!(\"not this one\");\n"),
    ];
    Grown::with(On::Sqlite, &files, &[migration(0, "base", &up)]).migrated().must_adopt(Change {
        file: "src/models.rs",
        from: "pub struct Item07 {\n",
        to: "pub struct Item07 {\n    pub note: Option<String>,\n",
        table: "item_07s",
        says: "add column item_07s.note",
    });
}

/// A folder for each feature, with models of its own; derives hidden in cfg_attr; a struct that reads a part of a table stays as it is.
#[test]
fn a_folder_for_each_feature_and_hidden_derives() {
    let up = "CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, mail TEXT NOT NULL COLLATE NOCASE);
        CREATE TABLE orders (id INTEGER PRIMARY KEY NOT NULL, account_id INTEGER NOT NULL REFERENCES accounts (id), total REAL);
        CREATE TRIGGER orders_once AFTER INSERT ON orders BEGIN SELECT 1; END;";
    let account = r#"use crate::schema::accounts;

#[cfg_attr(feature = "db", derive(diesel::Queryable, diesel::Selectable, schemig::Migratable))]
#[cfg_attr(feature = "db", diesel(table_name = accounts))]
pub struct Account {
    pub id: i32,
    pub mail: String,
}

#[cfg_attr(feature = "db", derive(diesel::Queryable, diesel::Selectable))]
#[cfg_attr(feature = "db", diesel(table_name = accounts))]
pub struct Mail {
    pub mail: String,
}
"#;
    let order = r#"use diesel::prelude::*;

use crate::schema::orders;

#[derive(Queryable, Selectable, schemig::Migratable)]
#[diesel(table_name = orders)]
pub struct Order {
    pub id: i32,
    pub account_id: i32,
    pub total: Option<f32>,
}
"#;
    let manifest = "[package]\nname = \"grown\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[features]\ndefault = [\"db\"]\ndb = []\n\n\
                    [dependencies]\ndiesel = { version = \"2.3\", features = [\"sqlite\"] }\nschemig = \"0.1\"\n\n[workspace]\n";
    let files = [
        ("Cargo.toml", manifest),
        ("src/lib.rs", "pub mod accounts;\npub mod orders;\npub mod schema;\n"),
        ("src/accounts/mod.rs", "pub mod models;\n"),
        ("src/accounts/models.rs", account),
        ("src/orders/mod.rs", "pub mod models;\n"),
        ("src/orders/models.rs", order),
    ];
    Grown::with(On::Sqlite, &files, &[migration(0, "base", up)]).migrated().must_adopt(Change {
        file: "src/accounts/models.rs",
        from: "    pub id: i32,",
        to: "    pub nick: Option<String>,\n    pub id: i32,",
        table: "accounts",
        says: "add column accounts.nick",
    });
}

/// On SQLite models are written after what `print-schema` infers from a spelling.
#[test]
fn floats_that_are_declared_as_decimals() {
    let up = "CREATE TABLE goods (id INTEGER PRIMARY KEY NOT NULL, price DECIMAL(10,2) NOT NULL, discount NUMERIC, weight FLOAT NOT NULL, rate FLOAT8);";
    let models = "#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n#[diesel(table_name = crate::schema::goods)]\n\
                  pub struct Good {\n    pub id: i32,\n    pub price: f64,\n    pub discount: Option<f64>,\n    pub weight: f32,\n    pub rate: Option<f32>,\n}\n";
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", models)];
    Grown::with(On::Sqlite, &files, &[migration(0, "base", up)]).migrated().must_adopt(Change {
        file: "src/models.rs",
        from: "    pub weight: f32,",
        to: "    pub weight: f32,\n    pub note: Option<String>,",
        table: "goods",
        says: "add column goods.note",
    });
}

/// An enum that grew by migrations has its labels in their order and some that no variant is for; its type is called as its marker says. A label
/// that comes stays when its migration is taken back, for no server takes one off.
#[test]
fn an_enum_that_grew() {
    let up = "CREATE TYPE mood_enum AS ENUM ('sad', 'happy', 'gone');
        CREATE TABLE users (id BIGSERIAL PRIMARY KEY, mood mood_enum NOT NULL DEFAULT 'sad');
        CREATE TABLE others (id BIGSERIAL PRIMARY KEY, mood mood_enum);";
    let models = "#[derive(diesel_derive_enum::DbEnum)]\n#[ExistingTypePath = \"crate::schema::sql_types::MoodEnum\"]\npub enum Mood {\n    Happy,\n    Sad,\n}\n\n\
                  #[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n#[diesel(table_name = crate::schema::users)]\n\
                  pub struct User {\n    pub id: i64,\n    pub mood: Mood,\n}\n";
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", models)];
    Grown::with(On::Postgres, &files, &[migration(0, "base", up)]).migrated().must_adopt(Change {
        file: "src/models.rs",
        from: "    Happy,\n",
        to: "    Happy,\n    Calm,\n",
        table: "mood_enum",
        says: "add value 'calm' to enum mood_enum",
    });
}
