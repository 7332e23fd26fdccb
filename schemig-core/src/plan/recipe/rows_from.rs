//! Make a table whose rows come from one that stands. N-1 goes on writing that one, so what it writes there is followed by a trigger
//! until N-1 is gone; the rows that stand are copied in batches. It is what R1 does for a column, for whole rows.

use std::collections::BTreeSet;

use crate::change::{Change, Question};
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{
    Column, ColumnName, ColumnRef, ForeignKey, Index, RowsFrom, Table, TableName, Violation,
};

/// The table and its trigger come together: where the table refers to its source, both wait for the same lock, and nobody deletes a
/// row there that the table keeps.
pub(super) fn steps(table: &TableName, definition: &Table, rows: &RowsFrom) -> Vec<Draft> {
    let create = Operation::CreateTable { table: table.clone(), definition: definition.clone() };
    let (table, rows) = (table.clone(), rows.clone());
    let follow = Operation::FollowRows { table: table.clone(), rows: rows.clone() };
    let copy = Operation::CopyRows { table: table.clone(), rows: rows.clone(), batched: true };
    let compare =
        Operation::Guard { table: table.clone(), against: Violation::Uncopied { rows: rows.clone() } };
    let stop = Operation::StopFollowingRows { table, rows };
    vec![
        Draft::new(Phase::Expand, [create, follow]),
        Draft::new(Phase::Backfill, [copy.clone()]),
        Draft::new(Phase::Backfill, [compare.clone()]),
        Draft::new(Phase::Contract, [compare]),
        // What N-1 writes is in the table again only when what it wrote without the trigger is.
        Draft::way_back(Phase::Contract, [copy]),
        Draft::new(Phase::Contract, [stop]),
    ]
}

/// What of a `rows_from` can't be planned, all of it.
pub(in crate::plan) fn rows(context: &Context<'_>, overlap: bool) -> Vec<Question> {
    let mut questions = Vec::new();
    for change in context.changes {
        let Change::CreateTable { table, definition, rows: Some(rows) } = change else { continue };
        let Some(source) = context.table(&rows.table) else { continue };
        let new = New { context, table, definition, rows, source };
        questions.extend(new.unfit_types());
        if overlap {
            questions.extend(new.source_changes());
            questions.extend(new.fleeting());
            questions.extend(new.rejects());
        }
    }
    questions
}

/// A new table and the one that its rows come from.
struct New<'a> {
    context: &'a Context<'a>,
    table: &'a TableName,
    definition: &'a Table,
    rows: &'a RowsFrom,
    source: &'a Table,
}

