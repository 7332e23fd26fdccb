//! The model says that the old release needn't read what the new one writes (DOCTRINE, R9).

use super::{Case, Finding, Rule};
use crate::change::{Change, Fill};
use crate::operation::Operation;

pub(super) const RULE: Rule =
    Rule { id: "old-release-fails", page: include_str!("../../../docs/rules/old-release-fails.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changes = case.plan.changes.iter().enumerate().filter(|_| case.plan.overlap);
    changes.filter_map(|(cause, change)| forgone(case, cause, change)).collect()
}

fn forgone(case: &Case<'_>, cause: usize, change: &Change) -> Option<Finding> {
    let Change::DropColumn { table, column, fill: Fill::Forgone } = change else { return None };
    let relaxes = |operation: &Operation| matches!(operation, Operation::DropNotNull { table: on, column: at } if on == table && at == column);
    Some(Finding {
        steps: case.steps(Some(cause), relaxes),
        condition: format!("{table}.{column} is dropped with fill = none"),
        effect: "the old release fails on each row that the new one has written".into(),
        workaround: "give a fill: dropped(\"column\", fill = \"expression\")".into(),
    })
}
