//! `cargo schemig diff`: from changed models to migrations.

mod judge;
mod replace;
mod route;
mod write;

use std::mem::ManuallyDrop;

use schemig_core::schema::TableName;

use super::Outcome;
use crate::arguments::Diff;
use crate::capture::{Capture, Read};
use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};
use crate::migrations;
use crate::project::{ByDiesel, Member, Project, home, shown};
use crate::report::{Report, file, html};
use crate::store::{self, Changeset, Stored};
use crate::{schema_rs, sizes};
use judge::Judged;
use replace::Replaced;
use route::{Ground, Route};

/// Compares the models with the snapshot, and writes what leads from the one to the other.
///
/// # Errors
/// Mistakes in the models, questions, and files that can't be read or written. Nothing is written then.
pub fn run(arguments: &Diff, read: &Read<'_>) -> Result<Outcome, Stop> {
    let mut project = Project::find(&arguments.common.selection())?;
    project.known = sizes::known(&project, &arguments.rows, arguments.database_url.as_deref())?;
    let (stored, replaced) = from(arguments, &project)?;
    // Neither is taken apart: the process ends with the command, and the system takes its memory back at once.
    let stored = ManuallyDrop::new(stored);
    let existing = migrations::existing(&project)?;
    let before = &stored.schema;
    let mut capture = ManuallyDrop::new(read(&project, before)?);
    if capture.models.is_empty() {
        return Err(no_models(&project));
    }
    let unlisted = home::unlisted(&project)?;
    if let Some(stop) = taken_off(&project, &stored, &capture, &unlisted) {
        return Err(stop);
    }
    let unprinted = schema_rs::notes(&project, &capture.schema, &stored.domains);
    capture.notes.extend(unprinted);
    let from = From {
        project: &project,
        stored: &stored,
        capture: &capture,
        replaced: replaced.as_ref(),
        unlisted: &unlisted,
    };
    let route = route::choose(&Ground {
        project: &project,
        stored: &stored,
        capture: &capture,
        name: arguments.name.as_deref(),
        overlap: overlaps(arguments, &project),
        may_be_direct: !arguments.overlap,
    })?;
    let Route { plan: Some(plan), start, note, stops } = route else {
        return same(arguments, &from);
    };
    if replaced.as_ref().is_some_and(|replaced| replaced.is_just(&plan, arguments.name.is_some())) {
        // What leads from there stands already, under its time and with what people said to it.
        return run(&Diff { base: None, replace_unapplied: false, ..arguments.clone() }, read);
    }
    let reason = arguments.approve.as_deref();
    let mut judged = judge::judge(&project, &stored, plan, start, &capture.schema, reason)?;
    (judged.note, judged.stops) = (note, stops);
    if judged.needs_approval() {
        let report = judged.report(&project, &capture, None)?;
        return told(arguments, Exit::Escalated, report, || Ok(()));
    }
    finish(arguments, &from, &judged, &existing)
}

/// What a plan leads from, and to.
struct From<'a> {
    project: &'a Project,
    stored: &'a Stored,
    capture: &'a Capture,
    /// The plans that go for it, where it is planned from a git ref.
    replaced: Option<&'a Replaced>,
    /// Crates that were listed and aren't any more.
    unlisted: &'a [Member],
}

/// What stands here, or at a git ref.
fn from(arguments: &Diff, project: &Project) -> Result<(Stored, Option<Replaced>), Stop> {
    let Some(reference) = &arguments.base else { return Ok((store::load(project)?, None)) };
    let base = store::load_at(project, reference)?;
    let (stored, replaced) = Replaced::of(arguments, reference, project, base)?;
    Ok((stored, Some(replaced)))
}

/// Whether the old release runs on: as it is typed, else as the project has it.
fn overlaps(arguments: &Diff, project: &Project) -> bool {
    arguments.overlap || (project.overlap && !arguments.no_overlap)
}

fn no_models(project: &Project) -> Stop {
    let manifest = project.shown(&project.root.join("Cargo.toml"));
    let message = format!("no struct of the crate `{}` ({manifest}) derives Migratable", project.name());
    let found = Diagnostic::new(message)
        .note("dropping every table is never meant by accident, so nothing was compared")
        .help("derive schemig::Migratable on the models; name the crate with -p, or their feature with --features")
        .help("where other crates of the workspace hold models of this database, list them in schemig.toml: crates = [\"…\"]");
    Stop::from(vec![found])
}

