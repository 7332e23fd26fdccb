//! What each operation locks and costs: facts measured on 12 to 18 (`tests/facts/postgres-locks.tsv`).

use super::Postgres;
use super::cast::cast;
use super::index::is_constraint;
use super::number::seeks_highest;
use super::types::{is_serial, may_be_domain};
use crate::dialect::LockMode::{
    AccessExclusive, AccessShare, RowExclusive, RowShare, Share, ShareRowExclusive, ShareUpdateExclusive,
};
use crate::dialect::{Effect, LockMode, Work};
use crate::operation::Operation;
use crate::plan::InPlace;
use crate::schema::{
    Column, ColumnName, ColumnRef, Conversion, ForeignKey, Origin, SqlType, State, Table, TableName,
    Violation, Volatility,
};

impl Postgres {
    pub(super) fn effect_of(&self, operation: &Operation, before: &State) -> Effect {
        Effect {
            locks: self.locks(operation, before),
            work: self.work(operation, before),
            transactional: transactional(operation, before),
            destroys: destroys(operation, before),
            rights: self.rights(operation),
        }
    }

    fn locks(&self, operation: &Operation, before: &State) -> Vec<(TableName, LockMode)> {
        let one = |table: &TableName, mode| vec![(table.clone(), mode)];
        match operation {
            Operation::CreateTable { table, definition } => {
                let parents = definition.parents(table).into_iter().map(|parent| (parent, ShareRowExclusive));
                parents.chain(one(table, AccessExclusive)).collect()
            }
            Operation::DropTable { table } => self.exclusive(table, before, |_| true),
            Operation::DropColumn { table, column } => {
                self.exclusive(table, before, |key| key.columns.contains(column))
            }
            Operation::DropForeignKey { table, name } => {
                let dropped = table_of(before, table).and_then(|known| known.foreign_keys.get(name));
                self.exclusive(table, before, |key| Some(key) == dropped)
            }
            Operation::AlterType { table, column, .. } => self
                .tied_by(table, column, before)
                .into_iter()
                .map(|table| (table, AccessExclusive))
                .collect(),
            Operation::Recompute { table, column, definition } => {
                self.recompute_locks(table, column, definition, before)
            }
            Operation::CreateView { view, table, .. } => {
                vec![(table.clone(), AccessShare), (view.clone(), AccessExclusive)]
            }
            Operation::RenameTable { from: table, .. }
            | Operation::DropView { view: table }
            | Operation::AddColumn { table, .. }
            | Operation::RenameColumn { table, .. }
            | Operation::SetDefault { table, .. }
            | Operation::DropDefault { table, .. }
            | Operation::Number { table, .. }
            | Operation::HandOverNumbers { table, .. }
            | Operation::ChangePrimaryKey { table, .. }
            | Operation::SetNotNull { table, .. }
            | Operation::SetCollation { table, .. }
            | Operation::DropNotNull { table, .. }
            | Operation::Constrain { table, .. }
            | Operation::AddCheck { table, .. }
            | Operation::DropCheck { table, .. }
            | Operation::StopFilling { table, .. }
            | Operation::Unmirror { table, .. } => one(table, AccessExclusive),
            Operation::StopFollowing { source, .. } => one(&source.table, AccessExclusive),
            Operation::StopFollowingRows { rows, .. } => one(&rows.table, AccessExclusive),
            Operation::SetComments { table, .. } => one(table, ShareUpdateExclusive),
            Operation::CreateIndex { table, definition, online, .. } => one(
                table,
                match (definition.constraint, *online) {
                    (true, _) => AccessExclusive,
                    (false, true) => ShareUpdateExclusive,
                    (false, false) => Share,
                },
            ),
            Operation::DropIndex { table, index, online } => {
                let gently = *online && !is_constraint(table, index, before);
                one(table, if gently { ShareUpdateExclusive } else { AccessExclusive })
            }
            // It locks the index alone, and that only against other DDL.
            Operation::RenameIndex { .. } => Vec::new(),
            // They lock the type, which no query does.
            Operation::CreateEnum { .. }
            | Operation::CreateExtension { .. }
            | Operation::CreateSchema { .. }
            | Operation::DropEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. } => Vec::new(),
            Operation::ReplaceEnum { name, .. } => {
                before.schema.users_of(name).map(|(table, _)| (table.clone(), AccessExclusive)).collect()
            }
            Operation::GuardIndex { table, .. } => one(table, AccessShare),
            Operation::AddForeignKey { table, definition, .. } => {
                referring(table, definition, ShareRowExclusive, ShareRowExclusive)
            }
            Operation::Validate { table, constraint } => {
                match table_of(before, table).and_then(|known| known.foreign_keys.get(constraint)) {
                    Some(key) => referring(table, key, RowShare, ShareUpdateExclusive),
                    None => one(table, ShareUpdateExclusive),
                }
            }
            Operation::KeepFilled { table, .. } | Operation::Mirror { table, .. } => {
                one(table, ShareRowExclusive)
            }
            Operation::Follow { source, .. } => one(&source.table, ShareRowExclusive),
            Operation::FollowRows { rows, .. } => one(&rows.table, ShareRowExclusive),
            Operation::CopyRows { table, rows, .. } => copy_locks(table, &rows.table, before),
            Operation::Backfill { table, column, origin, .. } => {
                backfill_locks(table, column, origin, before)
            }
            Operation::Guard { table, against } => guard_locks(table, against),
            Operation::RebuildTable { table, definition, .. } => {
                let mut locks = self.exclusive(table, before, |_| true);
                for parent in definition.parents(table) {
                    if locks.iter().all(|(locked, _)| *locked != parent) {
                        locks.insert(0, (parent, ShareRowExclusive));
                    }
                }
                locks
            }
        }
    }

    fn work(&self, operation: &Operation, before: &State) -> Work {
        let Operation::Recompute { table, column, definition } = operation else {
            return work(operation, before);
        };
        let empty = before.empty.contains(table);
        if empty { Work::Instant } else { self.recompute_work(table, column, definition, before) }
    }

    /// The table and the parents of the chosen foreign keys: all of them exclusively, for what drops a foreign key.
    fn exclusive(
        &self,
        table: &TableName,
        before: &State,
        chosen: impl Fn(&ForeignKey) -> bool,
    ) -> Vec<(TableName, LockMode)> {
        self.with_parents(table, before, chosen).into_iter().map(|table| (table, AccessExclusive)).collect()
    }
}

