//! What a package depends on: where it lies, and which of its features are on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Selection;

/// A dependency.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// Where it lies, if that is beside this package.
    pub directory: Option<PathBuf>,
    /// Whether the manifest gives it another name than its own.
    pub renamed: bool,
    /// The features that this package turns on in it.
    pub selection: Selection,
}

/// What the code depends on, on any target: types that models use may lie there.
pub(crate) fn tables(manifest: &Table) -> impl Iterator<Item = &Table> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let all = std::iter::once(manifest).chain(targets);
    all.filter_map(|table| table.get("dependencies").and_then(Value::as_table))
}

/// The dependencies as the code calls them, one that the workspace gives as it stands there; `passed` are features of theirs that
/// features of this package turn on.
pub(super) fn dependencies(
    directory: &Path,
    manifest: &Table,
    passed: &BTreeSet<(String, String)>,
) -> BTreeMap<String, Dependency> {
    let mut found: BTreeMap<String, Dependency> = BTreeMap::new();
    let mut workspace = None;
    for (name, value) in tables(manifest).flatten() {
        let (mut dependency, by_default) = if flag(value, "workspace") == Some(true) {
            let given = workspace.get_or_insert_with(|| of_workspace(directory)).get(name);
            let mut given = given.cloned().unwrap_or_default();
            given.selection.features.extend(features(value));
            // The workspace decides; a package may only turn the defaults on again.
            let off = given.selection.no_default_features && flag(value, "default-features") != Some(true);
            (given, !off)
        } else {
            (Dependency::of(directory, value), flag(value, "default-features") != Some(false))
        };
        dependency.selection.no_default_features = !by_default;
        let turned_on = passed.iter().filter(|(dependency, _)| dependency == name);
        dependency.selection.features.extend(turned_on.map(|(_, feature)| feature.clone()));
        found.insert(name.replace('-', "_"), dependency);
    }
    found
}

impl Dependency {
    /// As a manifest in `directory` has it, but for whether the default features are on.
    fn of(directory: &Path, value: &Value) -> Self {
        let path = value.get("path").and_then(Value::as_str).map(|path| directory.join(path));
        let selection = Selection { features: features(value).collect(), ..Selection::default() };
        Self { directory: path, renamed: value.get("package").is_some(), selection }
    }
}

fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

fn features(value: &Value) -> impl Iterator<Item = String> {
    let listed = value.get("features").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}

/// `[workspace.dependencies]` of the next workspace above.
fn of_workspace(directory: &Path) -> BTreeMap<String, Dependency> {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    for above in absolute.ancestors() {
        let Ok(text) = std::fs::read_to_string(above.join("Cargo.toml")) else { continue };
        let Ok(table) = toml::from_str::<Table>(&text) else { continue };
        let Some(workspace) = table.get("workspace") else { continue };
        let all = workspace.get("dependencies").and_then(Value::as_table);
        let given = |value: &Value| {
            let mut given = Dependency::of(above, value);
            given.selection.no_default_features = flag(value, "default-features") == Some(false);
            given
        };
        return all.into_iter().flatten().map(|(name, value)| (name.clone(), given(value))).collect();
    }
    BTreeMap::new()
}
