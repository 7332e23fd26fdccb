//! What is verified: the directories of the pending plans in the order in which they run, the waiting contracts behind them, the
//! state that each leaves, and the releases that come and go meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::plan::log::releases;
use schemig_core::plan::{Phase, Plan, PlanId, PlanLog};
use schemig_core::schema::{Schema, State, Table, TableName};
use schemig_core::script::Directory;

use super::base::Base;
use crate::commands::guards::Guards;
use crate::commands::previews;
use crate::exit::Stop;
use crate::migrations::{self, Migration, StepRef};
use crate::project::Project;
use crate::store::{self, Stored};

/// The way from the state before the first pending plan to the newest release's schema.
pub struct Sequence {
    /// What ran before: it makes the state before.
    pub earlier: Vec<Migration>,
    /// What is pending, in order.
    pub stages: Vec<Stage>,
    /// The state before the first stage.
    pub start: State,
    /// The releases before the first plan and after each, the oldest first; the last is N.
    pub releases: Vec<Schema>,
    /// The plans, each after those that it builds on. The release after the first is the second of `releases`.
    pub plans: Vec<Plan>,
    /// How many of the first plans are known to run everywhere while the later ones are applied.
    pub live: usize,
    /// What a scratch database needs beside all this before rows can be written.
    pub stand_ins: Option<String>,
}

/// A migration directory on its way.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name: of the directory in `migrations/`, or in the preview.
    pub name: String,
    /// What Diesel records.
    pub version: String,
    /// The text of up.sql.
    pub up: String,
    /// The text of down.sql.
    pub down: String,
    /// Whether Diesel runs it in a transaction.
    pub transactional: bool,
    /// What it does by its plan; `None` when somebody wrote it by hand.
    pub planned: Option<Planned>,
    /// The state that its way up leaves.
    pub after: State,
    /// What a scratch database needs beside it, whichever way it went.
    pub stand_ins: Option<String>,
}

/// A step of a plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan's place in [`Sequence::plans`].
    pub plan: usize,
    /// The step's phase.
    pub phase: Phase,
    /// What goes up.
    pub up: Vec<Operation>,
    /// What goes down.
    pub down: Vec<Operation>,
}

impl Sequence {
    /// What is pending by the plan log: the undeployed plans and their waiting contracts. When none is open, the last plan.
    ///
    /// # Errors
    /// No plan at all; a plan without its directories; files that can't be read or don't fit together.
    pub fn of(project: &Project, base: Option<&Base>) -> Result<Self, Stop> {
        let written = migrations::read(project)?;
        let (stored, first) = first_pending(project, &written)?;
        let (earlier, pending) = written.split_at(first);
        let mut unstated: Vec<(Stage, Option<StepRef>)> =
            pending.iter().map(|migration| (migration.clone().into(), migration.step.clone())).collect();
        let guards = Guards::read(project, &stored.log)?;
        for (plan, directories) in previews::render(project, &stored.log, &stored.schema, &guards)? {
            let step = |place| Some(StepRef { plan: plan.id.clone(), step: place });
            let stages = directories.into_iter().map(|directory| (step(directory.place), directory));
            unstated.extend(stages.map(|(step, directory)| (of_preview(&plan.id, directory), step)));
        }
        let log = &stored.log;
        let plans: Vec<Plan> = log.ordered().into_iter().cloned().collect();
        check_complete(log, &plans, &unstated)?;
        let releases = releases(&log.ordered(), &stored.schema);
        let live = match base {
            Some(base) => base.place(&releases)?,
            None => plans.iter().rposition(|plan| log.live.contains(&plan.id)).map_or(0, |last| last + 1),
        };
        let start = State::at_rest(releases[0].clone());
        let mut stages = stated(log, &stored.schema, &plans, unstated, &start)?;
        let schemas = std::iter::once(&start.schema).chain(stages.iter().map(|stage| &stage.after.schema));
        let stand_ins = stand_ins(project.dialect.as_ref(), schemas.chain(&releases));
        stages.iter_mut().for_each(|stage| stage.stand_ins.clone_from(&stand_ins));
        Ok(Self { earlier: earlier.to_vec(), stages, start, releases, plans, live, stand_ins })
    }

    /// What all stages do on the way up.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.stages.iter().filter_map(|stage| stage.planned.as_ref()).flat_map(|planned| &planned.up)
    }

    /// The state before a stage.
    pub fn before(&self, stage: usize) -> &State {
        stage.checked_sub(1).map_or(&self.start, |last| &self.stages[last].after)
    }

    /// The first of the stages that a stage's way back ends with. Some do nothing on the way up and exist for their way back, which
    /// builds on that of the stage that they stand before: they are taken back together.
    pub fn first_of_way_back(&self, place: usize) -> usize {
        let is_for_way_back =
            |stage: &Stage| stage.planned.as_ref().is_some_and(|planned| planned.up.is_empty());
        let mut first = place;
        while first > 0 && !is_for_way_back(&self.stages[place]) && is_for_way_back(&self.stages[first - 1]) {
            first -= 1;
        }
        first
    }

    /// Whether the stage before is there for a way back that this one's is part of.
    pub fn is_between_ways_back(&self, place: usize) -> bool {
        let before = place.checked_sub(1).and_then(|before| self.stages[before].planned.as_ref());
        before.is_some_and(|planned| planned.up.is_empty())
    }

    /// The state after the last stage.
    pub fn end(&self) -> &State {
        self.before(self.stages.len())
    }
}

