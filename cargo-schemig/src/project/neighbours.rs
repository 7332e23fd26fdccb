//! The other crates of the workspace that schemig knows of: they may use the same tables.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::manifest;
use crate::exit::Stop;
use crate::scan::straight;

/// The directories of the workspace's other members that have a snapshot, in order of their paths.
///
/// # Errors
/// A Cargo.toml that can't be read.
pub(super) fn neighbours(root: &Path) -> Result<Vec<PathBuf>, Stop> {
    let mut found = around(root)?;
    found.retain(|member| *member != root);
    Ok(found)
}

/// The directories of all members that have a snapshot of the workspace around a directory, in order of their paths. One whose models are
/// another's, or were, has none.
///
/// # Errors
/// A Cargo.toml that can't be read.
pub(super) fn around(root: &Path) -> Result<Vec<PathBuf>, Stop> {
    let found = workspace(root)?.map(|(directory, workspace)| members(&directory, &workspace));
    let mut found: BTreeSet<PathBuf> = found.into_iter().flatten().collect();
    found.retain(|member| member.join("schemig").is_dir() && !member.join("schemig/home.toml").is_file());
    Ok(found.into_iter().collect())
}

/// The workspace around a directory: where its Cargo.toml is, and what that says of it.
///
/// # Errors
/// A Cargo.toml that can't be read.
pub(super) fn workspace(root: &Path) -> Result<Option<(PathBuf, Table)>, Stop> {
    for directory in root.ancestors() {
        let path = directory.join("Cargo.toml");
        if path.is_file()
            && let Some(Value::Table(workspace)) = manifest::read(&path)?.remove("workspace")
        {
            return Ok(Some((directory.to_owned(), workspace)));
        }
    }
    Ok(None)
}

/// The directories of a workspace's members, but for a package at its root.
pub(super) fn members(root: &Path, workspace: &Table) -> Vec<PathBuf> {
    let patterns = workspace.get("members").and_then(Value::as_array);
    let patterns = patterns.into_iter().flatten().filter_map(Value::as_str);
    patterns
        .flat_map(|pattern| matching(root, pattern))
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect()
}

/// The directories that a pattern of Cargo's means. Each part of it is a name, or has a `*` for any letters.
fn matching(root: &Path, pattern: &str) -> Vec<PathBuf> {
    pattern.split('/').filter(|part| !part.is_empty() && *part != ".").fold(
        vec![root.to_owned()],
        |found, part| match part.split_once('*') {
            None if part == ".." => {
                found.into_iter().map(|directory| straight(&directory.join(part))).collect()
            }
            None => found.into_iter().map(|directory| directory.join(part)).collect(),
            Some(ends) => found.iter().flat_map(|directory| named(directory, ends)).collect(),
        },
    )
}

/// The directories in one whose names begin and end so.
fn named(directory: &Path, (begin, end): (&str, &str)) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.len() >= begin.len() + end.len()
            && name.starts_with(begin)
            && name.ends_with(end)
            && path.is_dir()
    };
    entries.map(|entry| entry.path()).filter(fits).collect()
}
