//! Several plans before a deploy: whatever a developer changes, takes back and contracts, in whatever order, every release that may be
//! running fits every state, and when all is contracted the database is what the models say, with nothing in flight.

use crate::capabilities::FULL;
use crate::one_plan::lines;
use crate::pairs::{Move, build, make};
use crate::rows::without_bad_input;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schemig_core::change::diff;
use schemig_core::plan::{Plan, PlanId, PlanLog, Request, plan};
use schemig_core::safety::{Case, Release, Session, assess, escalations, misfits};
use schemig_core::schema::{Hints, Schema, State};

/// What a developer does next.
#[derive(Clone, Debug)]
enum Turn {
    /// Changes the models and runs `diff`.
    Change(Vec<Move>),
    /// Takes the models of so many releases ago back and runs `diff`.
    TakeBack(u8),
    /// Says that the oldest release that isn't known to be deployed is.
    Contract,
}

fn turns() -> impl Strategy<Value = (Vec<Move>, Vec<Turn>)> {
    let turn = prop_oneof![
        3 => vec(any::<Move>(), 1..3).prop_map(Turn::Change),
        2 => any::<u8>().prop_map(Turn::TakeBack),
        2 => Just(Turn::Contract),
    ];
    (vec(any::<Move>(), 0..8), vec(turn, 1..7))
}

/// A project: the log, and the models of each release so far.
struct Project {
    log: PlanLog,
    releases: Vec<Schema>,
    plans: usize,
    cancelled: usize,
    contracted: usize,
    asked: usize,
}

impl Project {
    fn snapshot(&self) -> &Schema {
        self.releases.last().expect("a project starts with a release")
    }

    /// The log as a person reads it.
    fn told(&self) -> String {
        self.log
            .plans
            .values()
            .map(|plan| format!("\n{} cancels {:?}{}", plan.id, plan.cancels, lines(plan)))
            .collect()
    }

    fn state(&self) -> Result<State, TestCaseError> {
        self.log.state(self.snapshot()).map_err(|fault| {
            TestCaseError::fail(format!("{fault}{}\ndeployed {:?}", self.told(), self.log.deployed))
        })
    }

    fn diff(&mut self, target: Schema, hints: &Hints) -> Result<(), TestCaseError> {
        let open = self.log.open_changes();
        let Ok(difference) = diff(self.snapshot(), &target, hints, &open, true) else {
            self.asked += 1;
            return Ok(());
        };
        if difference.changes.is_empty() && difference.cancels.is_empty() {
            return Ok(());
        }
        let physical = self.state()?;
        let plans: Vec<Plan> = self.log.open().into_iter().cloned().collect();
        let request = Request {
            id: PlanId(format!("{:04}_random", self.plans + 1)),
            parents: self.log.heads(),
            physical: &physical,
            from: self.snapshot(),
            to: &target,
            difference: &difference,
            open: &plans,
            overlap: true,
            capabilities: FULL,
        };
        let made = match plan(&request) {
            Ok(made) => made,
            Err(questions) => {
                let lost = questions.iter().find(|question| question.condition.contains("no order"));
                prop_assert!(lost.is_none(), "{lost:#?}\n{difference:#?}");
                self.asked += 1;
                return Ok(());
            }
        };
        let mut running = self.log.running(self.snapshot());
        running.push(self.snapshot().clone());
        let running: Vec<&Schema> = running.iter().collect();
        let assessment = assess(&made, &physical, &running, &target)
            .map_err(|fault| TestCaseError::fail(fault.to_string()))?;
        if !escalations(&Case::bare(&made, &assessment))
            .iter()
            .all(|fired| matches!(fired.rule, "data-destroyed" | "lossy-cast"))
        {
            // Signed off by nobody: not written.
            self.asked += 1;
            return Ok(());
        }
        prop_assert!(
            assessment.breaks.is_empty(),
            "{:#?}\n{}\n{}",
            assessment.breaks,
            self.told(),
            lines(&made)
        );
        self.cancelled += made.cancels.len();
        self.plans += 1;
        self.log.plans.insert(made.id.clone(), made);
        self.releases.push(target);
        Ok(())
    }

    /// The oldest plan that isn't deployed is: its waiting steps run, one by one, under all releases from its own on.
    fn contract(&mut self) -> Result<(), TestCaseError> {
        let Some(oldest) = self.log.undeployed().first().map(|plan| (*plan).clone()) else { return Ok(()) };
        let mut state = self.state()?;
        let mut running = self.log.running(self.snapshot());
        running.push(self.snapshot().clone());
        running.remove(0);
        let running: Vec<&Schema> = running.iter().collect();
        for (place, step) in self.log.waiting(&oldest) {
            let before = state.clone();
            for operation in &step.up {
                state.apply(operation).map_err(|fault| {
                    TestCaseError::fail(format!(
                        "contract of {}, step {place}: {fault}\n{}",
                        oldest.id,
                        self.told()
                    ))
                })?;
            }
            for schema in &running {
                let release = Release { schema, beside: &running };
                let newest = schema == running.last().expect("at least the plan's own");
                let met = misfits(release, &before, &state, Session::Pooled);
                let broken: Vec<_> =
                    met.into_iter().filter(|misfit| misfit.waiver(newest).is_none()).collect();
                prop_assert!(
                    broken.is_empty(),
                    "contract of {} step {place}: {broken:#?}\n{}",
                    oldest.id,
                    self.told()
                );
            }
        }
        self.log.deployed.push(oldest.id);
        self.contracted += 1;
        Ok(())
    }
}

fn play(base: &[Move], turns: &[Turn]) -> Result<[usize; 4], TestCaseError> {
    let (start, ..) = build(base, &[]);
    let log = PlanLog::default();
    let mut project = Project { log, releases: vec![start], plans: 0, cancelled: 0, contracted: 0, asked: 0 };
    for turn in turns {
        match turn {
            Turn::Change(moves) => {
                let (mut target, mut hints) = (project.snapshot().clone(), Hints::default());
                moves.iter().for_each(|step| make(&mut target, &mut hints, *step));
                without_bad_input(project.snapshot(), &target, &mut hints);
                project.diff(target, &hints)?;
            }
            Turn::TakeBack(back) => {
                let place = project.releases.len().saturating_sub(2 + usize::from(*back % 2));
                let target = project.releases[place].clone();
                project.diff(target, &Hints::default())?;
            }
            Turn::Contract => project.contract()?,
        }
    }
    while !project.log.undeployed().is_empty() {
        project.contract()?;
    }
    let end = project.state()?;
    prop_assert!(end.schema == *project.snapshot(), "contracted, and not what the models say");
    prop_assert!(end.in_flight.is_empty(), "left in flight: {:#?}", end.in_flight);
    Ok([project.plans, project.cancelled, project.contracted, project.asked])
}

#[test]
fn releases_run_on_through_any_row_of_plans() {
    let cases = std::env::var("SCHEMIG_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(50_000);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let total = std::cell::RefCell::new([0; 4]);
    let result = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)).run(
        &turns(),
        |(base, turns)| {
            let counts = play(&base, &turns)?;
            total.borrow_mut().iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            Ok(())
        },
    );
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let [plans, cancelled, contracted, asked] = *total.borrow();
    let finding = format!(
        "{cases} projects: {plans} plans, {cancelled} changes taken back, {contracted} contracts, {asked} questions"
    );
    crate::findings::keep("planning_several", &finding);
    assert!(cancelled * 20 > plans, "hardly anything was taken back");
}
