//! The page in the file that `--report` names.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::exit::Stop;

/// Writes a page beside its place, does the rest, and moves the page there: who can't write the one does nothing of the other. Without a
/// path only the rest is done.
///
/// # Errors
/// The page can't be written, or what the rest says.
pub fn put(
    path: Option<&Path>,
    page: impl FnOnce() -> String,
    rest: impl FnOnce() -> Result<(), Stop>,
) -> Result<(), Stop> {
    let Some(path) = path else { return rest() };
    let failed = |error: io::Error| Stop::failed(path, "write", &error);
    let staged = stage(path, &page()).map_err(failed)?;
    rest()?;
    staged.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Whether a page can be written there; nothing is left of the attempt.
///
/// # Errors
/// It can't.
pub fn probe(path: &Path) -> Result<(), Stop> {
    stage(path, "").map(drop).map_err(|error| Stop::failed(path, "write", &error))
}

fn stage(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    // `report.html` stands in the directory whose name is empty.
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".schemig-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other new file: a temporary one would be its owner's alone.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut staged = builder.tempfile_in(beside)?;
    staged.write_all(text.as_bytes())?;
    Ok(staged)
}
