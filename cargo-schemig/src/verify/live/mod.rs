//! The third pass: everything up, and down again, beside the traffic of the releases that may run. After each stage every release does
//! all that it can do once, on connections that are older than the migration and on new ones; while a stage runs, they do what has to
//! work without pause.

mod beside;
mod crew;
mod judge;
mod lag;
mod promises;

use std::collections::BTreeSet;
use std::time::Duration;

use schemig_core::safety::Session;
use schemig_core::schema::State;

use super::Options;
use super::findings::{Findings, Pass};
use super::holds::Looked;
use super::loss::{loses_by_conversion, lost};
use super::run::{Locks, Way, run};
use super::sequence::Sequence;
use super::timeline::Place;
use super::traffic::Course;
use super::trial::Trial;
use super::verdict::{PromiseRow, ReleaseRow};
use super::waits::{Held, Waits};
use super::walk::is_refusal;
use crate::exit::Stop;
use crate::server::Scratch;
use beside::beside;
use crew::Crew;
use judge::Judge;
use promises::Promises;

/// What the pass measured.
pub struct Live {
    /// For each stage that went up, what was measured.
    pub stages: Vec<Beside>,
    /// The releases that failed on the way up, each with how many stages were over, the one that was under way counted.
    pub failed: BTreeSet<(usize, Place)>,
    /// How each release fared.
    pub releases: Vec<ReleaseRow>,
    /// What became of the promises.
    pub promises: Vec<PromiseRow>,
}

/// A stage's way up, beside the traffic.
pub struct Beside {
    /// How long it took.
    pub took: Duration,
    /// The longest that a statement of the traffic waited for a lock meanwhile, where somebody looked.
    pub waited: Option<Duration>,
    /// The locks that its transaction ended with, where it has one and the server lists them.
    pub locks: Option<Locks>,
    /// What was seen of its locks from outside.
    pub looked: Option<Looked>,
}

/// Runs all stages that an undisturbed walk came through, up and down, beside the traffic.
///
/// # Errors
/// A scratch database fails.
pub fn live(
    trial: &Trial<'_>,
    reached: usize,
    options: &Options,
    findings: &mut Findings,
) -> Result<Live, Stop> {
    let scratch = trial.copy()?;
    let course = course(trial, &scratch)?;
    let promises = Promises::of(trial.sequence);
    let crew = Crew::sign_on(trial, &course, &scratch, &promises, options.seed)?;
    let mut pass = Rollout {
        trial,
        scratch: &scratch,
        course: &course,
        crew,
        promises,
        findings,
        stages: Vec::new(),
        failed: BTreeSet::new(),
    };
    let up = pass.up(reached)?;
    if up {
        pass.down(reached)?;
    }
    let whole = up && reached == trial.sequence.stages.len();
    let Rollout { crew, promises, findings, stages, failed, .. } = pass;
    Ok(Live { stages, failed, releases: crew.rows(trial.sequence), promises: promises.rows(whole, findings) })
}

fn course<'a>(trial: &'a Trial<'a>, scratch: &Scratch) -> Result<Course<'a>, Stop> {
    let sequence = trial.sequence;
    let planned = || sequence.stages.iter().filter_map(|stage| stage.planned.as_ref());
    let mut course = Course {
        dialect: trial.dialect,
        spelling: scratch.connect()?.spelling(),
        releases: &sequence.releases,
        changes: sequence.plans.iter().map(|plan| plan.changes.as_slice()).collect(),
        states: (0..=sequence.stages.len()).map(|done| &sequence.before(done).schema).collect(),
        operations: planned().flat_map(|planned| &planned.up).collect(),
        tables: None,
    };
    // Nobody knows what a migration does that was written by hand.
    if planned().count() == sequence.stages.len() {
        course.tables = Some(course.concerned(&sequence.plans));
    }
    Ok(course)
}

