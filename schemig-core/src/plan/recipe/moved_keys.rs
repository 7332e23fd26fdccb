//! Columns of keys that others take over from, and what refers to them: such a plan comes in turns.

use crate::change::Change;
use crate::plan::context::Context;
use crate::schema::{ColumnName, ConstraintName, TableName};

/// Whether the plan's steps come in turns, for it changes primary keys, or columns that foreign keys refer to.
pub(in crate::plan) fn keys_move(context: &Context<'_>) -> bool {
    context.changes.iter().any(|change| {
        if let Change::RenameColumn { table, from, .. } | Change::ReplaceColumn { table, from, .. } = change {
            moves_key(context, table, from) || is_referred_to(context, table, from)
        } else {
            matches!(change, Change::ChangePrimaryKey { .. })
        }
    })
}

/// Whether a column that another takes over from is in the primary key, so that one key gives way to another.
pub(super) fn moves_key(context: &Context<'_>, table: &TableName, from: &ColumnName) -> bool {
    context.table(table).is_some_and(|known| known.primary_key.contains(from))
}

fn is_referred_to(context: &Context<'_>, table: &TableName, column: &ColumnName) -> bool {
    let mut keys = context.known.tables.iter().flat_map(|(_, child)| child.foreign_keys.values());
    keys.any(|key| key.references == *table && key.key.contains(column))
}

/// Whether the plan drops this foreign key or puts another one in its place.
pub(super) fn changes_over_apart(context: &Context<'_>, table: &TableName, key: &ConstraintName) -> bool {
    context.changes.iter().any(|change| {
        matches!(change, Change::AddForeignKey { table: of, name, .. } | Change::DropForeignKey { table: of, name, .. }
            if of == table && name == key)
    })
}
