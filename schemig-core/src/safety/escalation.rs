//! What a person must sign off before anything is written.

use std::collections::BTreeSet;

use super::assess::Assessment;
use super::misfit::{Cause, Misfit};
use crate::change::{Change, Fill};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::schema::{Column, ColumnName, ColumnRef, TableName};

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Escalation {
    /// The rule's name, as `cargo schemig explain` takes it.
    pub rule: &'static str,
    /// What it saw.
    pub condition: String,
    /// What that does.
    pub effect: String,
    /// What to do about it.
    pub workaround: String,
}

/// What fires on a plan, in order, each once.
pub fn escalations(plan: &Plan, assessment: &Assessment) -> Vec<Escalation> {
    let mut fired = BTreeSet::new();
    for change in &plan.changes {
        fired.extend(destroys(change));
        fired.extend(built_under_lock(change));
        if plan.overlap {
            fired.extend(arbiter(plan, change));
            fired.extend(skipped_rows(change));
            fired.extend(rewrites(change));
        }
    }
    fired.extend(undone(plan));
    for (_, misfit) in &assessment.breaks {
        if plan.overlap {
            fired.insert(unsafe_order(misfit));
        }
    }
    fired.into_iter().collect()
}

/// What a running release meets and no promise keeps away. A change of type in place has a way that nobody notices.
fn unsafe_order(misfit: &Misfit) -> Escalation {
    let condition = misfit.to_string();
    let new_column = |column: &ColumnName| {
        format!(
            "#[diesel(column_name = {column}_2)] and #[schemig(new_column)] on the field: a new column that is kept in step, and nobody notices"
        )
    };
    match &misfit.cause {
        Cause::CachedPlan(column) => Escalation {
            rule: "type-in-place",
            condition,
            effect: "each open connection fails on every statement about it that it has run before, until it is opened anew".into(),
            workaround: format!("{}; or sign it off, and recycle the connection pools right after", new_column(column)),
        },
        Cause::WireType { column, .. } | Cause::TooNarrow { column, .. } => Escalation {
            rule: "type-in-place",
            condition,
            effect: "that release can't run on the new type".into(),
            workaround: format!("{}; or stop that release first (--no-overlap)", new_column(column)),
        },
        Cause::NoTable
        | Cause::NoColumn(_)
        | Cause::NullRead(_)
        | Cause::Stale(_)
        | Cause::ComputedOtherwise(_)
        | Cause::LeftOut(_)
        | Cause::NullRejected(_)
        | Cause::NotWritable(_)
        | Cause::NumberTaken(_)
        | Cause::OtherDefault(_)
        | Cause::Overruled(_)
        | Cause::Constrained(_)
        | Cause::Referenced { .. }
        | Cause::Duplicate(_)
        | Cause::CheckedAtOnce(_)
        | Cause::Unvalidated(_)
        | Cause::NoArbiter(_)
        | Cause::UnknownLabel(_)
        | Cause::NoLabel(_)
        | Cause::BrokenIndex(_) => Escalation {
            rule: "no-safe-order",
            condition,
            effect: "a running release fails, or reads wrong data, while this is applied".into(),
            workaround: "deploy in two releases, or stop the old one first (--no-overlap)".into(),
        },
    }
}

