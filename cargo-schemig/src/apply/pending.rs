//! Which migrations run: the pending ones, in Diesel's order, up to a phase, and only if they may.

use std::collections::BTreeSet;
use std::rc::Rc;

use schemig_core::plan::{Phase, Plan, PlanId, Step};
use schemig_core::schema::State;

use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::migrations::{Migration, StepRef};
use crate::project::Project;
use crate::store::{self, Stored};

/// A migration that isn't applied yet.
#[derive(Clone, Debug)]
pub struct Pending<'a> {
    /// The directory.
    pub migration: &'a Migration,
    /// What it is for; `None` when it was written by hand.
    pub planned: Option<Planned>,
}

/// The step that a migration was written for.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Rc<Plan>,
    /// The step's place in it, from 0.
    pub place: usize,
    /// What the database holds before it.
    pub before: State,
}

impl Planned {
    /// What it does.
    pub fn step(&self) -> &Step {
        &self.plan.steps[self.place]
    }
}

impl Pending<'_> {
    /// The phase, where a plan says.
    pub fn phase(&self) -> Option<Phase> {
        self.planned.as_ref().map(|planned| planned.step().phase)
    }
}

/// The migrations that aren't applied, as far as `until`; and the first of a later phase, where the run stops before it.
///
/// # Errors
/// A plan that a pending migration names has no file, or not that step; steps that would run in another order than they were planned; a
/// contract that rests on promises which nobody has confirmed. Nothing may run then.
pub fn pending<'a>(
    project: &Project,
    all: &'a [Migration],
    applied: &BTreeSet<String>,
    until: Phase,
) -> Result<(Vec<Pending<'a>>, Option<Pending<'a>>), Stop> {
    let mut pending = with_steps(project, all, applied)?;
    let cut = pending.iter().position(|one| one.phase().is_some_and(|phase| phase > until));
    let later = cut.and_then(|cut| pending.split_off(cut).into_iter().next());
    confirmed(&pending)?;
    Ok((pending, later))
}

fn with_steps<'a>(
    project: &Project,
    all: &'a [Migration],
    applied: &BTreeSet<String>,
) -> Result<Vec<Pending<'a>>, Stop> {
    let is_pending = |migration: &Migration| !applied.contains(&migration.version);
    let plans: BTreeSet<PlanId> = all
        .iter()
        .filter(|one| is_pending(one))
        .filter_map(|one| Some(one.step.as_ref()?.plan.clone()))
        .collect();
    if plans.is_empty() {
        let by_hand = all.iter().filter(|one| is_pending(one));
        return Ok(by_hand.map(|migration| Pending { migration, planned: None }).collect());
    }
    have_files(project, all, &plans)?;
    let stored = store::load_with(project, &plans.iter().cloned().collect::<Vec<_>>())?;
    in_order(all, &stored, &is_pending)?;
    let steps: Vec<(PlanId, usize)> =
        all.iter().filter_map(|one| one.step.clone()).map(|at| (at.plan, at.step)).collect();
    let mut states = stored.log.states_before(&stored.schema, &steps)?.into_iter();
    let of = |id: &PlanId| stored.log.plans.get(id).cloned().map(Rc::new);
    let plans: Vec<Rc<Plan>> = plans.iter().filter_map(of).collect();
    let mut found = Vec::new();
    for migration in all {
        let before = migration.step.as_ref().and_then(|_| states.next().flatten());
        if is_pending(migration) {
            let planned = migration.step.as_ref().zip(before).and_then(|(at, before)| {
                let plan = plans.iter().find(|plan| plan.id == at.plan)?.clone();
                Some(Planned { plan, place: at.step, before })
            });
            found.push(Pending { migration, planned });
        }
    }
    Ok(found)
}

