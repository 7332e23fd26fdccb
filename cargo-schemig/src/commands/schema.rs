//! `cargo schemig schema`: prints schema.rs.

use schemig_core::script::schema_rs::{NoDieselType, schema_rs};

use super::Outcome;
use crate::arguments::Common;
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::Project;
use crate::store;

/// Prints schema.rs as the snapshot has it.
///
/// # Errors
/// The crate or its snapshot can't be read.
pub fn run(common: &Common) -> Result<Outcome, Stop> {
    let project = Project::find(&common.selection())?;
    let stored = store::load(&project)?;
    Ok(Outcome::Text(schema_rs(&stored.schema, &*project.dialect)?))
}

impl From<NoDieselType> for Stop {
    fn from(error: NoDieselType) -> Self {
        Self::from(vec![Diagnostic::new(error.to_string())])
    }
}