fn table_of<'a>(state: &'a State, table: &TableName) -> Option<&'a Table> {
    state.schema.tables.get(table)
}

fn referring(
    table: &TableName,
    key: &ForeignKey,
    parent: LockMode,
    child: LockMode,
) -> Vec<(TableName, LockMode)> {
    if key.references == *table {
        return vec![(table.clone(), child.max(parent))];
    }
    vec![(key.references.clone(), parent), (table.clone(), child)]
}

fn backfill_locks(
    table: &TableName,
    column: &ColumnName,
    origin: &Origin,
    before: &State,
) -> Vec<(TableName, LockMode)> {
    let mut locks = Vec::new();
    if let Origin::Source(source) = origin
        && source.table != *table
    {
        locks.push((source.table.clone(), AccessShare));
    }
    let keys = table_of(before, table).into_iter().flat_map(|known| known.foreign_keys.values());
    for key in keys.filter(|key| key.columns.contains(column) && key.references != *table) {
        locks.retain(|(locked, _)| *locked != key.references);
        locks.push((key.references.clone(), RowShare));
    }
    locks.push((table.clone(), RowExclusive));
    locks
}

/// The source's rows are locked, and with each row that is written those that it refers to.
fn copy_locks(table: &TableName, source: &TableName, before: &State) -> Vec<(TableName, LockMode)> {
    let parents = table_of(before, table).map(|known| known.parents(table)).unwrap_or_default();
    let read = parents.into_iter().filter(|parent| parent != source).chain([source.clone()]);
    read.map(|read| (read, RowShare)).chain([(table.clone(), RowExclusive)]).collect()
}

