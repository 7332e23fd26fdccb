//! Programs of the workspace, built and run as a user would: a test may not link what it wants to see fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::diesel_cli::target_directory;
use crate::run::Run;

/// The workspace's built binaries.
#[derive(Clone, Debug)]
pub struct Programs {
    directory: PathBuf,
}

/// Builds all binaries of the workspace, in the profile and the target directory of the running test: `cargo test --workspace`
/// has built what they depend on, and for one package alone cargo would build Diesel with other features once more.
///
/// # Panics
/// When one doesn't build.
pub fn build() -> Programs {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--bins", "--manifest-path"]).arg(manifest);
    let target = target_directory();
    command.arg("--target-dir").arg(&target);
    assert!(command.status().expect("cargo starts").success(), "the workspace's programs don't build");
    Programs { directory: target.join("debug") }
}

impl Programs {
    /// Where the program `name` is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Runs the program `name` against the database at `url` to its end, and returns what it printed.
    ///
    /// # Panics
    /// When it fails; the message has what it said.
    pub fn run(&self, name: &str, url: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.path(name));
        command.args(arguments).env("DATABASE_URL", url);
        Run::of(&mut command).expect_success(name).stdout
    }
}
