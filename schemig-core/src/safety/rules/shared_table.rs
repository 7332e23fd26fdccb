//! A table that several services use: only one of them is compared with the change.

use super::{Case, Finding, Rule};

pub(super) const RULE: Rule =
    Rule { id: "shared-table", page: include_str!("../../../docs/rules/shared-table.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changed = case.plan.tables.iter().filter(|(_, delta)| delta.before.is_some());
    let shared = changed.filter_map(|(table, _)| {
        let services = case.services.get(table)?;
        Some(Finding {
            steps: case.steps(None, |operation| operation.table() == table),
            condition: format!("{table} is used by {} too", services.join(" and ")),
            effect: "their releases run beside this change too, and only the models of this crate were compared with it".into(),
            workaround: "look at what the others read and write there, deploy what they need first, and sign it off".into(),
        })
    });
    shared.collect()
}