fn guard_locks(table: &TableName, against: &Violation) -> Vec<(TableName, LockMode)> {
    let other = match against {
        Violation::Stale { source, .. } => Some(&source.table),
        Violation::Orphan { foreign_key } => Some(&foreign_key.references),
        Violation::Uncopied { rows } => Some(&rows.table),
        Violation::Null { .. }
        | Violation::Differ { .. }
        | Violation::Check { .. }
        | Violation::Duplicate { .. } => None,
    };
    let other = other.filter(|other| *other != table).map(|other| (other.clone(), AccessShare));
    other.into_iter().chain([(table.clone(), AccessShare)]).collect()
}

fn work(operation: &Operation, before: &State) -> Work {
    // A table that nobody has written to: whatever grows with its rows is nothing.
    let empty = before.empty.contains(operation.table());
    let rows = |work| if empty { Work::Instant } else { work };
    match operation {
        Operation::AddColumn { definition, .. } if rewrites(definition, before) => rows(Work::RewritesTable),
        Operation::AlterType { table, column, to, conversion } => {
            rows(retyping(table, column, to, conversion, before))
        }
        Operation::ReplaceEnum { name, .. } => {
            let used = before.schema.users_of(name).any(|(table, _)| !before.empty.contains(table));
            if used { Work::RewritesTable } else { Work::Instant }
        }
        Operation::RebuildTable { .. } => rows(Work::RewritesTable),
        Operation::ChangePrimaryKey { key, index: None, .. } if key.is_empty() => Work::Instant,
        // A collation: whatever is built on the column.
        Operation::ChangePrimaryKey { index: None, .. } => rows(Work::BuildsIndex),
        Operation::CreateIndex { .. } | Operation::SetCollation { .. } => rows(Work::BuildsIndex),
        Operation::SetNotNull { proof: None, .. }
        | Operation::AddCheck { validated: true, .. }
        | Operation::AddForeignKey { validated: true, .. }
        | Operation::Guard { .. } => rows(Work::ScansTable),
        Operation::Validate { table, constraint } => {
            let valid = !before.in_flight.unvalidated.contains_key(&(table.clone(), constraint.clone()));
            if valid { Work::Instant } else { rows(Work::ScansTable) }
        }
        Operation::SetNotNull { table, proof: Some(proof), .. } => {
            // Validated again first: free, unless a revert left it unproved; then it scans before the strong lock.
            let valid = !before.in_flight.unvalidated.contains_key(&(table.clone(), proof.clone()));
            if valid { Work::Instant } else { rows(Work::ScansTable) }
        }
        Operation::Number { table, column, identity } => {
            if seeks_highest(table, column, *identity, before) {
                rows(Work::ScansTable)
            } else {
                Work::Instant
            }
        }
        Operation::CopyRows { batched, .. } => Work::WritesRows { batched: *batched },
        // Looked at above.
        Operation::Recompute { .. } => rows(Work::RewritesTable),
        Operation::Backfill { batched, .. } => rows(Work::WritesRows { batched: *batched }),
        Operation::AddColumn { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::AddCheck { validated: false, .. }
        | Operation::AddForeignKey { validated: false, .. }
        | Operation::CreateTable { .. }
        | Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::DropColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::SetComments { .. }
        | Operation::DropDefault { .. }
        | Operation::DropNotNull { .. }
        | Operation::ChangePrimaryKey { index: Some(_), .. }
        | Operation::GuardIndex { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::Constrain { .. }
        | Operation::DropCheck { .. }
        | Operation::DropForeignKey { .. }
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
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. } => Work::Instant,
    }
}

/// What ALTER TYPE does beside changing the catalog (DOCTRINE, Measured).
fn retyping(
    table: &TableName,
    column: &ColumnName,
    to: &SqlType,
    conversion: &Conversion,
    before: &State,
) -> Work {
    let Some(known) = table_of(before, table) else { return Work::RewritesTable };
    let Some(from) = known.columns.get(column).map(|known| &known.sql_type) else {
        return Work::RewritesTable;
    };
    let checked = known.checks.values().any(|check| check.reads(column));
    let mut indexes = known.indexes.values().filter(|index| index.reads(column));
    match cast(from, to).in_place {
        InPlace::Rewrites => Work::RewritesTable,
        InPlace::Free | InPlace::RebuildsIndexes if conversion.forth.is_some() => Work::RewritesTable,
        InPlace::RebuildsIndexes if known.primary_key.contains(column) => Work::BuildsIndex,
        InPlace::RebuildsIndexes if indexes.next().is_some() => Work::BuildsIndex,
        // One over an expression or a part of the rows is built again, and so may be one whose operators are looked up anew.
        InPlace::Free
            if indexes.any(|index| {
                index.predicate.is_some() || index.key_columns().is_none() || index.excludes()
            }) =>
        {
            Work::BuildsIndex
        }
        InPlace::Free | InPlace::RebuildsIndexes if checked => Work::ScansTable,
        InPlace::Free | InPlace::RebuildsIndexes => Work::Instant,
    }
}

/// Whether ADD COLUMN writes every row.
fn rewrites(column: &Column, before: &State) -> bool {
    let volatile =
        column.default.as_ref().is_some_and(|default| default.volatility() == Volatility::Volatile);
    volatile
        || column.identity.is_some()
        || column.generated.as_ref().is_some_and(|generated| generated.stored)
        || is_serial(&column.sql_type)
        || may_be_domain(&column.sql_type) && before.schema.enum_of(&column.sql_type).is_none()
}

fn transactional(operation: &Operation, before: &State) -> bool {
    match operation {
        Operation::CreateIndex { definition, online, .. } => !online || definition.constraint,
        Operation::DropIndex { table, index, online } => !online || is_constraint(table, index, before),
        Operation::CopyRows { rows, batched, .. } => {
            !batched || table_of(before, &rows.table).is_none_or(|known| known.primary_key.is_empty())
        }
        Operation::Backfill { table, batched, .. } => {
            !batched || table_of(before, table).is_none_or(|known| known.primary_key.is_empty())
        }
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
        | Operation::SetComments { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::GuardIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::Constrain { .. }
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
        | Operation::Guard { .. }
        | Operation::RebuildTable { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => true,
    }
}

fn destroys(operation: &Operation, before: &State) -> Option<String> {
    match operation {
        Operation::DropTable { .. } => Some("rows".to_owned()),
        Operation::DropColumn { table, column } => Some(format!("column:{table}.{column}")),
        Operation::Recompute { table, column, definition } => {
            let known = before.schema.column(&ColumnRef::new(table, column))?;
            let overwritten = known.generated.is_none() && definition.generated.is_some();
            overwritten.then(|| format!("values:{table}.{column}"))
        }
        Operation::AlterType { table, column, to, conversion } => {
            let from = before.schema.column(&ColumnRef::new(table, column)).map(|known| &known.sql_type);
            let total = from.is_some_and(|from| cast(from, to).is_total()) && conversion.forth.is_none();
            (!total).then(|| format!("values:{table}.{column}"))
        }
        Operation::RebuildTable { table, definition, values, .. } => {
            let known = table_of(before, table)?;
            let gone = known.columns.keys().find(|column| !definition.columns.contains_key(*column));
            match gone {
                Some(column) => Some(format!("column:{table}.{column}")),
                None => values.keys().next().map(|column| format!("values:{table}.{column}")),
            }
        }
        Operation::CreateTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::SetCollation { .. }
        | Operation::SetComments { .. }
        | Operation::DropDefault { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::CreateIndex { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::GuardIndex { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::Constrain { .. }
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
        | Operation::CopyRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::Backfill { .. }
        | Operation::Guard { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => None,
    }
}
