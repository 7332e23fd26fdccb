//! Which migrations run: the pending ones, in Diesel's order, up to a phase, and only if they may.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use schemig_core::plan::{Phase, Plan, PlanId, PlanLog, Step};
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
    /// Whether it may run again from its top after a failure. What a person wrote and no transaction took back may have been done by half:
    /// only they know.
    pub fn can_run_again(&self) -> bool {
        self.migration.run_in_transaction || self.planned.is_some()
    }

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
    let mut pending = look(project, all, applied)?;
    let cut = pending.iter().position(|one| one.phase().is_some_and(|phase| phase > until));
    let later = cut.and_then(|cut| pending.split_off(cut).into_iter().next());
    confirmed(&pending)?;
    Ok((pending, later))
}

/// All that isn't applied, whether it may run or not.
///
/// # Errors
/// A plan that one names has no file, or not that step; steps that would run in another order than they were planned.
pub fn look<'a>(
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
    let below: BTreeMap<&PlanId, BTreeSet<&PlanId>> =
        stored.log.plans.keys().map(|plan| (plan, ancestors(&stored.log, plan))).collect();
    let mut found = Vec::new();
    for (nth, late) in all.iter().enumerate().filter(|(_, one)| is_pending(one)) {
        let Some(step) = &late.step else { continue };
        // What sorts before it runs before it; so does what is applied, wherever it sorts.
        let earlier = all.iter().enumerate().filter(|(other, one)| *other < nth || !is_pending(one));
        let wrong = earlier.map(|(_, one)| one).find(|one| {
            one.step.as_ref().is_some_and(|before| comes_after(&stored.log, &below, before, step))
        });
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

/// Whether `one` was planned to come after `other`. `below` holds what each plan builds on.
fn comes_after(
    log: &PlanLog,
    below: &BTreeMap<&PlanId, BTreeSet<&PlanId>>,
    one: &StepRef,
    other: &StepRef,
) -> bool {
    if one.plan == other.plan {
        return one.step > other.step;
    }
    let phase = |at: &StepRef| Some(log.plans.get(&at.plan)?.steps.get(at.step)?.phase);
    phase(other).is_some_and(|phase| phase != Phase::Contract)
        && below.get(&one.plan).is_some_and(|below| below.contains(&other.plan))
}

/// The plans that one builds on, at whatever distance.
fn ancestors<'a>(log: &'a PlanLog, plan: &'a PlanId) -> BTreeSet<&'a PlanId> {
    let mut seen = BTreeSet::new();
    let mut next = vec![plan];
    while let Some(id) = next.pop() {
        let parents = log.plans.get(id).map(|plan| plan.parents.as_slice()).unwrap_or_default();
        next.extend(parents.iter().filter(|parent| seen.insert(*parent)));
    }
    seen
}

/// Refuses contracts whose promises nobody has confirmed.
fn confirmed(pending: &[Pending<'_>]) -> Result<(), Stop> {
    let contracts = pending.iter().filter(|one| one.phase() == Some(Phase::Contract));
    let mut plans: Vec<&Plan> = contracts.filter_map(|one| Some(&*one.planned.as_ref()?.plan)).collect();
    // Contracts of several plans may interleave.
    let mut seen = BTreeSet::new();
    plans.retain(|plan| {
        plan.overlap && !plan.confirmed && !plan.promises.is_empty() && seen.insert(plan.id.clone())
    });
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;
    use std::rc::Rc;

    use schemig_core::plan::{Phase, Plan, PlanId, PlanLog, Promise, Step};
    use schemig_core::schema::{ColumnName, ColumnRef, State, TableName};

    use super::{Pending, Planned, ancestors, comes_after, confirmed};
    use crate::migrations::{Migration, StepRef};

    /// A plan with a step of each phase, and a promise.
    fn plan(id: &str, parents: &[&str]) -> Plan {
        let at = ColumnRef::new(&TableName::new("users"), &ColumnName::from("name"));
        let step = |phase| Step { phase, cause: 0, up: Vec::new(), down: Vec::new() };
        Plan {
            id: PlanId(id.to_owned()),
            parents: parents.iter().map(|parent| PlanId((*parent).to_owned())).collect(),
            overlap: true,
            tables: BTreeMap::new(),
            enums: BTreeMap::new(),
            changes: Vec::new(),
            steps: [Phase::Expand, Phase::Backfill, Phase::Contract].map(step).to_vec(),
            cancels: Vec::new(),
            promises: vec![Promise::WritesNoNull { at }],
            confirmed: false,
            approvals: Vec::new(),
        }
    }

    #[test]
    fn contracts_that_interleave_ask_once_for_each_plan() {
        let migration = Migration {
            name: "1_x".to_owned(),
            version: "1".to_owned(),
            path: PathBuf::new(),
            up: String::new(),
            down: None,
            run_in_transaction: true,
            step: None,
            edited: Vec::new(),
        };
        let plans = [plan("0001_a", &[]), plan("0002_b", &[])].map(Rc::new);
        let contract = |nth: usize| {
            let planned = Planned { plan: Rc::clone(&plans[nth]), place: 2, before: State::default() };
            Pending { migration: &migration, planned: Some(planned) }
        };
        let stop = confirmed(&[contract(0), contract(1), contract(0), contract(1)]).unwrap_err();
        assert_eq!(stop.diagnostics.len(), 2, "{stop:?}");
    }

    #[test]
    fn order_binds_a_plan_and_all_that_it_builds_on_but_their_contracts() {
        let plans = [plan("1", &[]), plan("2", &["1"]), plan("3", &["2"]), plan("4", &["1"])];
        let log = PlanLog {
            plans: plans.into_iter().map(|plan| (plan.id.clone(), plan)).collect(),
            deployed: Vec::new(),
            live: BTreeSet::new(),
        };
        let below: BTreeMap<&PlanId, BTreeSet<&PlanId>> =
            log.plans.keys().map(|plan| (plan, ancestors(&log, plan))).collect();
        let comes_after = |one: (&str, usize), other: (&str, usize)| {
            let at = |(plan, step): (&str, usize)| StepRef { plan: PlanId(plan.to_owned()), step };
            comes_after(&log, &below, &at(one), &at(other))
        };
        assert!(comes_after(("3", 0), ("1", 1)) && comes_after(("1", 2), ("1", 0)));
        assert!(!comes_after(("3", 0), ("1", 2)), "a contract waits for a release");
        assert!(!comes_after(("1", 0), ("3", 0)) && !comes_after(("4", 0), ("3", 0)));
    }
}
