//! Which way a plan goes: beside the running release, or directly where the time that costs is tolerated.

use schemig_core::change::{Difference, Question, diff};
use schemig_core::plan::{Beside, Phase, Plan, Request, dependants, plan};
use schemig_core::safety::estimate::{Timing, timings};
use schemig_core::safety::{Assessment, assess};
use schemig_core::schema::{Schema, State};
use schemig_core::script::make_room;

use crate::capture::Capture;
use crate::exit::Stop;
use crate::naming;
use crate::project::Project;
use crate::store::Stored;

/// What is planned from.
pub(super) struct Ground<'a> {
    pub project: &'a Project,
    pub stored: &'a Stored,
    pub capture: &'a Capture,
    /// What the plan is called, where that is said.
    pub name: Option<&'a str>,
    /// Whether the old release runs on.
    pub overlap: bool,
    /// Whether the direct way may be taken all the same.
    pub may_be_direct: bool,
}

/// A plan, and why it goes another way than was to be expected.
pub(super) struct Route {
    /// Nothing, where nothing is to be planned.
    pub plan: Option<Plan>,
    pub start: State,
    pub note: Option<String>,
    /// Whether the release that runs has to be stopped, though it was to run on.
    pub stops: bool,
}

/// The plan by the best way there is.
///
/// # Errors
/// Questions, where neither way is without.
pub(super) fn choose(ground: &Ground<'_>) -> Result<Route, Stop> {
    let Ground { stored, capture, .. } = ground;
    let start = stored.log.state(&stored.schema)?;
    let beside = ground.attempt(ground.overlap, &start)?;
    if let Some((plan, note, stops)) = ground.direct(&start, &beside)? {
        return Ok(Route { plan: Some(plan), start, note: Some(note), stops });
    }
    match beside {
        Ok(mut plan) => {
            if ground.project.contract_guard.is_some() {
                plan.iter_mut().for_each(|plan| make_room(plan, &start, &*ground.project.dialect));
            }
            Ok(Route { plan, start, note: None, stops: false })
        }
        Err(questions) => {
            Err(Stop::from(questions.iter().map(|question| capture.ask(question)).collect::<Vec<_>>()))
        }
    }
}

type Attempt = Result<Option<Plan>, Vec<Question>>;

impl Ground<'_> {
    fn attempt(&self, overlap: bool, start: &State) -> Result<Attempt, Stop> {
        let (before, open) = (&self.stored.schema, self.stored.log.open_changes());
        let capture = self.capture;
        let difference = match diff(before, &capture.schema, &capture.hints, &open, overlap) {
            Ok(difference) => difference,
            Err(questions) => return Ok(Err(questions)),
        };
        let Difference { changes, cancels, .. } = &difference;
        if changes.is_empty() && cancels.is_empty() {
            return Ok(Ok(None));
        }
        let open: Vec<Plan> = self.stored.log.open().into_iter().cloned().collect();
        let request = Request {
            id: naming::plan_id(self.stored.last_number + 1, self.name, &difference)?,
            parents: self.stored.log.heads(),
            physical: start,
            from: before,
            to: &capture.schema,
            difference: &difference,
            open: &open,
            overlap,
            capabilities: self.project.dialect.capabilities(),
        };
        Ok(plan(&request).and_then(|plan| {
            let Beside { questions, notes: _ } = dependants(&plan, start, &self.stored.dependants);
            if questions.is_empty() { Ok(Some(plan)) } else { Err(questions) }
        }))
    }

    /// The direct way, where it is tolerated and spares something: its plan, what to say of it, and whether the running release has to be
    /// stopped for it.
    fn direct(&self, start: &State, beside: &Attempt) -> Result<Option<(Plan, String, bool)>, Stop> {
        let tolerance = self.project.tolerance;
        if !self.overlap || !self.may_be_direct || tolerance == 0.0 || matches!(beside, Ok(None)) {
            return Ok(None);
        }
        let Ok(Some(mut plan)) = self.attempt(false, start)? else { return Ok(None) };
        let Ok(timings) = timings(&plan, start, self.project.given()) else { return Ok(None) };
        if let Some(held) = longest_hold(&timings).filter(|held| *held <= tolerance)
            && beside.as_ref().map_or(true, |beside| spares_steps(&plan, beside.as_ref()))
            && self.lets_it_run(&mut plan, start)
        {
            let note = format!(
                "taken directly, as downtime_tolerance allows {tolerance} s: queries wait behind its locks for up to {held:.1} s, and the \
                 release that runs goes on"
            );
            return Ok(Some((plan, note, false)));
        }
        plan.overlap = false;
        // A second rollout, or a release that fails: that is what a stop is worth.
        let costs = |plan: &Plan| {
            plan.contract().next().is_some()
                || !self.assessed(plan, start).is_some_and(|it| it.breaks.is_empty())
        };
        let spares = beside.as_ref().map_or(true, |beside| beside.as_ref().is_some_and(costs));
        let wall = total(&timings).filter(|wall| *wall <= tolerance && spares);
        Ok(wall.map(|wall| {
            let note = format!(
                "taken directly, as downtime_tolerance allows {tolerance} s: it takes up to {wall:.1} s, and the release before this \
                 one can't run meanwhile, nor after it"
            );
            (plan, note, true)
        }))
    }

    /// Whether the releases that run fit each state of it, with nothing promised and nothing that waits for their end. Then it is a plan
    /// beside them.
    fn lets_it_run(&self, plan: &mut Plan, start: &State) -> bool {
        plan.overlap = true;
        plan.steps.iter().all(|step| step.phase != Phase::Contract)
            && self.assessed(plan, start).is_some_and(|it| it.breaks.is_empty() && it.promises.is_empty())
    }

    /// How the releases that may run fare with a plan; `None` where its steps don't fit.
    fn assessed(&self, plan: &Plan, start: &State) -> Option<Assessment> {
        let running = self.stored.running();
        let running: Vec<&Schema> = running.iter().collect();
        assess(plan, start, &running, &self.capture.schema).ok()
    }
}

fn spares_steps(direct: &Plan, beside: Option<&Plan>) -> bool {
    beside.is_some_and(|beside| direct.steps.len() < beside.steps.len())
}

/// The longest that queries wait behind a lock, in seconds; `None` where nobody knows.
fn longest_hold(timings: &[Timing]) -> Option<f64> {
    let blocking = timings.iter().flat_map(|timing| &timing.holds).filter(|hold| hold.blocks());
    blocking
        .map(|hold| hold.seconds.known().map(|seconds| seconds.high))
        .try_fold(0.0, |longest, high| Some(f64::max(longest, high?)))
}

/// What all of it takes, in seconds; `None` where nobody knows.
fn total(timings: &[Timing]) -> Option<f64> {
    timings.iter().map(|timing| timing.wall.known().map(|seconds| seconds.high)).sum()
}
