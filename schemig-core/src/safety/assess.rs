//! Who fits where: each release against each state that a plan commits.

use std::collections::{BTreeMap, BTreeSet};

use super::compat::{Release, misfits_on};
use super::misfit::{Access, Misfit, Session};
use super::scope;
use crate::operation::Inapplicable;
use crate::plan::{Phase, Plan, Promise};
use crate::schema::{Schema, State, TableName};

/// How a release fares in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Nothing it does fails or is answered wrongly.
    Fits,
    /// Nothing, as long as these promises are kept.
    FitsIf(Vec<Promise>),
    /// These things go wrong.
    Breaks(Vec<Misfit>),
}

/// Who fits once a step has committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFit {
    /// The step's place in the plan; `None` is the start.
    pub step: Option<usize>,
    /// The step's phase.
    pub phase: Phase,
    /// The releases before N, the oldest first: reads and writes, on connections of any age.
    pub before: Vec<[Fit; 2]>,
    /// Release N.
    pub after: [Fit; 2],
}

/// The judgement on one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Who fits at each state, in order.
    pub states: Vec<StateFit>,
    /// What only the app can keep, each once.
    pub promises: Vec<Promise>,
    /// What a running release would meet at a state where it may run: empty, or the plan isn't safe.
    pub breaks: Vec<(usize, Misfit)>,
    /// The state after the last step.
    pub end: State,
}

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
    let scope = scope::of_plan(plan, start, &releases);
    let promises = super::inherent::promises(plan);
    let met = vec![BTreeMap::new(); releases.len()];
    let mut judge = Judge { releases, met, touched: scope.clone(), scope, promises, breaks: Vec::new() };
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
        states.push(judge.fits(at, &scope::of_step(&step.up, &before, &state), &before, &state));
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
    /// What each release meets, by table, in the last state that was judged.
    met: Vec<BTreeMap<TableName, Vec<Misfit>>>,
    /// The tables on which anyone may meet anything.
    scope: BTreeSet<TableName>,
    /// Those of them that are looked at again, whatever the next step does: the last one changed what pooled sessions meet.
    touched: BTreeSet<TableName>,
    promises: BTreeSet<Promise>,
    breaks: Vec<(usize, Misfit)>,
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
        for (place, (schema, met)) in self.releases.iter().zip(&mut self.met).enumerate() {
            let older = at.older[usize::from(place == newest)];
            let sessions: &[Session] =
                if older { &[Session::Pooled, Session::Fresh] } else { &[Session::Fresh] };
            for name in &touched {
                let release = Release { schema, beside: &beside };
                let mut found: Vec<Misfit> = Vec::new();
                for session in sessions {
                    found.extend(misfits_on(name, release, before, after, *session));
                }
                found.sort();
                found.dedup();
                if found.is_empty() {
                    drop(met.remove(*name))
                } else {
                    drop(met.insert((*name).clone(), found))
                }
            }
        }
        self.touched = near.clone();
        let runs = |place: usize| writes(place).then_some(at.step.unwrap_or(0));
        let mut fits: Vec<[Fit; 2]> =
            places.map(|place| self.fit(place, runs(place), place == newest)).collect();
        let after = fits.pop().expect("the target is one of the releases");
        StateFit { step: at.step, phase: at.phase, before: fits, after }
    }

    /// How one release fares; `runs` is the step after which it may run here, and what it meets then is a break.
    fn fit(&mut self, place: usize, runs: Option<usize>, newest: bool) -> [Fit; 2] {
        let found: Vec<&Misfit> = self.met[place].values().flatten().collect();
        [Access::Read, Access::Write].map(|access| {
            let met: Vec<&Misfit> = found.iter().copied().filter(|misfit| misfit.access == access).collect();
            let broken: Vec<Misfit> = met
                .iter()
                .filter(|misfit| misfit.waiver(newest).is_none())
                .map(|misfit| (*misfit).clone())
                .collect();
            let waived: Vec<Promise> = met.iter().filter_map(|misfit| misfit.waiver(newest)).collect();
            if let Some(place) = runs {
                self.breaks.extend(broken.iter().cloned().map(|misfit| (place, misfit)));
                self.promises.extend(waived.iter().cloned());
            }
            if !broken.is_empty() {
                Fit::Breaks(broken)
            } else if waived.is_empty() {
                Fit::Fits
            } else {
                Fit::FitsIf(waived)
            }
        })
    }
}
