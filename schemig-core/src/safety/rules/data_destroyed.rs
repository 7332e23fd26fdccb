//! Rows or values are gone when a plan is over, and no way back brings them again.

use super::{Case, Finding, Rule};
use crate::change::Change;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::schema::{Column, ColumnName, ColumnRef, TableName};

pub(super) const RULE: Rule =
    Rule { id: "data-destroyed", page: include_str!("../../../docs/rules/data-destroyed.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changes = case.plan.changes.iter().enumerate();
    let by_changes = changes.filter_map(|(cause, change)| destroyed(case, cause, change));
    by_changes.chain(taken_back(case)).collect()
}

fn destroyed(case: &Case<'_>, cause: usize, change: &Change) -> Option<Finding> {
    let (table, column, what) = match change {
        Change::DropTable { table } => (table, None, format!("the rows of {table}")),
        Change::DropColumn { table, column, .. } => {
            (table, Some(column), format!("the values of {table}.{column}"))
        }
        Change::RecomputeColumn { table, column, from: Column { generated: None, .. }, to: _ } => {
            (table, Some(column), format!("the values of {table}.{column}, which the app wrote,"))
        }
        Change::RecomputeColumn { from: Column { generated: Some(_), .. }, .. }
        | Change::CreateTable { .. }
        | Change::RenameTable { .. }
        | Change::AddColumn { .. }
        | Change::RenameColumn { .. }
        | Change::ReplaceColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeCollation { .. }
        | Change::ChangeComments { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeIdentity { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => return None,
    };
    let steps = case.steps(Some(cause), |operation| takes(operation, table, column));
    Some(loss(steps, change.to_string(), &what))
}

fn loss(steps: Vec<usize>, condition: String, what: &str) -> Finding {
    Finding {
        steps,
        condition,
        effect: format!("{what} are gone for good; no down brings them back"),
        workaround: "keep a copy, then sign it off: --approve \"why they may go\"".into(),
    }
}

/// Whether an operation takes a table or a column away, or overwrites the column.
pub(super) fn takes(operation: &Operation, table: &TableName, column: Option<&ColumnName>) -> bool {
    let is_it = |at: &TableName, taken: Option<&ColumnName>| at == table && taken == column;
    if let Operation::RebuildTable { table: at, definition, values, back: _ } = operation {
        let goes = |column: &ColumnName| {
            definition.columns.get(column).is_none_or(|column| column.generated.is_some())
                || values.contains_key(column)
        };
        return at == table && column.is_some_and(goes);
    }
    matches!(operation, Operation::DropTable { table: at } if is_it(at, None))
        || matches!(operation, Operation::DropColumn { table: at, column } | Operation::Recompute { table: at, column, .. }
            | Operation::AlterType { table: at, column, .. } if is_it(at, Some(column)))
}

/// What a plan that takes others back drops with them. It is in no change of its own, and the release that is taken back may have
/// written to it: nobody has said that it never ran.
fn taken_back(case: &Case<'_>) -> Vec<Finding> {
    let plan = case.plan;
    let mut found = Vec::new();
    for (table, delta) in plan.tables.iter().filter(|_| !plan.cancels.is_empty()) {
        let Some(before) = &delta.before else { continue };
        let steps = |column| case.steps(None, |operation| takes(operation, table, column));
        let Some(after) = &delta.after else {
            if !said(plan, table, None) {
                let what = format!("the rows of {table}");
                found.push(loss(steps(None), format!("taken back: table {table}"), &what));
            }
            continue;
        };
        for column in before.columns.keys().filter(|column| !after.columns.contains_key(*column)) {
            let at = ColumnRef::new(table, column);
            if !said(plan, table, Some(&at)) {
                let what = format!("the values of {at}");
                found.push(loss(steps(Some(column)), format!("taken back: column {at}"), &what));
            }
        }
    }
    found
}

/// Whether a table or a column that is gone is dropped by a change, or lives on under another name.
fn said(plan: &Plan, table: &TableName, at: Option<&ColumnRef>) -> bool {
    let gone = |table: &TableName, column: &ColumnName| at == Some(&ColumnRef::new(table, column));
    let by_change = plan.changes.iter().any(|change| {
        matches!(change, Change::DropTable { table: from } | Change::RenameTable { from, .. } if at.is_none() && from == table)
            || matches!(change, Change::DropColumn { table, column, .. } | Change::RenameColumn { table, from: column, .. }
                | Change::ReplaceColumn { table, from: column, .. } if gone(table, column))
    });
    let moved = |operation: &Operation| {
        matches!(operation, Operation::RenameTable { from, .. } if at.is_none() && from == table)
            || matches!(operation, Operation::Unmirror { table, new: column } | Operation::RenameColumn { table, from: column, .. } if gone(table, column))
    };
    by_change || plan.steps.iter().flat_map(|step| &step.up).any(moved)
}
