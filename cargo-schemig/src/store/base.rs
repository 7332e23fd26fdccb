//! What a project had at a git ref, and which plans were made since.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use schemig_core::plan::{Plan, PlanId};

use super::{Stored, git, load};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::Project;
use crate::server;

/// A project as it would be without the plans that were made since a git ref.
pub struct Base {
    /// The snapshot as it stands at the ref, and the log as it stands here without those plans.
    pub stored: Stored,
    /// The plans that stand here and not at the ref, in order.
    pub since: Vec<Plan>,
    /// Those of them that came with a merge, with the commit.
    pub merged: BTreeMap<PlanId, String>,
}

/// Reads what stands at a ref. The snapshot that stands here isn't read: a merge may have left it with both sides.
///
/// # Errors
/// No such ref, or no `schemig/` there; plans that stand there and not here; files that can't be read; a log that doesn't hold together
/// without the plans that were made since.
pub fn load_at(project: &Project, reference: &str) -> Result<Base, Stop> {
    load::must_be_started(project)?;
    let directory = server::directory("schemig-base-")?;
    let there = git::home_at(reference, &project.home, directory.path())?.ok_or_else(|| {
        let message = format!("there is no {} at `{reference}`", project.shown(&project.home));
        Stop::refused(
            message,
            "name a commit that has it: what was planned before there was one, there is no way to tell",
        )
    })?;
    let at = |stop: Stop| at_reference(stop, &there, reference);
    let (schema, models) = load::read_tables(&there).map_err(at)?;
    let (known, ended) = (load::plan_ids(&there)?, load::read_deployed(&there).map_err(at)?);
    let here = load::plan_ids(&project.home)?;
    let since: Vec<PlanId> = here.iter().filter(|id| !known.contains(id)).cloned().collect();
    let (mut log, _) = load::read_log(project, &since)?;
    behind(&log.deployed, (&here, &known, &ended), reference)?;

    let ordered: Vec<Plan> =
        log.ordered().into_iter().filter(|plan| since.contains(&plan.id)).cloned().collect();
    log.plans.retain(|id, _| !since.contains(id));
    log.deployed.retain(|id| !since.contains(id));
    load::check_apart(project, &log)?;
    let last_number =
        load::last_number(known.iter().chain(&here).filter(|id| !since.contains(id)).chain(&log.deployed));
    let mut merged =
        if since.is_empty() { BTreeMap::new() } else { git::merged_since(reference, &project.home)? };
    merged.retain(|id, _| since.contains(id));
    let (dependants, domains) = (load::read_dependants(project)?, load::read_domains(project)?);
    let stored = Stored { schema, models, dependants, domains, log, last_number };
    Ok(Base { stored, since: ordered, merged })
}

/// Refuses a ref that has plans, or contracts, which aren't here yet: what is planned from there has to come after them.
fn behind(
    deployed: &[PlanId],
    (here, known, ended): (&[PlanId], &[PlanId], &[PlanId]),
    reference: &str,
) -> Result<(), Stop> {
    let is_here = |id: &&PlanId| here.contains(id) || deployed.contains(id);
    let missing: BTreeSet<&PlanId> = known
        .iter()
        .filter(|id| !is_here(id))
        .chain(ended.iter().filter(|id| !deployed.contains(id)))
        .collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let message = format!("`{reference}` has gone on: plan {first}, or its contract, isn't here yet");
    let found = Diagnostic::new(message)
        .help(format!("merge it first, or rebase onto it: git merge {reference}"))
        .help(format!(
            "or name the commit where this branch began: --base $(git merge-base {reference} HEAD)"
        ));
    Err(Stop::from(vec![found]))
}

/// What is wrong with a file of the ref, with a name that a reader can look it up by.
fn at_reference(mut stop: Stop, there: &Path, reference: &str) -> Stop {
    let copied = there.display().to_string();
    for found in &mut stop.diagnostics {
        found.places.clear();
        found.message = found.message.replace(&copied, &format!("{reference}:schemig"));
        found.help = vec![format!(
            "name a commit at which `cargo schemig status` is content, other than `{reference}`"
        )];
    }
    stop
}
