//! What a recipe may look at.

use std::borrow::Cow;

use super::{Capabilities, Phase};
use crate::change::Change;
use crate::schema::{Column, ColumnName, ColumnRef, Origin, Schema, State, Table, TableName, Volatility};

/// Both sides of a plan, and what the server can do.
pub(super) struct Context<'a> {
    /// What release N-1 knows.
    pub from: &'a Schema,
    /// What release N knows.
    pub to: &'a Schema,
    /// The database as it is, open contracts included, but with tables under their new names.
    pub known: Cow<'a, Schema>,
    /// All changes of the plan.
    pub changes: &'a [Change],
    /// What the server can do.
    pub capabilities: Capabilities,
}

impl<'a> Context<'a> {
    /// The database's tables under the names that `changes` give them.
    pub fn renamed(physical: &'a State, changes: &[Change]) -> Cow<'a, Schema> {
        let mut known = Cow::Borrowed(&physical.schema);
        for change in changes {
            if let Change::RenameTable { from, to } = change {
                known.to_mut().rename_table(from, to);
            }
        }
        known
    }

    /// How this plan comes by the values of a column; `None` for one that N-1 has too.
    pub fn values_of(&self, table: &TableName, column: &ColumnName) -> Option<Values<'_>> {
        self.changes.iter().find_map(|change| match change {
            Change::AddColumn { table: t, column: c, definition, backfill } if t == table && c == column => {
                Some(Values::of(definition, backfill.as_ref()))
            }
            Change::RenameColumn { table: t, to, .. } | Change::ReplaceColumn { table: t, to, .. }
                if t == table && to == column =>
            {
                Some(Values::Copied)
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
            | Change::ChangeCollation { .. }
            | Change::RecomputeColumn { .. }
            | Change::ChangeComments { .. }
            | Change::ChangeDefault { .. }
            | Change::ChangeIdentity { .. }
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
        })
    }

    /// A table as the database has it.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        self.known.tables.get(name)
    }

    /// A column as the database has it.
    pub fn column(&self, table: &TableName, column: &ColumnName) -> Option<&Column> {
        self.known.column(&ColumnRef::new(table, column))
    }

    /// When something over these columns can be built without N-1 ever meeting it: at once where N-1 doesn't know them and
    /// they stay NULL for it, after the backfill where each row gets a value of its own, else only when N-1 is gone.
    pub fn phase_unmet<'c>(
        &self,
        table: &TableName,
        columns: impl IntoIterator<Item = &'c ColumnName>,
    ) -> Phase {
        columns
            .into_iter()
            .map(|column| match self.values_of(table, column) {
                Some(Values::Null) => Phase::Expand,
                Some(Values::PerRow) => Phase::Backfill,
                Some(Values::Shared | Values::Computed | Values::Source(_) | Values::Copied) | None => {
                    Phase::Contract
                }
            })
            .max()
            .unwrap_or(Phase::Contract)
    }
}

/// Where rows that N-1 writes get the value of a column that is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values<'a> {
    /// Nowhere: they hold NULL.
    Null,
    /// From a default that is the same for all.
    Shared,
    /// From a default that differs from row to row.
    PerRow,
    /// From an expression over the row.
    Computed,
    /// From another table.
    Source(&'a crate::schema::Source),
    /// From the column's old name.
    Copied,
}

impl<'a> Values<'a> {
    fn of(definition: &'a Column, backfill: Option<&'a Origin>) -> Self {
        match (backfill, &definition.default) {
            (Some(Origin::Source(source)), _) => Self::Source(source),
            (Some(Origin::Column(_)), _) => Self::Copied,
            (Some(Origin::Expression(_)), _) => Self::Computed,
            (Some(Origin::Numbers), _) => Self::PerRow,
            (None, None) if definition.generated.is_some() => Self::Computed,
            (None, None) if definition.identity.is_some() => Self::PerRow,
            (None, Some(default)) if default.is_null() => Self::Null,
            (None, Some(default)) if default.volatility() == Volatility::Volatile => Self::PerRow,
            (None, Some(_)) => Self::Shared,
            (None, None) => Self::Null,
        }
    }
}
