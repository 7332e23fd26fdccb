//! A project in a temporary directory, with migrations of its own, which ran on a database of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use schemig_tests::cluster::{Cluster, Database};
use schemig_tests::diesel_cli;
use schemig_tests::project::binary;
use schemig_tests::run::Run;
use tempfile::TempDir;

/// The project and its database.
pub struct Grown {
    home: TempDir,
    database: Option<Database<'static>>,
}

/// Which product it is on.
#[derive(Clone, Copy)]
pub enum On {
    Postgres,
    Sqlite,
}

impl Grown {
    /// A crate with these files, and these migrations by name and up.sql, which have run.
    pub fn with(on: On, files: &[(&str, &str)], migrations: &[(String, String)]) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let database = match on {
            On::Postgres => Some(Cluster::shared().database("adopted")),
            On::Sqlite => None,
        };
        let grown = Self { home, database };
        let feature = match on {
            On::Postgres => "postgres",
            On::Sqlite => "sqlite",
        };
        grown.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"grown\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[features]\ndefault = []\nextra = []\n\n\
                 [dependencies]\ndiesel = {{ version = \"2.3\", features = [\"{feature}\"] }}\nschemig = \"0.1\"\n\n[workspace]\n"
            ),
        );
        grown.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
        for (name, text) in files {
            grown.write(name, text);
        }
        for (name, up) in migrations {
            grown.write(&format!("migrations/{name}/up.sql"), up);
            grown.write(&format!("migrations/{name}/down.sql"), "SELECT 1;\n");
        }
        grown
    }

    /// Runs the migrations with Diesel's own CLI.
    pub fn migrated(self) -> Self {
        self.diesel(&["migration", "run"]).expect_success("diesel migration run");
        self
    }

    pub fn root(&self) -> &Path {
        self.home.path()
    }

    pub fn url(&self) -> String {
        match &self.database {
            Some(database) => database.url(),
            None => self.home.path().join("app.db").display().to_string(),
        }
    }

    /// The database, where it is on a server.
    pub fn database(&self) -> &Database<'static> {
        self.database.as_ref().expect("a server's database")
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn diesel(&self, words: &[&str]) -> Run {
        let mut command = Command::new(diesel_cli::binary());
        command.args(words).current_dir(self.root()).env("DATABASE_URL", self.url());
        Run::of(&mut command)
    }

    pub fn schemig(&self, words: &[&str]) -> Run {
        let mut command = Command::new(binary());
        command.arg("schemig").args(words).current_dir(self.root()).env_remove("DATABASE_URL");
        Run::of(&mut command)
    }

    /// All files, with what they hold, but the database's own.
    pub fn tree(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(self.root(), &mut found);
        found.retain(|path, _| !path.to_string_lossy().contains("app.db"));
        found
    }

    /// The files below a directory.
    pub fn below(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(&self.path(name), &mut found);
        found
    }

    /// Adopts it from its database, and holds it to all that adoption promises; then changes one struct.
    pub fn must_adopt(&self, change: Change<'_>) {
        let migrations = self.below("migrations");
        let print = self.diesel(&["print-schema"]).expect_success("print-schema").stdout;
        let from_files = self.adopted_from_migrations();
        let url = self.url();
        self.schemig(&["init", "--database-url", &url]).expect_success("init");
        assert_eq!(self.below("schemig/snapshot"), from_files, "the migrations make what the database has");
        assert_eq!(self.schemig(&["schema"]).expect_success("schema").stdout, print, "schema.rs after init");
        let first = self.schemig(&["diff"]).expect_success("the first diff");
        assert!(!first.printed().contains("Plan "), "the first diff is empty: {}", first.printed());
        assert_eq!(self.schemig(&["schema"]).expect_success("schema").stdout, print, "schema.rs after diff");
        assert_eq!(self.below("migrations"), migrations, "nothing is written to migrations/");
        self.schemig(&["diff", "--check"]).expect_success("diff --check");
        self.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status --check");
        self.must_plan(change);
    }

    /// What `--from-migrations` takes for the snapshot; it is taken away again.
    fn adopted_from_migrations(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let before = self.tree();
        let server = self.database.as_ref().map(|database| database.url());
        let mut words = vec!["init", "--from-migrations"];
        words.extend(server.as_deref().map(|url| ["--database-url", url]).into_iter().flatten());
        self.schemig(&words).expect_success("init --from-migrations");
        let found = self.below("schemig/snapshot");
        for path in self.tree().into_keys().filter(|path| !before.contains_key(path)) {
            fs::remove_file(path).expect("a file that was written");
        }
        fs::remove_dir_all(self.path("schemig")).expect("what was adopted");
        for (path, text) in &before {
            fs::write(path, text).expect("a file as it was");
        }
        found
    }

    /// Takes away what `init` wrote, but what it wrote into the sources: they are those of a project that derives already.
    pub fn forget(&self) {
        fs::remove_dir_all(self.path("schemig")).expect("what was adopted");
    }

    /// One change to one struct: a plan for just that, which Diesel applies and takes back.
    fn must_plan(&self, change: Change<'_>) {
        let Change { file, from, to, table, says } = change;
        let text = self.read(file);
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in {file}");
        self.write(file, &text.replace(from, to));
        let rows = format!("{table}=1000");
        let report =
            self.schemig(&["diff", "--rows", &rows, "--format", "json"]).expect_success("diff").stdout;
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let changes = report["changes"].as_array().expect("changes");
        let only = changes.len() == 1 && changes[0].as_str().is_some_and(|change| change.starts_with(says));
        assert!(only, "{says:?} is all that changes: {changes:?}");
        self.diesel(&["migration", "run"]).expect_success("diesel migration run");
        let url = self.url();
        self.schemig(&["status", "--database-url", &url, "--check"])
            .expect_success("status after the change");
        self.diesel(&["migration", "revert"]).expect_success("diesel migration revert");
        self.schemig(&["status", "--database-url", &url, "--check"])
            .expect_success("status after the revert");
    }
}

/// A change to one struct, and what the plan is to say of it.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    pub file: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub table: &'a str,
    pub says: &'a str,
}

fn walk(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            let text = fs::read(&path).expect("a file");
            found.insert(path, text);
        }
    }
}

/// A migration of that number.
pub fn migration(number: usize, name: &str, up: &str) -> (String, String) {
    (format!("2021-01-{:02}-{:06}_{name}", 1 + number / 100, number % 100), up.to_owned())
}
