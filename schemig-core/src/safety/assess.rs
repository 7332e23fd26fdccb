//! Who fits where: each release against each state that a plan commits.

use std::collections::BTreeSet;

use super::compat::{Release, misfits};
use super::misfit::{Access, Misfit, Session};
use crate::operation::Inapplicable;
use crate::plan::{Phase, Plan, Promise};
use crate::schema::{Schema, State};

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
    let mut judge = Judge { running, target, promises: super::inherent::promises(plan), breaks: Vec::new() };
    let mut state = start.clone();
    let mut states = vec![judge.fits(
        None,
        Phase::Expand,
        start,
        start,
        !has_work(plan, Phase::Backfill) && !has_work(plan, Phase::Expand),
    )];
    for (place, step) in plan.steps.iter().enumerate() {
        let before = state.clone();
        for operation in &step.up {
            state.apply(operation)?;
        }
        let last_before_contract = plan.steps.get(place + 1).is_none_or(|next| next.phase == Phase::Contract);
        let deployed = step.phase == Phase::Contract || last_before_contract;
        states.push(judge.fits(Some(place), step.phase, &before, &state, deployed));
    }
    let Judge { promises, breaks, .. } = judge;
    Ok(Assessment { states, promises: promises.into_iter().collect(), breaks, end: state })
}

fn has_work(plan: &Plan, phase: Phase) -> bool {
    plan.steps.iter().any(|step| step.phase == phase)
}

struct Judge<'a> {
    running: &'a [&'a Schema],
    target: &'a Schema,
    promises: BTreeSet<Promise>,
    breaks: Vec<(usize, Misfit)>,
}

impl Judge<'_> {
    /// `deployed` is whether N may run in this state.
    fn fits(
        &mut self,
        step: Option<usize>,
        phase: Phase,
        before: &State,
        after: &State,
        deployed: bool,
    ) -> StateFit {
        let contract = phase == Phase::Contract;
        let mut beside: Vec<&Schema> = if contract { Vec::new() } else { self.running.to_vec() };
        if deployed {
            beside.push(self.target);
        }
        let place = step.unwrap_or(0);
        let running: Vec<&Schema> = self.running.to_vec();
        let old = running
            .into_iter()
            .map(|schema| {
                self.fit(
                    Release { schema, beside: &beside },
                    before,
                    after,
                    (!contract).then_some(place),
                    false,
                )
            })
            .collect();
        let newest = Release { schema: self.target, beside: &beside };
        let new = self.fit(newest, before, after, deployed.then_some(place), true);
        StateFit { step, phase, before: old, after: new }
    }

    /// How one release fares; `runs` is the step after which it may run here, and what it meets then is a break.
    fn fit(
        &mut self,
        release: Release<'_>,
        before: &State,
        after: &State,
        runs: Option<usize>,
        newest: bool,
    ) -> [Fit; 2] {
        let mut found = misfits(release, before, after, Session::Pooled);
        found.extend(misfits(release, before, after, Session::Fresh));
        found.sort();
        found.dedup();
        [Access::Read, Access::Write].map(|access| {
            let met: Vec<&Misfit> = found.iter().filter(|misfit| misfit.access == access).collect();
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
