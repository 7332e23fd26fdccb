//! Programs of the workspace, built and run as a user would: a test may not link what it wants to see fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::diesel_cli::target_directory;

/// The built binaries of one package.
#[derive(Clone, Debug)]
pub struct Programs {
    directory: PathBuf,
}

/// Builds the binaries of `package`, in the profile and the target directory of the running test.
///
/// # Panics
/// When it doesn't build.
pub fn build(package: &str) -> Programs {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", package, "--bins", "--manifest-path"]).arg(manifest);
    let target = target_directory();
    command.arg("--target-dir").arg(&target);
    assert!(command.status().expect("cargo starts").success(), "{package} doesn't build");
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
        let output = Command::new(self.path(name)).args(arguments).env("DATABASE_URL", url).output();
        let output = output.expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name} {arguments:?} failed:\n{said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
