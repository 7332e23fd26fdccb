//! Add a check: counted, for new writes first, proved for the rows that stand in a transaction of its own.
//!
//! It waits until N-1 is gone, unless it reads only columns that N-1 doesn't know and leaves NULL, which no check rejects.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{Check, ConstraintName, TableName, Violation};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    name: &ConstraintName,
    definition: &Check,
) -> Vec<Draft> {
    let replaced = context.table(table).and_then(|known| known.checks.get(name)).cloned();
    let phase = if replaced.is_some() { Phase::Contract } else { phase(context, table, definition) };
    let (table, name) = (table.clone(), name.clone());
    let validate = || Operation::Validate { table: table.clone(), constraint: name.clone() };
    let add = |definition: Check| Operation::AddCheck {
        table: table.clone(),
        name: name.clone(),
        definition,
        validated: false,
    };
    let drop = || Operation::DropCheck { table: table.clone(), name: name.clone() };
    let against = Violation::Check { expression: definition.expression.clone() };
    let count = Operation::Guard { table: table.clone(), against };
    let mut steps = Vec::new();
    match replaced {
        // In one transaction, so that there is no moment without either.
        Some(old) => {
            steps.push(Draft::way_back(phase, [validate()]));
            let up = [count, drop(), add(definition.clone())];
            steps.push(Draft::new(phase, up).back_by([drop(), add(old)]));
        }
        None => steps.push(Draft::new(phase, [count, add(definition.clone())])),
    }
    steps.push(Draft::new(phase, [validate()]));
    steps
}

fn phase(context: &Context<'_>, table: &TableName, definition: &Check) -> Phase {
    let columns = context.to.tables.get(table).into_iter().flat_map(|known| known.columns.keys());
    let read = definition.expression.columns(columns);
    match context.phase_unmet(table, &read) {
        Phase::Expand => Phase::Expand,
        Phase::Backfill | Phase::Contract => Phase::Contract,
    }
}
