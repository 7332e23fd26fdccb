//! What ALTER TABLE can do, and what a table has to be made anew for.

use indexmap::IndexMap;

use super::quote::{name, new_name, qualified};
use super::statement::Statement;
use super::{Sqlite, guard, table, types};
use crate::operation::Operation;
use crate::schema::{Column, ColumnName, Expression, Identity, IndexName, State, Table, TableName};

/// Whether every SQLite from 3.35 on does `operation` without making a table anew. Operations that no SQLite can do count
/// as done so: a rebuild doesn't help them.
///
/// For planning: what isn't in place belongs in a [`Operation::RebuildTable`], which can't share Diesel's transaction.
pub fn alters_in_place(operation: &Operation, before: &State) -> bool {
    Sqlite { version: (3, 35) }.alters_in_place(operation, before)
}

impl Sqlite {
    /// The same for this version: from 3.53 on, NOT NULL and checks come and go in place.
    pub fn alters_in_place(&self, operation: &Operation, before: &State) -> bool {
        let known = before.schema.tables.get(operation.table());
        let owned = |index: &IndexName| {
            known.and_then(|known| known.indexes.get(index)).is_some_and(|index| index.constraint)
        };
        match operation {
            Operation::AddColumn { definition, .. } => addable(definition),
            Operation::DropColumn { table, column } => droppable(table, column, before),
            Operation::CreateIndex { definition, .. } => !definition.constraint,
            Operation::DropIndex { index, .. } | Operation::RenameIndex { from: index, .. } => !owned(index),
            Operation::SetNotNull { .. }
            | Operation::DropNotNull { .. }
            | Operation::AddCheck { .. }
            | Operation::DropCheck { .. } => self.version >= (3, 53),
            Operation::Number { column, identity, .. } => {
                let never_reuses = known.is_some_and(types::never_reuses);
                let row_number = known.is_some_and(|known| types::is_row_number(known, column.as_str()));
                !row_number || never_reuses == (*identity == Some(Identity::Always))
            }
            Operation::ChangePrimaryKey { .. }
            | Operation::SetDefault { .. }
            | Operation::DropDefault { .. }
            | Operation::AlterType { .. }
            | Operation::SetCollation { .. }
            | Operation::Recompute { .. }
            | Operation::AddForeignKey { .. }
            | Operation::DropForeignKey { .. }
            | Operation::RebuildTable { .. } => false,
            Operation::CreateTable { .. }
            | Operation::DropTable { .. }
            | Operation::RenameTable { .. }
            | Operation::CreateView { .. }
            | Operation::DropView { .. }
            | Operation::RenameColumn { .. }
            | Operation::SetComments { .. }
            | Operation::GuardIndex { .. }
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
            | Operation::CopyRows { .. }
            | Operation::HandOverNumbers { .. }
            | Operation::Mirror { .. }
            | Operation::Unmirror { .. }
            | Operation::Backfill { .. }
            | Operation::Guard { .. }
            | Operation::CreateEnum { .. }
            | Operation::CreateExtension { .. }
            | Operation::CreateSchema { .. }
            | Operation::Constrain { .. }
            | Operation::DropEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. }
            | Operation::ReplaceEnum { .. } => true,
        }
    }
}

/// ADD COLUMN wants a constant that satisfies NOT NULL, and can't compute a stored column (facts, SQLite).
fn addable(column: &Column) -> bool {
    let Column { nullable, default, generated, identity, .. } = column;
    let has_value = default.as_ref().is_some_and(|default| !default.is_null());
    match generated {
        Some(generated) => !generated.stored,
        None => {
            identity.is_none() && (*nullable || has_value) && default.as_ref().is_none_or(table::is_literal)
        }
    }
}

/// DROP COLUMN refuses what a key, a constraint or a computed column reads. Plain indexes are dropped before it.
fn droppable(table: &TableName, column: &ColumnName, before: &State) -> bool {
    let Some(known) = before.schema.tables.get(table) else { return true };
    let referred_to = before.schema.tables.values().flat_map(|other| other.foreign_keys.values());
    let computed_from = |other: &Column| {
        other.generated.as_ref().is_some_and(|by| !by.expression.columns([column]).is_empty())
    };
    !known.primary_key.contains(column)
        && known.columns.len() > 1
        && !known.indexes.values().any(|index| index.constraint && index.reads(column))
        && !known.foreign_keys.values().any(|key| key.columns.contains(column))
        && !known.checks.values().any(|check| check.reads(column))
        && !known.columns.values().any(computed_from)
        && !referred_to.into_iter().any(|key| key.references == *table && key.key.contains(column))
}

