//! What an operation locks and costs. SQLite has one lock: whoever writes holds the whole database, and readers go on until the
//! commit, or throughout in WAL mode.

use super::{Sqlite, cast};
use crate::dialect::{Effect, LockMode, Work};
use crate::operation::Operation;
use crate::schema::{Column, ColumnName, Expression, SqlType, State, Table, TableName};
use indexmap::IndexMap;

pub(super) fn effect(sqlite: &Sqlite, operation: &Operation, before: &State) -> Effect {
    let in_place = sqlite.alters_in_place(operation, before);
    Effect {
        locks: locks(operation, before),
        work: if in_place { work(operation, before) } else { Work::RewritesTable },
        work_first: false,
        transactional: in_place,
        destroys: destroys(operation, before),
        rights: None,
    }
}

/// The operation's table first, then every other: a write locks them all. What is refused or does nothing locks none.
fn locks(operation: &Operation, before: &State) -> Vec<(TableName, LockMode)> {
    let own = operation.table();
    match operation {
        Operation::Guard { .. } | Operation::GuardIndex { .. } => {
            return vec![(own.clone(), LockMode::AccessShare)];
        }
        Operation::SetComments { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::Validate { .. }
        | Operation::KeepFilled { .. }
        | Operation::StopFilling { .. }
        | Operation::Follow { .. }
        | Operation::StopFollowing { .. }
        | Operation::FollowRows { .. }
        | Operation::StopFollowingRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::Constrain { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => return Vec::new(),
        Operation::CreateTable { .. }
        | Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::DropColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::CreateIndex { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::AddCheck { .. }
        | Operation::DropCheck { .. }
        | Operation::AddForeignKey { .. }
        | Operation::DropForeignKey { .. }
        | Operation::Backfill { .. }
        | Operation::CopyRows { .. }
        | Operation::RebuildTable { .. } => {}
    }
    let others = before.schema.tables.keys().filter(|other| *other != own);
    [own].into_iter().chain(others).map(|table| (table.clone(), LockMode::Exclusive)).collect()
}

/// For what is done in place.
fn work(operation: &Operation, before: &State) -> Work {
    match operation {
        Operation::DropColumn { .. } => Work::RewritesTable,
        Operation::SetNotNull { .. } | Operation::AddCheck { .. } | Operation::Guard { .. } => {
            Work::ScansTable
        }
        Operation::CreateIndex { .. } | Operation::RenameIndex { .. } => Work::BuildsIndex,
        Operation::Backfill { .. } | Operation::CopyRows { .. } => Work::WritesRows { batched: false },
        Operation::RebuildTable { .. } => Work::RewritesTable,
        Operation::DropTable { table } => match before.schema.tables.get(table) {
            // Its foreign keys, or those that refer to it, make DROP TABLE delete row by row.
            Some(known) if !known.foreign_keys.is_empty() => Work::ScansTable,
            Some(_) | None => Work::Instant,
        },
        Operation::CreateTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::SetComments { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::DropNotNull { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::GuardIndex { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::DropIndex { .. }
        | Operation::DropCheck { .. }
        | Operation::AddForeignKey { .. }
        | Operation::DropForeignKey { .. }
        | Operation::Validate { .. }
        | Operation::KeepFilled { .. }
        | Operation::StopFilling { .. }
        | Operation::Follow { .. }
        | Operation::StopFollowing { .. }
        | Operation::FollowRows { .. }
        | Operation::StopFollowingRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::Constrain { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => Work::Instant,
    }
}

fn destroys(operation: &Operation, before: &State) -> Option<String> {
    match operation {
        Operation::DropTable { .. } => Some("rows".to_owned()),
        Operation::DropColumn { table, column } => Some(format!("column:{table}.{column}")),
        Operation::RebuildTable { table, definition, values, back: _ } => {
            rebuild_destroys(table, before.schema.tables.get(table)?, definition, values)
        }
        Operation::CreateTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::SetComments { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::CreateIndex { .. }
        | Operation::ChangePrimaryKey { .. }
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
        | Operation::Follow { .. }
        | Operation::StopFollowing { .. }
        | Operation::FollowRows { .. }
        | Operation::StopFollowingRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::Backfill { .. }
        | Operation::CopyRows { .. }
        | Operation::Guard { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::Constrain { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => None,
    }
}

/// Columns that go, but for those that another is a mere copy of; and values of columns that stay and are computed anew.
fn rebuild_destroys(
    table: &TableName,
    known: &Table,
    definition: &Table,
    values: &IndexMap<ColumnName, Expression>,
) -> Option<String> {
    let copied = |column: &ColumnName| {
        values.values().any(|value| value.as_str().trim_matches('"') == column.as_str())
    };
    let mut gone: Vec<String> = known
        .columns
        .iter()
        .filter(|(column, old)| {
            old.generated.is_none() && !definition.columns.contains_key(*column) && !copied(column)
        })
        .map(|(column, _)| format!("column:{table}.{column}"))
        .collect();
    let retyped = |column: &ColumnName, old: &SqlType| {
        definition.columns.get(column).is_some_and(|new| !cast(old, &new.sql_type).is_total())
    };
    let overwritten = |column: &ColumnName, old: &Column| {
        let computed = definition.columns.get(column).is_some_and(|new| new.generated.is_some());
        computed && old.generated.is_none()
    };
    let anew = known.columns.iter().filter(|(column, old)| {
        values.contains_key(*column) || retyped(column, &old.sql_type) || overwritten(column, old)
    });
    gone.extend(anew.map(|(column, _)| column).map(|column| format!("values:{table}.{column}")));
    (!gone.is_empty()).then(|| gone.join(","))
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::Sqlite;
    use crate::dialect::{Dialect, LockMode, Work};
    use crate::operation::Operation;
    use crate::schema::{Column, Schema, SqlType, State, Table};

    #[test]
    fn a_rebuild_says_what_it_loses_and_locks_all() {
        let table = |columns: &[&str]| {
            columns.iter().fold(Table::keyed_by(["id"]), |table, column| {
                table.with_column(column, Column::optional(SqlType::Text))
            })
        };
        let schema = Schema::default()
            .with_table("a", table(&["id"]))
            .with_table("users", table(&["id", "old", "gone", "kept"]));
        let values = IndexMap::from([("new".into(), "\"old\"".into()), ("kept".into(), "'x'".into())]);
        let rebuild = Operation::RebuildTable {
            table: "users".into(),
            definition: table(&["id", "new", "kept"]),
            values,
            back: IndexMap::new(),
        };
        let effect = Sqlite { version: (3, 35) }.effect(&rebuild, &State::at_rest(schema));
        assert_eq!(effect.destroys.as_deref(), Some("column:users.gone,values:users.kept"));
        let exclusive = |table: &str| (table.into(), LockMode::Exclusive);
        assert_eq!(effect.locks, [exclusive("users"), exclusive("a")]);
        assert_eq!((effect.work, effect.transactional), (Work::RewritesTable, false));
    }
}
