//! Add a check: counted, for new writes first, proved for the rows that stand in a transaction of its own.
//!
//! It waits until N-1 is gone, unless it reads only columns that N-1 doesn't know and leaves NULL, which no check rejects.

use super::hold_to::{self, Constraint};
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
    let at = || (table.clone(), name.clone());
    let add = |definition: Check| {
        let (table, name) = at();
        Operation::AddCheck { table, name, definition, validated: false }
    };
    let drop = || {
        let (table, name) = at();
        Operation::DropCheck { table, name }
    };
    let old = context.table(table).and_then(|known| known.checks.get(name)).cloned();
    let phase = if old.is_some() { Phase::Contract } else { phase(context, table, definition) };
    let against = Violation::Check { expression: definition.expression.clone() };
    let constraint = Constraint {
        count: Operation::Guard { table: table.clone(), against },
        add: add(definition.clone()),
        prove: Operation::Validate { table: table.clone(), constraint: name.clone() },
        replaced: old.map(|old| [drop(), add(old)]),
    };
    hold_to::steps(phase, constraint)
}

fn phase(context: &Context<'_>, table: &TableName, definition: &Check) -> Phase {
    let columns = context.to.tables.get(table).into_iter().flat_map(|known| known.columns.keys());
    let read = definition.expression.columns(columns);
    match context.phase_unmet(table, &read) {
        Phase::Expand => Phase::Expand,
        Phase::Backfill | Phase::Contract => Phase::Contract,
    }
}
