//! The property that everything hangs on, over random pairs of schemas: whatever changes, a plan that is written lets every running
//! release fit every state before its contract and the new one from the end of backfill on; it ends at the target with nothing in
//! flight; its downs, run last first, give back the start; and planning again finds nothing.
//!
//! `SCHEMIG_PAIRS` sets how many pairs; the count, and how many were questions, is printed.

use std::cell::Cell;

use crate::capabilities::{FULL, REBUILDS};
use crate::guards::each_contract_can_be_guarded;
use crate::pairs::{build, schemas};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use schemig_core::change::{Change, diff};
use schemig_core::plan::{Capabilities, Phase, Plan, PlanId, Request, plan};
use schemig_core::safety::{
    Access, Assessment, Case, Cause, Fit, Misfit, Release, Session, assess, escalations, misfits,
};
use schemig_core::schema::{Column, ColumnRef, Hints, Origin, Schema, SqlType, State, Table};

/// What became of one pair.
enum Outcome {
    Empty,
    Question,
    Escalated,
    Planned(usize),
}

fn try_pair(
    before: &Schema,
    after: &Schema,
    hints: &Hints,
    overlap: bool,
    capabilities: Capabilities,
) -> Result<Outcome, TestCaseError> {
    let Ok(difference) = diff(before, after, hints, &[], overlap) else { return Ok(Outcome::Question) };
    if difference.changes.is_empty() {
        return Ok(Outcome::Empty);
    }
    let physical = State::at_rest(before.clone());
    let request = Request {
        id: PlanId("0001_random".into()),
        parents: Vec::new(),
        physical: &physical,
        from: before,
        to: after,
        difference: &difference,
        open: &[],
        overlap,
        capabilities,
    };
    let plan = match plan(&request) {
        Ok(plan) => plan,
        Err(questions) => {
            for question in &questions {
                prop_assert!(
                    !question.condition.contains("no order"),
                    "{question:#?}\n{:#?}",
                    difference.changes
                );
            }
            return Ok(Outcome::Question);
        }
    };
    check(&plan, &physical, before, after, hints)
}

fn check(
    plan: &Plan,
    start: &State,
    before: &Schema,
    after: &Schema,
    hints: &Hints,
) -> Result<Outcome, TestCaseError> {
    let running: Vec<&Schema> = if plan.overlap { vec![before] } else { Vec::new() };
    let assessment = assess(plan, start, &running, after)
        .map_err(|fault| TestCaseError::fail(format!("{fault}\n{}", lines(plan))))?;
    prop_assert!(assessment.end.schema == *after, "the end isn't the target: {}", lines(plan));
    prop_assert!(assessment.end.in_flight.is_empty(), "left in flight: {:#?}", assessment.end.in_flight);
    looks_at_every_table(plan, start, before, after, &assessment)?;
    if plan.overlap {
        each_contract_can_be_guarded(plan, start)?;
    }
    let fired = escalations(&Case::bare(plan, &assessment));
    let signed = |rule: &str| fired.iter().any(|escalation| escalation.rule == rule);
    if plan.overlap && !signed("arbiter-twin") && !signed("old-release-fails") {
        let unsaid: Vec<_> =
            assessment.breaks.iter().filter(|(_, misfit)| !is_of_type(plan, misfit)).collect();
        prop_assert!(unsaid.is_empty(), "{unsaid:#?}\n{}", lines(plan));
    }
    let mut state = assessment.end.clone();
    for step in plan.steps.iter().rev() {
        for operation in &step.down {
            state
                .apply(operation)
                .map_err(|fault| TestCaseError::fail(format!("down: {fault}\n{}", lines(plan))))?;
        }
    }
    let start = if plan.overlap { start.schema.clone() } else { without_lost_values(plan, start) };
    let start = with_added_labels(plan, start);
    prop_assert!(state.schema == start, "the downs don't give back the start: {}", lines(plan));
    prop_assert!(state.in_flight.is_empty(), "the downs leave in flight: {:#?}", state.in_flight);
    let again = diff(after, after, hints, &[], plan.overlap);
    prop_assert!(again.is_ok_and(|again| again.changes.is_empty()), "planning again isn't empty");
    Ok(if fired.is_empty() { Outcome::Planned(plan.steps.len()) } else { Outcome::Escalated })
}

/// Whether a misfit comes of a type that changes in place, which escalates.
fn is_of_type(plan: &Plan, misfit: &Misfit) -> bool {
    let retypes =
        |change: &Change| matches!(change, Change::RetypeColumn { table, .. } if *table == misfit.table);
    matches!(misfit.cause, Cause::CachedPlan(_) | Cause::WireType { .. } | Cause::TooNarrow { .. })
        && plan.changes.iter().any(retypes)
}

