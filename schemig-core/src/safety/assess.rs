//! Who fits where: each release against each state that a plan commits.

use std::collections::BTreeSet;

use super::compat::{Release, misfits_on};
use super::fit::{Assessment, Met, StateFit};
use super::kin::Kin;
use super::misfit::{Cause, Misfit, Session};
use super::scope;
use crate::operation::Inapplicable;
use crate::plan::{Phase, Plan, Promise};
use crate::schema::{Schema, State, TableName};

/// Judges a plan: `running` are the releases that may run before it, the oldest first; `target` is release N.
///
/// # Errors
///
/// When a step doesn't fit the state that it meets.
pub fn assess(
    plan: &Plan,
    start: &State,
    running: &[&Schema],
    target: &Schema,
) -> Result<Assessment, Inapplicable> {
    let releases: Vec<&Schema> = running.iter().copied().chain([target]).collect();
    let kin = Kin::of_plan(plan, start, &releases);
    let scope = scope::of_plan(plan, start, &releases, &kin);
    let promises = super::inherent::promises(plan);
    let met = releases.iter().map(|_| Seen::default()).collect();
    let mut judge = Judge { releases, kin, met, touched: scope.clone(), scope, promises, breaks: Vec::new() };
    let mut state = start.clone();
    let deployed = !has_work(plan, Phase::Backfill) && !has_work(plan, Phase::Expand);
    let mut at = Moment { step: None, phase: Phase::Expand, deployed, older: [plan.overlap, false] };
    let mut states = vec![judge.fits(at, &BTreeSet::new(), start, start)];
    for (place, step) in plan.steps.iter().enumerate() {
        let before = state.clone();
        for operation in &step.up {
            state.apply(operation)?;
        }
        let last_before_contract = plan.steps.get(place + 1).is_none_or(|next| next.phase == Phase::Contract);
        let deployed = step.phase == Phase::Contract || last_before_contract;
        let older = [plan.overlap, at.deployed];
        let next = Moment { step: Some(place), phase: step.phase, deployed, older };
        if next.writers() != at.writers() {
            judge.touched = judge.scope.clone();
        }
        at = next;
        let near = scope::of_step(&step.up, &before, &state, &judge.kin);
        states.push(judge.fits(at, &near, &before, &state));
    }
    let Judge { promises, breaks, .. } = judge;
    Ok(Assessment { states, promises: promises.into_iter().collect(), breaks, end: state })
}

fn has_work(plan: &Plan, phase: Phase) -> bool {
    plan.steps.iter().any(|step| step.phase == phase)
}

/// A commit of a plan.
#[derive(Clone, Copy)]
struct Moment {
    step: Option<usize>,
    phase: Phase,
    /// Whether N may run in the state that it leaves.
    deployed: bool,
    /// Whether the releases before N, and N, may have connections that are older than it.
    older: [bool; 2],
}

impl Moment {
    /// Whether the releases before N write here, and whether N does.
    fn writers(self) -> (bool, bool) {
        (self.phase != Phase::Contract, self.deployed)
    }
}

struct Judge<'a> {
    /// The running ones, the oldest first, and the target.
    releases: Vec<&'a Schema>,
    /// Which tables depend on each other.
    kin: Kin,
    /// What each release meets in the last state that was judged.
    met: Vec<Seen>,
    /// The tables on which anyone may meet anything.
    scope: BTreeSet<TableName>,
    /// Those of them that are looked at again, whatever the next step does: the last one changed types under prepared statements, and
    /// a step later nobody meets that any more.
    touched: BTreeSet<TableName>,
    promises: BTreeSet<Promise>,
    breaks: Vec<(usize, Misfit)>,
}

/// What a release meets, reads and writes, and whether it ran in the last state.
#[derive(Default)]
struct Seen {
    met: [Met; 2],
    ran: bool,
}

impl Judge<'_> {
    fn fits(&mut self, at: Moment, near: &BTreeSet<TableName>, before: &State, after: &State) -> StateFit {
        let (old_write, new_writes) = at.writers();
        let newest = self.releases.len() - 1;
        let writes = |place: usize| if place == newest { new_writes } else { old_write };
        let places = 0..self.releases.len();
        let beside: Vec<&Schema> =
            places.clone().filter(|place| writes(*place)).map(|place| self.releases[place]).collect();
        let touched: BTreeSet<&TableName> = self.touched.iter().chain(near).collect();
        let mut cached = BTreeSet::new();
        for (place, (schema, seen)) in self.releases.iter().zip(&mut self.met).enumerate() {
            // What a new session meets an old one meets too.
            let older = at.older[usize::from(place == newest)];
            let session = if older { Session::Pooled } else { Session::Fresh };
            let release = Release { schema, beside: &beside };
            for name in &touched {
                let found = misfits_on(name, release, [before, after], session, &self.kin);
                if found.iter().any(|misfit| matches!(misfit.cause, Cause::CachedPlan(_))) {
                    cached.insert((*name).clone());
                }
                Met::set(&mut seen.met, name, &found, place == newest);
            }
        }
        for (place, seen) in self.met.iter_mut().enumerate() {
            let runs = writes(place);
            for met in seen.met.iter().filter(|_| runs) {
                let step = at.step.unwrap_or(0);
                self.breaks.extend(met.broken.iter().map(|misfit| (step, misfit.clone())));
                // What was asked of a release that ran is asked already, but for the tables that were looked at.
                let asked: Vec<&Promise> = if seen.ran {
                    touched.iter().flat_map(|table| met.waived.on(table)).collect()
                } else {
                    met.waived.iter().collect()
                };
                self.promises.extend(asked.into_iter().cloned());
            }
            seen.ran = runs;
        }
        self.touched = cached;
        let mut fits: Vec<_> = self.met.iter().map(|seen| seen.met.each_ref().map(Met::fit)).collect();
        let after = fits.pop().expect("the target is one of the releases");
        StateFit { step: at.step, phase: at.phase, before: fits, after }
    }
}
