//! schemig/statistics.toml, read and found.

use std::path::PathBuf;

use schemig_core::safety::estimate::{Known, read as parse};

use crate::exit::Stop;
use crate::project::{Project, read_optional};
use crate::store;

/// Where the file is.
pub fn path(project: &Project) -> PathBuf {
    project.home.join("statistics.toml")
}

/// Reads it; nothing is known where there is none.
///
/// # Errors
/// It is damaged, or of another version.
pub fn read(project: &Project) -> Result<Known, Stop> {
    let path = path(project);
    let Some(text) = read_optional(&path)? else { return Ok(Known::default()) };
    parse(&text).map_err(|error| Stop::from(vec![store::diagnostic(&path, &text, &error)]))
}
