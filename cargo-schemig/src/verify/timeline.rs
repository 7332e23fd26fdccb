//! Which release may run when, and what each is expected to meet.

use schemig_core::plan::Phase;
use schemig_core::safety::{Cause, Misfit, Release, Session, misfits};
use schemig_core::schema::{Schema, State};

use super::sequence::{Sequence, Stage};

/// A release, by its place in [`Sequence::releases`].
pub type Place = usize;

impl Sequence {
    /// A release as it is called: N is the newest.
    pub fn name(&self, release: Place) -> String {
        match self.releases.len() - 1 - release {
            0 => "N".to_owned(),
            before => format!("N-{before}"),
        }
    }

    /// Whether a release may run once the first `done` stages have committed and nothing after them has begun.
    pub fn may_run(&self, release: Place, done: usize) -> bool {
        let (over, to_come) = self.stages.split_at(done);
        !self.is_gone(release, over) && !to_come.iter().any(|stage| self.lets_in(stage, release))
    }

    /// Whether a release may run from before a stage until after it.
    pub fn runs_through(&self, release: Place, stage: usize) -> bool {
        self.may_run(release, stage) && self.may_run(release, stage + 1)
    }

    /// The releases that may run after the first `done` stages.
    pub fn running(&self, done: usize) -> Vec<Place> {
        (0..self.releases.len()).filter(|release| self.may_run(*release, done)).collect()
    }

    /// Whether one of these stages is only for when the release is gone.
    fn is_gone(&self, release: Place, over: &[Stage]) -> bool {
        over.iter().filter_map(|stage| stage.planned.as_ref()).any(|planned| {
            let later = planned.plan >= release;
            let alone = planned.phase == Phase::Contract || !self.plans[planned.plan].overlap;
            // A plan that was made when an earlier one ran everywhere wasn't made for what ran before that.
            let forgotten = release < self.live && planned.plan >= self.live;
            (later && alone) || forgotten
        })
    }

    /// Whether a stage has to be over before the release is deployed.
    fn lets_in(&self, stage: &Stage, release: Place) -> bool {
        stage.planned.as_ref().is_some_and(|planned| {
            let own = planned.plan < release;
            own && (planned.phase != Phase::Contract || !self.plans[planned.plan].overlap)
        })
    }

    /// What a release may meet in `after`, which follows `before`, on a connection of that age. `beside` run too.
    pub fn expected(
        &self,
        release: Place,
        beside: &[Place],
        [before, after]: [&State; 2],
        session: Session,
    ) -> Vec<Misfit> {
        let beside: Vec<&Schema> = beside.iter().map(|place| &self.releases[*place]).collect();
        let release = Release { schema: &self.releases[release], beside: &beside };
        misfits(release, before, after, session)
    }

    /// The plan that is under way after so many stages, by its place; the first before any.
    pub fn plan_at(&self, done: usize) -> Place {
        let over = self.stages[..done].iter().rev().filter_map(|stage| stage.planned.as_ref());
        over.map(|planned| planned.plan).next().unwrap_or(0)
    }
}

/// What a pooled connection goes on meeting: a statement whose plan was spoilt once stays so until it reconnects.
pub fn lasting(met: &[Misfit]) -> Vec<Misfit> {
    met.iter().filter(|misfit| matches!(misfit.cause, Cause::CachedPlan(_))).cloned().collect()
}
