//! Models taken back: a change that undoes one of an open plan cancels what waits of it, instead of being planned anew.

use super::diff::OpenChange;
use super::{Change, Question};
use crate::plan::Cancel;
use crate::schema::ColumnRef;

/// Takes out of `changes` what undoes an open change. Later open changes are matched first.
pub(super) fn match_inverses(mut changes: Vec<Change>, open: &[OpenChange]) -> (Vec<Change>, Vec<Cancel>) {
    let mut cancels = Vec::new();
    for candidate in open.iter().rev().filter(|candidate| !candidate.taken_back) {
        if let Some(matched) = undone_by(&candidate.change, &changes) {
            let mut place = 0;
            changes.retain(|_| {
                place += 1;
                !matched.contains(&(place - 1))
            });
            cancels.push(Cancel { plan: candidate.plan.clone(), change: candidate.place });
        }
    }
    (changes, cancels)
}

/// The places of the changes that together undo `open`; `None` when it stands.
fn undone_by(open: &Change, changes: &[Change]) -> Option<Vec<usize>> {
    let find = |wanted: &dyn Fn(&Change) -> bool| changes.iter().position(wanted).map(|place| vec![place]);
    match open {
        Change::CreateTable { table, .. } => {
            find(&|change| matches!(change, Change::DropTable { table: gone } if gone == table))
        }
        Change::DropTable { table } => {
            find(&|change| matches!(change, Change::CreateTable { table: made, .. } if made == table))
        }
        Change::RenameTable { from, to } => {
            find(&|change| matches!(change, Change::RenameTable { from: f, to: t } if f == to && t == from))
                .or_else(|| {
                    let gone = find(&|change| matches!(change, Change::DropTable { table } if table == to))?;
                    let made =
                        find(&|change| matches!(change, Change::CreateTable { table, .. } if table == from))?;
                    Some([gone, made].concat())
                })
        }
        Change::AddColumn { table, column, .. } => find(
            &|change| matches!(change, Change::DropColumn { table: t, column: c, .. } if t == table && c == column),
        ),
        Change::DropColumn { table, column, .. } => find(
            &|change| matches!(change, Change::AddColumn { table: t, column: c, .. } if t == table && c == column),
        ),
        Change::RenameColumn { table, from, to } => {
            let back = Change::RenameColumn { table: table.clone(), from: to.clone(), to: from.clone() };
            find(&|change| *change == back).or_else(|| {
                let gone = find(
                    &|change| matches!(change, Change::DropColumn { table: t, column, .. } if t == table && column == to),
                )?;
                let made = find(
                    &|change| matches!(change, Change::AddColumn { table: t, column, .. } if t == table && column == from),
                )?;
                Some([gone, made].concat())
            })
        }
        Change::RequireColumn { table, column, .. } => find(
            &|change| matches!(change, Change::RelaxColumn { table: t, column: c } if t == table && c == column),
        ),
        Change::RelaxColumn { table, column } => find(
            &|change| matches!(change, Change::RequireColumn { table: t, column: c, .. } if t == table && c == column),
        ),
        Change::ChangeDefault { table, column, from, to } => {
            let back = Change::ChangeDefault {
                table: table.clone(),
                column: column.clone(),
                from: to.clone(),
                to: from.clone(),
            };
            find(&|change| *change == back)
        }
        Change::AddIndex { table, index, .. } => find(
            &|change| matches!(change, Change::DropIndex { table: t, index: i, .. } if t == table && i == index),
        ),
        Change::DropIndex { table, index, definition } => find(
            &|change| matches!(change, Change::AddIndex { table: t, index: i, definition: d } if t == table && i == index && d == definition),
        ),
        Change::ReplaceIndex { table, index, from, to } => {
            let back = Change::ReplaceIndex {
                table: table.clone(),
                index: index.clone(),
                from: to.clone(),
                to: from.clone(),
            };
            find(&|change| *change == back)
        }
        Change::AddForeignKey { table, name, .. } => find(
            &|change| matches!(change, Change::DropForeignKey { table: t, name: n, .. } if t == table && n == name),
        ),
        Change::DropForeignKey { table, name, definition } => find(
            &|change| matches!(change, Change::AddForeignKey { table: t, name: n, definition: d } if t == table && n == name && d == definition),
        ),
        Change::AddCheck { table, name, .. } => find(
            &|change| matches!(change, Change::DropCheck { table: t, name: n, .. } if t == table && n == name),
        ),
        Change::DropCheck { table, name, definition } => find(
            &|change| matches!(change, Change::AddCheck { table: t, name: n, definition: d } if t == table && n == name && d == definition),
        ),
    }
}

