//! A stored computed column comes to a table that has rows: the server writes each of them, and nobody reads or writes meanwhile.

use super::{Case, Finding, Rule};
use crate::change::Change;
use crate::operation::Operation;

pub(super) const RULE: Rule =
    Rule { id: "table-rewritten", page: include_str!("../../../docs/rules/table-rewritten.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changes = case.plan.changes.iter().enumerate().filter(|_| case.plan.overlap);
    changes.filter_map(|(cause, change)| stored(case, cause, change)).collect()
}

fn stored(case: &Case<'_>, cause: usize, change: &Change) -> Option<Finding> {
    let (Change::AddColumn { table, column, definition, .. }
    | Change::RecomputeColumn { table, column, from: _, to: definition }) = change
    else {
        return None;
    };
    let computes = |operation: &Operation| {
        matches!(operation, Operation::AddColumn { table: on, column: at, .. } | Operation::Recompute { table: on, column: at, .. }
            if on == table && at == column)
    };
    definition.generated.as_ref().is_some_and(|by| by.stored).then(|| Finding {
        steps: case.steps(Some(cause), computes),
        condition: format!("{table}.{column} is computed and stored"),
        effect: format!("the server writes every row of {table}, under a lock that nobody reads or writes beside"),
        workaround: "a virtual one, where the server has them; or a plain column that the app writes, with a backfill; or sign \
                     it off for a small table"
            .into(),
    })
}