/// What the tables of all these schemas need in a database that nobody keeps. The last that names its partitions says which.
pub fn stand_ins<'a>(dialect: &dyn Dialect, schemas: impl IntoIterator<Item = &'a Schema>) -> Option<String> {
    let mut tables: BTreeMap<&TableName, &Table> = BTreeMap::new();
    let known = |table: &Table| table.partition_by.as_ref().is_some_and(|by| !by.known().is_empty());
    for (name, table) in schemas.into_iter().flat_map(|schema| &schema.tables) {
        if table.partition_by.is_some() && (known(table) || !tables.contains_key(name)) {
            tables.insert(name, table);
        }
    }
    let tables: Vec<(TableName, &Table)> =
        tables.into_iter().map(|(name, table)| (name.clone(), table)).collect();
    dialect.stand_ins(&tables)
}

/// The stages with what their plans say of them, and the states that they leave. Migrations by hand leave the state as it is.
fn stated(
    log: &PlanLog,
    snapshot: &Schema,
    plans: &[Plan],
    unstated: Vec<(Stage, Option<StepRef>)>,
    start: &State,
) -> Result<Vec<Stage>, Stop> {
    let steps = unstated.iter().filter_map(|(_, step)| step.as_ref());
    let steps: Vec<(PlanId, usize)> = steps.map(|step| (step.plan.clone(), step.step)).collect();
    let mut before = log.states_before(snapshot, &steps)?.into_iter();
    let mut stages: Vec<Stage> = Vec::new();
    for (mut stage, step) in unstated {
        stage.after = stages.last().map_or(start, |last| &last.after).clone();
        if let Some(StepRef { plan: id, step }) = step
            && let Some(plan) = plans.iter().position(|plan| plan.id == id)
            && let Some(state) = before.next().flatten()
        {
            let known = &plans[plan].steps[step];
            stage.after = state;
            for operation in &known.up {
                stage.after.apply(operation).map_err(|why| unfit(&stage.name, &why))?;
            }
            let (up, down) = (known.up.clone(), known.down.clone());
            stage.planned = Some(Planned { plan, phase: known.phase, up, down });
        }
        stages.push(stage);
    }
    Ok(stages)
}

/// Refuses a plan some of whose expand and backfill isn't in `migrations/`: what remains isn't what was planned.
fn check_complete(log: &PlanLog, plans: &[Plan], stages: &[(Stage, Option<StepRef>)]) -> Result<(), Stop> {
    for plan in plans {
        let there = stages.iter().filter_map(|(_, step)| step.as_ref()).filter(|step| step.plan == plan.id);
        let there: BTreeSet<usize> = there.map(|step| step.step).collect();
        let never = |place: usize| {
            plan.steps[place].phase == Phase::Contract
                && !log.waiting(plan).iter().any(|(waits, _)| *waits == place)
        };
        let missing: Vec<usize> =
            (0..plan.steps.len()).filter(|place| !there.contains(place) && !never(*place)).collect();
        if let Some(first) = missing.first() {
            let message = format!(
                "{} of the {} migrations of plan {} aren't there, step {} first",
                missing.len(),
                plan.steps.len(),
                plan.id,
                first + 1
            );
            return Err(Stop::refused(message, "restore migrations/ from version control"));
        }
    }
    Ok(())
}

impl From<Migration> for Stage {
    fn from(migration: Migration) -> Self {
        let Migration { name, version, path: _, up, down, run_in_transaction, step: _, edited: _ } =
            migration;
        let down = down.unwrap_or_default();
        Self {
            name,
            version,
            up,
            down,
            transactional: run_in_transaction,
            planned: None,
            after: State::default(),
            stand_ins: None,
        }
    }
}

fn of_preview(plan: &PlanId, directory: Directory) -> Stage {
    let Directory { place, name, up, down, metadata: _, transactional, lock: _, estimate: _, timing: _ } =
        directory;
    let (name, number) = (format!("{plan}/{name}"), plan.0.split('_').next().unwrap_or_default());
    // It has no version before it is written: one behind all that are.
    let version = format!("9999{number:0>6}{place:06}");
    let (planned, after, stand_ins) = (None, State::default(), None);
    Stage { name, version, up, down, transactional, planned, after, stand_ins }
}

/// The place of the first pending migration, and the log from its plan on. Plans whose directories stand among the pending ones are
/// read too, deployed or not: what they did stands between those.
fn first_pending(project: &Project, written: &[Migration]) -> Result<(Stored, usize), Stop> {
    let stored = store::load(project)?;
    let mut wanted: BTreeSet<PlanId> = stored.log.plans.keys().cloned().collect();
    if wanted.is_empty() {
        wanted.extend(stored.log.deployed.last().cloned());
    }
    if wanted.is_empty() {
        let help = "verify proves what `cargo schemig diff` has planned; run that first";
        return Err(Stop::refused("there is no plan to verify", help));
    }
    let plan_of = |migration: &Migration| migration.step.as_ref().map(|step| step.plan.clone());
    let mut first = written.len();
    loop {
        let is_wanted = |migration: &Migration| plan_of(migration).is_some_and(|id| wanted.contains(&id));
        let earlier = written.iter().position(is_wanted).unwrap_or(first).min(first);
        let more: BTreeSet<PlanId> = written[earlier..].iter().filter_map(plan_of).collect();
        if earlier == first && more.is_subset(&wanted) {
            break;
        }
        first = earlier;
        wanted.extend(more);
    }
    let known = wanted.iter().all(|id| stored.log.plans.contains_key(id));
    let stored =
        if known { stored } else { store::load_with(project, &wanted.into_iter().collect::<Vec<_>>())? };
    Ok((stored, first))
}

fn unfit(name: &str, why: &schemig_core::operation::Inapplicable) -> Stop {
    Stop::refused(
        format!("{name} doesn't fit what comes before it: {why}"),
        "restore migrations/ and schemig/plans from version control",
    )
}
