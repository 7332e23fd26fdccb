//! Models taken back: a change that undoes one of an open plan cancels what waits of it, instead of being planned anew.

use super::diff::OpenChange;
use super::{Change, Question, beside};
use crate::plan::Cancel;
use crate::schema::{ColumnName, ColumnRef, Index, Origin, Schema, TableName};

/// Takes out of `changes` what undoes an open change. Later open changes are matched first.
pub(super) fn match_inverses(mut changes: Vec<Change>, open: &[OpenChange]) -> (Vec<Change>, Vec<Cancel>) {
    let mut cancels = Vec::new();
    for candidate in open.iter().rev().filter(|candidate| !candidate.taken_back) {
        if let Some(matched) = undone_by(candidate, &changes) {
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
fn undone_by(open: &OpenChange, changes: &[Change]) -> Option<Vec<usize>> {
    let find = |wanted: &dyn Fn(&Change) -> bool| changes.iter().position(wanted).map(|place| vec![place]);
    let was = |column: &ColumnName| open.before().and_then(|table| table.columns.get(column));
    match &open.change {
        Change::CreateTable { table, .. } => {
            find(&|change| matches!(change, Change::DropTable { table: gone } if gone == table))
        }
        Change::DropTable { table } => find(
            &|change| matches!(change, Change::CreateTable { table: made, definition, .. } if made == table && Some(definition) == open.before()),
        ),
        Change::RenameTable { from, to } => {
            find(&|change| matches!(change, Change::RenameTable { from: f, to: t } if f == to && t == from))
        }
        Change::AddColumn { table, column, .. } => find(
            &|change| matches!(change, Change::DropColumn { table: t, column: c, .. } if t == table && c == column),
        ),
        Change::DropColumn { table, column, .. } => find(&|change| {
            matches!(change, Change::AddColumn { table: t, column: c, definition, .. }
                if t == table && c == column && Some(definition) == was(column))
        }),
        Change::RenameColumn { table, from, to } => {
            let back = Change::RenameColumn { table: table.clone(), from: to.clone(), to: from.clone() };
            find(&|change| *change == back)
        }
        Change::ReplaceColumn { table, from, to, .. } => find(
            &|change| matches!(change, Change::ReplaceColumn { table: t, from: f, to: o, .. } if t == table && f == to && o == from),
        ),
        Change::RetypeColumn { table, column, from, to, .. } => find(&|change| {
            matches!(change, Change::RetypeColumn { table: t, column: c, from: f, to: o, .. }
                if t == table && c == column && f == to && o == from)
        }),
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
        Change::ChangeCollation { table, column, from, to } => {
            let back = Change::ChangeCollation {
                table: table.clone(),
                column: column.clone(),
                from: to.clone(),
                to: from.clone(),
            };
            find(&|change| *change == back)
        }
        Change::RecomputeColumn { table, column, from, to } => {
            let back = Change::RecomputeColumn {
                table: table.clone(),
                column: column.clone(),
                from: to.clone(),
                to: from.clone(),
            };
            find(&|change| *change == back)
        }
        Change::ChangePrimaryKey { table, from, to } => {
            let back = Change::ChangePrimaryKey { table: table.clone(), from: to.clone(), to: from.clone() };
            find(&|change| *change == back)
        }
        // No release reads a comment: one that is taken back is set again, at once.
        Change::ChangeComments { .. } => None,
        Change::ChangeIdentity { table, column, from, to } => {
            let back = Change::ChangeIdentity {
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
        Change::CreateEnum { name, .. } => {
            find(&|change| matches!(change, Change::DropEnum { name: n, .. } if n == name))
        }
        Change::DropEnum { name, definition } => find(
            &|change| matches!(change, Change::CreateEnum { name: n, definition: d } if n == name && d == definition),
        ),
        Change::RenameEnumValue { name, from, to } => {
            let back = Change::RenameEnumValue { name: name.clone(), from: to.clone(), to: from.clone() };
            find(&|change| *change == back)
        }
        Change::ReplaceEnum { name, from, to } => {
            let back = Change::ReplaceEnum { name: name.clone(), from: to.clone(), to: from.clone() };
            find(&|change| *change == back)
        }
        // A label stays in the type for good, so to take it back is a change of its own.
        Change::AddEnumValue { .. } => None,
    }
}

/// Changes that touch what an open plan has begun and not ended, without taking it back.
pub(super) fn meets_waiting(
    before: &Schema,
    changes: &[Change],
    cancels: &[Cancel],
    open: &[OpenChange],
) -> Vec<Question> {
    let waits = |open: &&OpenChange| {
        let cancelled = cancels.iter().any(|cancel| cancel.plan == open.plan && cancel.change == open.place);
        // A rename that is taken back is undone in a contract: till then the database knows the new name.
        let renames = matches!(
            open.change,
            Change::RenameTable { .. } | Change::RenameColumn { .. } | Change::ReplaceColumn { .. }
        );
        open.waits && (!cancelled || renames)
    };
    let mut questions = Vec::new();
    for change in changes {
        let meets =
            |waiting: &&OpenChange| collide(change, waiting) || refers_to(before, change, &waiting.change);
        for waiting in open.iter().filter(waits).filter(meets) {
            questions.push(Question::waits(change.table(), &waiting.plan, &waiting.change));
        }
    }
    // What is taken back now was made before a rename whose taking back still waits: the database has the other name.
    let undone = |open: &&OpenChange| {
        cancels.iter().any(|cancel| cancel.plan == open.plan && cancel.change == open.place)
    };
    for change in open.iter().filter(undone).map(|open| &open.change) {
        let renamed = |waiting: &&OpenChange| {
            let renames = matches!(waiting.change, Change::RenameTable { .. } | Change::RenameColumn { .. });
            waiting.waits && waiting.taken_back && renames && collide(change, waiting)
        };
        for waiting in open.iter().filter(renamed) {
            questions.push(Question::waits(change.table(), &waiting.plan, &waiting.change));
        }
    }
    questions
}

/// Whether a column is renamed whose foreign key refers to a table that the database calls otherwise for now.
fn refers_to(before: &Schema, change: &Change, waiting: &Change) -> bool {
    let (Change::RenameColumn { table, from: column, .. }, Change::RenameTable { from, to }) =
        (change, waiting)
    else {
        return false;
    };
    let keys = before.tables.get(table).into_iter().flat_map(|table| table.foreign_keys.values());
    keys.filter(|key| key.columns.contains(column)).any(|key| [from, to].contains(&&key.references))
}

/// Whether two changes work on the same thing: a whole table, or a part of it.
fn collide(change: &Change, open: &OpenChange) -> bool {
    let waiting = &open.change;
    let whole = |change: &Change| {
        matches!(
            change,
            Change::RenameTable { .. }
                | Change::DropTable { .. }
                | Change::CreateTable { .. }
                | Change::CreateEnum { .. }
                | Change::DropEnum { .. }
        )
    };
    let (ours, mut theirs) = (Touched::by(change), Touched::by(waiting));
    let parents = open.parents();
    theirs.tables.extend(&parents);
    theirs.columns.extend(computed_from(open, &theirs.columns));
    // What waits stands in the database still, and uses what its table used.
    let uses = |name: &TableName| {
        let columns = open.sides.iter().flatten().flat_map(|table| table.columns.values());
        columns.into_iter().any(|column| column.sql_type.is_of(name))
    };
    if matches!(change, Change::DropEnum { name, .. } if uses(name)) {
        return true;
    }
    let same_table = ours.tables.iter().any(|table| theirs.tables.contains(table));
    let same_part = change.table() == waiting.table() && ours.part.is_some() && ours.part == theirs.part;
    let same_column = ours.columns.iter().any(|column| theirs.columns.contains(column))
        && (open.taken_back || !beside::each_other(change, waiting));
    same_table && (whole(change) || whole(waiting)) || same_part || same_column
}

/// What computed columns that wait are computed from: they stand in the database still.
fn computed_from(open: &OpenChange, columns: &[ColumnRef]) -> Vec<ColumnRef> {
    let mut found = Vec::new();
    for at in columns {
        for table in open.sides.iter().flatten().filter(|_| at.table == *open.change.table()) {
            let computed = table.columns.get(&at.column);
            let read = |other: &&ColumnName| computed.is_some_and(|column| column.is_computed_from(other));
            found.extend(table.columns.keys().filter(read).map(|other| ColumnRef::new(&at.table, other)));
        }
    }
    found
}

/// What a change works on or relies on.
#[derive(Default)]
struct Touched<'a> {
    tables: Vec<&'a TableName>,
    columns: Vec<ColumnRef>,
    /// The index or constraint that it is about.
    part: Option<&'a str>,
}

impl<'a> Touched<'a> {
    fn by(change: &'a Change) -> Self {
        match change {
            Change::CreateTable { table, definition, rows } => {
                let parents = definition.foreign_keys.values().map(|key| &key.references);
                let sources = rows.iter().map(|rows| &rows.table);
                Self {
                    tables: std::iter::once(table).chain(parents).chain(sources).collect(),
                    ..Self::default()
                }
            }
            Change::DropTable { table } => Self { tables: vec![table], ..Self::default() },
            Change::RenameTable { from, to } => Self { tables: vec![from, to], ..Self::default() },
            Change::AddColumn { table, column, backfill, .. } => {
                Self::columns(table, [column]).looked_up(backfill.as_ref())
            }
            Change::RequireColumn { table, column, fill } => {
                Self::columns(table, [column]).looked_up(Some(fill))
            }
            Change::DropColumn { table, column, .. }
            | Change::RetypeColumn { table, column, .. }
            | Change::RelaxColumn { table, column }
            | Change::ChangeDefault { table, column, .. }
            | Change::ChangeCollation { table, column, .. }
            | Change::RecomputeColumn { table, column, .. }
            | Change::ChangeIdentity { table, column, .. } => Self::columns(table, [column]),
            Change::ChangePrimaryKey { table, from, to } => Self::columns(table, from.iter().chain(to)),
            Change::ChangeComments { table, from: _, to } => {
                Self::columns(table, to.iter().filter_map(|comment| comment.column.as_ref()))
            }
            Change::RenameColumn { table, from, to } | Change::ReplaceColumn { table, from, to, .. } => {
                Self::columns(table, [from, to])
            }
            Change::AddIndex { table, index, definition }
            | Change::DropIndex { table, index, definition } => {
                Self::reading(table, index.as_str(), [definition].into_iter().flat_map(Index::words))
            }
            Change::ReplaceIndex { table, index, from, to } => {
                Self::reading(table, index.as_str(), [from, to].into_iter().flat_map(Index::words))
            }
            Change::AddForeignKey { table, name, definition }
            | Change::DropForeignKey { table, name, definition } => {
                let mut touched =
                    Self { part: Some(name.as_str()), ..Self::columns(table, &definition.columns) };
                touched.tables.push(&definition.references);
                let parent = &definition.references;
                touched.columns.extend(definition.key.iter().map(|column| ColumnRef::new(parent, column)));
                touched
            }
            Change::AddCheck { table, name, definition } | Change::DropCheck { table, name, definition } => {
                Self::reading(table, name.as_str(), definition.expression.names())
            }
            Change::CreateEnum { name, .. }
            | Change::DropEnum { name, .. }
            | Change::AddEnumValue { name, .. }
            | Change::RenameEnumValue { name, .. }
            | Change::ReplaceEnum { name, .. } => Self { tables: vec![name], ..Self::default() },
        }
    }

    /// An index or constraint that reads what these words name. Words that name no column do no harm.
    fn reading(table: &'a TableName, part: &'a str, words: impl IntoIterator<Item = ColumnName>) -> Self {
        let columns = words.into_iter().map(|column| ColumnRef::new(table, &column)).collect();
        Self { tables: vec![table], columns, part: Some(part) }
    }

    fn columns(table: &'a TableName, columns: impl IntoIterator<Item = &'a ColumnName>) -> Self {
        let columns = columns.into_iter().map(|column| ColumnRef::new(table, column)).collect();
        Self { tables: vec![table], columns, part: None }
    }

    /// With the source that a column's values come from.
    fn looked_up(mut self, origin: Option<&'a Origin>) -> Self {
        if let Some(Origin::Source(source)) = origin {
            self.tables.push(&source.table);
            self.columns
                .extend([&source.key, &source.value].map(|column| ColumnRef::new(&source.table, column)));
        }
        self
    }
}
