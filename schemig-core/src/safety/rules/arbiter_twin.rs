//! A twin of a unique key that ON CONFLICT may name gives 23505 on the other (DOCTRINE, R3).

use super::{Case, Finding, Rule};
use crate::change::Change;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::schema::TableName;

pub(super) const RULE: Rule =
    Rule { id: "arbiter-twin", page: include_str!("../../../docs/rules/arbiter-twin.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changes = case.plan.changes.iter().enumerate().filter(|_| case.plan.overlap);
    changes.filter_map(|(cause, change)| finding(case, cause, change)).collect()
}

fn finding(case: &Case<'_>, cause: usize, change: &Change) -> Option<Finding> {
    let (table, condition) = twin(case.plan, change)?;
    let builds = |operation: &Operation| matches!(operation, Operation::CreateIndex { table: on, definition, .. } if on == table && definition.unique);
    Some(Finding {
        steps: case.steps(Some(cause), builds),
        condition,
        effect: "an upsert names one unique index, and the twin rejects its rows (23505) while both stand"
            .into(),
        workaround: "keep the SQL name: #[diesel(column_name = …)]; or sign off that nothing upserts by it"
            .into(),
    })
}

/// The table whose unique key gets a twin by a change, and how.
fn twin<'a>(plan: &Plan, change: &'a Change) -> Option<(&'a TableName, String)> {
    if let Change::RenameColumn { table, from, .. } | Change::ReplaceColumn { table, from, .. } = change {
        let before = plan.tables.get(table)?.before.as_ref()?;
        let words = || (table, format!("{table}.{from} is part of a unique key, and is mirrored"));
        return before.is_in_unique_key(from).then(words);
    }
    let Change::ReplaceIndex { table, index, from, to } = change else { return None };
    // One that only becomes a constraint's has no twin, and nothing upserts by one that is checked later.
    let twin = from.arbitrates() && *from != to.plain();
    twin.then(|| (table, format!("the unique index {index} of {table} is replaced")))
}
