//! How to get from a change to safe steps: one recipe a file, plain functions from a change to drafts.

mod ability;
mod add_check;
mod add_column;
mod add_enum_value;
mod add_foreign_key;
mod add_index;
mod change_collation;
mod change_comments;
mod change_default;
mod change_identity;
mod change_primary_key;
mod composition;
mod computed_questions;
mod convert;
mod create_enum;
mod create_extension;
mod create_schema;
mod create_table;
mod direct;
mod drop_column;
mod drop_constraint;
mod drop_enum;
mod drop_index;
mod drop_table;
mod enum_questions;
mod exclusion;
mod hold_to;
mod impossible;
mod key_questions;
mod moved_keys;
mod not_null;
mod numbered_column;
mod recompute_column;
mod relax_column;
mod rename_column;
mod rename_table;
mod replace_column;
mod replace_enum;
mod replace_index;
mod require_column;
mod retype_column;
mod revive_column;
mod rows_from;

pub(super) use ability::inability;
pub(super) use composition::{composition, entangled};
pub(super) use convert::conversions;
pub(super) use create_extension::{extensions, extensions_of};
pub(super) use create_schema::{spaces, spaces_of};
pub(super) use direct::direct;
pub(super) use impossible::impossible;
pub(super) use key_questions::keys;
pub(super) use moved_keys::keys_move;
pub(super) use rows_from::rows;

use super::context::Context;
use super::draft::Draft;
use crate::change::Change;

/// The steps for a change while N-1 and N run beside each other.
pub(super) fn overlapping(context: &Context<'_>, change: &Change) -> Vec<Draft> {
    match change {
        Change::CreateTable { table, definition, rows: None } => create_table::steps(table, definition),
        Change::CreateTable { table, definition, rows: Some(rows) } => {
            rows_from::steps(table, definition, rows)
        }
        Change::DropTable { table } => drop_table::steps(context, table),
        Change::RenameTable { from, to } => rename_table::steps(context, from, to),
        Change::AddColumn { table, column, definition, backfill } => {
            add_column::steps(context, table, column, definition, backfill.as_ref())
        }
        Change::DropColumn { table, column, fill } => drop_column::steps(context, table, column, fill),
        Change::RenameColumn { table, from, to } => rename_column::steps(context, table, from, to),
        Change::ReplaceColumn { table, from, to, conversion } => {
            replace_column::steps(context, table, [from, to], conversion)
        }
        Change::RetypeColumn { table, column, from, to, conversion } => {
            retype_column::steps(context, table, column, [from, to], conversion)
        }
        Change::RequireColumn { table, column, fill } => require_column::steps(table, column, fill),
        Change::RelaxColumn { table, column } => relax_column::steps(super::Phase::Contract, table, column),
        Change::ChangeDefault { table, column, from, to } => {
            change_default::steps(table, column, from.as_ref(), to.as_ref())
        }
        Change::ChangeCollation { table, column, from: _, to } => {
            change_collation::steps(table, column, to.as_ref())
        }
        Change::RecomputeColumn { table, column, from, to } => {
            recompute_column::steps(table, column, from, to)
        }
        Change::ChangeComments { table, from: _, to } => change_comments::steps(table, to),
        Change::ChangeIdentity { table, column, from, to } => change_identity::steps(table, column, from, to),
        Change::ChangePrimaryKey { table, from, to } => change_primary_key::steps(context, table, from, to),
        Change::AddIndex { table, index, definition } => add_index::steps(context, table, index, definition),
        Change::DropIndex { table, index, definition } => {
            drop_index::steps(context, table, index, definition)
        }
        Change::ReplaceIndex { table, index, from, to } => {
            replace_index::steps(context, table, index, from, to)
        }
        Change::AddForeignKey { table, name, definition } => {
            add_foreign_key::steps(context, table, name, definition)
        }
        Change::DropForeignKey { table, name, definition: _ } => {
            drop_constraint::foreign_key(context, table, name)
        }
        Change::AddCheck { table, name, definition } => add_check::steps(context, table, name, definition),
        Change::DropCheck { table, name, definition: _ } => drop_constraint::check(context, table, name),
        Change::CreateEnum { name, definition } => create_enum::steps(name, definition),
        Change::DropEnum { name, definition: _ } => drop_enum::steps(name),
        Change::AddEnumValue { name, value, at } => add_enum_value::steps(name, value, at.as_ref()),
        // Asked about instead: no release could run beside them.
        Change::RenameEnumValue { .. } | Change::ReplaceEnum { .. } => Vec::new(),
    }
}
