//! Which PostgreSQL server a private cluster is made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::unprivileged;

/// The directory with `initdb` and `postgres`: `SCHEMIG_PG_BIN`, else the newest under `/usr/lib/postgresql`, else on PATH.
///
/// `None` when there is none.
pub fn binaries() -> Option<PathBuf> {
    if let Some(chosen) = std::env::var_os("SCHEMIG_PG_BIN") {
        // The server is started elsewhere.
        return std::path::absolute(chosen).ok();
    }
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("postgres").exists())
        .max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&path).find(|directory| directory.join("postgres").exists());
    newest.map(|(_, bin)| bin).or_else(on_path)
}

/// The major version that the server names, asked as the user that will run it.
pub(super) fn major_version(binaries: &Path) -> Result<u32, String> {
    let mut command = Command::new(binaries.join("postgres"));
    command.arg("--version");
    unprivileged::run_as_user(&mut command, Path::new("/"))?;
    let output =
        command.output().map_err(|e| format!("{e} (its user must be able to reach the directory)"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let digits: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| format!("no version in {text:?}: {}", String::from_utf8_lossy(&output.stderr)))
}
