//! The real Diesel CLI, which a user would run: schemig's files are judged by what it does with them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::Run;

/// Diesel's CLI, bound to a database and a directory of migrations.
#[derive(Clone, Debug)]
pub struct DieselCli {
    binary: PathBuf,
    url: String,
    migrations: PathBuf,
    options: Option<String>,
}

impl DieselCli {
    /// Binds the CLI to a database's URL and a directory of migrations.
    ///
    /// # Panics
    /// When the CLI isn't installed; the message says how.
    pub fn new(url: &str, migrations: &Path) -> DieselCli {
        DieselCli { binary: binary(), url: url.to_owned(), migrations: migrations.to_owned(), options: None }
    }

    /// The same, with settings for its sessions on PostgreSQL, as `PGOPTIONS` has them.
    #[must_use]
    pub fn with_options(self, options: &str) -> DieselCli {
        DieselCli { options: Some(options.to_owned()), ..self }
    }

    /// `diesel migration run`: applies all that is pending.
    pub fn run(&self) -> Run {
        self.migration(&["run"])
    }

    /// `diesel migration revert`: takes the latest one back.
    pub fn revert(&self) -> Run {
        self.migration(&["revert"])
    }

    /// `diesel migration redo`: takes the latest one back and applies it again.
    pub fn redo(&self) -> Run {
        self.migration(&["redo"])
    }

    /// `diesel migration <arguments>`, whatever comes of it.
    ///
    /// # Panics
    /// When the CLI can't be started at all.
    pub fn migration(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(&self.binary);
        command.arg("migration").args(arguments);
        command.arg("--migration-dir").arg(&self.migrations).env("DATABASE_URL", &self.url);
        // Away from any diesel.toml: it would print a schema.rs after each run.
        let directory = self.migrations.parent().expect("migrations stand in a directory");
        command.current_dir(directory).env_remove("DIESEL_CONFIG_FILE");
        if let Some(options) = &self.options {
            command.env("PGOPTIONS", options);
        }
        Run::of(&mut command)
    }
}

/// The CLI's path: `SCHEMIG_DIESEL`, else where `tests/run` puts it.
///
/// # Panics
/// When it is in neither place.
pub fn binary() -> PathBuf {
    if let Some(chosen) = std::env::var_os("SCHEMIG_DIESEL") {
        return PathBuf::from(chosen);
    }
    let installed = target_directory().join("tools/bin/diesel");
    assert!(
        installed.exists(),
        "the Diesel CLI isn't at {}: run tests/run, which installs it, or name one in SCHEMIG_DIESEL",
        installed.display()
    );
    installed
}

/// The workspace's target directory, found from the test binary in `target/<profile>/deps`.
///
/// # Panics
/// When the test binary's own path is unknown.
pub fn target_directory() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    test.ancestors().nth(3).expect("target/<profile>/deps/<test>").to_owned()
}
