//! What an operation does to a state. Strict: an operation that a server would refuse is an error here too.

mod column;
mod enumeration;
mod flight;
mod part;
mod partition;
mod rows;
mod table;

use thiserror::Error;

use super::Operation;
use crate::schema::{Column, ColumnName, ColumnRef, Expression, State, Table, TableName};

/// An operation that doesn't fit the state it is applied to. Always a fault of a plan, or of a file that was edited by hand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Inapplicable {
    /// What it works on isn't there.
    #[error("{0} doesn't exist")]
    Missing(String),
    /// What it makes is there already.
    #[error("{0} exists already")]
    Exists(String),
    /// Something else still needs what it takes away.
    #[error("{0} still depends on it")]
    Needed(String),
    /// Rows may stand that it would reject.
    #[error("{0} may hold rows that this rejects")]
    Unproved(String),
}

type Applied = Result<(), Inapplicable>;

impl State {
    /// Does `operation`. On an error the state is left half changed and must be thrown away.
    pub fn apply(&mut self, operation: &Operation) -> Applied {
        match operation {
            Operation::CreateTable { table, definition } => self.create_table(table, definition),
            Operation::DropTable { table } => self.drop_table(table),
            Operation::RenameTable { from, to } => self.rename_table(from, to),
            Operation::CreateView { view, table, columns } => self.create_view(view, table, columns),
            Operation::DropView { view } => self.drop_view(view),
            Operation::RebuildTable { table, definition, values: _, back: _ } => {
                self.rebuild(table, definition)
            }
            Operation::AddColumn { table, column, definition } => self.add_column(table, column, definition),
            Operation::DropColumn { table, column } => self.drop_column(table, column),
            Operation::RenameColumn { table, from, to } => self.rename_column(table, from, to),
            Operation::SetDefault { table, column, default } => {
                self.set_default(table, column, Some(default))
            }
            Operation::DropDefault { table, column } => self.set_default(table, column, None),
            Operation::AlterType { table, column, to, conversion: _ } => self.alter_type(table, column, to),
            Operation::SetCollation { table, column, collation } => {
                self.column_mut(table, column).map(|known| known.collation = collation.clone())
            }
            Operation::Recompute { table, column, definition } => self.recompute(table, column, definition),
            Operation::SetComments { table, comments } => self.set_comments(table, comments),
            Operation::Number { table, column, identity } => self.number(table, column, *identity),
            Operation::HandOverNumbers { table, from, to } => {
                let identity = self.column_mut(table, from)?.identity;
                self.number(table, from, None)?;
                self.number(table, to, identity)
            }
            Operation::SetNotNull { table, column, proof } => {
                self.set_not_null(table, column, proof.as_ref())
            }
            Operation::DropNotNull { table, column } => self.drop_not_null(table, column),
            Operation::ChangePrimaryKey { table, key, index } => {
                self.change_primary_key(table, key, index.as_ref())
            }
            Operation::CreateIndex { table, index, definition, online: _ } => {
                self.create_index(table, index, definition)
            }
            Operation::GuardIndex { table, index, definition } => self.guard_index(table, index, definition),
            Operation::BeginIndex { table, index, definition, partitions } => {
                self.begin_index(table, index, definition, partitions)
            }
            Operation::BuildIndexPart { table, index, partition: _, definition } => {
                self.is_begun(table, index, definition)
            }
            Operation::JoinIndexParts { table, index, definition, partitions: _ } => {
                self.is_begun(table, index, definition)?;
                self.guard_index(table, index, definition)
            }
            Operation::DropIndex { table, index, online: _ } => self.drop_index(table, index),
            Operation::Constrain { table, index, definition } => self.constrain(table, index, definition),
            Operation::RenameIndex { table, from, to } => self.rename_index(table, from, to),
            Operation::AddCheck { table, name, definition, validated } => {
                self.add_check(table, name, definition, *validated)
            }
            Operation::DropCheck { table, name } => self.drop_check(table, name),
            Operation::AddForeignKey { table, name, definition, validated } => {
                self.add_foreign_key(table, name, definition, *validated)
            }
            Operation::DropForeignKey { table, name } => self.drop_foreign_key(table, name),
            Operation::Validate { table, constraint } => self.validate(table, constraint),
            Operation::KeepFilled { table, column, origin } => self.keep_filled(table, column, origin),
            Operation::StopFilling { table, column } => self.stop_filling(table, column),
            Operation::Follow { table, column, source } => self.follow(table, column, source),
            Operation::StopFollowing { table, column, source: _ } => self.stop_following(table, column),
            Operation::FollowRows { table, rows } => self.follow_rows(table, rows),
            Operation::StopFollowingRows { table, rows: _ } => self.stop_following_rows(table),
            Operation::CopyRows { table, rows, batched: _ } => self.copy_rows(table, rows),
            Operation::Mirror { table, old, new, conversion } => self.mirror(table, old, new, conversion),
            Operation::Unmirror { table, new } => self.unmirror(table, new),
            Operation::Backfill { table, column, origin, batched: _ } => self.backfill(table, column, origin),
            Operation::Guard { table, against } => self.guard(table, against),
            // No release names it, and columns only come where it is.
            Operation::CreateExtension { name: _ } | Operation::CreateSchema { name: _ } => Ok(()),
            Operation::CreateEnum { name, definition } => self.create_enum(name, definition),
            Operation::DropEnum { name } => self.drop_enum(name),
            Operation::AddEnumValue { name, value, at } => self.add_enum_value(name, value, at.as_ref()),
            Operation::RenameEnumValue { name, from, to } => self.rename_enum_value(name, from, to),
            Operation::ReplaceEnum { name, definition } => self.replace_enum(name, definition),
        }
    }

    fn table(&self, name: &TableName) -> Result<&Table, Inapplicable> {
        self.schema.tables.get(name).ok_or_else(|| Inapplicable::Missing(format!("table {name}")))
    }

    fn table_mut(&mut self, name: &TableName) -> Result<&mut Table, Inapplicable> {
        self.schema.tables.get_mut(name).ok_or_else(|| Inapplicable::Missing(format!("table {name}")))
    }

    fn column_mut(&mut self, table: &TableName, column: &ColumnName) -> Result<&mut Column, Inapplicable> {
        let missing = || Inapplicable::Missing(format!("column {table}.{column}"));
        self.table_mut(table)?.columns.get_mut(column).ok_or_else(missing)
    }

    /// Rows of an empty table need no filling.
    fn mark_unfilled(&mut self, at: &ColumnRef) {
        if !self.empty.contains(&at.table) {
            self.in_flight.unfilled.insert(at.clone());
        }
    }
}

/// The check that proves a column free of NULL.
pub(crate) fn not_null_expression(column: &ColumnName) -> Expression {
    Expression(format!("\"{}\" IS NOT NULL", column.as_str().replace('"', "\"\"")))
}

/// Puts what an INSERT into a map replaced to use: there must have been nothing.
fn refuse_twice<T>(replaced: Option<T>, what: impl Fn() -> String) -> Applied {
    match replaced {
        Some(_) => Err(Inapplicable::Exists(what())),
        None => Ok(()),
    }
}

/// The same for a removal: there must have been something.
fn require_one<T>(removed: Option<T>, what: impl Fn() -> String) -> Applied {
    removed.map(|_| ()).ok_or_else(|| Inapplicable::Missing(what()))
}
