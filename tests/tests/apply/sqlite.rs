//! SQLite: the same command, on a file.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use schemig_tests::diesel_cli::DieselCli;
use schemig_tests::project::Project;
use schemig_tests::run::Run;

use crate::stage::{binary, finish, migrations_of};

struct Notes {
    project: Project,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Notes {
    /// The quickstart with a column more, its contract written.
    fn new() -> Self {
        let notes = Self { project: Project::copy("quickstart") };
        let more = "    #[schemig(default = \"false\")]\n    pub pinned: bool,\n}\n\n/// What";
        notes.project.replace("src/models.rs", "}\n\n/// What", more);
        let diff = ["diff", "pin", "--now", "2026-11-22-070000"];
        notes.project.schemig(&diff).expect_success("diff");
        notes
    }

    fn path(&self) -> PathBuf {
        self.project.root().join("notes.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(["schemig", "apply"]).args(arguments).current_dir(self.project.root());
        command.env("DATABASE_URL", self.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn apply(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    fn connect(&self) -> SqliteConnection {
        SqliteConnection::establish(self.path().to_str().expect("a path")).expect("a database")
    }

    fn recorded(&self) -> i64 {
        let query = "SELECT count(*) AS count FROM __diesel_schema_migrations";
        diesel::sql_query(query).get_result::<Count>(&mut self.connect()).expect("a count").count
    }
}

#[test]
fn ten_at_once_apply_each_migration_once_and_the_cli_goes_on() {
    let notes = Notes::new();
    let run = notes.apply(&["--dry-run"]).expect_success("a list");
    assert!(run.stdout.contains("migrations would run"), "{}", run.stdout);
    assert!(!notes.path().exists(), "a list makes no file");
    let children: Vec<_> =
        (0..10).map(|_| notes.command(&["--log", "json"]).spawn().expect("it starts")).collect();
    let mut applied: Vec<String> = children
        .into_iter()
        .flat_map(|child| migrations_of(&finish(child).expect_success("a runner"), "applied"))
        .collect();
    let all = applied.len();
    applied.sort();
    applied.dedup();
    assert_eq!(applied.len(), all, "one was applied twice");
    assert_eq!(notes.recorded(), i64::try_from(all).expect("few"));
    let diesel =
        DieselCli::new(notes.path().to_str().expect("a path"), &notes.project.root().join("migrations"));
    diesel.redo().expect_success("Diesel's CLI takes the last one back and applies it again");
    diesel.revert().expect_success("and back");
    let run = notes.apply(&[]).expect_success("apply goes on");
    assert!(run.stdout.contains("1 migration applied"), "{}", run.stdout);
}

#[test]
fn a_runner_that_holds_the_lock_is_waited_for() {
    let notes = Notes::new();
    let lock = format!("{}-schemig-lock", notes.path().display());
    let mut holder = SqliteConnection::establish(&lock).expect("a file");
    holder.batch_execute("BEGIN EXCLUSIVE").expect("a lock");
    let run = notes.apply(&["--wait", "300ms"]);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert!(run.stderr.contains("another runner is at work") && run.stderr.contains(&lock), "{}", run.stderr);
    drop(holder);
    notes.apply(&[]).expect_success("its lock went with it");
}

#[test]
fn a_writer_is_waited_for_and_given_up_on() {
    let notes = Notes::new();
    notes.apply(&["--until", "expand"]).expect_success("expand");
    let directory = notes.project.root().join("migrations/2027-01-01-000000_by_hand");
    std::fs::create_dir(&directory).expect("a directory");
    std::fs::write(directory.join("up.sql"), "CREATE TABLE more (id INTEGER PRIMARY KEY);").expect("up.sql");
    let mut writer = notes.connect();
    writer.batch_execute("BEGIN IMMEDIATE").expect("a lock");
    let run = notes.apply(&["--lock-timeout", "100ms", "--lock-attempts", "2"]);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert!(
        run.stderr.contains("database is locked") && run.stderr.contains("after 2 attempts"),
        "{}",
        run.stderr
    );
    writer.batch_execute("ROLLBACK").expect("an end");
    notes.apply(&[]).expect_success("now");
}

/// What ran before the lock was met isn't run twice.
#[test]
fn a_file_without_a_transaction_is_run_once() {
    let notes = Notes::new();
    notes.apply(&[]).expect_success("what there is");
    let directory = notes.project.root().join("migrations/2027-01-01-000000_by_hand");
    std::fs::create_dir(&directory).expect("a directory");
    // The first statement writes to a database of its own, which nobody holds.
    let other = notes.project.root().join("other.db");
    let up = format!(
        "ATTACH '{}' AS other; CREATE TABLE IF NOT EXISTS other.runs (n INTEGER); INSERT INTO other.runs VALUES (1);
        DETACH other; CREATE TABLE more (id INTEGER PRIMARY KEY);",
        other.display()
    );
    std::fs::write(directory.join("up.sql"), up).expect("up.sql");
    std::fs::write(directory.join("metadata.toml"), "run_in_transaction = false\n").expect("metadata.toml");
    let mut writer = notes.connect();
    writer.batch_execute("BEGIN IMMEDIATE").expect("a lock");
    let run = notes.apply(&["--lock-timeout", "100ms", "--lock-attempts", "3"]);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert!(run.stderr.contains("database is locked"), "{}", run.stderr);
    let mut other = SqliteConnection::establish(other.to_str().expect("a path")).expect("a database");
    let runs = "SELECT count(*) AS count FROM runs";
    assert_eq!(diesel::sql_query(runs).get_result::<Count>(&mut other).expect("a count").count, 1);
}

/// Diesel reads what stands behind `sqlite://` as a URI.
#[test]
fn a_url_opens_the_file_that_diesels_cli_opens() {
    let notes = Notes::new();
    let url = format!("sqlite://{}?mode=rwc", notes.path().display());
    let run = notes.apply(&["--database-url", &url, "--dry-run"]).expect_success("a list");
    assert!(run.stdout.contains("would run") && !notes.path().exists(), "{}", run.stdout);
    notes.apply(&["--database-url", &url]).expect_success("by its URL");
    let diesel = DieselCli::new(&url, &notes.project.root().join("migrations"));
    let pending = diesel.migration(&["pending"]).expect_success("pending");
    assert!(pending.printed().contains("false"), "{}", pending.printed());
    let run = notes.apply(&["--dry-run"]).expect_success("by its path");
    assert!(run.stdout.contains("nothing is pending"), "{}", run.stdout);
}

#[test]
fn another_product_is_refused() {
    let notes = Notes::new();
    let run = notes.apply(&["--database-url", "postgres://u:s3cret@127.0.0.1:1/x"]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    assert!(
        run.stderr.contains("the models are for sqlite") && !run.stderr.contains("s3cret"),
        "{}",
        run.stderr
    );
}
