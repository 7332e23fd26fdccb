//! What `diff` writes: migrations, the plan, the previews, the snapshot, schema.rs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemig_core::plan::{Phase, file};
use schemig_core::schema::snapshot as table_file;
use schemig_core::script::{Directory, Request, Versions, lay_out as lay_out_steps, preview};

use super::From;
use super::judge::Judged;
use crate::capture::Capture;
use crate::commands::guards::Guards;
use crate::commands::previews;
use crate::exit::Stop;
use crate::migrations;
use crate::project::{Project, home};
use crate::schema_rs;
use crate::store::{self, Changeset, Stored};

/// A plan as files.
pub(super) struct Laid {
    /// What is to be written.
    pub changes: Changeset,
    /// The directories of all steps, in order; those that wait as they are previewed.
    pub all: Vec<Directory>,
    /// The places of the steps that wait for the contract.
    pub waiting: Vec<usize>,
}

/// The files of a plan.
pub(super) fn lay_out(
    from: &From<'_>,
    judged: &Judged,
    stamp: &str,
    existing: &[String],
) -> Result<Laid, Stop> {
    let From { project, stored, capture, replaced, unlisted: _ } = *from;
    let plan = &judged.plan;
    let waits = |place: &usize| plan.overlap && plan.steps[*place].phase == Phase::Contract;
    let (waiting, now): (Vec<usize>, Vec<usize>) = (0..plan.steps.len()).partition(waits);
    let (given, before) = (project.given(), &judged.start);
    let words = judged.beside();
    let request = Request { plan, steps: &now, before, given, beside: &words, guard: None };
    let (mut all, _) = lay_out_steps(&request, &mut Versions::after(stamp, existing)?)?;
    let mut changes = Changeset::default();
    if let Some(replaced) = replaced {
        replaced.put(project, stored, &mut changes);
    }
    migrations::put(&mut changes, &project.migrations, &all);
    changes.put(store::plan_path(project, &plan.id), file::write(plan));

    // Before the plan is in the log: one that goes for it may have had its name, and its directories still stand.
    let mut guards = Guards::read(project, &stored.log)?;
    let mut log = stored.log.clone();
    log.plans.insert(plan.id.clone(), plan.clone());
    if !plan.overlap && log.heads() == [plan.id.clone()] && stored.log.undeployed().is_empty() {
        // Nothing waits and nothing older runs: the plan is over once it is written.
        log.deployed.push(plan.id.clone());
        changes.put(store::deployed_path(project), schemig_core::plan::log::write_deployed(&log.deployed));
    }
    guards.add(plan, &all);
    let rendered = previews::render(project, &log, &capture.schema, &guards)?;
    previews::put(project, &mut changes, &rendered)?;
    all.extend(
        rendered
            .into_iter()
            .filter(|(other, _)| other.id == plan.id)
            .flat_map(|(_, directories)| directories),
    );
    snapshot(from, &mut changes)?;
    Ok(Laid { changes, all, waiting })
}

/// All steps as a preview: for a report on what isn't written.
pub(super) fn preview_all(project: &Project, judged: &Judged) -> Result<Vec<Directory>, Stop> {
    let steps: Vec<usize> = (0..judged.plan.steps.len()).collect();
    let (given, before) = (project.given(), &judged.start);
    let beside = judged.beside();
    let request = Request { plan: &judged.plan, steps: &steps, before, given, beside: &beside, guard: None };
    Ok(preview(&request)?.0)
}

/// What is written where nothing is planned.
pub(super) fn without_plan(from: &From<'_>, changes: &mut Changeset) -> Result<(), Stop> {
    let From { project, stored, capture, replaced, unlisted: _ } = *from;
    if let Some(replaced) = replaced {
        replaced.put(project, stored, changes);
        let guards = Guards::read(project, &stored.log)?;
        let rendered = previews::render(project, &stored.log, &capture.schema, &guards)?;
        previews::put(project, changes, &rendered)?;
    }
    snapshot(from, changes)
}

/// The snapshot as the models have it now, and schema.rs.
fn snapshot(from: &From<'_>, changes: &mut Changeset) -> Result<(), Stop> {
    let From { project, stored, capture, replaced, unlisted } = *from;
    home::put(project, unlisted, changes);
    // Planned from elsewhere, what stands here may be anything.
    if replaced.is_some() {
        changes.mirror(&project.home.join("snapshot"), all_files(project, capture))?;
    } else {
        differing(project, stored, capture, changes);
    }
    schema_rs::put(project, &capture.schema, &stored.domains, changes)
}

/// The snapshot's files, all of them.
fn all_files(project: &Project, capture: &Capture) -> BTreeMap<PathBuf, String> {
    let tables = capture.schema.tables.iter().map(|(name, table)| {
        let models = capture.models.get(name).map_or(&[][..], Vec::as_slice);
        (store::table_path(project, name), table_file::write(name, table, models))
    });
    let enums = capture.schema.enums.iter();
    let enums = enums.map(|(name, definition)| {
        (store::enum_path(project, name), table_file::write_enum(name, definition))
    });
    tables.chain(enums).collect()
}

/// Those that aren't as they stand here.
fn differing(project: &Project, stored: &Stored, capture: &Capture, changes: &mut Changeset) {
    for (name, table) in &capture.schema.tables {
        let known = stored.schema.tables.get(name).is_some_and(|known| known.is_identical(table));
        let models = capture.models.get(name);
        if !(known && models == stored.models.get(name)) {
            let models = models.map_or(&[][..], Vec::as_slice);
            changes.put(store::table_path(project, name), table_file::write(name, table, models));
        }
    }
    for name in stored.schema.tables.keys().filter(|name| !capture.schema.tables.contains_key(name)) {
        changes.remove(store::table_path(project, name));
    }
    for (name, definition) in &capture.schema.enums {
        changes.put(store::enum_path(project, name), table_file::write_enum(name, definition));
    }
    for name in stored.schema.enums.keys().filter(|name| !capture.schema.enums.contains_key(name)) {
        changes.remove(store::enum_path(project, name));
    }
}