struct Rollout<'a, 'b> {
    trial: &'a Trial<'a>,
    scratch: &'a Scratch,
    course: &'a Course<'a>,
    crew: Crew,
    promises: Promises,
    findings: &'b mut Findings,
    stages: Vec<Beside>,
    failed: BTreeSet<(usize, Place)>,
}

impl Rollout<'_, '_> {
    /// All stages up; `false` when one didn't go.
    fn up(&mut self, reached: usize) -> Result<bool, Stop> {
        self.rehearse()?;
        let start = &self.trial.sequence.start;
        self.round(0, Way::Up, [start, start])?;
        for place in 0..reached {
            let states = [self.trial.sequence.before(place), self.trial.sequence.before(place + 1)];
            if !self.stage(place, Way::Up, states)? {
                return Ok(false);
            }
            self.round(place + 1, Way::Up, states)?;
        }
        Ok(true)
    }

    /// The oldest release, which knows nothing of what is pending, tries out what it can do.
    fn rehearse(&mut self) -> Result<(), Stop> {
        if !self.trial.sequence.may_run(0, 0) {
            return Ok(());
        }
        for age in [Session::Pooled, Session::Fresh] {
            match self.crew.aboard(self.scratch, 0, age)?.rehearse(self.course) {
                Ok((unfit, notes)) => {
                    notes.into_iter().for_each(|note| self.findings.note(note));
                    self.crew.leave_out(self.course, 0, &unfit);
                }
                Err(fault) => {
                    let what = format!("{} can't work before anything changes", self.trial.sequence.name(0));
                    self.findings.fail(Pass::Traffic, None, what, vec![fault.to_string()]);
                }
            }
        }
        Ok(())
    }

    /// All stages down, last first, as far as none refuses.
    fn down(&mut self, reached: usize) -> Result<(), Stop> {
        let mut state = self.trial.sequence.before(reached).clone();
        for place in (0..reached).rev() {
            let after = self.back(place, &state);
            if !self.stage(place, Way::Down, [&state, &after])? {
                return Ok(());
            }
            if self.is_lost(place) {
                let name = &self.trial.sequence.stages[place].name;
                self.findings.note(format!(
                    "{name}: its down loses values that a release reads, as it says: the traffic ends here"
                ));
                return Ok(());
            }
            self.round(place, Way::Down, [&state, &after])?;
            state = after;
        }
        Ok(())
    }

    /// Whether a release from before the stage's plan knows something that is lost when it is down again.
    fn is_lost(&self, place: usize) -> bool {
        let sequence = self.trial.sequence;
        let stage = &sequence.stages[place];
        let older = stage.planned.as_ref().map_or(sequence.releases.len(), |planned| planned.plan + 1);
        !lost(stage, &sequence.releases[..older]).is_empty() || loses_by_conversion(stage)
    }

    /// The state that a stage's down leaves. After values were lost, that may be told only by the way up.
    fn back(&self, place: usize, state: &State) -> State {
        let mut after = state.clone();
        let planned = self.trial.sequence.stages[place].planned.as_ref();
        let fits = planned
            .into_iter()
            .flat_map(|planned| &planned.down)
            .try_for_each(|operation| after.apply(operation));
        if fits.is_ok() { after } else { self.trial.sequence.before(place).clone() }
    }