/// Changes that touch what an open plan has begun and not ended, without taking it back.
pub(super) fn meets_waiting(changes: &[Change], cancels: &[Cancel], open: &[OpenChange]) -> Vec<Question> {
    let waits = |open: &&OpenChange| {
        open.waits && !cancels.iter().any(|cancel| cancel.plan == open.plan && cancel.change == open.place)
    };
    let mut questions = Vec::new();
    for change in changes {
        for waiting in open.iter().filter(waits).filter(|waiting| collide(change, &waiting.change)) {
            questions.push(Question::waits(change.table(), &waiting.plan, &waiting.change));
        }
    }
    questions
}

/// Whether two changes work on the same thing: a whole table, or a column of it.
fn collide(change: &Change, waiting: &Change) -> bool {
    let whole = |change: &Change| {
        matches!(change, Change::RenameTable { .. } | Change::DropTable { .. } | Change::CreateTable { .. })
    };
    let same_table = change.table() == waiting.table() || renamed_from(waiting) == Some(change.table());
    let columns = columns(waiting);
    let same_part = part(change).is_some_and(|name| part(waiting) == Some(name));
    same_table
        && (whole(change)
            || whole(waiting)
            || same_part
            || self::columns(change).iter().any(|column| columns.contains(column)))
}

/// The index or constraint that a change is about.
fn part(change: &Change) -> Option<&str> {
    match change {
        Change::AddIndex { index, .. }
        | Change::DropIndex { index, .. }
        | Change::ReplaceIndex { index, .. } => Some(index.as_str()),
        Change::AddForeignKey { name, .. }
        | Change::DropForeignKey { name, .. }
        | Change::AddCheck { name, .. }
        | Change::DropCheck { name, .. } => Some(name.as_str()),
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. } => None,
    }
}

fn renamed_from(change: &Change) -> Option<&crate::schema::TableName> {
    match change {
        Change::RenameTable { from, .. } => Some(from),
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. } => None,
    }
}

/// The columns that a change is about.
fn columns(change: &Change) -> Vec<ColumnRef> {
    let at = |table, columns: Vec<&crate::schema::ColumnName>| {
        columns.into_iter().map(|column| ColumnRef::new(table, column)).collect()
    };
    match change {
        Change::CreateTable { .. } | Change::DropTable { .. } | Change::RenameTable { .. } => Vec::new(),
        Change::AddColumn { table, column, .. }
        | Change::DropColumn { table, column, .. }
        | Change::RequireColumn { table, column, .. }
        | Change::RelaxColumn { table, column }
        | Change::ChangeDefault { table, column, .. } => at(table, vec![column]),
        Change::RenameColumn { table, from, to } => at(table, vec![from, to]),
        Change::AddIndex { table, definition, .. }
        | Change::DropIndex { table, definition, .. }
        | Change::ReplaceIndex { table, to: definition, .. } => {
            at(table, definition.key_columns().unwrap_or_default())
        }
        Change::AddForeignKey { table, definition, .. }
        | Change::DropForeignKey { table, definition, .. } => at(table, definition.columns.iter().collect()),
        Change::AddCheck { .. } | Change::DropCheck { .. } => Vec::new(),
    }
}
