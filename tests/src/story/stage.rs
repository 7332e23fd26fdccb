//! Which migrations Diesel sees: `diesel migration run` applies all that are pending, so a step that is to run alone must be
//! the only one it can see.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::diesel_cli::DieselCli;
use crate::run::Run;

/// A migrations directory that fills up as the story goes on.
#[derive(Debug)]
pub struct Stage {
    home: TempDir,
    diesel: DieselCli,
    base: Vec<String>,
}

impl Stage {
    /// An empty one, for the database at `url`.
    pub fn new(url: &str) -> Stage {
        let home =
            tempfile::Builder::new().prefix("schemig-stage-").tempdir().expect("a temporary directory");
        let migrations = home.path().join("migrations");
        fs::create_dir(&migrations).expect("a directory in it");
        let diesel = DieselCli::new(url, &migrations);
        Stage { home, diesel, base: Vec::new() }
    }

    /// The migration directories in `directory` that don't belong to the base, in the order in which Diesel runs them.
    pub fn names(&self, directory: &Path) -> Vec<String> {
        let names: Vec<String> =
            all_names(directory).into_iter().filter(|name| !self.base.contains(name)).collect();
        assert!(!names.is_empty(), "no migrations in {}", directory.display());
        names
    }

    /// Takes the directories in `directory` as what was there before the story.
    pub fn keep_as_base(&mut self, directory: &Path) {
        self.base = all_names(directory);
    }

    /// Lets Diesel see one migration.
    pub fn show(&self, migration: &Path) {
        let shown = self.place(migration.file_name().expect("a directory has a name"));
        fs::create_dir_all(&shown).expect("a directory");
        for file in fs::read_dir(migration).expect("a migration").flatten() {
            fs::copy(file.path(), shown.join(file.file_name())).expect("a copy");
        }
    }

    /// Lets Diesel see all that are in `directory`.
    pub fn show_all(&self, directory: &Path) {
        self.names(directory).iter().for_each(|name| self.show(&directory.join(name)));
    }

    /// Takes one out of Diesel's sight again.
    pub fn hide(&self, name: &str) {
        fs::remove_dir_all(self.place(name)).expect("it was shown");
    }

    /// `diesel migration run`.
    pub fn run(&self) -> Run {
        self.diesel.run()
    }

    /// `diesel migration revert`.
    pub fn revert(&self) -> Run {
        self.diesel.revert()
    }

    /// Whether Diesel runs a migration outside a transaction, by its metadata.
    pub fn commits_by_itself(&self, name: &str) -> bool {
        let metadata = fs::read_to_string(self.place(name).join("metadata.toml")).expect("metadata.toml");
        metadata.lines().any(|line| line.trim() == "run_in_transaction = false")
    }

    fn place(&self, name: impl AsRef<Path>) -> PathBuf {
        self.home.path().join("migrations").join(name)
    }
}

fn all_names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let directories = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        directories.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
