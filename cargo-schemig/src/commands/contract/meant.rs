//! Whose release runs everywhere: the plans that `contract` is about.

use schemig_core::plan::{Plan, PlanId, PlanLog};

use crate::exit::Stop;
use crate::project::Project;

/// The plans that are meant and the undeployed ones below them, each after those that it builds on: none older than their release
/// runs.
pub(super) fn ended(project: &Project, log: &PlanLog, wanted: Option<&str>) -> Result<Vec<Plan>, Stop> {
    let open = log.undeployed();
    let mut below: Vec<PlanId> = match (wanted, &project.deployed) {
        (Some(name), reference) => {
            let wanted = PlanId(name.to_owned());
            if log.is_deployed(&wanted) {
                return Ok(Vec::new());
            }
            known(log, &open, &wanted)?;
            if let Some(reference) = reference.as_ref().filter(|_| !log.live.contains(&wanted)) {
                return Err(not_there(&wanted, reference));
            }
            vec![wanted]
        }
        (None, Some(_)) => {
            open.iter().map(|plan| plan.id.clone()).filter(|id| log.live.contains(id)).collect()
        }
        (None, None) => only(&open)?,
    };
    let mut at = 0;
    while let Some(plan) = below.get(at).and_then(|id| log.plans.get(id)) {
        let more: Vec<PlanId> = plan
            .parents
            .iter()
            .filter(|id| log.plans.contains_key(*id) && !below.contains(id))
            .cloned()
            .collect();
        below.extend(more);
        at += 1;
    }
    Ok(open.into_iter().filter(|plan| below.contains(&plan.id)).cloned().collect())
}

/// The only plan that is open.
fn only(open: &[&Plan]) -> Result<Vec<PlanId>, Stop> {
    if open.len() > 1 {
        let help = format!("name the last one whose release runs everywhere: {}", names(open));
        return Err(Stop::refused("several plans are open", help));
    }
    Ok(open.iter().map(|plan| plan.id.clone()).collect())
}

fn known(log: &PlanLog, open: &[&Plan], wanted: &PlanId) -> Result<(), Stop> {
    if log.plans.contains_key(wanted) {
        return Ok(());
    }
    let help = if open.is_empty() { "none is open".to_owned() } else { format!("open are {}", names(open)) };
    Err(Stop::refused(format!("there is no plan {wanted}"), help))
}

fn names(plans: &[&Plan]) -> String {
    plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>().join(", ")
}

fn not_there(wanted: &PlanId, reference: &str) -> Stop {
    Stop::refused(
        format!("plan {wanted} isn't at {reference}, so its release doesn't run everywhere yet"),
        format!(
            "deploy it, move {reference} to it, and `git fetch`; schemig.toml's `deployed` names that ref"
        ),
    )
}
