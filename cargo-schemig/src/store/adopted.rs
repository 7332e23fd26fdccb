//! What the migrations were when a project was adopted: Diesel keeps no checksums, so an edit of one that ran would go unseen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use schemig_core::schema::FORMAT;
use schemig_core::script::checksum;
use serde::Deserialize;

use crate::exit::Stop;
use crate::migrations::Migration;
use crate::project::{Project, bad_toml, read_optional};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: u32,
    #[serde(default)]
    checksums: BTreeMap<String, String>,
}

/// The file's path.
pub fn path(project: &Project) -> PathBuf {
    project.home.join("adopted.toml")
}

/// The file's text, for these migrations.
pub fn write(migrations: &[Migration]) -> String {
    let mut text =
        format!("# What the migrations were at adoption, by version.\nformat = {FORMAT}\n\n[checksums]\n");
    for migration in migrations {
        let _ = writeln!(text, "{:?} = \"{}\"", migration.version, checksum(&migration.up));
    }
    text
}

/// Those of these migrations that aren't what they were.
///
/// # Errors
/// The file can't be read.
pub fn edited<'a>(project: &Project, migrations: &'a [Migration]) -> Result<Vec<&'a Migration>, Stop> {
    let path = path(project);
    let Some(text) = read_optional(&path)? else { return Ok(Vec::new()) };
    let File { _format: _, checksums } = toml::from_str(&text).map_err(|error| bad_toml(&path, &error))?;
    let differs = |migration: &&Migration| {
        checksums.get(&migration.version).is_some_and(|was| *was != checksum(&migration.up))
    };
    Ok(migrations.iter().filter(differs).collect())
}
