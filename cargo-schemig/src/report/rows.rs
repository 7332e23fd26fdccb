//! From the judgement to rows and words.

use std::collections::BTreeMap;

use schemig_core::plan::file::about;
use schemig_core::plan::{Phase, Plan};
use schemig_core::safety::{Assessment, Fit, StateFit};
use schemig_core::script::Directory;

use super::figures::figures;
use super::{Fare, Fares, Rollout, StepRow};

/// The steps of a plan with their directories and how the releases fare after each.
pub fn step_rows(plan: &Plan, directories: &[Directory], assessment: &Assessment) -> Vec<StepRow> {
    let states = by_step(assessment);
    let row = |directory: &Directory| {
        let step = &plan.steps[directory.place];
        let state = states.get(&directory.place).copied();
        StepRow {
            step: directory.place + 1,
            phase: step.phase.to_string(),
            what: about(step),
            lock: directory.lock.clone(),
            estimate: directory.estimate.clone(),
            figures: figures(&directory.timing),
            old: state.and_then(old),
            new: state.map_or(Fares::WORST, |state| fares(&state.after)),
            directory: directory.name.clone(),
            sql: directory.up.clone(),
        }
    };
    directories.iter().map(row).collect()
}

/// How the release of a plan follows those before it.
pub fn rollout(plan: &Plan, assessment: &Assessment) -> Rollout {
    let waits = |state: &&StateFit| state.step.is_none_or(|step| plan.steps[step].phase != Phase::Contract);
    match assessment.states.iter().rev().find(waits).filter(|_| plan.overlap) {
        Some(state) => Rollout::Overlap { old: before(state), new: fares(&state.after) },
        None => Rollout::Stopped,
    }
}

/// Who may run beside each step, in words, by the step's place.
pub fn beside(plan: &Plan, assessment: &Assessment) -> Vec<Vec<String>> {
    let states = by_step(assessment);
    let words = |place| {
        let Some(state) = states.get(&place).filter(|_| plan.overlap) else { return Vec::new() };
        let old = old(state).map_or("is gone", say);
        vec![format!("N-1 {old}; N {}", say(fares(&state.after)))]
    };
    (0..plan.steps.len()).map(words).collect()
}

/// The states that the steps leave, by the step's place.
fn by_step(assessment: &Assessment) -> BTreeMap<usize, &StateFit> {
    assessment.states.iter().filter_map(|state| Some((state.step?, state))).collect()
}

fn say(fares: Fares) -> &'static str {
    use Fare::{Breaks, Fits, FitsIf};
    match (fares.reads, fares.writes) {
        (Fits, Fits) => "reads and writes",
        (Fits | FitsIf, Fits | FitsIf) => "reads and writes, if the promises are kept",
        (Fits, Breaks) => "reads, and doesn't write",
        (FitsIf, Breaks) => "reads, if the promises are kept, and doesn't write",
        (Breaks, Fits | FitsIf | Breaks) => "doesn't fit",
    }
}

/// The worst of the releases before N; `None` where none may run.
fn old(state: &StateFit) -> Option<Fares> {
    match state.phase {
        Phase::Expand | Phase::Backfill => before(state),
        Phase::Contract => None,
    }
}

/// The worst of the releases before N.
fn before(state: &StateFit) -> Option<Fares> {
    let worst = |fares: Fares, next: Fares| Fares {
        reads: fares.reads.max(next.reads),
        writes: fares.writes.max(next.writes),
    };
    state.before.iter().map(fares).reduce(worst)
}

fn fares(fits: &[Fit; 2]) -> Fares {
    let [reads, writes] = fits;
    Fares { reads: fit(reads), writes: fit(writes) }
}

/// A judgement without its reasons.
fn fit(fit: &Fit) -> Fare {
    match fit {
        Fit::Fits => Fare::Fits,
        Fit::FitsIf(_) => Fare::FitsIf,
        Fit::Breaks(_) => Fare::Breaks,
    }
}

impl Fares {
    const WORST: Self = Self { reads: Fare::Breaks, writes: Fare::Breaks };
}
