//! Cargo.toml, as far as the scan needs it: where the crates start, which features are on, which crates lie beside this one.
//!
//! Read directly: `cargo metadata` alone takes longer than the whole scan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{ScanError, Selection};

/// A package.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The source files that crates start with, the library's first.
    pub roots: Vec<PathBuf>,
    /// The features that are on.
    pub features: BTreeSet<String>,
    /// Names by which the code calls its dependencies, and where they lie if that is beside this package.
    pub dependencies: BTreeMap<String, Option<PathBuf>>,
    /// Those of these names that the manifest gives them.
    pub renamed: BTreeSet<String>,
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
        let dependencies = dependencies(directory, &table);
        let features = features(&table, selection).map_err(invalid)?;
        let roots = roots(directory, package, &table, &features);
        if roots.is_empty() {
            return Err(invalid("it has neither a library nor a program".to_owned()));
        }
        let renamed = dependency_tables(&table).flatten().filter(|(_, value)| value.get("package").is_some());
        let renamed = renamed.map(|(name, _)| called(name)).collect();
        let library = table.get("lib").and_then(|lib| lib.get("name")?.as_str()).map(str::to_owned);
        Ok(Self { roots, features, dependencies, renamed, library })
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

/// What is on: the defaults unless they are taken off, what is selected, and what that brings with it.
fn features(manifest: &Table, selection: &Selection) -> Result<BTreeSet<String>, String> {
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
    let mut on = BTreeSet::new();
    while let Some(feature) = waiting.pop() {
        // `dep:x` and `x?/y` turn no feature of this package on; `x/y` turns on x, where that is optional.
        let feature = match feature.split_once('/') {
            Some((dependency, _)) if dependency.ends_with('?') || !optional.contains(dependency) => continue,
            Some((dependency, _)) => dependency.to_owned(),
            None if feature.starts_with("dep:") => continue,
            None => feature,
        };
        if on.insert(feature.clone()) {
            let brings = known.get(&feature).and_then(Value::as_array);
            waiting.extend(brings.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    Ok(on)
}

/// Optional dependencies: each is a feature of its name, unless a feature names it with `dep:`.
fn optional(manifest: &Table, features: &Table) -> BTreeSet<String> {
    let brought = features.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    let hidden: BTreeSet<&str> = brought.filter_map(|feature| feature.strip_prefix("dep:")).collect();
    let is_optional = |value: &Value| value.get("optional").and_then(Value::as_bool) == Some(true);
    let found = dependency_tables(manifest)
        .flatten()
        .filter(|(name, value)| is_optional(value) && !hidden.contains(name.as_str()));
    found.map(|(name, _)| name.clone()).collect()
}

/// What the code depends on, on any target: types that models use may lie there.
fn dependency_tables(manifest: &Table) -> impl Iterator<Item = &Table> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let all = std::iter::once(manifest).chain(targets);
    all.filter_map(|table| table.get("dependencies").and_then(Value::as_table))
}

/// Dependencies as the code calls them; those with a path, also one that the workspace gives, with it.
fn dependencies(directory: &Path, manifest: &Table) -> BTreeMap<String, Option<PathBuf>> {
    let mut found = BTreeMap::new();
    let mut workspace = None;
    for (name, value) in dependency_tables(manifest).flatten() {
        let path = if value.get("workspace").and_then(Value::as_bool) == Some(true) {
            workspace.get_or_insert_with(|| workspace_paths(directory)).get(name).cloned()
        } else {
            value.get("path").and_then(Value::as_str).map(|path| directory.join(path))
        };
        found.insert(called(name), path);
    }
    found
}

/// A dependency's name as the code has it.
fn called(name: &str) -> String {
    name.replace('-', "_")
}

/// The paths in `[workspace.dependencies]` of the next workspace above.
fn workspace_paths(directory: &Path) -> BTreeMap<String, PathBuf> {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    for above in absolute.ancestors() {
        let Ok(text) = std::fs::read_to_string(above.join("Cargo.toml")) else { continue };
        let Ok(table) = toml::from_str::<Table>(&text) else { continue };
        let Some(workspace) = table.get("workspace") else { continue };
        let all = workspace.get("dependencies").and_then(Value::as_table);
        let path = |value: &Value| value.get("path").and_then(Value::as_str).map(|path| above.join(path));
        return all
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), path(value)?)))
            .collect();
    }
    BTreeMap::new()
}
