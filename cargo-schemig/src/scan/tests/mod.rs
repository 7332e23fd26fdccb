//! Crates in temporary directories: which models are found, which files are parsed, and what is reported where.

mod cargo;
mod crates;
mod mistakes;
mod modules;
mod names;
mod targets;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Capture, Request, ScanError, Selection, scan};

/// A package on disk, removed with this.
struct Package {
    directory: TempDir,
}

impl Package {
    /// A package with these files besides a Cargo.toml that says nothing.
    fn new(files: &[(&str, &str)]) -> Self {
        let package = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        package.write("Cargo.toml", "[package]\nname = \"it\"\n");
        files.iter().for_each(|(path, text)| package.write(path, text));
        package
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("app")
    }

    fn scan_with(&self, selection: Selection) -> Result<Capture, ScanError> {
        scan(&Request { directory: self.path(), selection, ..Request::default() })
    }

    fn scan(&self) -> Capture {
        match self.scan_with(Selection::default()) {
            Ok(capture) => capture,
            Err(error) => panic!("{}", self.shown(&error)),
        }
    }

    /// The names of the models, in order.
    fn models(&self) -> Vec<String> {
        names(&self.scan())
    }

    /// What is wrong, a line each, with paths within the package.
    fn mistakes(&self) -> String {
        self.shown(&self.scan_with(Selection::default()).expect_err("the package has mistakes"))
    }

    fn shown(&self, error: &ScanError) -> String {
        let text = match error {
            ScanError::Faults { faults, .. } => {
                faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            }
            ScanError::Read { .. } | ScanError::Manifest { .. } => error.to_string(),
        };
        text.replace(&format!("{}/", self.path().display()), "")
    }

    /// The files that a scan parses, within the package.
    fn parsed(&self) -> Vec<String> {
        let within = |path: &Path| path.strip_prefix(self.path()).unwrap_or(path).display().to_string();
        self.scan().parsed.iter().map(|path| within(path)).collect()
    }
}

fn names(capture: &Capture) -> Vec<String> {
    capture.models.iter().map(|model| model.ident.text.clone()).collect()
}

/// A model of this name.
fn model(name: &str) -> String {
    format!("#[derive(Queryable, Selectable, Migratable)]\nstruct {name} {{ id: i64 }}\n")
}
