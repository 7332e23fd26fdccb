//! A project and the commands that are run in it.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_schemig::arguments::{Cargo, Command, Schemig};
use cargo_schemig::commands::{self, Outcome};
use cargo_schemig::exit::{Exit, Stop};
use cargo_schemig::{capture, introspect};
use clap::Parser;
use diesel::PgConnection;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use schemig_tests::cluster::Cluster;
use tempfile::TempDir;

/// A crate with models, in a temporary directory.
pub struct App {
    home: TempDir,
    day: u32,
}

impl App {
    pub fn new() -> Self {
        let app = Self { home: tempfile::tempdir().expect("a directory"), day: 0 };
        app.write("Cargo.toml", "[package]\nname = \"app\"\nedition = \"2024\"\n[dependencies]\ndiesel = { version = \"2.3\", features = [\"postgres\"] }\n");
        let server = Cluster::shared().version();
        app.write("schemig.toml", &format!("overlap = true\nserver = \"{server}\"\n"));
        app.write("src/lib.rs", "");
        app.run(&["init"]).expect("a started project");
        app
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is below home")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    pub fn models(&self) -> String {
        fs::read_to_string(self.path("src/lib.rs")).expect("the models")
    }

    pub fn run(&self, typed: &[&str]) -> Result<Exit, Stop> {
        let manifest = self.path("Cargo.toml");
        let manifest = manifest.to_str().expect("a path that is text");
        let all = ["cargo", "schemig"].iter().chain(typed).copied().chain(["--manifest-path", manifest]);
        let Cargo { command: Schemig::Schemig(arguments) } = Cargo::try_parse_from(all).expect("arguments");
        let outcome = match &arguments.command {
            Command::Init(common) => commands::init::run(common),
            Command::Diff(diff) => commands::diff::run(diff, &capture::read),
            Command::Contract(contract) => commands::contract::run(contract),
            Command::Apply(apply) => commands::apply::run(apply),
            Command::Status(common) => commands::status::run(common),
            Command::Schema(common) => commands::schema::run(common),
            Command::Verify(verify) => commands::verify::run(verify),
            Command::Stats(stats) => commands::stats::run(stats),
            Command::Explain(explain) => commands::explain::run(explain),
        }?;
        Ok(match outcome {
            Outcome::Report { exit, .. } | Outcome::Verdict { exit, .. } => exit,
            Outcome::Pages(_) | Outcome::Text { .. } => Exit::Done,
        })
    }

    pub fn now(&mut self) -> String {
        self.day += 1;
        format!("2026-01-{:02}-{:02}0000", 1 + self.day / 24, self.day % 24)
    }

    pub fn diff(&mut self) -> Result<Exit, Stop> {
        let now = self.now();
        self.run(&["diff", "--now", &now, "--approve", "tried"])
    }

    pub fn contract(&mut self, plan: &str) {
        let now = self.now();
        let exit = self.run(&["contract", plan, "--confirm", "--now", &now]);
        assert!(matches!(exit, Ok(Exit::Done)), "contract {plan}: {exit:?}");
    }

    pub fn migrate(&self, database: &mut PgConnection) {
        let directory = self.path("migrations");
        let source = FileBasedMigrations::from_path(&directory).expect("migrations");
        if let Err(error) = database.run_pending_migrations(source) {
            panic!("{error}; in {:?}", names(&directory));
        }
    }

    /// The plans that aren't contracted.
    pub fn open(&self) -> Vec<String> {
        let deployed = fs::read_to_string(self.path("schemig/deployed")).expect("the list");
        let plans = names(&self.path("schemig/plans"));
        let plans = plans.iter().map(|name| name.trim_end_matches(".toml").to_owned());
        plans.filter(|plan| !deployed.lines().any(|line| line == plan)).collect()
    }
}

pub fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// What a database holds.
pub fn read(connection: &mut PgConnection) -> introspect::Introspected {
    introspect::postgres(connection, "public").expect("a database that can be read")
}
