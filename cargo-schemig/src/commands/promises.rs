//! Promises confirmed late: the contract is written already, and `apply` wants to know before it runs it.

use schemig_core::plan::{Plan, PlanId, file};

use super::Outcome;
use super::contract::told;
use crate::arguments::Contract;
use crate::exit::{Exit, Stop};
use crate::project::Project;
use crate::report::Report;
use crate::store::{self, Changeset, Stored};

/// Records that the promises of a plan whose contract is written were kept. `None` where that isn't what was asked, or says nothing
/// new.
///
/// # Errors
/// The plan can't be read or written.
pub(super) fn confirm_written(
    arguments: &Contract,
    project: &Project,
    stored: &Stored,
) -> Result<Option<Outcome>, Stop> {
    let Some(id) = arguments.plan.as_ref().map(|name| PlanId(name.clone())) else { return Ok(None) };
    let path = store::plan_path(project, &id);
    if !arguments.confirm || !stored.log.is_deployed(&id) || !path.is_file() {
        return Ok(None);
    }
    let log = store::load_with(project, std::slice::from_ref(&id))?.log;
    let asks = |plan: &&Plan| !plan.confirmed && !plan.promises.is_empty();
    let Some(plan) = log.plans.get(&id).filter(asks) else { return Ok(None) };
    let mut changes = Changeset::default();
    changes.put(path, file::write(&Plan { confirmed: true, ..plan.clone() }));
    let summary = format!("Recorded: the promises of plan {id} were kept");
    let promises = plan.promises.iter().map(ToString::to_string).collect();
    let report = Report { summary, promises, ..Report::default() };
    let commit = || if arguments.dry_run { Ok(()) } else { changes.commit(&project.root) };
    told(arguments, Exit::Done, report.with_files(&changes, arguments.dry_run), commit).map(Some)
}
