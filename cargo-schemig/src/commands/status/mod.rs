//! `cargo schemig status`: what is deployed, what is open, and what it waits for; and whether a database is as it should be.

mod accept;
mod database;

use schemig_core::plan::Plan;

use super::Outcome;
use crate::arguments::Status;
use crate::exit::{Exit, Stop};
use crate::migrations;
use crate::project::{Project, read_optional};
use crate::report::Report;
use crate::store::{self, Stored};

/// Reports the state of the plan log, and of a database that is named.
///
/// # Errors
/// The crate, what is under `schemig/` or the database can't be read, or doesn't fit together.
pub fn run(arguments: &Status) -> Result<Outcome, Stop> {
    let project = Project::find(&arguments.common.selection())?;
    let stored = store::load(&project)?;
    stored.log.state(&stored.schema)?;
    let directories = migrations::existing(&project)?;
    let open = stored.log.undeployed();
    let mut report = Report {
        summary: format!("{} deployed, {} open", count(stored.log.deployed.len()), open.len()),
        ..Report::default()
    };
    for plan in &open {
        report.notes.extend(describe(&stored, plan, &directories));
        let kept = if plan.confirmed { "kept: " } else { "" };
        report.promises.extend(plan.promises.iter().map(|promise| format!("{}: {kept}{promise}", plan.id)));
    }
    report.next = next(&project, &stored, &open);
    merged_schema_rs(&project, &mut report)?;
    let compared = database::compare(&project, &stored, arguments.database_url.as_deref())?;
    if arguments.accept {
        return accept::accept(&project, &stored, compared);
    }
    let exit = if arguments.check && compared.found_something { Exit::Found } else { Exit::Done };
    compared.tell(&mut report);
    Ok(Outcome::report(exit, report))
}

/// schema.rs is one file for many tables, so branches meet there that don't meet anywhere else. It is written anew and not ended by hand.
fn merged_schema_rs(project: &Project, report: &mut Report) -> Result<(), Stop> {
    for file in project.schema_rs.iter().filter_map(|one| one.file.as_ref()) {
        let text = read_optional(file)?.unwrap_or_default();
        if !store::has_conflict(&text) {
            continue;
        }
        let shown = project.shown(file);
        report.notes.push(format!(
            "{shown} has a merge conflict; the snapshot has none, and says what belongs there"
        ));
        // What the command prints is all files together.
        let next = match project.schema_rs.as_slice() {
            [_] => format!("cargo schemig schema > {shown}"),
            _ => format!("git checkout --ours {shown}, then cargo schemig diff, which writes it anew"),
        };
        report.next.insert(0, next);
    }
    Ok(())
}

fn count(plans: usize) -> String {
    if plans == 1 { "1 plan".to_owned() } else { format!("{plans} plans") }
}

fn describe(stored: &Stored, plan: &Plan, directories: &[String]) -> Vec<String> {
    let waiting = stored.log.waiting(plan).len();
    let since = since(plan, directories).map_or(String::new(), |date| format!(", since {date}"));
    let waits = match waiting {
        1 if plan.steps.len() == 1 => "its only step waits for it".to_owned(),
        0 => "no step waits for it".to_owned(),
        1 => format!("1 of its {} waits", steps(plan.steps.len())),
        waiting => format!("{waiting} of its {} wait", steps(plan.steps.len())),
    };
    let everywhere =
        if stored.log.live.contains(&plan.id) { "runs everywhere" } else { "isn't known to run everywhere" };
    let mut lines = vec![format!("{} {everywhere}{since}; {waits}", plan.id)];
    lines.extend(super::changes(plan, &stored.log).iter().map(|change| format!("  {change}")));
    lines.extend(
        plan.approvals
            .iter()
            .map(|approval| format!("  approved ({}): {}", approval.rules.join(", "), approval.reason)),
    );
    lines
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

/// The day of a plan's first migration.
fn since<'a>(plan: &Plan, directories: &'a [String]) -> Option<&'a str> {
    let words = plan.id.0.split_once('_').map_or(plan.id.0.as_str(), |(_, words)| words);
    let first = directories.iter().find(|name| {
        name.split_once('_')
            .is_some_and(|(_, rest)| rest.strip_prefix(words).is_some_and(|rest| rest.starts_with('_')))
    })?;
    first.get(..10)
}

fn next(project: &Project, stored: &Stored, open: &[&Plan]) -> Vec<String> {
    let live = open.iter().any(|plan| stored.log.live.contains(&plan.id));
    match (open, &project.deployed) {
        ([], _) => Vec::new(),
        (_, Some(_)) if live => vec!["cargo schemig contract".to_owned()],
        (_, Some(reference)) => {
            vec![format!("when they run everywhere and {reference} has them: cargo schemig contract")]
        }
        ([plan], None) => {
            vec![format!("when the release of {} runs everywhere: cargo schemig contract", plan.id)]
        }
        ([first, ..], None) => {
            vec![format!("when the release of {0} runs everywhere: cargo schemig contract {0}", first.id)]
        }
    }
}
