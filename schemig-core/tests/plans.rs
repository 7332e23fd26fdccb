//! The property that everything hangs on, over random pairs of schemas: whatever changes, a plan that is written lets every running
//! release fit every state before its contract and the new one from the end of backfill on; it ends at the target with nothing in
//! flight; its downs, run last first, give back the start; and planning again finds nothing.
//!
//! `SCHEMIG_PAIRS` sets how many pairs; the count, and how many were questions, is printed.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use schemig_core::change::{Change, diff};
use schemig_core::plan::{Capabilities, Plan, PlanId, Request, plan};
use schemig_core::safety::{assess, escalations};
use schemig_core::schema::{
    Action, Check, Column, ColumnName, ColumnRef, Dropped, Expression, ForeignKey, Hints, Index, Origin,
    Schema, Source, SqlType, State, Table, TableName,
};

const FULL: Capabilities = Capabilities {
    online_indexes: true,
    triggers_assign: true,
    alters_in_place: true,
    updatable_views: true,
    stable_defaults: true,
    security_invoker: true,
};

const REBUILDS: Capabilities = Capabilities {
    online_indexes: false,
    triggers_assign: false,
    alters_in_place: false,
    updatable_views: false,
    stable_defaults: false,
    security_invoker: false,
};

/// What a byte picks from a list.
fn pick<T: Clone>(list: &[T], byte: u8) -> T {
    list[usize::from(byte) % list.len()].clone()
}

const TABLES: [&str; 3] = ["accounts", "members", "notes"];
const COLUMNS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn column(byte: u8) -> Column {
    match byte % 6 {
        0 => Column::required(SqlType::Text),
        1 => Column::optional(SqlType::Text),
        2 => Column::required(SqlType::BigInt).with_default("0"),
        3 => Column::optional(SqlType::BigInt),
        4 => Column::required(SqlType::Uuid).with_default("gen_random_uuid()"),
        _ => Column::required(SqlType::Timestamptz).with_default("now()"),
    }
}

/// A change to a schema, as three bytes say.
type Move = (u8, u8, u8, u8);

/// Does a move; one that doesn't fit does nothing.
fn make(schema: &mut Schema, hints: &mut Hints, (kind, x, y, z): Move) {
    let name = TableName::new(pick(&TABLES, x));
    let column_name = ColumnName::from(pick(&COLUMNS, y));
    let at = ColumnRef::new(&name, &column_name);
    match kind % 16 {
        0 => create(schema, &name, y, z),
        1 => drop(drop_table(schema, &name)),
        2 => rename_table(schema, hints, &name),
        3 | 4 => add_column(schema, hints, &at, z),
        5 => drop_column(schema, hints, &at, z),
        6 => rename_column(schema, hints, &at, z),
        7 => {
            if let Some(column) =
                schema.tables.get_mut(&name).and_then(|table| table.columns.get_mut(&column_name))
            {
                column.nullable = !column.nullable;
                if !column.nullable {
                    hints.backfills.insert(at, Origin::Expression(Expression::from(pick(&["0", "id"], z))));
                }
            }
        }
        8 => {
            if let Some(column) =
                schema.tables.get_mut(&name).and_then(|table| table.columns.get_mut(&column_name))
            {
                column.default = pick(&[None, Some("1"), Some("now()")], z).map(Expression::from);
            }
        }
        9 | 10 => {
            let Some(table) =
                schema.tables.get_mut(&name).filter(|table| table.columns.contains_key(&column_name))
            else {
                return;
            };
            let index = Index { unique: z % 2 == 0, ..Index::on([column_name.as_str()]) };
            let predicate = (z % 3 == 0).then(|| Expression::from("id > 0"));
            table
                .indexes
                .insert(format!("{name}_{column_name}_idx").as_str().into(), Index { predicate, ..index });
        }
        11 => {
            if let Some(table) = schema.tables.get_mut(&name) {
                table.indexes.remove(&format!("{name}_{column_name}_idx").as_str().into());
            }
        }
        12 => reference(schema, &at, z),
        13 => {
            if let Some(table) = schema.tables.get_mut(&name) {
                table.foreign_keys.remove(&format!("{name}_{column_name}_fkey").as_str().into());
            }
        }
        14 => {
            if let Some(table) =
                schema.tables.get_mut(&name).filter(|table| table.columns.contains_key(&column_name))
            {
                let expression = format!("{column_name} IS DISTINCT FROM '{}'", z % 3);
                table
                    .checks
                    .insert(format!("{name}_{column_name}_check").as_str().into(), Check::on(&expression));
            }
        }
        _ => {
            if let Some(table) = schema.tables.get_mut(&name) {
                table.checks.remove(&format!("{name}_{column_name}_check").as_str().into());
            }
        }
    }
}

