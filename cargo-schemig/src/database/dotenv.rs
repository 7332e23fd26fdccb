//! What a `.env` file says, where Diesel's CLI reads it.

use std::path::{Path, PathBuf};

use crate::exit::Stop;
use crate::project::shown;

/// The database that the nearest `.env` names, in `directory` or above it. The environment stays as it is.
///
/// # Errors
/// The file can't be read. Its text isn't shown: it holds secrets.
pub(super) fn database_url(directory: &Path) -> Result<Option<String>, Stop> {
    let Some(path) = nearest(directory) else { return Ok(None) };
    value(&path, "DATABASE_URL")
}

/// What it says of another variable, and the file. One that doesn't have its name may be written for other programs, and isn't read.
///
/// # Errors
/// As [`database_url`].
pub(crate) fn variable(directory: &Path, name: &str) -> Result<Option<(PathBuf, String)>, Stop> {
    let Some(path) = nearest(directory) else { return Ok(None) };
    let has_it = std::fs::read_to_string(&path).is_ok_and(|text| text.contains(name));
    let found = if has_it { value(&path, name)? } else { None };
    Ok(found.map(|found| (path, found)))
}

fn nearest(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().map(|above| above.join(".env")).find(|path| path.is_file())
}

fn value(path: &Path, wanted: &str) -> Result<Option<String>, Stop> {
    let lines = dotenvy::from_path_iter(path).map_err(|_| unreadable(path))?;
    for line in lines {
        let (name, value) = line.map_err(|_| unreadable(path))?;
        if name == wanted {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn unreadable(path: &Path) -> Stop {
    Stop::refused(
        format!("{} can't be read as lines of NAME=value", shown(path)),
        "correct it (a value with spaces or # stands in quotes), or say --database-url",
    )
}

#[cfg(test)]
mod tests {
    use super::database_url;

    #[test]
    fn the_nearest_file_counts_and_a_damaged_one_shows_nothing_of_it() {
        let home = tempfile::tempdir().unwrap();
        let below = home.path().join("crate");
        std::fs::create_dir(&below).unwrap();
        std::fs::write(home.path().join(".env"), "OTHER=1\nDATABASE_URL='postgres://u:secret@h/d'\n")
            .unwrap();
        assert_eq!(database_url(&below).unwrap().as_deref(), Some("postgres://u:secret@h/d"));
        std::fs::write(below.join(".env"), "DATABASE_URL='postgres://u:secret@h/d\n").unwrap();
        let stop = database_url(&below).unwrap_err();
        assert!(!format!("{stop:?}").contains("secret"), "{stop:?}");
    }
}
