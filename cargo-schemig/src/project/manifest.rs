//! Cargo.toml: read directly, which takes a millisecond where `cargo metadata` takes thirty. Cargo is asked only when `-p` names a
//! package.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Selection;
use crate::exit::Stop;

/// The Cargo.toml of the crate.
pub(super) fn find(selection: &Selection) -> Result<PathBuf, Stop> {
    let start = match &selection.manifest_path {
        Some(path) if path.is_file() => absolute(path)?,
        Some(path) => return Err(no_crate(&format!("{} isn't a file", path.display()))),
        None => nearest()?,
    };
    let is_package = read(&start)?.contains_key("package");
    match &selection.package {
        None if is_package => Ok(start),
        None => only_member(&start),
        Some(name) => member(&start, name),
    }
}

/// The one member of a workspace that schemig has been started in.
fn only_member(start: &Path) -> Result<PathBuf, Stop> {
    let started = super::neighbours::around(start.parent().unwrap_or(Path::new(".")))?;
    match started.as_slice() {
        [] => Err(no_crate("this is a workspace without a crate of its own: name one with -p")),
        [one] => Ok(one.join("Cargo.toml")),
        several => {
            let names: Vec<String> = several.iter().map(|member| super::shown(member)).collect();
            let message = format!("several crates of this workspace have a schemig/: {}", names.join(", "));
            Err(Stop::refused(message, "name one with -p"))
        }
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path).map_err(|error| Stop::failed(path, "find", &error))
}

fn nearest() -> Result<PathBuf, Stop> {
    let here = std::env::current_dir().map_err(|error| Stop::failed(Path::new("."), "find", &error))?;
    let manifests = here.ancestors().map(|directory| directory.join("Cargo.toml"));
    manifests
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| no_crate(&format!("there is no Cargo.toml in {} or above it", here.display())))
}

fn no_crate(message: &str) -> Stop {
    Stop::refused(message, "run cargo schemig in a crate with Diesel models, or name it with --manifest-path")
}

/// The member of that name of the workspace around `start`.
fn member(start: &Path, name: &str) -> Result<PathBuf, Stop> {
    let mut packages = packages(start)?.into_iter();
    let found = packages.find(|(known, _)| known == name).map(|(_, path)| path);
    found.ok_or_else(|| no_crate(&format!("the workspace has no package `{name}`")))
}

/// The packages of the workspace around `start`, each with its Cargo.toml, as cargo says.
pub(super) fn packages(start: &Path) -> Result<Vec<(String, PathBuf)>, Stop> {
    let metadata = cargo_metadata::MetadataCommand::new().manifest_path(start).no_deps().exec();
    let metadata = metadata.map_err(|error| no_crate(&error.to_string()))?;
    let packages = metadata.packages.into_iter();
    Ok(packages
        .map(|package| (package.name.to_string(), package.manifest_path.into_std_path_buf()))
        .collect())
}

/// A Cargo.toml, parsed.
pub(super) fn read(path: &Path) -> Result<Table, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| Stop::failed(path, "read", &error))?;
    text.parse().map_err(|error| super::bad_toml(path, &error))
}

/// The dialect that Diesel is used with: its one database feature, from Cargo.toml or from the workspace's.
pub(super) fn dialect(root: &Path, manifest: &Table) -> Result<String, Stop> {
    let mut features = features_of(manifest.get("dependencies"));
    if is_inherited(manifest.get("dependencies")) {
        for directory in root.ancestors() {
            let path = directory.join("Cargo.toml");
            if path.is_file()
                && let Some(workspace) = read(&path)?.get("workspace")
            {
                features.extend(features_of(workspace.get("dependencies")));
                break;
            }
        }
    }
    // Diesel's feature names, `postgres_backend` the one without a connection; what they stand for is the dialects' knowledge.
    let known = schemig_core::dialect::names();
    let is_used = |name: &&str| {
        features.iter().any(|feature| feature.strip_suffix("_backend").unwrap_or(feature) == *name)
    };
    let mut used: Vec<&str> = known.iter().copied().filter(is_used).collect();
    used.dedup();
    match used.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => {
            Err(undecided("Cargo.toml's `diesel` has the feature of no database that schemig knows", known))
        }
        _ => Err(undecided("Cargo.toml's `diesel` has the features of several databases", known)),
    }
}

fn undecided(message: &str, known: &[&str]) -> Stop {
    let choices: Vec<String> = known.iter().map(|name| format!("dialect = \"{name}\"")).collect();
    Stop::refused(message, format!("say it in schemig.toml: {}", choices.join(" or ")))
}

fn diesel(dependencies: Option<&Value>) -> Option<&Table> {
    dependencies?.get("diesel")?.as_table()
}

fn is_inherited(dependencies: Option<&Value>) -> bool {
    diesel(dependencies).and_then(|diesel| diesel.get("workspace")).is_some()
}

fn features_of(dependencies: Option<&Value>) -> Vec<String> {
    let features = diesel(dependencies).and_then(|diesel| diesel.get("features")).and_then(Value::as_array);
    features.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
