//! A copy of an example, to change and to run `cargo schemig` in.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::programs;
use crate::run::Run;

/// A crate of its own in a temporary directory, away from the workspace.
#[derive(Debug)]
pub struct Project {
    home: TempDir,
    seen: BTreeSet<OsString>,
}

impl Project {
    /// A copy of `examples/<name>`.
    ///
    /// # Panics
    /// When there is no such example.
    pub fn copy(name: &str) -> Project {
        let workspace =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in the workspace");
        let home = tempfile::tempdir().expect("a temporary directory");
        let mut project = Project { home, seen: BTreeSet::new() };
        copy_directory(&workspace.join("examples").join(name), &project.root());
        fs::copy(workspace.join("Cargo.lock"), project.root().join("Cargo.lock")).expect("the lock file");
        project.point_at(workspace);
        project.seen = project.migrations();
        project
    }

    /// The crate's directory.
    pub fn root(&self) -> PathBuf {
        self.home.path().join("crate")
    }

    /// Replaces `from` in a file of the crate.
    ///
    /// # Panics
    /// When `from` isn't there exactly once: the example has changed, and the test would prove nothing.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.root().join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in {file}:\n{text}");
        fs::write(&path, text.replace(from, to)).expect("a file in a temporary directory");
    }

    /// `cargo schemig <arguments>` in the crate, with the binary that `SCHEMIG_BIN` names or the workspace's own.
    pub fn schemig(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(binary());
        command.arg("schemig").args(arguments).current_dir(self.root());
        Run::of(&mut command)
    }

    /// Copies the migrations that were written since the last call, or since the crate was copied, and returns where to.
    ///
    /// # Panics
    /// When there are none.
    pub fn take_new_migrations(&mut self, label: &str) -> PathBuf {
        let now = self.migrations();
        let taken = self.home.path().join(label);
        for name in now.difference(&self.seen) {
            copy_directory(&self.root().join("migrations").join(name), &taken.join(name));
        }
        assert!(taken.exists(), "no migration was written for {label}");
        self.seen = now;
        taken
    }

    fn migrations(&self) -> BTreeSet<OsString> {
        let entries = fs::read_dir(self.root().join("migrations")).expect("the crate's migrations");
        entries.flatten().filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name()).collect()
    }

    /// The copy is its own workspace, and finds schemig where it is.
    fn point_at(&self, workspace: &Path) {
        let manifest = self.root().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("the example's manifest");
        let absolute = format!("path = \"{}/", workspace.display());
        let text = text.replace("path = \"../../", &absolute) + "\n[workspace]\n";
        fs::write(&manifest, text).expect("a file in a temporary directory");
    }
}

/// The tool: `SCHEMIG_BIN`, else the workspace's, built.
pub fn binary() -> PathBuf {
    let chosen = std::env::var_os("SCHEMIG_BIN").map(PathBuf::from);
    chosen.unwrap_or_else(|| programs::build().path("cargo-schemig"))
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory in a temporary one");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())).flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}
