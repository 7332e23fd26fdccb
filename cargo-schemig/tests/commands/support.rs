//! A crate in a temporary directory, and what stands in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A crate with models for SQLite, not yet started.
pub struct Crate {
    home: TempDir,
}

impl Crate {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = \"notes\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                        [dependencies]\ndiesel = { version = \"2.3\", features = [\"sqlite\"] }\n\n[workspace]\n";
        let new = Self { home };
        new.write("Cargo.toml", manifest);
        new.write("src/lib.rs", "");
        new
    }

    /// Says how large its table is. Without that a backfill beside a running release has to be signed off.
    pub fn say_sizes(&self) {
        self.write("schemig/statistics.toml", "format = 1\n\n[tables.notes]\nrows = 1000\n");
    }

    pub fn root(&self) -> &Path {
        self.home.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Every file and directory, with the text of the files: two equal trees are the same to a user.
    pub fn tree(&self) -> BTreeMap<String, Option<String>> {
        let mut found = BTreeMap::new();
        walk(self.root(), self.root(), &mut found);
        found
    }

    /// The names in a directory, in order.
    pub fn names(&self, directory: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(directory)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn walk(root: &Path, directory: &Path, found: &mut BTreeMap<String, Option<String>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if path.is_dir() {
            found.insert(name, None);
            walk(root, &path, found);
        } else {
            found.insert(name, Some(fs::read_to_string(&path).unwrap()));
        }
    }
}

/// git in the crate's directory, by somebody.
pub fn try_git(home: &Crate, typed: &[&str]) -> Output {
    let by = [
        "-c",
        "user.name=Somebody",
        "-c",
        "user.email=somebody@example.org",
        "-c",
        "init.defaultBranch=main",
    ];
    Command::new("git").args(by).args(typed).current_dir(home.root()).output().unwrap()
}

/// The same, where it succeeds; what it prints.
pub fn git(home: &Crate, typed: &[&str]) -> String {
    let output = try_git(home, typed);
    assert!(output.status.success(), "git {typed:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
