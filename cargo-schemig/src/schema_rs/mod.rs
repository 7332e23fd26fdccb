//! schema.rs, in all its files.

mod notes;
mod rustfmt;

use std::fs;

use schemig_core::schema::{Domains, Schema};
use schemig_core::script::schema_rs::{NoDieselType, schema_rs};

use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::{Patch, Project, SchemaRs};
use crate::store::Changeset;
pub use notes::notes;

/// All of them, one after the other, as `diesel print-schema` prints them.
///
/// # Errors
/// A column that Diesel has no type for; a patch that can't be read, or doesn't fit.
pub fn text(project: &Project, schema: &Schema, domains: &Domains) -> Result<String, Stop> {
    project.schema_rs.iter().map(|one| print(project, (schema, domains), one)).collect()
}

/// Writes each to its file.
///
/// # Errors
/// As for [`text`].
pub fn put(
    project: &Project,
    schema: &Schema,
    domains: &Domains,
    changes: &mut Changeset,
) -> Result<(), Stop> {
    for one in &project.schema_rs {
        if let Some(file) = &one.file {
            changes.put(file.clone(), print(project, (schema, domains), one)?);
        }
    }
    Ok(())
}

fn print(project: &Project, (schema, domains): (&Schema, &Domains), one: &SchemaRs) -> Result<String, Stop> {
    let printed = schema_rs(schema, domains, &*project.dialect, &one.print)?;
    let text = rustfmt::laid_out(&project.root, printed.text)?;
    match &one.patch {
        Some(patch) => patched(project, &text, patch),
        None => Ok(text),
    }
}

/// The text with a patch applied, by the crate that Diesel's CLI applies it with.
fn patched(project: &Project, text: &str, patch: &Patch) -> Result<String, Stop> {
    let Patch { file, said_in, bytes } = patch;
    let name = project.shown(file);
    let stop = |message: String| {
        Stop::from(vec![Diagnostic::new(message).at(project.shown(said_in), bytes.clone()).help(
            "make it anew from what `cargo schemig schema` prints without `patch_file`, or take the key away",
        )])
    };
    let said = fs::read_to_string(file).map_err(|error| stop(format!("can't read {name}: {error}")))?;
    let patch =
        diffy::Patch::from_str(&said).map_err(|error| stop(format!("{name} is no patch: {error}")))?;
    diffy::apply(text, &patch).map_err(|error| stop(format!("{name} doesn't fit schema.rs: {error}")))
}

impl From<NoDieselType> for Stop {
    fn from(error: NoDieselType) -> Self {
        Self::from(vec![Diagnostic::new(error.to_string())])
    }
}
