//! `DATABASE_URL` in a `.env` file, where Diesel's CLI reads it.

use std::path::Path;

use crate::exit::Stop;
use crate::project::shown;

/// What the nearest `.env`, in `directory` or above it, says. The environment stays as it is.
///
/// # Errors
/// The file can't be read. Its text isn't shown: it holds secrets.
pub(super) fn database_url(directory: &Path) -> Result<Option<String>, Stop> {
    let nearest = directory.ancestors().map(|above| above.join(".env")).find(|path| path.is_file());
    let Some(path) = nearest else { return Ok(None) };
    let lines = dotenvy::from_path_iter(&path).map_err(|_| unreadable(&path))?;
    for line in lines {
        let (name, value) = line.map_err(|_| unreadable(&path))?;
        if name == "DATABASE_URL" {
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
