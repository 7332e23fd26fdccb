//! What a server can't do to a table with partitions, or what schemig doesn't know it to do safely: looked for in the steps, so that no
//! recipe can plan it.

use std::collections::BTreeSet;

use super::partitioned_index::spread;
use crate::change::Question;
use crate::operation::Operation;
use crate::plan::Step;
use crate::plan::context::Context;
use crate::schema::{ColumnName, Index, TableName};

/// A question for each change whose steps don't fit, on either way.
pub(in crate::plan) fn unfit_for_partitions(context: &Context<'_>, steps: &[Step]) -> Vec<Question> {
    let mut asked = BTreeSet::new();
    let mut questions = Vec::new();
    for step in steps {
        let found = step.up.iter().chain(&step.down).find_map(|operation| unfit(context, operation));
        if let Some((table, effect, answers)) = found
            && asked.insert((step.cause, effect.clone()))
        {
            let change = context.changes.get(step.cause);
            let what = change.map_or_else(|| "what is taken back".to_owned(), ToString::to_string);
            let column = change.and_then(crate::change::Change::column);
            let condition = format!("{what}, and the rows of {table} are in partitions");
            questions.push(Question { table, column, condition, effect, answers });
        }
    }
    questions
}

type Unfit = (TableName, String, Vec<String>);

fn unfit(context: &Context<'_>, operation: &Operation) -> Option<Unfit> {
    let able = context.capabilities;
    let has_partitions = |table: &TableName| {
        let before = context.from.tables.get(table).is_some_and(|known| known.partition_by.is_some());
        before || spread(context, table).is_some()
    };
    let decides = |table: &TableName, column: &ColumnName| {
        let known = [context.from.tables.get(table), context.table(table), context.to.tables.get(table)];
        known.into_iter().flatten().any(|known| known.is_partitioned_by(column))
    };
    let stop = "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap";
    let back = "take this change of the model back, or write the migration by hand";
    let ask = |table: &TableName, effect: &str, answers: &[&str]| {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        has_partitions(table).then(|| (table.clone(), effect.to_owned(), answers))
    };
    let excluded = |table: &TableName| {
        let effect =
            "not every server has exclusion constraints on such tables, and none keeps one across partitions";
        ask(table, effect, &["take the `exclude(…)` away, or put one on each partition by hand"])
    };
    match operation {
        Operation::DropColumn { table, column }
        | Operation::AlterType { table, column, .. }
        | Operation::SetCollation { table, column, .. }
        | Operation::Recompute { table, column, .. }
            if decides(table, column) =>
        {
            let effect = format!("the server refuses that: {column} decides which partition a row is in");
            ask(table, &effect, &[back, "a new table, as for other partitions"])
        }
        Operation::Mirror { table, old, new, .. } if decides(table, old) || decides(table, new) => {
            let name = format!(
                "#[diesel(column_name = {old})] on the field: no migration at all, only Rust sees the new name"
            );
            let effect = format!("a second column can't decide which partition a row is in, as {old} does");
            ask(table, &effect, &[&name, stop])
        }
        Operation::KeepFilled { table, .. } | Operation::Mirror { table, .. } if !able.partition_triggers => {
            ask(
                table,
                "this version of the server has no triggers on such tables that could fill or mirror a column",
                &[stop, "a newer server, if that is what runs: `server` in schemig.toml"],
            )
        }
        Operation::AddForeignKey { table, validated: false, .. } if !able.partition_keys_unproved => ask(
            table,
            "this version of the server looks at all rows while nobody writes them, for it takes no foreign key of such a table NOT VALID",
            &[stop, "leave the foreign key out, or put it on the partitions by hand"],
        ),
        Operation::AddColumn { table, definition, .. } if definition.identity.is_some() => ask(
            table,
            "not every server numbers a column that such a table gets later, and those that do write every row",
            &["a plain column, numbered by the app", back],
        ),
        Operation::ChangePrimaryKey { table, .. } => ask(
            table,
            "the server makes no index a key of such a table, and would build one while nobody reads or writes",
            &[back],
        ),
        Operation::Constrain { table, .. } => ask(
            table,
            "the server makes no constraint of an index that such a table has",
            &["take `deferrable` or `deferred` away", back],
        ),
        Operation::Number { table, .. } | Operation::HandOverNumbers { table, .. } => {
            ask(table, "not every server numbers a column of such a table later", &[back])
        }
        Operation::FollowRows { table, rows } | Operation::CopyRows { table, rows, .. } => {
            let effect = "what is carried over would find no partition, or be carried over twice when a row moves to another";
            ask(table, effect, &[back]).or_else(|| ask(&rows.table, effect, &[back]))
        }
        Operation::Follow { source, .. } => ask(
            &source.table,
            "a row of the source that moves to another partition goes and comes, and would be followed twice",
            &["#[schemig(backfill = \"…\")], an expression over the row's own columns", back],
        ),
        Operation::BeginIndex { table, .. }
            if spread(context, table).is_some_and(|by| by.partitions.is_none()) =>
        {
            ask(
                table,
                "each partition gets its part of the index in a file of its own, so that writes go on; the model doesn't say which there are",
                &[
                    "name them: `partitions = [\"…\"]` in `partition_by(…)`, or `partitions = []` where there are none yet",
                    stop,
                ],
            )
        }
        Operation::CreateIndex { table, definition, .. } if definition.excludes() => excluded(table),
        Operation::CreateTable { table, definition } if definition.indexes.values().any(Index::excludes) => {
            excluded(table)
        }
        Operation::CreateIndex { table, online: true, .. }
        | Operation::DropIndex { table, online: true, .. } => ask(
            table,
            "the server builds and drops no index of such a table without blocking writes",
            &[back],
        ),
        Operation::CreateTable { .. }
        | Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::DropColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::SetComments { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::CreateIndex { .. }
        | Operation::GuardIndex { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::AddCheck { .. }
        | Operation::DropCheck { .. }
        | Operation::AddForeignKey { .. }
        | Operation::DropForeignKey { .. }
        | Operation::Validate { .. }
        | Operation::KeepFilled { .. }
        | Operation::StopFilling { .. }
        | Operation::StopFollowing { .. }
        | Operation::StopFollowingRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::Backfill { .. }
        | Operation::Guard { .. }
        | Operation::RebuildTable { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::CreateEnum { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => None,
    }
}
