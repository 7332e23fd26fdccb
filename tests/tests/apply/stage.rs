//! The reference story as `apply` meets it: a required column, filled from another table.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use schemig_tests::cluster::{Cluster, Database};
use schemig_tests::diesel_cli::DieselCli;
use schemig_tests::project::{self, Project};
use schemig_tests::run::Run;

/// A crate with the story's migrations, and a database.
pub struct Stage {
    pub project: Project,
    pub database: Database<'static>,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// What the field says.
pub const REQUIRED: &str = r#"    #[schemig(index, references(organizations(id)))]
    #[schemig(backfill(from = "org_memberships", key = "user_id", value = "organization_id"))]
    pub organization_id: i64,
"#;

/// The plan of the story.
pub const PLAN: &str = "0002_add_users_organization_id";

/// The directories' common beginning.
pub const STAMP: &str = "2026-11-22-070000";

/// Rows that aren't what their source says.
pub const STALE: &str = "SELECT count(*) FROM users JOIN org_memberships ON user_id = users.id \
    WHERE users.organization_id IS DISTINCT FROM org_memberships.organization_id";

/// `cargo-schemig`, built once.
pub fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(project::binary)
}

impl Stage {
    /// On the cluster that the tests share.
    pub fn new(stem: &str) -> Self {
        Self::on(Cluster::shared(), stem)
    }

    /// Nothing is applied yet.
    pub fn on(cluster: &'static Cluster, stem: &str) -> Self {
        Self::with_fields(cluster, stem, REQUIRED)
    }

    /// The same with other fields at the end of users.
    pub fn with_fields(cluster: &'static Cluster, stem: &str, fields: &str) -> Self {
        Self::with_settings(cluster, stem, fields, "")
    }

    /// The same with more in schemig.toml.
    pub fn with_settings(cluster: &'static Cluster, stem: &str, fields: &str, settings: &str) -> Self {
        let project = Project::copy("organizations");
        let last = "    pub updated_at: DateTime<Utc>,\n";
        project.replace("src/models.rs", &format!("{last}}}"), &format!("{last}{fields}}}"));
        let server = format!("server = \"{}\"\n{settings}", cluster.version());
        std::fs::write(project.root().join("schemig.toml"), server).expect("a file in the copy");
        let stage = Self { project, database: cluster.database(stem) };
        stage.schemig(&["diff", "add_users_organization_id", "--now", STAMP]).expect_success("diff");
        stage
    }

    /// The contract is written too.
    pub fn with_contract(stem: &str) -> Self {
        Self::new(stem).contracted()
    }

    /// The contract is written now.
    pub fn contracted(self) -> Self {
        let stage = self;
        let written = stage.schemig(&["contract", "--confirm", "--now", "2026-11-29-090000"]);
        written.expect_success("contract");
        stage
    }

    /// All is there but the values, of so many users.
    pub fn filled_with(self, users: u32) -> Self {
        self.apply(&["--until", "expand"]).expect_success("expand");
        self.sql(&format!(
            "ALTER TABLE users DISABLE TRIGGER USER;
            ALTER TABLE org_memberships DISABLE TRIGGER USER;
            INSERT INTO organizations (id, name) SELECT n, 'org ' || n FROM generate_series(1, 100) AS n;
            INSERT INTO users (id, email) SELECT n, 'user' || n || '@example.org' FROM generate_series(1, {users}) AS n;
            INSERT INTO org_memberships SELECT n, 1 + n % 100 FROM generate_series(1, {users}) AS n;
            ALTER TABLE users ENABLE TRIGGER USER;
            ALTER TABLE org_memberships ENABLE TRIGGER USER"
        ));
        self.sql("ANALYZE");
        self
    }

    /// Whatever `cargo schemig` says.
    pub fn schemig(&self, arguments: &[&str]) -> Run {
        Run::of(Command::new(binary()).arg("schemig").args(arguments).current_dir(self.project.root()))
    }