/// The judgement looks only where a step may change something, and finds what a look at every table in every state finds.
fn looks_at_every_table(
    plan: &Plan,
    start: &State,
    before: &Schema,
    after: &Schema,
    assessment: &Assessment,
) -> Result<(), TestCaseError> {
    let mut state = start.clone();
    let mut was_deployed = false;
    for (judged, next) in
        assessment.states.iter().zip(assessment.states.iter().skip(1).map(Some).chain([None]))
    {
        let was = state.clone();
        for operation in judged.step.iter().flat_map(|place| &plan.steps[*place].up) {
            state.apply(operation).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
        }
        let contract = judged.phase == Phase::Contract;
        let deployed = contract || next.is_none_or(|next| next.phase == Phase::Contract);
        let old = (plan.overlap && !contract).then_some(before);
        let beside: Vec<&Schema> = old.into_iter().chain(deployed.then_some(after)).collect();
        let mut releases = vec![(after, &judged.after)];
        releases.extend(judged.before.iter().map(|fits| (before, fits)));
        for (schema, fits) in releases {
            let met = |session| misfits(Release { schema, beside: &beside }, &was, &state, session);
            // A release that didn't run before has no older connections.
            let older = if std::ptr::eq(schema, after) { was_deployed } else { plan.overlap };
            let met = if older {
                [met(Session::Pooled), met(Session::Fresh)].concat()
            } else {
                met(Session::Fresh)
            };
            for (access, fit) in [Access::Read, Access::Write].into_iter().zip(fits) {
                let fits = !met.iter().any(|misfit| misfit.access == access);
                prop_assert_eq!(*fit == Fit::Fits, fits, "{:?} {:#?} {}", judged.step, met, lines(plan));
            }
        }
        was_deployed = deployed;
    }
    Ok(())
}

/// The start, but for what no down can bring back: a required column that was dropped at once returns empty, so nullable.
fn without_lost_values(plan: &Plan, start: &State) -> Schema {
    let mut schema = start.schema.clone();
    for change in &plan.changes {
        if let Change::DropColumn { table, column, .. } = change {
            let renamed_from = plan.changes.iter().find_map(|other| {
                let Change::RenameTable { from, to } = other else { return None };
                (to == table).then_some(from)
            });
            let table = schema.tables.get_mut(renamed_from.unwrap_or(table));
            if let Some(column) = table.and_then(|table| table.columns.get_mut(column)) {
                column.nullable |= !column.may_be_left_out();
            }
        }
    }
    schema
}

/// The start with the labels that were added: no way back takes one off an enum that stands.
fn with_added_labels(plan: &Plan, mut start: Schema) -> Schema {
    let mut stays: Vec<&Change> = Vec::new();
    for change in &plan.changes {
        if matches!(change, Change::RenameEnumValue { .. } | Change::AddEnumValue { .. }) {
            stays.push(change);
        }
    }
    // A neighbour has its new name while the labels are added, and its old one when all is back.
    let mut renamed = Vec::new();
    for change in stays {
        if let Change::RenameEnumValue { name, from, to } = change {
            let label =
                start.enums.get_mut(name).and_then(|known| known.labels.iter_mut().find(|it| *it == from));
            if let Some(label) = label {
                *label = to.clone();
                renamed.push((name, from, to));
            }
        } else if let Change::AddEnumValue { name, value, at } = change
            && let Some(known) = start.enums.get_mut(name)
        {
            let _ = known.insert(value, at.as_ref());
        }
    }
    for (name, from, to) in renamed {
        let label = start.enums.get_mut(name).and_then(|known| known.labels.iter_mut().find(|it| *it == to));
        label.into_iter().for_each(|label| label.clone_from(from));
    }
    start
}

/// A plan as a person reads it.
pub fn lines(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        text += &format!("\n! {change}");
    }
    for step in &plan.steps {
        let join = |operations: &[schemig_core::operation::Operation]| {
            operations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        text += &format!("\n{} {}: {}  <- {}", step.phase, step.cause, join(&step.up), join(&step.down));
    }
    text
}