/// Tables without a model where a crate was taken off the list: whether they are to go isn't said by that alone.
fn taken_off(project: &Project, stored: &Stored, capture: &Capture, unlisted: &[Member]) -> Option<Stop> {
    let first = unlisted.first()?;
    let renamed = |table| capture.hints.table_renames.values().flatten().any(|former| former == table);
    let had_model = |table: &&TableName| stored.models.get(table).is_some_and(|models| !models.is_empty());
    let lost = stored.schema.tables.keys().filter(had_model);
    let lost: Vec<String> = lost
        .filter(|table| !capture.schema.tables.contains_key(table) && !renamed(*table))
        .map(ToString::to_string)
        .collect();
    if lost.is_empty() {
        return None;
    }
    let listed = |names: &mut dyn Iterator<Item = &Member>| {
        names.map(|member| format!("`{}`", member.name)).collect::<Vec<_>>().join(", ")
    };
    let message = format!(
        "no model is left of {}, and `crates` in schemig.toml doesn't list {} any more",
        lost.join(", "),
        listed(&mut unlisted.iter())
    );
    let file = |member: &Member| project.shown(&member.root.join("schemig/home.toml"));
    let mut found = Diagnostic::new(message)
        .note(format!("{} says that its models are those of this project", file(first)))
        .help(format!("list it again, if its tables are to stay: crates = [\"{}\"]", first.name));
    for member in unlisted {
        found = found.help(format!("remove {}, if its tables are to be dropped", file(member)));
    }
    Some(Stop::from(vec![found]))
}

/// Only fingerprints and provenance differ, if anything: then the snapshot is all there is to write, and plans that go.
fn same(arguments: &Diff, from: &From<'_>) -> Result<Outcome, Stop> {
    let From { project, stored: _, capture, replaced, unlisted: _ } = *from;
    let mut changes = Changeset::default();
    write::without_plan(from, &mut changes)?;
    let mut report = Report { notes: capture.notes.clone(), ..Report::default() };
    if changes.is_empty() {
        report.summary = "The models are as the snapshot has them: nothing to do".to_owned();
        return told(arguments, Exit::Done, report, || Ok(()));
    }
    report.summary = match replaced.filter(|replaced| !replaced.is_empty()) {
        Some(_) => {
            "The models are as they were: the plans that were made since go, and none comes".to_owned()
        }
        None => "The database stays as it is; the snapshot is brought up to date".to_owned(),
    };
    report.notes.extend(replaced.iter().flat_map(|replaced| replaced.notes()));
    settle(arguments, project, &changes, report)
}

/// Writes, unless it was asked not to.
fn settle(
    arguments: &Diff,
    project: &Project,
    changes: &Changeset,
    mut report: Report,
) -> Result<Outcome, Stop> {
    let asked_not_to = match (arguments.check, arguments.dry_run) {
        (true, _) => Some(("--check", Exit::Found)),
        (false, true) => Some(("--dry-run", Exit::Done)),
        (false, false) => None,
    };
    if let Some((flag, exit)) = asked_not_to {
        report.next.insert(0, format!("run it again without {flag}"));
        return told(arguments, exit, report.with_files(changes, true), || Ok(()));
    }
    told(arguments, Exit::Done, report.with_files(changes, false), || changes.commit(&project.root))
}

/// The report, and its page where one is wanted. What is to be written beside is written with it or not at all.
fn told(
    arguments: &Diff,
    exit: Exit,
    report: Report,
    write: impl FnOnce() -> Result<(), Stop>,
) -> Result<Outcome, Stop> {
    file::put(arguments.report.as_deref(), || html::page(&report), write)?;
    Ok(Outcome::report(exit, report))
}

fn finish(arguments: &Diff, from: &From<'_>, judged: &Judged, existing: &[String]) -> Result<Outcome, Stop> {
    let From { project, stored: _, capture, replaced, unlisted: _ } = *from;
    let stamp = migrations::stamp(arguments.now.as_deref())?;
    let laid = write::lay_out(from, judged, &stamp, existing)?;
    if !laid.waiting.is_empty() && !project.printed_by_diesel.is_empty() {
        return Err(printed_by_diesel(&project.printed_by_diesel));
    }
    let mut report = judged.report(project, capture, Some(&laid))?;
    report.notes.extend(replaced.iter().flat_map(|replaced| replaced.notes()));
    settle(arguments, project, &laid.changes, report)
}

/// While a contract is open, what Diesel would print is wrong, and `diesel migration run` would overwrite schema.rs with it.
fn printed_by_diesel(by: &[ByDiesel]) -> Stop {
    let mut found =
        Diagnostic::new("diesel.toml has Diesel write schema.rs, and this plan leaves a contract open")
            .note("until the contract, the database has columns that the new release must not select");
    for ByDiesel { section, file, said_in, .. } in by {
        let diesel = shown(said_in);
        found = found.help(format!("remove `file = \"{file}\"` from [{section}] in {diesel}"));
    }
    Stop::from(vec![found.help(format!("write `{}` into schemig.toml", ByDiesel::moved(by)))])
}
