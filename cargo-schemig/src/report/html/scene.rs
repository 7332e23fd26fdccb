//! What a picture of a rollout shows: of a plan that is judged what is predicted, of one that was tried out what was measured too.

use super::scale::Scale;
use crate::report::timeline::{self, Column};
use crate::report::{Fares, LockRow, Range, Report, StepRow};

/// A rollout.
pub(super) struct Scene {
    /// What happens, in order.
    pub(super) parts: Vec<Part>,
    /// The releases, the oldest first.
    pub(super) releases: Vec<String>,
    /// How wide a time is.
    pub(super) scale: Scale,
    /// A range of seconds in words.
    pub(super) words: fn(Range) -> String,
    /// Whether anything was measured.
    pub(super) measured: bool,
}

/// A part of the rollout.
pub(super) enum Part {
    /// A phase: its name, how long it takes, in words, and its steps.
    Phase { name: String, takes: String, steps: Vec<Step> },
    /// A release comes or goes: what happens, and how each release fares meanwhile; `None` for one that doesn't run.
    Event { says: String, stands: Vec<Option<Stand>> },
}

/// A step.
pub(super) struct Step {
    /// Its number, from 1.
    pub(super) number: usize,
    /// What it does and how long that takes, in words.
    pub(super) says: String,
    /// How long it takes, in seconds; `None` where nobody knows.
    pub(super) wall: Option<Range>,
    /// What it locks.
    pub(super) locks: Vec<LockRow>,
    /// How each release fares once it has run; `None` for one that doesn't run.
    pub(super) stands: Vec<Option<Stand>>,
    /// The times that it was run, two at most.
    pub(super) runs: Vec<Run>,
}

/// A run of a step that was measured.
pub(super) struct Run {
    /// In words.
    pub(super) says: String,
    /// How long it took, in seconds.
    pub(super) seconds: f64,
    /// How long it held which lock; `None` where nobody could see that.
    pub(super) holds: Option<Vec<Held>>,
}

/// A lock that a run held.
pub(super) struct Held {
    /// The table.
    pub(super) table: String,
    /// Whether reads wait for its end.
    pub(super) blocks_reads: bool,
    /// How long it was held at most, in seconds.
    pub(super) seconds: f64,
    /// In words.
    pub(super) says: String,
}

/// How a release fares.
#[derive(Clone, Copy)]
pub(super) struct Stand {
    /// As the states say.
    pub(super) fares: Fares,
    /// Whether it was seen to fail otherwise.
    pub(super) failed: bool,
}

impl Scene {
    /// The rollout of a plan, as it is judged.
    pub(super) fn of(report: &Report) -> Self {
        let part = |column: Column<'_>| match column {
            Column::Event { says, fares } => {
                Part::Event { says: says.to_owned(), stands: fares.map(judged).to_vec() }
            }
            Column::Phase { name, takes, steps } => {
                let steps = steps.iter().map(|row| step(report, row)).collect();
                Part::Phase { name: name.to_owned(), takes, steps }
            }
        };
        Self {
            parts: timeline::columns(report).into_iter().map(part).collect(),
            releases: ["N-1", "N"].map(str::to_owned).to_vec(),
            scale: Scale::JUDGED,
            words: Range::words,
            measured: false,
        }
    }
}

fn step(report: &Report, row: &StepRow) -> Step {
    let new = timeline::is_deployed(report.rollout, row).then_some(row.new);
    Step {
        number: row.step,
        says: format!("Step {}: {}; {}", row.step, row.what, row.estimate),
        wall: row.figures.wall,
        locks: row.figures.locks.clone(),
        stands: [row.old, new].map(judged).to_vec(),
        runs: Vec::new(),
    }
}

fn judged(fares: Option<Fares>) -> Option<Stand> {
    fares.map(|fares| Stand { fares, failed: false })
}