    /// `cargo schemig apply` to its end.
    pub fn apply(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// `cargo schemig apply`, going on meanwhile; what it prints is kept for whoever waits for it.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(["schemig", "apply"]).args(arguments).current_dir(self.project.root());
        command.env("DATABASE_URL", self.database.url_as("migration"));
        command
    }

    /// Diesel's CLI with the same migrations.
    pub fn diesel(&self) -> DieselCli {
        DieselCli::new(&self.database.url_as("diesel"), &self.project.root().join("migrations"))
    }

    /// Runs SQL in a session of its own.
    pub fn sql(&self, sql: &str) {
        self.database.connect().batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The only value that a query gives, as text.
    pub fn ask(&self, query: &str) -> String {
        let query = format!("SELECT ({query})::text AS value");
        let answer: Answer =
            diesel::sql_query(query).get_result(&mut self.database.connect()).expect("an answer");
        answer.value.unwrap_or_default()
    }

    /// How many migrations Diesel has recorded.
    pub fn recorded(&self) -> usize {
        self.ask("SELECT count(*) FROM __diesel_schema_migrations").parse().expect("a number")
    }

    /// Waits until a query says `t`.
    pub fn until(&self, query: &str) {
        let started = std::time::Instant::now();
        while self.ask(query) != "true" {
            assert!(started.elapsed().as_secs() < 60, "it never came: {query}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How many keys a backfill that isn't over has passed.
    pub fn passed(&self) -> u64 {
        match self.ask("SELECT to_regclass('__schemig_backfills') IS NULL").as_str() {
            "true" => 0,
            _ => self
                .ask("SELECT coalesce(sum(passed), 0) FROM __schemig_backfills")
                .parse()
                .expect("a number"),
        }
    }

    /// Waits until it has passed more than so many.
    pub fn until_passed(&self, keys: u64) {
        let started = std::time::Instant::now();
        while self.passed() <= keys {
            assert!(started.elapsed().as_secs() < 60, "{} keys are passed", self.passed());
        }
    }

    /// Has a table that notes each UPDATE of a user from now on.
    pub fn count_updates(&self) {
        self.sql(
            "CREATE TABLE updates (id bigint NOT NULL);
            CREATE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO updates VALUES (NEW.id); RETURN NULL; END $$;
            CREATE TRIGGER note_update AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note_update()",
        );
    }

    /// Asserts that the backfill is complete, wrote each row once, and left nothing of its own.
    pub fn assert_filled_once(&self, users: u32) {
        assert_eq!(self.ask(STALE), "0");
        assert_eq!(self.ask("SELECT count(*) FROM updates"), users.to_string(), "updates");
        assert_eq!(self.ask("SELECT count(DISTINCT id) FROM updates"), users.to_string(), "users updated");
        assert_eq!(self.ask("SELECT to_regclass('__schemig_backfills') IS NULL"), "true");
    }
}

/// What the slowest of these programs takes is far below.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for a started program, and gives what it said. One that goes on for ever is ended: it may have been started where Ctrl-C is
/// ignored, which programs inherit.
pub fn finish(child: Child) -> Run {
    let started = std::time::Instant::now();
    let pid = child.id().to_string();
    let (ended, end) = std::sync::mpsc::channel();
    let watch = std::thread::spawn(move || {
        if end.recv_timeout(PATIENCE).is_err() {
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
        }
    });
    let output = child.wait_with_output().expect("the program ends");
    ended.send(()).unwrap_or_default();
    watch.join().expect("no panic");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    Run { code: output.status.code(), stdout, stderr, wall: started.elapsed() }
}

/// The names of the events in a log of JSON lines, of those that have this name.
pub fn migrations_of(run: &Run, event: &str) -> Vec<String> {
    let wanted = format!("\"event\":\"{event}\"");
    let lines = run.stdout.lines().filter(|line| line.contains(&wanted));
    let name = |line: &str| {
        let (_, rest) = line.split_once("\"migration\":\"")?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    lines.filter_map(name).collect()
}
