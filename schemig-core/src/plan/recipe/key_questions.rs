//! What a primary key can't change beside: questions, before any recipe runs.

use crate::change::{Change, Fill, Listed, Question};
use crate::plan::context::Context;
use crate::schema::{ColumnName, ColumnRef, ConstraintName, Expression, Origin, TableName, Volatility};

/// What has to be said or done before keys change; `overlap` is whether the old release goes on running.
pub(in crate::plan) fn keys(context: &Context<'_>, overlap: bool) -> Vec<Question> {
    let mut questions = Vec::new();
    for change in context.changes {
        let Change::ChangePrimaryKey { table, from, to } = change else { continue };
        let switch = Switch { context, table, from, to, change };
        questions.extend(switch.referred());
        questions.extend(switch.computed());
        let same_table = context.changes.iter().filter(|other| other.table() == table);
        questions.extend(same_table.filter_map(|other| switch.beside(other, overlap)));
    }
    questions
}

/// A key that gives way to another.
struct Switch<'a> {
    context: &'a Context<'a>,
    table: &'a TableName,
    from: &'a [ColumnName],
    to: &'a [ColumnName],
    change: &'a Change,
}

impl Switch<'_> {
    /// Foreign keys stand on the index of the key that they refer to.
    fn referred(&self) -> Option<Question> {
        let Self { context, table, from, to, .. } = self;
        let in_place = context.capabilities.alters_in_place;
        let target = context.to.tables.get(table)?;
        let known = context.table(table)?;
        let stays = in_place || !target.is_unique_over(from);
        let mut tied: Vec<(&TableName, &ConstraintName)> = Vec::new();
        for (child, after) in &context.to.tables {
            if stays {
                tied.extend(after.keys_to(table, from).map(|(name, _)| (child, name)));
            }
            // A table that is new, or made anew, has its foreign keys at once.
            let early = !context.known.tables.contains_key(child) || !in_place && child != *table;
            if early && !known.is_unique_over(to) {
                tied.extend(after.keys_to(table, to).map(|(name, _)| (child, name)));
            }
        }
        if !in_place && !target.is_unique_over(from) {
            let others = context.known.tables.iter().filter(|(child, _)| child != table);
            tied.extend(
                others.flat_map(|(child, before)| {
                    before.keys_to(table, from).map(move |(name, _)| (child, name))
                }),
            );
        }
        tied.sort();
        tied.dedup();
        let listed: Vec<String> = tied.iter().map(|(child, name)| format!("{name} of {child}")).collect();
        (!tied.is_empty()).then(|| Question {
            table: (*table).clone(),
            column: None,
            condition: format!("{}, and foreign keys refer to it: {}", self.change, listed.join(", ")),
            effect: "a foreign key stands on the key that it found when it was made: the server drops no key that one refers to, and \
                     makes none to a key that isn't there yet"
                .into(),
            answers: vec![
                format!(
                    "take these foreign keys out of the models for this plan; put them back when its contract is done, with \
                     #[schemig(unique)] on {table} for what they refer to"
                ),
                format!("leave ({}) the primary key, and make ({}) unique beside it", Listed(from), Listed(to)),
            ],
        })
    }

    fn computed(&self) -> Option<Question> {
        let Self { context, table, to, .. } = self;
        let target = context.to.tables.get(table)?;
        let able = context.capabilities.alters_in_place;
        let unfit = |column: &&ColumnName| {
            let by = target.columns.get(*column).and_then(|known| known.generated.as_ref());
            by.is_some_and(|by| !able || !by.stored)
        };
        let at = ColumnRef::new(table, to.iter().find(unfit)?);
        Some(Question {
            table: (*table).clone(),
            column: Some(at.clone()),
            condition: format!("{at} is computed by the server, and is to be in the primary key"),
            effect: "the server has no such key".into(),
            answers: vec!["a column that the app writes; or leave it out of the key".into()],
        })
    }

    /// Another change of the same table that stands in the way.
    fn beside(&self, other: &Change, overlap: bool) -> Option<Question> {
        let Self { context, table, from, to, .. } = self;
        let in_key = |column: &ColumnName| from.contains(column) || to.contains(column);
        match other {
            Change::AddColumn { column, backfill: Some(Origin::Source(_)), .. } => Some(self.apart(
                column,
                other,
                "it is looked up by the primary key, which is another one before and after",
            )),
            Change::RenameColumn { from: old, to: column, .. }
            | Change::ReplaceColumn { from: old, to: column, .. }
                if overlap && (in_key(old) || in_key(column)) =>
            {
                Some(self.apart(
                    column,
                    other,
                    "the key would have to hold for both columns while both releases run",
                ))
            }
            Change::DropColumn { column, fill, .. } if from.contains(column) => {
                let at = ColumnRef::new(table, column);
                let known = context.column(table, column)?;
                let sides = context.table(table).into_iter().chain(context.to.tables.get(table));
                let names: Vec<&ColumnName> = sides.flat_map(|known| known.columns.keys()).collect();
                let alike = |fill: &Expression| {
                    fill.volatility() != Volatility::Volatile
                        && fill.columns(names.iter().copied()).is_empty()
                };
                let lost = match (overlap, fill) {
                    (true, Fill::Forgone) => true,
                    (true, Fill::With(fill)) => alike(fill),
                    (true, Fill::Unneeded) => false,
                    (false, Fill::Forgone | Fill::With(_) | Fill::Unneeded) => !known.gives_own_value(),
                };
                lost.then(|| Question {
                    table: (*table).clone(),
                    column: Some(at.clone()),
                    condition: format!("{at} is dropped, and it is in the primary key until then"),
                    effect: "until it is gone, and on every way back, each row needs a value of its own there".into(),
                    answers: vec![
                        format!(
                            "leave {column} in the model for this plan, out of the key; drop it when that plan is done everywhere"
                        ),
                        format!("on the struct: #[schemig(dropped(\"{column}\", fill = \"expression\"))], another value for each row"),
                    ],
                })
            }
            Change::CreateTable { .. }
            | Change::DropTable { .. }
            | Change::RenameTable { .. }
            | Change::AddColumn { .. }
            | Change::DropColumn { .. }
            | Change::RenameColumn { .. }
            | Change::ReplaceColumn { .. }
            | Change::RetypeColumn { .. }
            | Change::RequireColumn { .. }
            | Change::RelaxColumn { .. }
            | Change::ChangeDefault { .. }
            | Change::ChangeCollation { .. }
            | Change::ChangeComments { .. }
            | Change::ChangeIdentity { .. }
            | Change::RecomputeColumn { .. }
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
            | Change::ReplaceEnum { .. } => None,
        }
    }

    fn apart(&self, column: &ColumnName, other: &Change, effect: &str) -> Question {
        Question {
            table: self.table.clone(),
            column: Some(ColumnRef::new(self.table, column)),
            condition: format!("{}, and at the same time: {other}", self.change),
            effect: effect.to_owned(),
            answers: vec!["one after the other: the second when the first one's contract is done".into()],
        }
    }
}
