//! Whether a crate can derive schemig's traits.

use std::path::Path;

use toml::{Table, Value};

use super::{manifest, neighbours};
use crate::exit::Stop;
use crate::scan::dependency_tables;

/// How a crate depends on schemig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnSchemig {
    /// By its own name, on whichever target.
    Yes,
    /// By this one. What the derive writes begins with `::schemig`, and means nothing there.
    Renamed(String),
    /// Not at all.
    No,
}

/// How the crate in a directory depends on schemig.
///
/// # Errors
/// Its Cargo.toml, or the workspace's, can't be read.
pub fn on_schemig(root: &Path) -> Result<OnSchemig, Stop> {
    let manifest = manifest::read(&root.join("Cargo.toml"))?;
    let inherits = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
    let mut given = Table::new();
    if dependency_tables(&manifest).flatten().any(|(_, value)| inherits(value))
        && let Some((_, mut workspace)) = neighbours::workspace(root)?
        && let Some(Value::Table(dependencies)) = workspace.remove("dependencies")
    {
        given = dependencies;
    }
    let mut found = OnSchemig::No;
    for (name, value) in dependency_tables(&manifest).flatten() {
        let value = if inherits(value) { given.get(name).unwrap_or(value) } else { value };
        let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
        match (name.as_str(), package) {
            ("schemig", "schemig") => return Ok(OnSchemig::Yes),
            (_, "schemig") => found = OnSchemig::Renamed(name.clone()),
            (_, _) => {}
        }
    }
    Ok(found)
}
