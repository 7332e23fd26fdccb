//! Values change their type by an expression of the model. A cast that loses something is never taken without one, and nobody but its
//! author knows what the expression keeps.

use super::{Case, Finding, Rule, data_destroyed};
use crate::change::Change;

pub(super) const RULE: Rule =
    Rule { id: "lossy-cast", page: include_str!("../../../docs/rules/lossy-cast.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let changes = case.plan.changes.iter().enumerate();
    changes.filter_map(|(cause, change)| converted(case, cause, change)).collect()
}

fn converted(case: &Case<'_>, cause: usize, change: &Change) -> Option<Finding> {
    let (table, from, to, conversion) = match change {
        Change::RetypeColumn { table, column, from: _, to: _, conversion } => {
            (table, column, column, conversion)
        }
        Change::ReplaceColumn { table, from, to, conversion } => (table, from, to, conversion),
        Change::DropTable { .. }
        | Change::DropColumn { .. }
        | Change::RecomputeColumn { .. }
        | Change::CreateTable { .. }
        | Change::RenameTable { .. }
        | Change::AddColumn { .. }
        | Change::RenameColumn { .. }
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
    let forth = conversion.forth.as_ref()?;
    Some(Finding {
        steps: case.steps(Some(cause), |operation| data_destroyed::takes(operation, table, Some(from))),
        condition: format!("the values of {table}.{from} become {forth} in {table}.{to}"),
        effect: "what that expression doesn't keep of a value is gone for good; no down brings it back".into(),
        workaround: "a field of its own with `backfill`, beside the old one, which is dropped when nobody needs it; or sign off that \
                     the expression keeps what is needed"
            .into(),
    })
}
