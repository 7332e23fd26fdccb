//! An exclusion constraint comes to a table that has rows: there is no way to build it beside them (DOCTRINE, B19).

use super::{Case, Finding, Rule};
use crate::change::Change;
use crate::operation::Operation;

pub(super) const RULE: Rule =
    Rule { id: "index-under-lock", page: include_str!("../../../docs/rules/index-under-lock.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changes = case.plan.changes.iter().enumerate();
    changes.filter_map(|(cause, change)| built(case, cause, change)).collect()
}

fn built(case: &Case<'_>, cause: usize, change: &Change) -> Option<Finding> {
    let (Change::AddIndex { table, index, definition }
    | Change::ReplaceIndex { table, index, to: definition, .. }) = change
    else {
        return None;
    };
    let builds = |operation: &Operation| matches!(operation, Operation::CreateIndex { table: on, definition, .. } if on == table && definition.excludes());
    definition.excludes().then(|| Finding {
        steps: case.steps(Some(cause), builds),
        condition: format!("the exclusion constraint {index} comes to {table}, which may have rows"),
        effect: format!(
            "nobody reads or writes {table} while its index is built: there is no other way; and rows that exclude each other \
             make it fail, with nothing changed"
        ),
        workaround: "sign it off for a small table or a quiet hour; or a new table that has it, with the rows moved there by the app".into(),
    })
}
