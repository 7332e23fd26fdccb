//! A workspace whose models stand in two crates, beside the one that has schema.rs and the migrations. Cargo builds it and runs the tests that
//! come with the models.

use std::fs;
use std::path::Path;
use std::process::Command;

use schemig_tests::diesel_cli::{self, target_directory};
use schemig_tests::run::Run;

use crate::harness::{Grown, On};

const UP: &str = "CREATE TABLE users (id BIGSERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL, status INT NOT NULL DEFAULT 0);
    CREATE TABLE orders (id BIGSERIAL PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users, status TEXT NOT NULL, total DOUBLE PRECISION);
    CREATE TABLE log (id BIGSERIAL PRIMARY KEY, line TEXT);";

/// As this workspace has it, so that what it has built serves here too. No connection is made, so Diesel needs no client library.
const WORKSPACE: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n\
    [workspace.dependencies]\ndb = { path = \"crates/db\" }\nschemig = { path = \"SCHEMIG\" }\n\
    diesel = { version = \"2.3\", features = [\"postgres_backend\"] }\n\n\
    [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\ndebug = false\n";

const DB: &str = "pub mod schema;\n\n/// Of a user.\n#[derive(Clone, Copy, Debug, diesel::AsExpression, diesel::FromSqlRow)]\n\
    #[diesel(sql_type = diesel::sql_types::Integer)]\npub struct Status(pub i32);\n\n\
    impl diesel::deserialize::FromSql<diesel::sql_types::Integer, diesel::pg::Pg> for Status {\n    \
    fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {\n        \
    <i32 as diesel::deserialize::FromSql<diesel::sql_types::Integer, diesel::pg::Pg>>::from_sql(bytes).map(Self)\n    }\n}\n";

/// The table by its whole path, a type of the crate at home.
const USERS: &str = "#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
    #[diesel(table_name = db::schema::users, check_for_backend(diesel::pg::Pg))]\npub struct User {\n    \
    pub id: i64,\n    pub name: String,\n    pub status: db::Status,\n}\n";

/// The table by an import, a type of its own that is called like one at home.
const ORDERS: &str = "use db::schema::orders;\nuse diesel::prelude::*;\n\npub type Status = String;\n\n\
    #[derive(Queryable, Selectable, schemig::Migratable)]\n#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]\n\
    pub struct Order {\n    pub id: i64,\n    pub user_id: i64,\n    pub status: Status,\n    pub total: Option<f64>,\n}\n";

fn manifest(name: &str, more: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ndiesel.workspace = true\n{more}"
    )
}

/// The workspace and its database, on which its migrations have run.
fn grown() -> Grown {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
    let schemig = ours.join("schemig").display().to_string();
    let member = |name: &str| manifest(name, "db.workspace = true\nschemig.workspace = true\n");
    let files = [
        ("Cargo.toml", &*WORKSPACE.replace("SCHEMIG", &schemig)),
        ("crates/db/Cargo.toml", &manifest("db", "")),
        ("crates/db/diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n"),
        ("crates/db/schemig.toml", "dialect = \"postgres\"\ncrates = [\"users\", \"orders\"]\n"),
        ("crates/db/src/lib.rs", DB),
        ("crates/db/migrations/2021-01-01-000000_base/up.sql", UP),
        ("crates/db/migrations/2021-01-01-000000_base/down.sql", "DROP TABLE log, orders, users;\n"),
        ("crates/users/Cargo.toml", &member("users")),
        ("crates/users/src/lib.rs", USERS),
        ("crates/orders/Cargo.toml", &member("orders")),
        ("crates/orders/src/lib.rs", ORDERS),
    ];
    let grown = Grown::with(On::Postgres, &files, &[]);
    fs::remove_file(grown.path("diesel.toml")).expect("the crate's own counts");
    fs::copy(ours.join("Cargo.lock"), grown.path("Cargo.lock")).expect("the lock file");
    diesel(&grown, &["migration", "run"]);
    grown
}

fn diesel(grown: &Grown, words: &[&str]) -> Run {
    let mut command = Command::new(diesel_cli::binary());
    command.args(words).current_dir(grown.path("crates/db")).env("DATABASE_URL", grown.url());
    Run::of(&mut command).expect_success("diesel")
}

/// Runs the tests of a crate, or of all.
fn cargo_test(grown: &Grown, which: &[&str]) -> Run {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--offline", "--lib", "--no-fail-fast"]).args(which).current_dir(grown.root());
    Run::of(command.arg("--target-dir").arg(target_directory()))
}

/// How many tests that come with models ran through.
fn captured(run: &Run) -> usize {
    let through = |line: &&str| line.contains("schemig_captured_") && line.ends_with("... ok");
    run.stdout.lines().filter(through).count()
}

#[test]
fn models_in_two_crates_beside_their_schema() {
    let grown = grown();
    let print = diesel(&grown, &["print-schema"]).stdout;
    let migrations = grown.below("crates/db/migrations");
    let url = grown.url();
    grown.schemig(&["init", "-p", "db", "--database-url", &url]).expect_success("init");
    let first = grown.schemig(&["diff"]).expect_success("the first diff");
    assert!(!first.printed().contains("Plan "), "the first diff is empty: {}", first.printed());
    assert_eq!(grown.below("crates/db/migrations"), migrations, "nothing is written to migrations/");
    assert_eq!(grown.schemig(&["schema", "-p", "orders"]).expect_success("schema").stdout, print);
    grown.schemig(&["status", "-p", "users", "--database-url", &url, "--check"]).expect_success("status");

    let tests = cargo_test(&grown, &["--workspace"]).expect_success("the tests of all crates");
    assert_eq!(captured(&tests), 2, "{}", tests.printed());

    let note = |text: &str| text.replace("    pub total", "    pub note: Option<String>,\n    pub total");
    // Nothing that selects builds while a model is ahead of its schema.rs; so the test is asked of one that doesn't.
    let bare = ORDERS.replace("Queryable, Selectable, ", "").replace("use diesel::prelude::*;\n", "");
    let bare =
        bare.replace("use db::schema::orders;\n", "").replace(", check_for_backend(diesel::pg::Pg)", "");
    grown.write("crates/orders/src/lib.rs", &note(&bare));
    let tests = cargo_test(&grown, &["--workspace"]);
    assert!(!tests.success() && captured(&tests) == 1, "{}", tests.printed());
    let words = "`Order` differs from its snapshot: run `cargo schemig diff -p db`.";
    assert!(tests.printed().contains(words), "{}", tests.printed());
    grown.write("crates/orders/src/lib.rs", &note(ORDERS));

    let report = grown.schemig(&["diff", "-p", "orders", "--rows", "orders=1000", "--format", "json"]);
    let report = report.expect_success("diff").stdout;
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["changes"], serde_json::json!(["add column orders.note text"]));
    let tests = cargo_test(&grown, &["--workspace"]).expect_success("the tests after diff");
    assert_eq!(captured(&tests), 2, "{}", tests.printed());
    diesel(&grown, &["migration", "run"]);
    grown.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status after the change");
    diesel(&grown, &["migration", "revert"]);
}