fn destroys(change: &Change) -> Option<Escalation> {
    let what = match change {
        Change::DropTable { table } => format!("the rows of {table}"),
        Change::DropColumn { table, column, .. } => format!("the values of {table}.{column}"),
        Change::RecomputeColumn { table, column, from: Column { generated: None, .. }, to: _ } => {
            format!("the values of {table}.{column}, which the app wrote,")
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
    Some(loss(change.to_string(), &what))
}

fn loss(condition: String, what: &str) -> Escalation {
    Escalation {
        rule: "data-destroyed",
        condition,
        effect: format!("{what} are gone for good; no down brings them back"),
        workaround: "keep a copy, then sign it off: --approve \"why they may go\"".into(),
    }
}

/// What a plan that takes others back drops with them. It is in no change of its own, and the release that is taken back may have
/// written to it: nobody has said that it never ran.
fn undone(plan: &Plan) -> Vec<Escalation> {
    if plan.cancels.is_empty() {
        return Vec::new();
    }
    let mut fired = Vec::new();
    for (table, delta) in &plan.tables {
        let Some(before) = &delta.before else { continue };
        let Some(after) = &delta.after else {
            if !said(plan, table, None) {
                fired.push(loss(format!("taken back: table {table}"), &format!("the rows of {table}")));
            }
            continue;
        };
        for column in before.columns.keys().filter(|column| !after.columns.contains_key(*column)) {
            let at = ColumnRef::new(table, column);
            if !said(plan, table, Some(&at)) {
                fired.push(loss(format!("taken back: column {at}"), &format!("the values of {at}")));
            }
        }
    }
    fired
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

/// R3: a twin of a unique key that ON CONFLICT may name gives 23505 on the other.
fn arbiter(plan: &Plan, change: &Change) -> Option<Escalation> {
    let what = if let Change::RenameColumn { table, from, .. } | Change::ReplaceColumn { table, from, .. } =
        change
    {
        let before = plan.tables.get(table)?.before.as_ref()?;
        before
            .is_in_unique_key(from)
            .then(|| format!("{table}.{from} is part of a unique key, and is mirrored"))?
    } else if let Change::ReplaceIndex { table, index, from, to } = change {
        // One that only becomes a constraint's has no twin, and nothing upserts by one that is checked later.
        let twin = from.arbitrates() && *from != to.plain();
        twin.then(|| format!("the unique index {index} of {table} is replaced"))?
    } else {
        return None;
    };
    Some(Escalation {
        rule: "arbiter-twin",
        condition: what,
        effect: "an upsert names one unique index, and the twin rejects its rows (23505) while both stand"
            .into(),
        workaround: "keep the SQL name: #[diesel(column_name = …)]; or sign off that nothing upserts by it"
            .into(),
    })
}

/// An exclusion constraint comes to a table that has rows: there is no way to build it beside them (DOCTRINE, B19).
fn built_under_lock(change: &Change) -> Option<Escalation> {
    let (Change::AddIndex { table, index, definition }
    | Change::ReplaceIndex { table, index, to: definition, .. }) = change
    else {
        return None;
    };
    definition.excludes().then(|| Escalation {
        rule: "index-under-lock",
        condition: format!("the exclusion constraint {index} comes to {table}, which may have rows"),
        effect: format!(
            "nobody reads or writes {table} while its index is built: there is no other way; and rows that exclude each other \
             make it fail, with nothing changed"
        ),
        workaround: "sign it off for a small table or a quiet hour; or a new table that has it, with the rows moved there by the app".into(),
    })
}

/// A stored computed column comes to a table that has rows: the server writes each of them, and nobody reads or writes meanwhile.
fn rewrites(change: &Change) -> Option<Escalation> {
    let (Change::AddColumn { table, column, definition, .. }
    | Change::RecomputeColumn { table, column, from: _, to: definition }) = change
    else {
        return None;
    };
    let stored = definition.generated.as_ref().is_some_and(|by| by.stored);
    stored.then(|| Escalation {
        rule: "table-rewritten",
        condition: format!("{table}.{column} is computed and stored"),
        effect: format!("the server writes every row of {table}, under a lock that nobody reads or writes beside"),
        workaround: "a virtual one, where the server has them; or a plain column that the app writes, with a backfill; or sign \
                     it off for a small table"
            .into(),
    })
}

/// R9: the model says that N-1 needn't read what N writes.
fn skipped_rows(change: &Change) -> Option<Escalation> {
    let Change::DropColumn { table, column, fill: Fill::Forgone } = change else { return None };
    Some(Escalation {
        rule: "old-release-fails",
        condition: format!("{table}.{column} is dropped with fill = none"),
        effect: "the old release fails on each row that the new one has written".into(),
        workaround: "give a fill: dropped(\"column\", fill = \"expression\")".into(),
    })
}
