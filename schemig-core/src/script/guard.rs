//! What the first directory of a contract asks, where contracts are guarded: `contract_guard` in schemig.toml.

use std::collections::BTreeSet;

use super::layout::{LayoutError, Request};
use crate::dialect::{ContractGuard, Dialect, Rendered};
use crate::plan::{Phase, Plan, Step};
use crate::schema::{State, TableName};

/// When a contract may run on a database whose tables aren't empty.
///
/// Only the first directory asks: Diesel runs them in order, and stops at one that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard<'a> {
    /// The version, as Diesel stores it, of the plan's last directory before the contract.
    pub expand: &'a str,
    /// How long before, in seconds, that has to have run.
    pub seconds: u64,
}

/// Puts blank steps into a plan whose contract is to be guarded: one before a contract that nothing of the plan comes before, since Diesel
/// records when that ran; and one where a contract begins with what has to be alone in its file, so that a guard finds room. Later plans
/// may take changes back, so each change counts by itself. `start` is the state before the plan.
pub fn make_room(plan: &mut Plan, start: &State, dialect: &dyn Dialect) {
    if !plan.overlap {
        return;
    }
    let id = plan.id.clone();
    let finds_no_room = |up: &Rendered| {
        let guard = ContractGuard { plan: &id, expand: "", seconds: 0, tables: &[] };
        dialect.guard_contract(&guard, up, up.transactional).is_none()
    };
    let blank = |phase, cause| Step { phase, cause, up: Vec::new(), down: Vec::new() };
    let (mut state, mut begun, mut steps) = (start.clone(), BTreeSet::new(), Vec::new());
    for step in std::mem::take(&mut plan.steps) {
        let is_contract = step.phase == Phase::Contract;
        if is_contract && steps.is_empty() {
            steps.push(blank(Phase::Expand, step.cause));
        }
        if is_contract && begun.insert(step.cause) && finds_no_room(&dialect.render(&step.up, &state)) {
            steps.push(blank(Phase::Contract, step.cause));
        }
        for operation in &step.up {
            // What doesn't fit is told of where the plan is judged.
            let _ = state.apply(operation);
        }
        steps.push(step);
    }
    plan.steps = steps;
}

/// A guard, ready to be written; nothing where there is none.
#[derive(Default)]
pub(super) struct Guarded {
    /// What it does, for up.sql's comment.
    pub words: Option<String>,
    /// Its statements, with what keeps them apart from those behind them.
    pub sql: String,
}

/// The guard of a contract whose first step is rendered as `up`, in the state `before`, in a transaction of Diesel's or not. `None`
/// where the contract touches no table.
///
/// # Errors
/// Nothing can stand before that step.
pub(super) fn guarded(
    request: &Request<'_>,
    guard: Guard<'_>,
    before: &State,
    (up, in_transaction): (&Rendered, bool),
) -> Result<Option<Guarded>, LayoutError> {
    let Request { plan, steps, given, .. } = request;
    let Guard { expand, seconds } = guard;
    let tables = touched(request, before);
    if tables.is_empty() {
        return Ok(None);
    }
    let guard = ContractGuard { plan: &plan.id, expand, seconds, tables: &tables };
    let Some(sql) = given.dialect.guard_contract(&guard, up, in_transaction) else {
        let step = steps.first().map_or(0, |place| place + 1);
        return Err(LayoutError::Unguarded { plan: plan.id.clone(), step });
    };
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    let words = format!(
        "stops while there are rows in {} and migration {expand} hasn't run {} ago",
        names.join(" or "),
        guard.time()
    );
    Ok(Some(Guarded { words: Some(words), sql: sql + "\n\n" }))
}

/// The tables that the wanted steps touch, of those that there are before them; where they touch a view, the table that it shows.
/// Where they touch none, it is the end of something on the tables that the plan changes.
fn touched(request: &Request<'_>, before: &State) -> Vec<TableName> {
    let Request { plan, steps, .. } = request;
    let (tables, views) = (&before.schema.tables, &before.in_flight.views);
    let there = |name: &TableName| views.get(name).map_or(name, |view| &view.table).clone();
    let operations = steps.iter().flat_map(|&place| &plan.steps[place].up);
    let mut found: BTreeSet<TableName> = operations.map(|operation| there(operation.table())).collect();
    found.retain(|table| tables.contains_key(table));
    if found.is_empty() {
        found.extend(plan.tables.keys().filter(|table| tables.contains_key(table)).cloned());
    }
    found.into_iter().collect()
}