fn create(schema: &mut Schema, name: &TableName, y: u8, z: u8) {
    let table = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column(pick(&COLUMNS, y), column(z))
        .with_column(pick(&COLUMNS, y.wrapping_add(1)), column(z / 6));
    schema.tables.entry(name.clone()).or_insert(table);
}

fn drop_table(schema: &mut Schema, name: &TableName) -> Option<Table> {
    for table in schema.tables.values_mut() {
        table.foreign_keys.retain(|_, key| key.references != *name);
    }
    schema.tables.remove(name)
}

fn rename_table(schema: &mut Schema, hints: &mut Hints, name: &TableName) {
    let new = TableName::new(format!("{}_renamed", name.name));
    if schema.tables.contains_key(&new)
        || hints.table_renames.values().any(|from| from.as_ref() == Some(name))
    {
        return;
    }
    if let Some(table) = schema.tables.remove(name) {
        schema.tables.insert(new.clone(), table);
        for key in schema.tables.values_mut().flat_map(|table| table.foreign_keys.values_mut()) {
            if key.references == *name {
                key.references = new.clone();
            }
        }
        hints.table_renames.insert(new, Some(name.clone()));
    }
}

fn add_column(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let source = TableName::new(pick(&TABLES, z));
    let source_has =
        schema.tables.get(&source).is_some_and(|table| table.columns.contains_key(&ColumnName::from("id")));
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    if table.columns.contains_key(&at.column) {
        return;
    }
    let column = column(z);
    let origin = match (z / 16) % 5 {
        0 => Some(Origin::Expression(Expression::from("0"))),
        1 => Some(Origin::Expression(Expression::from("id"))),
        2 => Some(Origin::Expression(Expression::from("gen_random_uuid()"))),
        3 if source_has && source != at.table => {
            let (key, value) = (ColumnName::from("id"), ColumnName::from("id"));
            let otherwise = (z % 2 == 0).then(|| Expression::from("0"));
            Some(Origin::Source(Source { table: source, key, value, otherwise }))
        }
        _ => None,
    };
    if let Some(origin) = origin {
        hints.backfills.insert(at.clone(), origin);
    }
    hints.column_renames.entry(at.clone()).or_insert(None);
    table.columns.insert(at.column.clone(), column);
}

fn drop_column(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    table.columns.shift_remove(&at.column);
    table.indexes.retain(|_, index| !index.reads(&at.column));
    table.checks.retain(|_, check| !check.reads(&at.column));
    table.foreign_keys.retain(|_, key| !key.columns.contains(&at.column));
    let fill = pick(&[Some("0"), Some("id"), Some("gen_random_uuid()")], z).map(Expression::from);
    hints.drops.insert(at.clone(), Dropped { fill: (z % 4 != 0).then_some(fill), with: Vec::new() });
}

fn rename_column(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    let to = ColumnName::from(format!("{}_renamed", pick(&["x", "y"], z)));
    let Some(place) = table.columns.get_index_of(&at.column) else { return };
    if hints.column_renames.values().any(|from| from.as_ref() == Some(&at.column)) {
        return;
    }
    if table.columns.replace_index(place, to.clone()).is_err() {
        return;
    }
    for index in table.indexes.values_mut() {
        *index = index.rename_column(&at.column, &to);
    }
    for check in table.checks.values_mut() {
        check.expression = check.expression.rename(&at.column, &to);
    }
    for key in table.foreign_keys.values_mut() {
        for column in &mut key.columns {
            if *column == at.column {
                *column = to.clone();
            }
        }
    }
    hints.column_renames.insert(ColumnRef::new(&at.table, &to), Some(at.column.clone()));
}

fn reference(schema: &mut Schema, at: &ColumnRef, z: u8) {
    let parent = TableName::new(pick(&TABLES, z));
    if !schema.tables.contains_key(&parent) {
        return;
    }
    let Some(table) = schema.tables.get_mut(&at.table).filter(|table| table.columns.contains_key(&at.column))
    else {
        return;
    };
    let key = ForeignKey {
        columns: vec![at.column.clone()],
        references: parent,
        key: vec!["id".into()],
        on_delete: pick(&[Action::NoAction, Action::Cascade, Action::SetNull], z / 3),
        on_update: Action::NoAction,
        provenance: Default::default(),
    };
    table.foreign_keys.insert(format!("{}_{}_fkey", at.table, at.column).as_str().into(), key);
}

