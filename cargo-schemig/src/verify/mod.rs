//! `cargo schemig verify`: how do you know? The pending plan, tried on databases that are made for it.
//!
//! [`sequence`] says what is run, in which order, and which releases come and go. [`trial`] makes the state before, and [`rows`] fill
//! it. Then come the passes, each on a copy: [`walk`] goes up and down with nobody beside it, [`survive`] cuts runs off, [`live`] does
//! all of it beside the [`traffic`] of the releases. Nothing here knows a recipe: what is expected comes from the states, and what
//! is asked of a database from the dialect.

pub mod contents;
mod dice;
pub mod findings;
mod fresh;
pub mod live;
mod locks;
mod loss;
mod progress;
pub mod renames;
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

use findings::Findings;
use live::{Live, live};
use sequence::Sequence;
use survive::survive;
use trial::Trial;
use verdict::{StageRow, Verdict};
use walk::{Reached, walk};

use crate::exit::Stop;
use crate::project::Project;
use crate::server::Ground;

/// The version of the verdict's JSON.
const FORMAT: u32 = 1;

/// How a plan is verified.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The most rows that a table is filled with.
    pub rows: usize,
    /// What rows, values and the moments of the kills are drawn from.
    pub seed: u64,
}

/// Verifies what is pending.
///
/// # Errors
/// No plan; no database to be had; files that can't be read or don't fit together. What is wrong with the plan is in the verdict.
pub fn verify(project: &Project, ground: &Ground, options: &Options) -> Result<Verdict, Stop> {
    let sequence = Sequence::of(project)?;
    let mut findings = Findings::default();
    let trial = Trial::prepare(&sequence, project.dialect.as_ref(), ground, options, &mut findings)?;
    let reached = walk(&trial, &mut findings)?;
    let survived = survive(&trial, &reached, options.seed, &mut findings)?;
    let live = live(&trial, reached.len(), options, &mut findings)?;
    let verdict = Verdict {
        format: FORMAT,
        plans: sequence.plans.iter().map(|plan| plan.id.to_string()).collect(),
        server: trial.server()?,
        rows: options.rows,
        seed: options.seed,
        stages: stages(&trial, &reached, &survived, &live),
        releases: live.releases,
        promises: live.promises,
        failures: Vec::new(),
        notes: Vec::new(),
    };
    Ok(verdict.with(findings))
}

fn stages(trial: &Trial<'_>, reached: &[Reached], survived: &[usize], live: &Live) -> Vec<StageRow> {
    let sequence = trial.sequence;
    let row = |(place, reached): (usize, &Reached)| {
        let stage = &sequence.stages[place];
        let planned = stage.planned.as_ref();
        let before = sequence.before(place);
        let said = planned.map(|planned| locks::predicted(trial.dialect, &planned.up, before));
        StageRow {
            name: stage.name.clone(),
            phase: planned.map(|planned| planned.phase.to_string()),
            alone_ms: milliseconds(reached.took),
            beside_ms: live.stages.get(place).map(|(took, _)| milliseconds(*took)),
            blocked_ms: live.stages.get(place).and_then(|(_, waited)| *waited).map(milliseconds),
            predicted_locks: locks::blocking(&said.unwrap_or_default().into_iter().collect(), before),
            found_locks: stage.transactional.then(|| locks::blocking(&reached.locks, before)),
            survived: survived.get(place).copied().unwrap_or_default(),
            ..StageRow::default()
        }
    };
    reached.iter().enumerate().map(row).collect()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
