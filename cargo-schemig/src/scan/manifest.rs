//! Cargo.toml, as far as the scan needs it: where the crates start, which features are on, which crates lie beside this one.
//!
//! Read directly: `cargo metadata` alone takes longer than the whole scan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::dependencies::{Dependency, dependencies, tables};
use super::{ScanError, Selection};

/// A package.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The source files that crates start with, the library's first.
    pub roots: Vec<PathBuf>,
    /// The features that are on.
    pub features: BTreeSet<String>,
    /// What the code depends on, by the names by which it calls them.
    pub dependencies: BTreeMap<String, Dependency>,
    /// What dependents call its library where they don't rename it, if that isn't the package's name.
    pub library: Option<String>,
}

impl Manifest {
    /// Reads the manifest of the package in `directory`.
    ///
    /// # Errors
    /// When it can't be read, isn't a package's, has no target, or doesn't know a feature.
    pub fn read(directory: &Path, selection: &Selection) -> Result<Self, ScanError> {
        let path = directory.join("Cargo.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ScanError::Read { path: path.clone(), source })?;
        let invalid = |reason: String| ScanError::Manifest { path: path.clone(), reason };
        let table: Table = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        let Some(package) = table.get("package").and_then(Value::as_table) else {
            return Err(invalid("it has no [package]; name one of the workspace's with -p".to_owned()));
        };
        let Features { on: features, passed } = features(&table, selection).map_err(invalid)?;
        let dependencies = dependencies(directory, &table, &passed);
        let roots = roots(directory, package, &table, &features);
        if roots.is_empty() {
            return Err(invalid("it has neither a library nor a program".to_owned()));
        }
        let library = table.get("lib").and_then(|lib| lib.get("name")?.as_str()).map(str::to_owned);
        Ok(Self { roots, features, dependencies, library })
    }
}

fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

/// Where crates start: what the manifest says, and what cargo finds by itself.
fn roots(directory: &Path, package: &Table, manifest: &Table, features: &BTreeSet<String>) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    let library = manifest.get("lib").and_then(Value::as_table);
    if library.is_some() || finds_by_itself(package, "autolib") {
        let path = library.and_then(|lib| text(lib, "path"));
        roots.push(directory.join(path.unwrap_or("src/lib.rs")));
    }
    let programs = manifest.get("bin").and_then(Value::as_array);
    let mut off = BTreeSet::new();
    for program in programs.into_iter().flatten().filter_map(Value::as_table) {
        let needed = program.get("required-features").and_then(Value::as_array);
        let mut needed = needed.into_iter().flatten().filter_map(Value::as_str);
        let paths = program_paths(directory, package, program);
        if needed.all(|feature| features.contains(feature)) { roots.extend(paths) } else { off.extend(paths) }
    }
    if finds_by_itself(package, "autobins") {
        roots.push(directory.join("src/main.rs"));
        roots.extend(found_programs(&directory.join("src/bin")));
    }
    let mut seen = BTreeSet::new();
    roots.retain(|path| path.is_file() && !off.contains(path) && seen.insert(path.clone()));
    roots
}

/// Where a program of the manifest may start.
fn program_paths(directory: &Path, package: &Table, program: &Table) -> Vec<PathBuf> {
    let of_name = |name: &str| {
        let own = (text(package, "name") == Some(name)).then(|| "src/main.rs".to_owned());
        own.into_iter().chain([format!("src/bin/{name}.rs"), format!("src/bin/{name}/main.rs")]).collect()
    };
    let paths: Vec<String> = match (text(program, "path"), text(program, "name")) {
        (Some(path), _) => vec![path.to_owned()],
        (None, Some(name)) => of_name(name),
        (None, None) => Vec::new(),
    };
    paths.into_iter().map(|path| directory.join(path)).collect()
}

/// Whether cargo looks for targets that the manifest doesn't list.
fn finds_by_itself(package: &Table, switch: &str) -> bool {
    package.get(switch).and_then(Value::as_bool) != Some(false)
}

/// `src/bin/*.rs` and `src/bin/*/main.rs`, in order.
fn found_programs(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let mut found: Vec<PathBuf> =
        paths.map(|path| if is_source(&path) { path } else { path.join("main.rs") }).collect();
    found.sort();
    found
}

/// What is on.
struct Features {
    /// Of this package.
    on: BTreeSet<String>,
    /// What that turns on in a dependency, by the manifest's name for it.
    passed: BTreeSet<(String, String)>,
}

/// What is on: the defaults unless they are taken off, what is selected, and what that brings with it.
fn features(manifest: &Table, selection: &Selection) -> Result<Features, String> {
    let known = manifest.get("features").and_then(Value::as_table).cloned().unwrap_or_default();
    let optional = optional(manifest, &known);
    let mut waiting: Vec<String> = selection.features.clone();
    for feature in &waiting {
        if !known.contains_key(feature) && !optional.contains(feature) {
            return Err(format!("it has no feature `{feature}`"));
        }
    }
    if selection.all_features {
        waiting.extend(known.keys().cloned().chain(optional.iter().cloned()));
    }
    if !selection.no_default_features {
        waiting.push("default".to_owned());
    }
    let (mut on, mut passed) = (BTreeSet::new(), BTreeSet::new());
    while let Some(feature) = waiting.pop() {
        // `dep:x` and `x?/y` turn no feature of this package on; `x/y` turns on x, where that is optional.
        let feature = match feature.split_once('/') {
            Some((dependency, its)) => {
                let name = dependency.trim_end_matches('?');
                passed.insert((name.to_owned(), its.to_owned()));
                if name != dependency || !optional.contains(name) {
                    continue;
                }
                name.to_owned()
            }
            None if feature.starts_with("dep:") => continue,
            None => feature,
        };
        if on.insert(feature.clone()) {
            let brings = known.get(&feature).and_then(Value::as_array);
            waiting.extend(brings.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    Ok(Features { on, passed })
}

/// Optional dependencies: each is a feature of its name, unless a feature names it with `dep:`.
fn optional(manifest: &Table, features: &Table) -> BTreeSet<String> {
    let brought = features.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    let hidden: BTreeSet<&str> = brought.filter_map(|feature| feature.strip_prefix("dep:")).collect();
    let is_optional = |value: &Value| value.get("optional").and_then(Value::as_bool) == Some(true);
    let found = tables(manifest)
        .flatten()
        .filter(|(name, value)| is_optional(value) && !hidden.contains(name.as_str()));
    found.map(|(name, _)| name.clone()).collect()
}