impl New<'_> {
    fn ask(
        &self,
        column: Option<&ColumnName>,
        condition: String,
        effect: &str,
        answers: &[&str],
    ) -> Question {
        Question {
            table: self.table.clone(),
            column: column.map(|column| ColumnRef::new(self.table, column)),
            condition,
            effect: effect.to_owned(),
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
        }
    }

    /// Plain copies into a column that doesn't take each value as it is.
    fn unfit_types(&self) -> Vec<Question> {
        let unfit = |column: &&ColumnName| {
            let from = self.rows.copied(column, self.source).and_then(|from| self.source.columns.get(from));
            let types = from.zip(self.definition.columns.get(*column));
            types.is_some_and(|(from, to)| {
                from.sql_type != to.sql_type
                    && !(self.context.capabilities.cast)(&from.sql_type, &to.sql_type).is_total()
            })
        };
        let ask = |column: &ColumnName| {
            self.ask(
                Some(column),
                format!("{}.{column} is of another type than what it is copied from", self.table),
                "values of the source may not fit, and the copy would fail or change them",
                &[
                    "in rows_from: an expression that makes a value of the new type of each",
                    "the source's type",
                ],
            )
        };
        self.rows.columns().filter(unfit).map(ask).collect()
    }

    /// What is changed about the source while N-1 is to go on writing it, and N too.
    fn source_changes(&self) -> Vec<Question> {
        let read = self.rows.reads(self.source);
        let of_source = self.context.changes.iter().filter(|change| *change.table() == self.rows.table);
        let mut questions = Vec::new();
        for change in of_source {
            let column = match change {
                Change::DropTable { .. } | Change::ChangePrimaryKey { .. } => None,
                Change::DropColumn { column, .. }
                | Change::RenameColumn { from: column, .. }
                | Change::ReplaceColumn { from: column, .. }
                | Change::RetypeColumn { column, .. }
                | Change::RequireColumn { column, .. }
                | Change::RecomputeColumn { column, .. }
                | Change::RelaxColumn { column, .. }
                | Change::ChangeCollation { column, .. }
                | Change::ChangeIdentity { column, .. } => Some(column),
                Change::CreateTable { .. }
                | Change::RenameTable { .. }
                | Change::AddColumn { .. }
                | Change::ChangeDefault { .. }
                | Change::ChangeComments { .. }
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
                | Change::ReplaceEnum { .. } => continue,
            };
            if column.is_none_or(|column| read.contains(column)) {
                questions.push(self.ask(
                    None,
                    format!("rows of {} come from {}, and at the same time: {change}", self.table, self.rows.table),
                    "until the old release is gone it reads what stands there, so the new one has to write it too",
                    &[
                        "keep the field as it is for one release; change it when that plan's contract is done",
                        "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap",
                    ],
                ));
            }
        }
        questions
    }

    /// Expressions that give another value each time: nobody could tell whether a row is as it should be.
    fn fleeting(&self) -> Vec<Question> {
        let fleeting = self.rows.values.iter().filter(|(_, value)| value.is_fleeting());
        let ask = |(column, value): (&ColumnName, &crate::schema::Expression)| {
            self.ask(
                Some(column),
                format!("what {}.{column} gets isn't the same twice: {value}", self.table),
                "nobody could tell whether the rows are in step with their source",
                &[
                    "leave the column out of rows_from, with that as its default",
                    "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap",
                ],
            )
        };
        fleeting.map(ask).collect()
    }

    /// What the new table rejects and the source doesn't: the old release's writes would fail there.
    fn rejects(&self) -> Vec<Question> {
        let mapped: BTreeSet<&ColumnName> = self.rows.columns().collect();
        let indexes = self.definition.indexes.iter();
        let indexes = indexes.filter(|(_, index)| index.separates() && !self.has_index(index));
        let checks = self.definition.checks.iter();
        let checks = checks.filter(|(_, check)| mapped.iter().any(|column| check.reads(column)));
        let keys = self.definition.foreign_keys.iter().filter(|(_, key)| !self.has_key(key));
        let names = indexes.map(|(name, _)| name.to_string());
        let names = names.chain(checks.map(|(name, _)| name.to_string()));
        let names = names.chain(keys.map(|(name, _)| name.to_string()));
        let ask = |name: String| {
            self.ask(
                None,
                format!("{name} of {} may reject rows that {} takes", self.table, self.rows.table),
                "the old release's writes to the source are carried over, and would fail",
                &[
                    "leave it out of the model for now, and in again when that plan's contract is done",
                    "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap",
                ],
            )
        };
        names.map(ask).collect()
    }

    /// The columns of the source that these are plain copies of.
    fn origins<'c>(&self, columns: impl IntoIterator<Item = &'c ColumnName>) -> Option<Vec<ColumnName>> {
        columns.into_iter().map(|column| self.rows.copied(column, self.source).cloned()).collect()
    }

    fn has_index(&self, index: &Index) -> bool {
        if index.excludes() {
            return self.has_exclusion(index);
        }
        let Some(columns) = index.key_columns() else { return false };
        let keyed = index.predicate.is_none() && columns.contains(&&self.rows.key);
        keyed
            || self.origins(columns).is_some_and(|origins| {
                self.source.indexes.values().any(|known| {
                    let same = known.key_columns().is_some_and(|keys| keys.into_iter().eq(origins.iter()));
                    let alike = known.nulls_not_distinct || !index.nulls_not_distinct;
                    known.unique && known.predicate.is_none() && same && alike
                })
            })
    }

    /// Whether the source keeps the same rows apart in the columns that these are copies of.
    fn has_exclusion(&self, index: &Index) -> bool {
        let origins = index.key_columns().and_then(|columns| self.origins(columns));
        origins.is_some_and(|origins| {
            self.source.indexes.values().any(|known| {
                let same = known.key_columns().is_some_and(|keys| keys.into_iter().eq(origins.iter()));
                same && known.operators == index.operators && known.predicate.is_none()
            })
        })
    }

    fn has_key(&self, key: &ForeignKey) -> bool {
        let to_source = key.columns == [self.rows.key.clone()]
            && key.references == self.rows.table
            && key.key == [self.rows.source_key.clone()];
        let left_out = |column: &ColumnName| {
            let known: Option<&Column> = self.definition.columns.get(column);
            let mapped = self.rows.columns().any(|mapped| mapped == column);
            !mapped && known.is_some_and(|known| known.nullable && known.default.is_none())
        };
        to_source
            || key.columns.iter().any(left_out)
            || self.origins(&key.columns).is_some_and(|origins| {
                self.source.foreign_keys.values().any(|known| {
                    known.columns == origins && known.references == key.references && known.key == key.key
                })
            })
    }
}