fn schemas() -> impl Strategy<Value = (Vec<Move>, Vec<Move>)> {
    let moves = |length| vec(any::<Move>(), length);
    (moves(0..12), moves(1..5))
}

fn build(base: &[Move], moves: &[Move]) -> (Schema, Schema, Hints) {
    let mut before = Schema::default();
    for (place, name) in TABLES.iter().enumerate() {
        create(&mut before, &TableName::new(*name), place as u8, place as u8);
    }
    for step in base {
        // Renames belong to the change, not to the start.
        if !matches!(step.0 % 16, 2 | 6) {
            make(&mut before, &mut Hints::default(), *step);
        }
    }
    let (mut after, mut hints) = (before.clone(), Hints::default());
    for step in moves {
        make(&mut after, &mut hints, *step);
    }
    // A source that isn't there on both sides is bad input, refused before there is a diff.
    hints.backfills.retain(|_, origin| match origin {
        Origin::Source(source) => {
            [&before, &after].iter().all(|schema| schema.tables.contains_key(&source.table))
        }
        Origin::Expression(_) | Origin::Column(_) => true,
    });
    (before, after, hints)
}

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
    let fired = escalations(plan, &assessment);
    let signed = |rule: &str| fired.iter().any(|escalation| escalation.rule == rule);
    if plan.overlap && !signed("arbiter-twin") && !signed("old-release-fails") {
        prop_assert!(assessment.breaks.is_empty(), "{:#?}\n{}", assessment.breaks, lines(plan));
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
    prop_assert!(state.schema == start, "the downs don't give back the start: {}", lines(plan));
    prop_assert!(state.in_flight.is_empty(), "the downs leave in flight: {:#?}", state.in_flight);
    let again = diff(after, after, hints, &[], plan.overlap);
    prop_assert!(again.is_ok_and(|again| again.changes.is_empty()), "planning again isn't empty");
    Ok(if fired.is_empty() { Outcome::Planned(plan.steps.len()) } else { Outcome::Escalated })
}

/// The start, but for what no down can bring back: a required column that was dropped at once returns empty, so nullable.
fn without_lost_values(plan: &Plan, start: &State) -> Schema {
    let mut schema = start.schema.clone();
    for change in &plan.changes {
        if let Change::DropColumn { table, column, .. } = change {
            let renamed_from = plan.changes.iter().find_map(|other| match other {
                Change::RenameTable { from, to } if to == table => Some(from),
                _ => None,
            });
            let table = schema.tables.get_mut(renamed_from.unwrap_or(table));
            if let Some(column) = table.and_then(|table| table.columns.get_mut(column)) {
                column.nullable |= !column.may_be_left_out();
            }
        }
    }
    schema
}

/// A plan as a person reads it.
fn lines(plan: &Plan) -> String {
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

fn over_random_pairs(overlap: bool, capabilities: Capabilities, least_planned: f64) {
    let (planned, steps, escalated, questions, empty) =
        <(Cell<u32>, Cell<usize>, Cell<u32>, Cell<u32>, Cell<u32>)>::default();
    let config =
        Config { cases: pairs(), failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
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
    println!(
        "{} pairs: {} planned ({} steps), {} to be signed off, {} questions, {} equal",
        pairs(),
        planned.get(),
        steps.get(),
        escalated.get(),
        questions.get(),
        empty.get()
    );
    // A planner that asks about everything would pass all else.
    let share = f64::from(planned.get() + escalated.get()) / f64::from((pairs() - empty.get()).max(1));
    assert!(share >= least_planned, "only {share:.2} of the pairs that differ got a plan");
}

#[test]
fn releases_run_on_through_every_state() {
    over_random_pairs(true, FULL, 0.5);
}

#[test]
fn the_direct_route_arrives_too() {
    over_random_pairs(false, FULL, 0.5);
}

#[test]
fn a_server_that_rebuilds_arrives_too() {
    over_random_pairs(false, REBUILDS, 0.5);
}

#[test]
fn a_server_without_triggers_plans_only_what_it_can_keep() {
    over_random_pairs(true, REBUILDS, 0.05);
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