    /// A stage, beside the releases that may run from before it until after it. Whether it went through.
    fn stage(&mut self, place: usize, way: Way, states: [&State; 2]) -> Result<bool, Stop> {
        let sequence = self.trial.sequence;
        let stage = &sequence.stages[place];
        self.trial.progress.step(format!("{way}, beside the traffic: {}", stage.name));
        let mut connection = self.scratch.connect()?;
        let waits = Waits::watch(self.scratch.connect()?);
        let running: Vec<Place> =
            (0..sequence.releases.len()).filter(|release| sequence.runs_through(*release, place)).collect();
        let met =
            running.iter().map(|release| self.crew.expected(sequence, *release, &running, states)).collect();
        for sailor in self.crew.pooled(&running) {
            if let Err(fault) = sailor.look_around(self.course) {
                if way == Way::Up {
                    self.failed.insert((place, sailor.release));
                }
                let what = format!("{} can't read its tables", sequence.name(sailor.release));
                self.findings.fail(Pass::Traffic, Some(&stage.name), what, vec![fault.to_string()]);
                return Ok(false);
            }
        }
        let held = Held::watch(&mut connection, self.scratch.connect()?);
        let sailors = self.crew.pooled(&running);
        let (ran, took, faults) =
            beside(sailors, met, self.promises.all(), || run(&mut connection, stage, way));
        let stops = |plan: Place| !sequence.plans[plan].overlap;
        if let Some(planned) = stage.planned.as_ref().filter(|planned| stops(planned.plan)) {
            self.crew.stopped(self.scratch)?;
            self.crew.relabel(self.course, if way == Way::Up { &planned.up } else { &planned.down });
        }
        self.crew.recomputed(self.course, states);
        let (waited, looked) = (waits.longest(), held.and_then(Held::end));
        if way == Way::Up {
            let locks = ran.as_ref().ok().cloned().flatten();
            self.stages.push(Beside { took, waited, locks, looked });
        }
        for (release, fault) in faults {
            if way == Way::Up {
                self.failed.insert((place + 1, release));
            }
            let what = format!("{} fails, or reads what isn't so, while {way} runs", sequence.name(release));
            self.findings.fail(Pass::Traffic, Some(&stage.name), what, vec![fault]);
        }
        match ran {
            Ok(_) => Ok(true),
            Err(error) if way == Way::Down && is_refusal(stage, &error) => {
                self.findings.note(format!("{}: down refuses while there are rows: {error}", stage.name));
                Ok(false)
            }
            Err(error) => {
                self.findings.fail(
                    Pass::Traffic,
                    Some(&stage.name),
                    format!("{way} fails beside the traffic"),
                    vec![error],
                );
                Ok(false)
            }
        }
    }

    /// Every release that may run does all that it can do, once on its old connection and once on a new one; then what is kept in step
    /// is compared.
    fn round(&mut self, done: usize, way: Way, states: [&State; 2]) -> Result<(), Stop> {
        let sequence = self.trial.sequence;
        let running = sequence.running(done);
        let (stage, words) = when(sequence, done, way);
        for session in [Session::Pooled, Session::Fresh] {
            let when = match session {
                Session::Pooled => format!("{words}, on a connection from before it"),
                Session::Fresh => format!("{words}, on a new connection"),
            };
            for release in &running {
                let sailor = self.crew.aboard(self.scratch, *release, session)?;
                let mut judge = Judge {
                    sequence,
                    course: self.course,
                    release: *release,
                    plan: sequence.plan_at(done),
                    stage,
                    expected: sequence.expected(*release, &running, states, session),
                    promises: &mut self.promises,
                    findings: self.findings,
                    when: &when,
                    failed: false,
                };
                judge.see_promises();
                sailor.everything(session, &mut judge);
                if judge.failed && way == Way::Up {
                    self.failed.insert((done, *release));
                }
                sailor.notes().iter().for_each(|note| self.findings.note(note.as_str()));
            }
        }
        let mut connection = self.scratch.connect()?;
        lag::look(&mut connection, self.trial.dialect, states[1], &words, self.findings);
        Ok(())
    }
}

/// The migration that was run last, and the state that it left, in words.
fn when(sequence: &Sequence, done: usize, way: Way) -> (Option<&str>, String) {
    let name = |place: usize| sequence.stages[place].name.as_str();
    match (way, done.checked_sub(1)) {
        (Way::Up, Some(last)) => (Some(name(last)), format!("after {}", name(last))),
        (Way::Up, None) => (None, "before the first migration".to_owned()),
        (Way::Down, _) => (Some(name(done)), format!("after the down of {}", name(done))),
    }
}
