//! `cargo schemig init`: starts an empty project.

mod take_over;

use schemig_core::plan::log;

use super::Outcome;
use crate::arguments::Common;
use crate::exit::{Exit, Stop};
use crate::migrations;
use crate::project::Project;
use crate::report::Report;
use crate::store::{self, Changeset};

/// Makes `schemig/`, and takes schema.rs over from Diesel.
///
/// # Errors
/// Migrations that stand already: what they make isn't known to schemig.
pub fn run(common: &Common) -> Result<Outcome, Stop> {
    let project = Project::find(&common.selection())?;
    if project.home.is_dir() {
        let summary = format!("{} is there already: nothing to do", project.shown(&project.home));
        return Ok(Outcome::report(Exit::Done, Report { summary, ..Report::default() }));
    }
    if let Some(first) = migrations::existing(&project)?.first() {
        let message = format!("{} already holds {first}", project.shown(&project.migrations));
        return Err(Stop::refused(
            message,
            "init starts a project without migrations; adopting one that has some is yet to come",
        ));
    }
    let mut changes = Changeset::default();
    changes.put(store::deployed_path(&project), log::write_deployed(&[]));
    take_over::schema_rs(&project, &mut changes)?;
    changes.commit(&project.root)?;
    let summary = "Ready: schemig knows that the database is empty".to_owned();
    let next = vec!["derive Migratable on the models, then run `cargo schemig diff`".to_owned()];
    Ok(Outcome::report(Exit::Done, Report { summary, next, ..Report::default() }.with_files(&changes, false)))
}