/// A plan without a file: what its steps meet isn't known.
fn have_files(project: &Project, all: &[Migration], plans: &BTreeSet<PlanId>) -> Result<(), Stop> {
    let mut found = Vec::new();
    for plan in plans {
        let path = store::plan_path(project, plan);
        if path.is_file() {
            continue;
        }
        let of_plan = |one: &&Migration| one.step.as_ref().is_some_and(|step| step.plan == *plan);
        let name = all.iter().find(of_plan).map_or("?", |one| one.name.as_str());
        found.push(
            Diagnostic::new(format!("migration {name} is of plan {plan}, which has no file"))
                .note("nothing was run: what the plan promises, and what state it starts from, isn't known without it")
                .help(format!("restore {} from version control", project.shown(&path))),
        );
    }
    if found.is_empty() { Ok(()) } else { Err(Stop::from(found)) }
}

/// Refuses a step that would run after one that was planned to come later: of its own plan, or of one that builds on it, where it
/// isn't a contract.
fn in_order(all: &[Migration], stored: &Stored, is_pending: &dyn Fn(&Migration) -> bool) -> Result<(), Stop> {
    let mut found = Vec::new();
    for (nth, late) in all.iter().enumerate().filter(|(_, one)| is_pending(one)) {
        let Some(step) = &late.step else { continue };
        // What sorts before it runs before it; so does what is applied, wherever it sorts.
        let earlier = all.iter().enumerate().filter(|(other, one)| *other < nth || !is_pending(one));
        let wrong = earlier
            .map(|(_, one)| one)
            .find(|one| one.step.as_ref().is_some_and(|before| comes_after(stored, before, step)));
        if let Some(wrong) = wrong {
            let ran = if is_pending(wrong) { "would run before it" } else { "is applied already" };
            found.push(
                Diagnostic::new(format!("migration {} is out of order: {}, planned after it, {ran}", late.name, wrong.name))
                    .note("nothing was run")
                    .help("give the directories the names that `cargo schemig diff` gave them; restore them from version control"),
            );
        }
    }
    if found.is_empty() { Ok(()) } else { Err(Stop::from(found)) }
}

/// Whether `one` was planned to come after `other`.
fn comes_after(stored: &Stored, one: &StepRef, other: &StepRef) -> bool {
    if one.plan == other.plan {
        return one.step > other.step;
    }
    let phase = |at: &StepRef| Some(stored.log.plans.get(&at.plan)?.steps.get(at.step)?.phase);
    phase(other).is_some_and(|phase| phase != Phase::Contract) && builds_on(stored, &one.plan, &other.plan)
}

/// Whether a plan has another among those that it builds on, at whatever distance.
fn builds_on(stored: &Stored, plan: &PlanId, other: &PlanId) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![plan];
    while let Some(id) = next.pop() {
        let parents = stored.log.plans.get(id).map(|plan| plan.parents.as_slice()).unwrap_or_default();
        if parents.contains(other) {
            return true;
        }
        next.extend(parents.iter().filter(|parent| seen.insert(*parent)));
    }
    false
}

/// Refuses contracts whose promises nobody has confirmed.
fn confirmed(pending: &[Pending<'_>]) -> Result<(), Stop> {
    let contracts = pending.iter().filter(|one| one.phase() == Some(Phase::Contract));
    let mut plans: Vec<&Plan> = contracts.filter_map(|one| Some(&*one.planned.as_ref()?.plan)).collect();
    plans.retain(|plan| plan.overlap && !plan.confirmed && !plan.promises.is_empty());
    plans.dedup_by_key(|plan| &plan.id);
    let ask = |plan: &Plan| {
        let message = format!("the contract of plan {} rests on promises that nobody has confirmed", plan.id);
        let mut found = Diagnostic::new(message);
        found.notes = plan.promises.iter().map(ToString::to_string).collect();
        found
            .note("nothing was run")
            .help(format!("if they were kept, say so: cargo schemig contract {} --confirm", plan.id))
            .help("or apply what comes before the contract: --until backfill")
    };
    let found: Vec<Diagnostic> = plans.into_iter().map(ask).collect();
    if found.is_empty() { Ok(()) } else { Err(Stop::from(found)) }
}