fn pairs() -> u32 {
    std::env::var("SCHEMIG_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_000)
}

/// `share` is how many of the pairs are tried: the route beside running releases gets all of them.
fn over_random_pairs(name: &str, overlap: bool, capabilities: Capabilities, share: u32, least_planned: f64) {
    let pairs = pairs() / share;
    let (planned, steps, escalated, questions, empty) =
        <(Cell<u32>, Cell<usize>, Cell<u32>, Cell<u32>, Cell<u32>)>::default();
    let config =
        Config { cases: pairs, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let result = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&schemas(), |(base, moves)| {
        let (before, after, hints) = build(&base, &moves);
        match try_pair(&before, &after, &hints, overlap, capabilities)? {
            Outcome::Empty => empty.set(empty.get() + 1),
            Outcome::Question => questions.set(questions.get() + 1),
            Outcome::Escalated => escalated.set(escalated.get() + 1),
            Outcome::Planned(count) => {
                planned.set(planned.get() + 1);
                steps.set(steps.get() + count);
            }
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let finding = format!(
        "{name}: {} pairs: {} planned ({} steps), {} to be signed off, {} questions, {} equal",
        pairs,
        planned.get(),
        steps.get(),
        escalated.get(),
        questions.get(),
        empty.get()
    );
    crate::findings::keep(&format!("planning_{name}"), &finding);
    // A planner that asks about everything would pass all else.
    let share = f64::from(planned.get() + escalated.get()) / f64::from((pairs - empty.get()).max(1));
    assert!(share >= least_planned, "only {share:.2} of the pairs that differ got a plan");
}

/// The generator makes the change at all, and it is planned on both routes.
#[test]
fn some_pairs_take_their_rows_from_a_table() {
    for overlap in [true, false] {
        let planned = Cell::new(0);
        let config = Config { cases: 3_000, failure_persistence: None, ..Config::default() };
        let rng =
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
        let run = TestRunner::new_with_rng(config, rng).run(&schemas(), |(base, moves)| {
            let (before, after, hints) = build(&base, &moves);
            if let Outcome::Planned(_) = try_pair(&before, &after, &hints, overlap, FULL)? {
                planned.set(planned.get() + usize::from(!hints.rows.is_empty()));
            }
            Ok(())
        });
        run.expect("each plan holds");
        assert!(planned.get() > 20, "only {} plans move rows, overlap = {overlap}", planned.get());
    }
}

/// Indexes of tables with partitions are built part by part, and some of them are dropped.
#[test]
fn some_pairs_build_indexes_part_by_part() {
    let (built, dropped) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 6_000, failure_persistence: None, ..Config::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let run = TestRunner::new_with_rng(config, rng).run(&schemas(), |(base, moves)| {
        let (before, after, hints) = build(&base, &moves);
        if let Outcome::Planned(_) = try_pair(&before, &after, &hints, true, FULL)? {
            let spread = |table: &Table| table.partition_by.as_ref().is_some_and(|by| !by.known().is_empty());
            let more = |(name, table): (_, &Table)| {
                let old: Option<&Table> = before.tables.get(name);
                spread(table) && old.is_some_and(|old| table.indexes.len() > old.indexes.len())
            };
            let less = |(name, table): (_, &Table)| {
                let old: Option<&Table> = before.tables.get(name);
                spread(table) && old.is_some_and(|old| table.indexes.len() < old.indexes.len())
            };
            built.set(built.get() + usize::from(after.tables.iter().any(more)));
            dropped.set(dropped.get() + usize::from(after.tables.iter().any(less)));
        }
        Ok(())
    });
    run.expect("each plan holds");
    assert!(built.get() > 10 && dropped.get() > 3, "{} and {} plans", built.get(), dropped.get());
}

#[test]
fn releases_run_on_through_every_state() {
    over_random_pairs("overlap", true, FULL, 1, 0.5);
}

#[test]
fn the_direct_route_arrives_too() {
    over_random_pairs("direct", false, FULL, 4, 0.5);
}

#[test]
fn a_server_that_rebuilds_arrives_too() {
    over_random_pairs("rebuilding", false, REBUILDS, 4, 0.5);
}

#[test]
fn a_server_without_triggers_plans_only_what_it_can_keep() {
    over_random_pairs("without_triggers", true, REBUILDS, 4, 0.05);
}

#[test]
fn a_fault_planted_in_a_plan_is_seen() {
    let before = Schema::default()
        .with_table("users", Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt)));
    let mut after = before.clone();
    let users = after.tables.get_mut(&"users".into()).expect("it was just made");
    users.columns.insert("name".into(), Column::required(SqlType::Text));
    let at = ColumnRef::new(&"users".into(), &"name".into());
    let mut hints = Hints::default();
    hints.backfills.insert(at, Origin::Expression("id::text".into()));
    let difference = diff(&before, &after, &hints, &[], true).expect("nothing to ask");
    assert!(matches!(difference.changes.as_slice(), [Change::AddColumn { .. }]));
    let physical = State::at_rest(before.clone());
    let request = Request {
        id: PlanId("0001_planted".into()),
        parents: Vec::new(),
        physical: &physical,
        from: &before,
        to: &after,
        difference: &difference,
        open: &[],
        overlap: true,
        capabilities: FULL,
    };
    let good = plan(&request).expect("a plan");
    let breaks = |plan: &Plan| assess(plan, &physical, &[&before], &after).map(|found| found.breaks.len());
    assert_eq!(breaks(&good), Ok(0));
    for place in 0..good.steps.len() {
        let mut planted = good.clone();
        // Each step brought forward to the first phase, or left out, must be seen by somebody.
        planted.steps.remove(place);
        let seen = match assess(&planted, &physical, &[&before], &after) {
            Ok(found) => {
                !found.breaks.is_empty() || found.end.schema != after || !found.end.in_flight.is_empty()
            }
            Err(_) => true,
        };
        let proves_only = good.steps[place]
            .up
            .iter()
            .all(|operation| matches!(operation, schemig_core::operation::Operation::Validate { .. }));
        assert!(seen || proves_only, "nobody misses step {place}: {:?}", good.steps[place].up);
    }
}
