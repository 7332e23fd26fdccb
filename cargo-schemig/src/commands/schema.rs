//! `cargo schemig schema`: prints schema.rs.

use super::Outcome;
use crate::arguments::Common;
use crate::exit::Stop;
use crate::project::Project;
use crate::schema_rs;
use crate::store::{self, Stored};

/// Prints schema.rs as the snapshot has it.
///
/// # Errors
/// The crate, its snapshot or what diesel.toml names can't be read; a column that Diesel has no type for.
pub fn run(common: &Common) -> Result<Outcome, Stop> {
    let project = Project::find(&common.selection())?;
    let Stored { schema, domains, .. } = store::load(&project)?;
    Ok(Outcome::Text {
        text: schema_rs::text(&project, &schema, &domains)?,
        notes: schema_rs::notes(&project, &schema, &domains),
    })
}
