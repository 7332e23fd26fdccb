//! Order: no step that is one transaction makes queries wait on two tables that are in use, unless a foreign key ties them; then on the
//! parent first. That tables are made behind those that they refer to, and go before them, a state is strict about by itself.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schemig_core::change::diff;
use schemig_core::dialect::{Dialect as _, postgres::Postgres};
use schemig_core::operation::Operation;
use schemig_core::plan::{Plan, PlanId, Request, plan};
use schemig_core::schema::{ForeignKey, Hints, Schema, State, TableName};

use crate::capabilities::FULL;
use crate::one_plan::lines;
use crate::pairs::{build, schemas};

/// The first step that isn't so, in words.
fn out_of_order(plan: &Plan, start: &State) -> Result<(), String> {
    let server = Postgres::default();
    let mut state = start.clone();
    for (place, step) in plan.steps.iter().enumerate() {
        let begin = state.clone();
        let (mut strong, mut transactional) = (Vec::<TableName>::new(), true);
        // Every key that ties two tables while the step runs.
        let mut tied: BTreeSet<[TableName; 2]> = BTreeSet::new();
        for operation in &step.up {
            let effect = server.effect(operation, &state);
            transactional &= effect.transactional;
            let waits = effect.locks.iter().filter(|(_, mode)| mode.blocks_writes());
            let ours: Vec<TableName> = waits.map(|(table, _)| table.clone()).collect();
            tied.extend(keys(&state.schema));
            state.apply(operation).map_err(|why| format!("step {place}: {why}"))?;
            tied.extend(keys(&state.schema));
            parents_first(&ours, &tied).map_err(|why| format!("step {place}: {why}"))?;
            strong.extend(ours);
        }
        // What a plan made nobody uses; what has another name now is the same table.
        let in_use =
            |table: &TableName| begin.schema.tables.contains_key(table) && !begin.empty.contains(table);
        let busy: BTreeSet<TableName> = strong.into_iter().filter(in_use).collect();
        let is_tied = |[one, other]: [&TableName; 2]| {
            tied.iter()
                .any(|[child, parent]| [child, parent] == [one, other] || [child, parent] == [other, one])
        };
        let around = |hub: &TableName| busy.iter().all(|other| other == hub || is_tied([hub, other]));
        let together = busy.len() <= 1 || step.up.iter().any(of_keys) && busy.iter().any(around);
        if transactional && !together {
            return Err(format!("step {place} makes queries wait on {busy:?}"));
        }
    }
    Ok(())
}

/// Whether an operation adds or drops a foreign key, or checks it anew: both of its tables are locked.
fn of_keys(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::AddForeignKey { .. }
            | Operation::DropForeignKey { .. }
            | Operation::AlterType { .. }
            | Operation::Recompute { .. }
            | Operation::DropColumn { .. }
            | Operation::CreateTable { .. }
            | Operation::DropTable { .. }
    )
}

fn keys(schema: &Schema) -> Vec<[TableName; 2]> {
    let of = |(name, key): (&TableName, &ForeignKey)| [name.clone(), key.references.clone()];
    let all = schema
        .tables
        .iter()
        .flat_map(|(name, table)| table.foreign_keys.values().map(move |key| (name, key)));
    all.map(of).collect()
}

/// An operation's own table comes last: its parents are locked before it. In a circle each is the other's parent.
fn parents_first(locked: &[TableName], tied: &BTreeSet<[TableName; 2]>) -> Result<(), String> {
    let Some((child, before)) = locked.split_last() else { return Ok(()) };
    let refers = |table: &TableName, to: &TableName| tied.contains(&[table.clone(), to.clone()]);
    match before.iter().find(|parent| refers(parent, child) && !refers(child, parent)) {
        Some(parent) => Err(format!("{parent} is locked before {child}, which it refers to")),
        None => Ok(()),
    }
}

fn planned(before: &Schema, after: &Schema, hints: &Hints) -> Option<Plan> {
    let difference = diff(before, after, hints, &[], true).ok()?;
    let physical = State::at_rest(before.clone());
    let request = Request {
        id: PlanId("0001_random".into()),
        parents: Vec::new(),
        physical: &physical,
        from: before,
        to: after,
        difference: &difference,
        open: &[],
        overlap: true,
        capabilities: FULL,
    };
    plan(&request).ok()
}

#[test]
fn no_transaction_makes_queries_wait_on_two_tables_unless_a_key_ties_them() {
    let cases = std::env::var("SCHEMIG_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_000) / 4;
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let result = TestRunner::new_with_rng(config, rng).run(&schemas(), |(base, moves)| {
        let (before, after, hints) = build(&base, &moves);
        if let Some(plan) = planned(&before, &after, &hints) {
            let found = out_of_order(&plan, &State::at_rest(before));
            prop_assert!(found.is_ok(), "{found:?}\n{}", lines(&plan));
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn two_tables_in_one_transaction_are_seen() {
    use schemig_core::schema::{Column, SqlType, Table};
    let table = || Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    let before = Schema::default().with_table("a", table()).with_table("b", table());
    let note = || Column::optional(SqlType::Text);
    let after = Schema::default()
        .with_table("a", table().with_column("note", note()))
        .with_table("b", table().with_column("note", note()));
    let mut plan = planned(&before, &after, &Hints::default()).expect("a plan");
    let start = State::at_rest(before);
    assert_eq!(out_of_order(&plan, &start), Ok(()));
    let second = plan.steps.remove(1);
    plan.steps[0].up.extend(second.up);
    assert!(out_of_order(&plan, &start).is_err(), "nobody sees two tables in one transaction");
}
