//! `stats` on SQLite, and what it refuses. PostgreSQL's is in the workspace's tests.

use std::ops::Deref;
use std::process::Command;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::sqlite::SqliteConnection;
use tempfile::TempDir;

use crate::bad_input::{refused, schemig};
use crate::support::Crate;

const FILE: &str = "schemig/statistics.toml";

/// A crate whose snapshot has notes and tags, and a database elsewhere.
struct Stage {
    home: Crate,
    data: TempDir,
}

impl Deref for Stage {
    type Target = Crate;

    fn deref(&self) -> &Crate {
        &self.home
    }
}

impl Stage {
    fn database(&self) -> String {
        self.data.path().join("notes.db").display().to_string()
    }
}

/// With this in the database.
fn stage(sql: &str) -> Stage {
    let home = Crate::new();
    home.write("schemig/deployed", "");
    for table in ["notes", "tags"] {
        let text = format!(
            "format = 1\ntable = \"{table}\"\nprimary_key = [\"id\"]\n\n[columns]\nid = {{ type = \"integer\" }}\n"
        );
        home.write(&format!("schemig/snapshot/{table}.toml"), &text);
    }
    let stage = Stage { home, data: tempfile::tempdir().unwrap() };
    sqlite(&stage, sql);
    stage
}

fn sqlite(home: &Stage, sql: &str) {
    SqliteConnection::establish(&home.database()).unwrap().batch_execute(sql).unwrap();
}

fn stats(home: &Stage, more: &[&str]) -> String {
    let (code, text) = schemig(home, &[&["stats", "--database-url", &home.database()], more].concat());
    assert_eq!(code, 0, "{text}");
    text
}

const TABLES: &str = "CREATE TABLE notes (id INTEGER PRIMARY KEY); CREATE TABLE tags (id INTEGER PRIMARY KEY);
    CREATE TABLE \"o\"\"dd\" (a); CREATE TABLE __diesel_schema_migrations (version); CREATE VIEW v AS SELECT 1;
    INSERT INTO notes SELECT value FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1234) SELECT value FROM n);";

#[test]
fn what_is_not_counted_is_said_and_never_a_number() {
    let home = stage(TABLES);
    let text = stats(&home, &[]);
    assert_eq!(home.read(FILE), "format = 1\n\n[tables.\"o\\\"dd\"]\nrows = 0\n\n[tables.tags]\nrows = 0\n");
    for words in ["nobody has counted the rows of notes there", "Next: run ANALYZE there for notes"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    sqlite(&home, "ANALYZE");
    let text = stats(&home, &[]);
    assert!(home.read(FILE).contains("[tables.notes]\nrows = 1234\n"), "{}", home.read(FILE));
    assert!(text.contains("notes: 1,234 rows") && !text.contains("Next:"), "{text}");
    assert!(
        !home.read(FILE).contains("diesel") && !home.read(FILE).contains("sqlite"),
        "{}",
        home.read(FILE)
    );
    let before = home.tree();
    assert!(stats(&home, &[]).contains("nothing to do"));
    assert_eq!(home.tree(), before);
}

#[test]
fn what_stood_in_the_file_stays_where_nobody_has_counted() {
    let home = stage("CREATE TABLE notes (id INTEGER PRIMARY KEY); INSERT INTO notes VALUES (1);");
    let pace = "[pace]\nscan = 2.0\nindex = 1.0\ntext_index = 1.0\nrewrite = 1.5\nupdate = 1.0\n";
    home.write(FILE, &format!("format = 1\n\n{pace}\n[tables.gone]\nrows = 7\n\n[tables.notes]\nrows = 9\n\n[tables.tags]\nrows = 8\n"));
    let text = stats(&home, &[]);
    let file = home.read(FILE);
    assert!(file.contains(pace) && file.contains("[tables.notes]\nrows = 9\n"), "{file}");
    assert!(file.contains("[tables.tags]\nrows = 8\n") && !file.contains("gone"), "{file}");
    for words in ["what stood in the file stays for notes, tags", "the database has no tags"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_dry_run_writes_nothing_and_a_report_has_three_forms() {
    let home = stage(TABLES);
    let before = home.tree();
    for (format, words) in [
        ("text", "Would write\n  schemig/statistics.toml"),
        ("json", "\"schemig/statistics.toml\""),
        ("markdown", "- `schemig/statistics.toml`"),
    ] {
        let text = stats(&home, &["--dry-run", "--format", format]);
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(home.tree(), before);
}

#[test]
fn what_can_not_be_read_leaves_all_as_it_was() {
    let home = stage(TABLES);
    let database = home.database();
    let typed = ["stats", "--database-url", database.as_str()];
    refused(
        &home,
        &["stats", "--database-url", "postgres://h/d"],
        2,
        &["is a database of postgres", "help: "],
    );
    refused(
        &home,
        &["stats", "--database-url", "none.db"],
        4,
        &["there is no database", "none.db", "help: "],
    );
    refused(
        &home,
        &["stats", "--calibrate", "--database-url", "none.db"],
        2,
        &["no server of SQLite", "leave --calibrate out"],
    );
    refused(&home, &["stats", "--calibrate"], 2, &["--database-url"]);
    home.write(FILE, "format = 1\n[tables.notes]\nrow = 1\n");
    refused(&home, &typed, 2, &["schemig/statistics.toml:3:1", "is damaged", "help: "]);
    home.write(FILE, "format = 9\n");
    refused(&home, &typed, 2, &["schemig/statistics.toml", "newer", "help: "]);
    std::fs::write(&database, "no database, and long enough for one. ".repeat(20)).unwrap();
    home.write(FILE, "format = 1\n");
    refused(&home, &typed, 4, &["the database's statistics can't be read"]);
    let silent = Command::new(env!("CARGO_BIN_EXE_cargo-schemig"))
        .args(["schemig", "stats"])
        .current_dir(home.root())
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert_eq!(silent.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&silent.stderr).contains("which database isn't said"), "{silent:?}");
}

#[test]
fn a_crate_that_was_never_started_has_nothing_to_measure_for() {
    let home = Crate::new();
    refused(&home, &["stats", "--database-url", "notes.db"], 2, &["run `cargo schemig init` first"]);
}
