//! `init --annotate --write` on a database that stands: what comes of it compiles, and changes nothing.

use std::path::Path;
use std::process::Command;

use schemig_tests::diesel_cli::target_directory;
use schemig_tests::run::Run;

use crate::harness::{Grown, On, migration};

const UP: &str = "CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TABLE users (id BIGSERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL, feels mood NOT NULL DEFAULT 'glad', made TIMESTAMP NOT NULL DEFAULT now(),
        changed TIMESTAMP NOT NULL DEFAULT now());
    CREATE TABLE posts (id UUID PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE, title TEXT NOT NULL, body TEXT,
        \"type\" TEXT NOT NULL, tags TEXT[] NOT NULL DEFAULT '{}');
    CREATE TABLE visits (land CHAR(2) NOT NULL, code INT NOT NULL, day DATE NOT NULL, times BIGINT NOT NULL DEFAULT 1, PRIMARY KEY (land, code, day));
    CREATE TABLE prices (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount DOUBLE PRECISION NOT NULL, twice DOUBLE PRECISION GENERATED ALWAYS AS (amount * 2) STORED);
    CREATE TABLE settings (key TEXT PRIMARY KEY, value JSONB NOT NULL);
    CREATE TABLE tokens (id BIGSERIAL PRIMARY KEY, secret BYTEA NOT NULL, ends TIMESTAMPTZ);
    CREATE TABLE pairs (id INT PRIMARY KEY, a INT NOT NULL, b INT);
    CREATE TABLE parts (id INT PRIMARY KEY, a INT NOT NULL, b INT);
    CREATE TABLE alone (id INT PRIMARY KEY);";

const MODELS: &str = r#"use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::mood::Mood;
use crate::schema::*;

/// Who may log in.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct User {
    pub id: i64,
    pub name: String,
    pub feels: Mood,
    #[diesel(embed)]
    pub times: Times,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Times {
    pub made: NaiveDateTime,
    pub changed: NaiveDateTime,
}

/// Inserted, never read.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub name: &'a str,
}

#[derive(Queryable, Selectable, Identifiable, Associations, AsChangeset)]
#[diesel(belongs_to(User))]
#[diesel(treat_none_as_null = true)]
pub struct Post {
    pub id: uuid::Uuid,
    pub user_id: i64,
    pub title: String,
    pub body: Option<String>,
    pub type_: String,
    pub tags: Vec<Option<String>>,
}

/// A part of it, with what is computed.
#[derive(HasQuery)]
#[diesel(table_name = posts)]
pub struct Heading {
    pub title: String,
    #[diesel(select_expression = posts::body.is_null())]
    pub bare: bool,
}

pub mod counts {
    use super::*;

    #[derive(Queryable, Selectable)]
    #[diesel(table_name = visits)]
    pub(crate) struct Visit {
        pub land: String,
        pub(crate) code: i32,
        day: NaiveDate,
        times: i64,
    }
}

#[cfg_attr(feature = "db", derive(Queryable, Selectable))]
#[cfg_attr(feature = "db", diesel(table_name = prices))]
pub struct Price {
    pub id: i32,
    pub amount: f64,
    pub twice: Option<f64>,
}

#[derive(Queryable)] #[diesel(table_name = settings, primary_key(key))] pub struct Setting { pub key: String, pub value: serde_json::Value }

#[derive(
    Debug,
    HasQuery,
)]
struct Token {
    id: i64,
    #[diesel(column_name = "secret")]
    bytes: Vec<u8>,
    ends: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pairs)]
pub struct One {
    pub id: i32,
    pub a: i32,
    pub b: Option<i32>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pairs)]
pub struct Other {
    pub id: i32,
    pub a: i32,
    pub b: Option<i32>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = parts)]
pub struct Part {
    pub a: i32,
}
"#;

const MOOD: &str = r#"use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};

#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = crate::schema::sql_types::Mood)]
pub enum Mood {
    Glad,
    Sad,
}

impl FromSql<crate::schema::sql_types::Mood, Pg> for Mood {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        match bytes.as_bytes() {
            b"glad" => Ok(Self::Glad),
            _ => Ok(Self::Sad),
        }
    }
}
"#;

/// Cargo.toml of a crate that has all that the models name.
fn manifest() -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
    let schemig = workspace.join("schemig");
    format!(
        "[package]\nname = \"grown\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[features]\ndefault = [\"db\"]\ndb = []\n\n[dependencies]\n\
         diesel = {{ version = \"2.3\", default-features = false, features = [\"postgres_backend\", \"chrono\", \"uuid\", \"serde_json\"] }}\n\
         chrono = {{ version = \"0.4\", default-features = false }}\nserde_json = \"1\"\nuuid = \"1\"\n\
         schemig = {{ path = {:?} }}\n\n[workspace]\n",
        schemig.display().to_string()
    )
}

/// `cargo check`, with the tests that the derive makes.
fn check(grown: &Grown) -> Run {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["check", "--tests", "--quiet", "--target-dir"]).arg(target_directory().join("annotated"));
    Run::of(command.current_dir(grown.root()))
}

#[test]
fn what_annotate_writes_compiles_and_changes_nothing() {
    let manifest = manifest();
    let files = [
        ("Cargo.toml", &*manifest),
        ("src/lib.rs", "pub mod models;\npub mod mood;\npub mod schema;\n"),
        ("src/models.rs", MODELS),
        ("src/mood.rs", MOOD),
    ];
    let grown = Grown::with(On::Postgres, &files, &[migration(0, "base", UP)]).migrated();
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    std::fs::copy(lock, grown.path("Cargo.lock")).expect("the lock file");
    check(&grown).expect_success("cargo check before");
    let url = grown.url();
    let words = ["init", "--database-url", &url, "--annotate", "--write"];
    let said = grown.schemig(&words).expect_success("init --annotate --write");
    let flat = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in [
        "users: User (src/models.rs:10) reads all 5 columns",
        "posts: Post (src/models.rs:35) reads all 6 columns",
        "visits: Visit (src/models.rs:58) reads all 4 columns",
        "prices: Price (src/models.rs:68) reads all 3 columns",
        "settings: Setting (src/models.rs:74) reads all 2 columns",
        "tokens: Token (src/models.rs:80) reads all 3 columns",
        "not Heading (src/models.rs:47)",
        "alone: no struct names it; it stays observed",
    ] {
        assert!(flat.contains(line), "{line:?} isn't said: {}", said.printed());
    }
    let models = grown.read("src/models.rs");
    assert_eq!(models.matches("schemig::Migratable").count(), 6, "{models}");
    assert!(models.contains("#[diesel(primary_key(land, code, day))]"), "{models}");
    check(&grown).expect_success("cargo check after");
    let migrations = grown.below("migrations");
    let first = grown.schemig(&["diff"]).expect_success("the first diff");
    assert!(!first.printed().contains("Plan "), "{}", first.printed());
    assert_eq!(grown.below("migrations"), migrations);
    let print = grown.diesel(&["print-schema"]).expect_success("print-schema").stdout;
    assert_eq!(grown.schemig(&["schema"]).expect_success("schema").stdout, print);
    grown.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status --check");
    grown.schemig(&["diff", "--check"]).expect_success("diff --check");
    check(&grown).expect_success("cargo check after diff");
}
