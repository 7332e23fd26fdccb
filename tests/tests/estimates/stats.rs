//! `cargo schemig stats` on a PostgreSQL server.

use std::fs;

use cargo_schemig::database::Connection;
use diesel::connection::SimpleConnection as _;
use schemig_core::safety::estimate::{Known, Size, read};
use schemig_tests::cluster::{Cluster, Database};
use schemig_tests::project::Project;
use schemig_tests::run::Run;

/// The story's models, and a database.
pub struct Stage {
    pub project: Project,
    pub database: Database<'static>,
}

impl Stage {
    pub fn new(sql: &str) -> Self {
        let project = Project::copy("organizations");
        // What the example says of its own tables.
        fs::remove_file(project.root().join("schemig/statistics.toml")).unwrap_or_default();
        let stage = Self { project, database: Cluster::shared().database("stats") };
        stage.sql(sql);
        stage
    }

    pub fn sql(&self, sql: &str) {
        self.database.connect().batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub fn ask(&self, query: &str) -> String {
        Connection::Postgres(Box::new(self.database.connect())).texts(query).expect("an answer").concat()
    }

    pub fn stats(&self, more: &[&str]) -> Run {
        let typed = ["stats", "--database-url", &self.database.url_as("stats")];
        self.project.schemig(&[&typed, more].concat()).expect_success("stats")
    }

    pub fn file(&self) -> Known {
        let text = fs::read_to_string(self.project.root().join("schemig/statistics.toml"));
        read(&text.expect("it was written")).expect("it can be read")
    }

    fn size(&self, table: &str) -> Option<Size> {
        self.file().tables.get(&table.into()).copied()
    }
}

#[test]
fn each_table_is_as_large_as_the_server_has_it() {
    let stage = Stage::new(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);
        INSERT INTO users SELECT n, 'user' || n FROM generate_series(1, 20000) AS n;
        CREATE TABLE organizations (id bigint PRIMARY KEY);
        CREATE TABLE org_memberships (user_id bigint PRIMARY KEY);
        ALTER TABLE org_memberships SET (autovacuum_enabled = false);
        INSERT INTO org_memberships VALUES (1);
        CREATE TABLE __diesel_schema_migrations (version text);
        INSERT INTO __diesel_schema_migrations VALUES ('1');
        CREATE SCHEMA other;
        CREATE TABLE other.\"Odd\" (id bigint); INSERT INTO other.\"Odd\" SELECT generate_series(1, 300);
        CREATE TABLE days (day int) PARTITION BY RANGE (day);
        CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (100);
        CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (day);
        CREATE TABLE days_3 PARTITION OF days_2 FOR VALUES FROM (100) TO (200);
        INSERT INTO days SELECT generate_series(0, 149);
        CREATE TABLE none (day int) PARTITION BY RANGE (day);
        ANALYZE users; ANALYZE other.\"Odd\"; ANALYZE days",
    );
    let run = stage.stats(&[]);
    let rows = |table| stage.size(table).map(|size| size.rows);
    assert_eq!(rows("users"), Some(20_000));
    let bytes = stage.size("users").and_then(|size| size.bytes).expect("bytes");
    assert!((800_000..1_400_000).contains(&bytes), "{bytes}");
    assert_eq!([rows("organizations"), rows("none")], [Some(0); 2], "they have no page");
    assert_eq!([rows("other.Odd"), rows("days")], [Some(300), Some(150)]);
    let others: Vec<String> = stage.file().tables.keys().map(ToString::to_string).collect();
    assert_eq!(others, ["days", "none", "organizations", "users", "other.Odd"]);
    for words in [
        "users: 20,000 rows in ",
        "nobody has counted the rows of org_memberships there",
        "run ANALYZE there for org_memberships",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    stage.sql("ANALYZE");
    stage.stats(&[]);
    assert_eq!(rows("org_memberships"), Some(1));
}

/// Rows that came since the last count are counted by the pages that they fill.
#[test]
fn a_count_grows_with_the_table() {
    let stage = Stage::new(
        "CREATE TABLE users (id bigint); ALTER TABLE users SET (autovacuum_enabled = false);
        INSERT INTO users SELECT generate_series(1, 10000); ANALYZE users; INSERT INTO users SELECT generate_series(1, 30000)",
    );
    let run = stage.stats(&["--dry-run", "--format", "json"]);
    assert!(!stage.project.root().join("schemig/statistics.toml").exists());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["dry_run"], true);
    stage.stats(&[]);
    let rows = stage.size("users").map_or(0, |size| size.rows);
    assert!((39_000..41_000).contains(&rows), "{rows}");
}

#[test]
fn estimates_come_from_what_was_read() {
    let stage = Stage::new(
        "CREATE TABLE users (id bigint PRIMARY KEY); INSERT INTO users SELECT generate_series(1, 12345); ANALYZE",
    );
    stage.stats(&[]);
    stage.project.replace(
        "src/models.rs",
        "    pub full_name: Option<String>,",
        "    #[schemig(index)]\n    pub full_name: Option<String>,",
    );
    let diff = stage.project.schemig(&["diff"]).expect_success("diff");
    assert!(diff.stdout.contains("users has 12,345 rows in "), "{}", diff.stdout);
    assert!(diff.stdout.contains("by statistics.toml"), "{}", diff.stdout);
}
