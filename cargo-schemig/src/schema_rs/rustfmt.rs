//! Diesel's CLI sends schema.rs through rustfmt. Core breaks lines where rustfmt does by itself; a project may want them elsewhere.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::exit::Stop;
use crate::project::shown;

/// The text as the rustfmt.toml that counts for this directory has it; as it is, where there is none.
///
/// # Errors
/// rustfmt can't be run, or refuses.
pub(super) fn laid_out(root: &Path, text: String) -> Result<String, Stop> {
    let Some(config) = config(root) else { return Ok(text) };
    let refused = |why: String| {
        let message = format!("{} says how schema.rs is laid out, and rustfmt {why}", shown(&config));
        Stop::refused(message, "`rustup component add rustfmt` installs it")
    };
    let output = run(root, &text).map_err(|error| refused(format!("can't be run: {error}")))?;
    if !output.status.success() {
        return Err(refused(format!("says: {}", String::from_utf8_lossy(&output.stderr).trim())));
    }
    String::from_utf8(output.stdout).map_err(|error| refused(format!("gives no text: {error}")))
}

/// The file that rustfmt finds first, going up.
fn config(root: &Path) -> Option<PathBuf> {
    let files = root.ancestors().flat_map(|at| [at.join("rustfmt.toml"), at.join(".rustfmt.toml")]);
    files.into_iter().find(|file| file.is_file())
}

fn run(root: &Path, text: &str) -> io::Result<Output> {
    let mut command = Command::new("rustfmt");
    command.current_dir(root).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // All of it is read before anything is written, so neither side waits for the other.
        input.write_all(text.as_bytes())?;
    }
    child.wait_with_output()
}
