//! `cargo schemig verify`: how do you know? The pending plan, tried on databases that are made for it.
//!
//! [`sequence`] says what is run, in which order, and which releases come and go. [`trial`] makes the state before, and [`rows`] fill
//! it. Then come the passes, each on a copy: [`walk`] goes up and down with nobody beside it, [`survive`] cuts runs off, [`live`] does
//! all of it beside the [`traffic`] of the releases. Nothing here knows a recipe: what is expected comes from the states, and what
//! is asked of a database from the dialect.

pub mod base;
mod built;
pub mod contents;
mod dice;
pub mod findings;
mod fits;
mod fresh;
mod holds;
pub mod live;
mod locks;
mod loss;
mod progress;
pub mod renames;
mod rewritten;
pub mod rows;
mod run;
pub mod sequence;
mod spelling;
mod statements;
pub mod survive;
mod timeline;
pub mod traffic;
pub mod trial;
mod values;
pub mod verdict;
mod waits;
pub mod walk;

use std::time::Duration;

use schemig_core::dialect::Dialect;
use schemig_core::plan::Step;
use schemig_core::safety::estimate::{Basis, Given, Known, Size, timing};
use schemig_core::schema::State;

use base::Base;
use findings::Findings;
use live::{Live, live};
use sequence::{Planned, Sequence};
use survive::{Survived, survive};
use trial::Trial;
use verdict::{StageRow, Verdict};
use walk::{Reached, walk};

use crate::exit::Stop;
use crate::project::Project;
use crate::report::{Figures, Version, figures};
use crate::server::Ground;

/// How a plan is verified.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The most rows that a table is filled with.
    pub rows: usize,
    /// What rows, values and the moments of the kills are drawn from.
    pub seed: u64,
}

/// Verifies what is pending, beside the releases that may be running by the plan log, or from `base` on.
///
/// # Errors
/// No plan; no database to be had; files that can't be read or don't fit together. What is wrong with the plan is in the verdict.
pub fn verify(
    project: &Project,
    base: Option<&Base>,
    ground: &Ground,
    options: &Options,
) -> Result<Verdict, Stop> {
    let sequence = Sequence::of(project, base)?;
    let mut findings = Findings::default();
    let trial = Trial::prepare(&sequence, project.dialect.as_ref(), ground, options, &mut findings)?;
    let reached = walk(&trial, &mut findings)?;
    let survived = survive(&trial, &reached, options.seed, &mut findings)?;
    let live = live(&trial, reached.len(), options, &mut findings)?;
    let verdict = Verdict {
        format: Version::default(),
        plans: sequence.plans.iter().map(|plan| plan.id.to_string()).collect(),
        server: trial.server()?,
        rows: options.rows,
        seed: options.seed,
        fits_before: fits::after(&sequence, 0, &live.failed),
        stages: stages(&trial, &reached, &survived, &live, options.rows),
        releases: live.releases,
        promises: live.promises,
        failures: Vec::new(),
        notes: Vec::new(),
    };
    Ok(verdict.with(findings))
}

fn stages(
    trial: &Trial<'_>,
    reached: &[Reached],
    survived: &[Survived],
    live: &Live,
    rows: usize,
) -> Vec<StageRow> {
    let sequence = trial.sequence;
    let row = |(place, reached): (usize, &Reached)| {
        let stage = &sequence.stages[place];
        let planned = stage.planned.as_ref();
        let before = sequence.before(place);
        let said = planned.map(|planned| locks::predicted(trial.dialect, &planned.up, before));
        let said = said.unwrap_or_default();
        let figures = planned.and_then(|planned| predicted(trial.dialect, planned, before, rows));
        let beside = live.stages.get(place);
        StageRow {
            name: stage.name.clone(),
            plan: planned.map(|planned| sequence.plans[planned.plan].id.to_string()),
            phase: planned.map(|planned| planned.phase.to_string()),
            predicted_wall: figures.as_ref().and_then(|figures| figures.wall),
            alone_ms: milliseconds(reached.took),
            beside_ms: beside.map(|beside| milliseconds(beside.took)),
            blocked_ms: beside.and_then(|beside| beside.waited).map(milliseconds),
            predicted_locks: locks::blocking(&said, before),
            found_locks: reached.locks.as_ref().map(|held| locks::blocking(held, before)),
            predicted_holds: figures.map(|figures| figures.locks).unwrap_or_default(),
            alone_holds: holds::rows(reached.looked.as_ref(), reached.locks.as_ref(), reached.took, before),
            beside_holds: beside
                .and_then(|ran| holds::rows(ran.looked.as_ref(), ran.locks.as_ref(), ran.took, before)),
            statements: survived.get(place).map(|came| came.statements.clone()).unwrap_or_default(),
            survived: survived.get(place).map_or(0, |came| came.times),
            fits: fits::after(sequence, place + 1, &live.failed),
        }
    };
    reached.iter().enumerate().map(row).collect()
}

/// What the estimate says of a step when each table has so many rows. Locks that make no query wait are nobody's business here.
fn predicted(dialect: &dyn Dialect, planned: &Planned, before: &State, rows: usize) -> Option<Figures> {
    let Planned { plan: _, phase, up, down } = planned;
    let (up, down) = (up.clone(), down.clone());
    let size = Size { rows: u64::try_from(rows).unwrap_or(u64::MAX), bytes: None, basis: Basis::Typed };
    let tables = before.schema.tables.keys().map(|table| (table.clone(), size)).collect();
    let known = Known { tables, pace: None };
    let timing =
        timing(&Step { phase: *phase, cause: 0, up, down }, before, Given { dialect, known: &known });
    let mut figures = figures(&timing.ok()?);
    figures.locks.retain(|lock| lock.blocks_writes);
    Some(figures)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
