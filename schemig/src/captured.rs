//! The test that comes with a model: is the snapshot's fingerprint the model's?

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Called by the test that the derive generates.
///
/// # Panics
/// While the snapshot of the crate at `manifest_dir` doesn't hold this model, with what to do about it.
#[doc(hidden)]
#[track_caller]
pub fn captured(manifest_dir: &str, type_name: &str, fingerprint: &str) {
    if let Err(drift) = check(&Path::new(manifest_dir).join("schemig"), type_name, fingerprint) {
        panic!("{drift}");
    }
}

/// Why a model counts as not captured.
#[derive(Debug, PartialEq, Eq)]
enum Drift {
    /// The crate has no snapshot.
    NoSnapshot { folder: PathBuf },
    /// The snapshot has no model of this type.
    Missing { type_name: String, folder: PathBuf },
    /// The snapshot has an earlier state of it.
    Changed { type_name: String },
    /// A file can't be read.
    Unreadable { path: PathBuf, problem: String },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Drift::NoSnapshot { folder } => write!(
                f,
                "there is no snapshot in {}: run `cargo schemig init`, then `cargo schemig diff`",
                folder.display()
            ),
            Drift::Missing { type_name, folder } => write!(
                f,
                "the snapshot in {} has no model `{type_name}`: run `cargo schemig diff`. If a macro makes this struct, schemig \
                 can't see it in the source: write it out as a struct",
                folder.display()
            ),
            Drift::Changed { type_name } => write!(
                f,
                "`{type_name}` differs from its snapshot: run `cargo schemig diff`. If a macro makes this struct, schemig can't see it \
                 in the source: write it out as a struct"
            ),
            Drift::Unreadable { path, problem } => write!(f, "can't read {}: {problem}", path.display()),
        }
    }
}

/// Looks into `snapshot/` and `<database>/snapshot/` of schemig's folder.
fn check(folder: &Path, type_name: &str, fingerprint: &str) -> Result<(), Drift> {
    let files = snapshots(folder)?;
    if files.is_empty() {
        return Err(Drift::NoSnapshot { folder: folder.to_owned() });
    }
    let mut known = false;
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        for model in models(&text).filter(|model| model.type_name == type_name) {
            if model.fingerprint == fingerprint {
                return Ok(());
            }
            known = true;
        }
    }
    let type_name = type_name.to_owned();
    Err(if known {
        Drift::Changed { type_name }
    } else {
        Drift::Missing { type_name, folder: folder.to_owned() }
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Drift {
    Drift::Unreadable { path: path.to_owned(), problem: error.to_string() }
}

/// The snapshot's files, of all databases.
fn snapshots(folder: &Path) -> Result<Vec<PathBuf>, Drift> {
    let mut files = entries(&folder.join("snapshot"))?;
    for database in entries(folder)? {
        files.extend(entries(&database.join("snapshot"))?);
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    Ok(files)
}

/// What stands in a folder; nothing if there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Drift> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let paths = fs::read_dir(folder).and_then(|listing| listing.map(|entry| Ok(entry?.path())).collect());
    paths.map_err(|error| unreadable(folder, &error))
}

#[derive(Default)]
struct Captured<'a> {
    type_name: &'a str,
    fingerprint: &'a str,
}

/// The `[[models]]` of a snapshot. The file's two lines are all that counts here, and a TOML reader would cost each user's build more
/// than the derive does.
fn models(text: &str) -> impl Iterator<Item = Captured<'_>> {
    let mut models: Vec<Captured<'_>> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[[models]]";
            if inside {
                models.push(Captured::default());
            }
        }
        let Some(model) = models.last_mut().filter(|_| inside) else { continue };
        match line.split_once('=').map(|(key, value)| (key.trim(), value.trim().trim_matches('"'))) {
            Some(("type", value)) => model.type_name = value,
            Some(("fingerprint", value)) => model.fingerprint = value,
            Some(_) | None => {}
        }
    }
    models.into_iter()
}

#[cfg(test)]
mod tests;