/// The statements of an operation that is done in place.
pub(super) fn statements(operation: &Operation, before: &State) -> Vec<Statement> {
    let alter = |what: String| format!("ALTER TABLE {} {what};", qualified(operation.table()));
    let lines = match operation {
        Operation::AddColumn { column, definition, .. } => {
            vec![alter(format!("ADD COLUMN {}", table::column_definition(column, definition, false)))]
        }
        Operation::DropColumn { table: from, column } => {
            let known = before.schema.tables.get(from);
            let read =
                known.into_iter().flat_map(|known| &known.indexes).filter(|(_, index)| index.reads(column));
            let mut lines: Vec<String> = read.map(|(index, _)| table::drop_index(from, index)).collect();
            lines.push(alter(format!("DROP COLUMN {}", name(column.as_str()))));
            lines
        }
        Operation::RenameColumn { from, to, .. } => {
            vec![alter(format!("RENAME COLUMN {} TO {}", name(from.as_str()), new_name(to.as_str())))]
        }
        // A row number is one whatever its column is called; no other column can be numbered.
        Operation::Number { table: of, column, identity } => {
            let known = before.schema.tables.get(of);
            if identity.is_some() && !known.is_some_and(|known| types::is_row_number(known, column.as_str()))
            {
                return guard::refusal(&format!(
                    "SQLite numbers nothing but a key of one integer, so it can't: {operation}"
                ));
            }
            Vec::new()
        }
        Operation::SetNotNull { column, proof, .. } => {
            let set = alter(format!("ALTER COLUMN {} SET NOT NULL", name(column.as_str())));
            let drop = proof.as_ref().map(|proof| alter(format!("DROP CONSTRAINT {}", name(proof.as_str()))));
            [set].into_iter().chain(drop).collect()
        }
        Operation::DropNotNull { column, .. } => {
            vec![alter(format!("ALTER COLUMN {} DROP NOT NULL", name(column.as_str())))]
        }
        Operation::AddCheck { name: check, definition, .. } => {
            vec![alter(format!("ADD CONSTRAINT {} CHECK ({})", name(check.as_str()), definition.expression))]
        }
        Operation::DropCheck { name: check, .. } => {
            vec![alter(format!("DROP CONSTRAINT {}", name(check.as_str())))]
        }
        Operation::CreateTable { .. }
        | Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::SetDefault { .. }
        | Operation::SetComments { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::CreateIndex { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::GuardIndex { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
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
        | Operation::HandOverNumbers { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::Backfill { .. }
        | Operation::Guard { .. }
        | Operation::RebuildTable { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::Constrain { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => {
            return guard::refusal(&format!("SQLite's ALTER TABLE can't: {operation}"));
        }
    };
    Statement::plain(lines)
}

/// The table as it is to be when an operation that ALTER can't do is done by making it anew.
pub(super) fn rebuilt<'a>(operation: &'a Operation, before: &State) -> Option<(&'a TableName, Table)> {
    let at = operation.table();
    let mut table = before.schema.tables.get(at)?.clone();
    match operation {
        Operation::AddColumn { column, definition, .. } => {
            table.columns.insert(column.clone(), definition.clone());
        }
        Operation::DropColumn { column, .. } => {
            table.columns.shift_remove(column);
            table.primary_key.retain(|key| key != column);
            table.indexes.retain(|_, index| !index.reads(column));
            table.foreign_keys.retain(|_, key| !key.columns.contains(column));
            table.checks.retain(|_, check| !check.reads(column));
        }
        Operation::SetDefault { column, default, .. } => set_default(&mut table, column, Some(default))?,
        Operation::DropDefault { column, .. } => set_default(&mut table, column, None)?,
        Operation::AlterType { column, to, .. } => table.columns.get_mut(column)?.sql_type = to.clone(),
        Operation::SetCollation { column, collation, .. } => {
            table.columns.get_mut(column)?.collation = collation.clone();
        }
        Operation::Recompute { column, definition, .. } => {
            *table.columns.get_mut(column)? = definition.clone();
        }
        Operation::Number { column, identity, .. } => table.columns.get_mut(column)?.identity = *identity,
        Operation::SetNotNull { column, proof, .. } => {
            table.columns.get_mut(column)?.nullable = false;
            table.checks.retain(|check, _| Some(check) != proof.as_ref());
        }
        Operation::DropNotNull { column, .. } => table.columns.get_mut(column)?.nullable = true,
        Operation::ChangePrimaryKey { key, index, .. } => {
            table.primary_key.clone_from(key);
            table.indexes.retain(|name, _| Some(name) != index.as_ref());
        }
        Operation::CreateIndex { index, definition, .. } => {
            table.indexes.insert(index.clone(), definition.clone());
        }
        Operation::DropIndex { index, .. } => drop(table.indexes.remove(index)?),
        Operation::RenameIndex { from, to, .. } => {
            let index = table.indexes.remove(from)?;
            table.indexes.insert(to.clone(), index);
        }
        Operation::AddCheck { name, definition, .. } => {
            table.checks.insert(name.clone(), definition.clone());
        }
        Operation::DropCheck { name, .. } => drop(table.checks.remove(name)?),
        Operation::AddForeignKey { name, definition, .. } => {
            table.foreign_keys.insert(name.clone(), definition.clone());
        }
        Operation::DropForeignKey { name, .. } => drop(table.foreign_keys.remove(name)?),
        Operation::RebuildTable { definition, .. } => table = definition.clone(),
        Operation::CreateTable { .. }
        | Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetComments { .. }
        | Operation::GuardIndex { .. }
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
        | Operation::CopyRows { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::Backfill { .. }
        | Operation::Guard { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::Constrain { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => return None,
    }
    Some((at, table))
}

/// The columns whose values a rebuild for an operation computes.
pub(super) fn computed(operation: &Operation) -> IndexMap<ColumnName, Expression> {
    let forth = if let Operation::AlterType { column, conversion, .. } = operation {
        conversion.forth.clone().map(|forth| (column.clone(), forth))
    } else {
        None
    };
    forth.into_iter().collect()
}

fn set_default(table: &mut Table, column: &ColumnName, default: Option<&Expression>) -> Option<()> {
    table.columns.get_mut(column)?.default = default.cloned();
    Some(())
}

/// The state that the next operation of a file meets. An operation that the model finds unproved is proved by the server,
/// so only the table changes then.
pub(super) fn after(operation: &Operation, before: State) -> State {
    let mut applied = before.clone();
    if applied.apply(operation).is_ok() {
        return applied;
    }
    let mut state = before;
    if let Some((table, definition)) = rebuilt(operation, &state) {
        state.schema.tables.insert(table.clone(), definition);
    }
    state
}
