//! Where Diesel's CLI looks for diesel.toml and for migrations, and so where schemig does, from the crate's directory.

use std::path::{Path, PathBuf};

use super::diesel::Diesel;
use super::{Selection, manifest, shown};
use crate::database::dotenv;
use crate::exit::Stop;
use crate::scan::straight;

/// The variable that names diesel.toml.
const CONFIG_FILE: &str = "DIESEL_CONFIG_FILE";
/// The variable that names the migrations.
const MIGRATIONS: &str = "MIGRATION_DIRECTORY";

/// diesel.toml: the one that is named by `--diesel-toml` or by the environment, else the nearest going up. `None` without any.
///
/// # Errors
/// The one that is named isn't there: Diesel goes on without it, and prints what nobody meant.
pub(super) fn diesel_toml(root: &Path, selection: &Selection) -> Result<Option<PathBuf>, Stop> {
    let named = match &selection.diesel_toml {
        Some(path) => Some(("--diesel-toml".to_owned(), absolute(path)?)),
        None => variable(root, CONFIG_FILE)?,
    };
    let Some((by, path)) = named else { return Ok(nearest(root)) };
    if path.is_file() {
        return Ok(Some(path));
    }
    let message = format!("{by} names {}, and there is no such file", shown(&path));
    Err(Stop::refused(message, "correct it, or leave it out: then the nearest diesel.toml counts"))
}

fn nearest(root: &Path) -> Option<PathBuf> {
    root.ancestors().map(|directory| directory.join("diesel.toml")).find(|path| path.is_file())
}

/// The migrations, where schemig.toml doesn't say: as the environment has it, else diesel.toml, else the nearest directory of that
/// name going up; where there is none, the one that `diesel setup` would make.
///
/// # Errors
/// What the environment names is no directory.
pub(super) fn migrations(root: &Path, diesel: &Diesel) -> Result<PathBuf, Stop> {
    if let Some((by, path)) = variable(root, MIGRATIONS)? {
        if path.exists() && !path.is_dir() {
            let message = format!("{by} names {}, which is no directory", shown(&path));
            return Err(Stop::refused(message, "name the directory that holds the migrations, or unset it"));
        }
        return Ok(path);
    }
    if let Some(said) = &diesel.migrations {
        return Ok(said.clone());
    }
    let standing = root.ancestors().map(|directory| directory.join("migrations"));
    let home = nearest(root).and_then(|path| path.parent().map(Path::to_owned));
    Ok(standing
        .into_iter()
        .find(|path| path.is_dir())
        .unwrap_or_else(|| home.as_deref().unwrap_or(root).join("migrations")))
}

/// What a variable names, and who says so: the environment, where a path is relative to the current directory, else the `.env` that
/// Diesel reads, where it is relative to that file.
fn variable(root: &Path, name: &str) -> Result<Option<(String, PathBuf)>, Stop> {
    let (by, path) = if let Some(set) = std::env::var_os(name) {
        (name.to_owned(), PathBuf::from(set))
    } else if let Some((file, value)) = dotenv::variable(root, name)? {
        let below = file.parent().unwrap_or(root);
        let path = if value.is_empty() { PathBuf::new() } else { below.join(value) };
        (format!("{name} in {}", shown(&file)), path)
    } else {
        return Ok(None);
    };
    if path.as_os_str().is_empty() {
        return Err(Stop::refused(format!("{by} is empty"), "name a path, or unset it"));
    }
    Ok(Some((by, absolute(&path)?)))
}

fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path).map_err(|error| Stop::failed(path, "find", &error))
}

/// Whether a file belongs to another crate than that of the directory `root`: the nearest Cargo.toml says whose it is, and one of a
/// workspace alone says nothing.
pub(super) fn is_of_another(file: &Path, root: &Path) -> bool {
    let file = straight(file);
    let nearest = file.ancestors().skip(1).find(|directory| directory.join("Cargo.toml").is_file());
    nearest.is_some_and(|home| {
        let is_package =
            manifest::read(&home.join("Cargo.toml")).is_ok_and(|read| read.contains_key("package"));
        is_package && *home != straight(root)
    })
}

/// A path as it is written in a file of the directory `root`.
pub(super) fn relative(path: &Path, root: &Path) -> String {
    let (path, root) = (straight(path), straight(root));
    let common = path.components().zip(root.components()).take_while(|(one, other)| one == other).count();
    let up = root.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn paths_are_written_from_the_crate_on() {
        let from = |path| relative(Path::new(path), Path::new("/shop/crates/db"));
        assert_eq!(from("/shop/crates/db/src/schema.rs"), "src/schema.rs");
        assert_eq!(from("/shop/./crates/web/../db/src/schema.rs"), "src/schema.rs");
        assert_eq!(from("/shop/src/schema.rs"), "../../src/schema.rs");
        assert_eq!(from("/shop/crates/other/a.rs"), "../other/a.rs");
        assert_eq!(from("/shop"), "../..");
    }
}
