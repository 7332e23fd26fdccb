//! schema.rs, in all its files.

use std::fs;

use schemig_core::schema::{Schema, TableName};
use schemig_core::script::schema_rs::{NoDieselType, schema_rs};

use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::{Patch, Project, SchemaRs};
use crate::store::Changeset;

/// All of them, one after the other, as `diesel print-schema` prints them.
///
/// # Errors
/// A column that Diesel has no type for; a patch that can't be read, or doesn't fit.
pub fn text(project: &Project, schema: &Schema) -> Result<String, Stop> {
    project.schema_rs.iter().map(|one| print(project, schema, one)).collect()
}

/// Writes each to its file.
///
/// # Errors
/// As for [`text`].
pub fn put(project: &Project, schema: &Schema, changes: &mut Changeset) -> Result<(), Stop> {
    for one in &project.schema_rs {
        if let Some(file) = &one.file {
            changes.put(file.clone(), print(project, schema, one)?);
        }
    }
    Ok(())
}

fn print(project: &Project, schema: &Schema, one: &SchemaRs) -> Result<String, Stop> {
    let printed = schema_rs(schema, &*project.dialect, &one.print)?;
    match &one.patch {
        Some(patch) => patched(project, &printed.text, patch),
        None => Ok(printed.text),
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

/// What a person should know of tables that stand in none of them, though nobody said so.
pub fn notes(project: &Project, schema: &Schema) -> Vec<String> {
    let mut notes = Vec::new();
    let mut schemas: Vec<&str> = Vec::new();
    for (name, table) in &schema.tables {
        let mut printed = project.schema_rs.iter().filter(|one| prints(project, one, name)).peekable();
        if let Some(of) = name.schema.as_deref()
            && printed.peek().is_none()
            && !schemas.contains(&of)
        {
            schemas.push(of);
            notes.push(format!(
                "schema.rs has no tables of the schema {of}: Diesel prints a schema in a file of its own; give it \
                 `[print_schema.{of}]` with `schema = \"{of}\"` in diesel.toml, and its file in schemig.toml's `schema_rs`"
            ));
        }
        let numbers = project.dialect.printing().row_numbers;
        if table.primary_key.is_empty()
            && numbers.is_empty()
            && printed.any(|one| one.print.filter.admits(&name.name))
        {
            notes.push(format!(
                "schema.rs leaves {name} out: it has no primary key, and Diesel has no table without one (`diesel \
                 print-schema` stops there, unless `filter` in diesel.toml leaves it out)"
            ));
        }
    }
    notes
}

/// Whether a schema.rs is about the schema that a table is in.
fn prints(project: &Project, one: &SchemaRs, table: &TableName) -> bool {
    let wanted = one.print.schema.as_deref();
    wanted.filter(|schema| Some(*schema) != project.dialect.default_schema()) == table.schema.as_deref()
}

impl From<NoDieselType> for Stop {
    fn from(error: NoDieselType) -> Self {
        Self::from(vec![Diagnostic::new(error.to_string())])
    }
}
