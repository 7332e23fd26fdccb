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
    let replaced = context.table(table).is_some_and(|known| known.checks.contains_key(name));
    let phase = if replaced { Phase::Contract } else { phase(context, table, definition) };
    let validate = || Operation::Validate { table: table.clone(), constraint: name.clone() };
    let expression = definition.expression.clone();
    let mut up = vec![Operation::Guard { table: table.clone(), against: Violation::Check { expression } }];
    let mut steps = Vec::new();
    if replaced {
        steps.push(Draft::way_back(phase, [validate()]));
        up.push(Operation::DropCheck { table: table.clone(), name: name.clone() });
    }
    let (table, name, definition) = (table.clone(), name.clone(), definition.clone());
    up.push(Operation::AddCheck { table: table.clone(), name: name.clone(), definition, validated: false });
    steps.push(Draft::new(phase, up));
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
