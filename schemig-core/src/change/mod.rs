//! What differs between two schemas: the vocabulary of changes, and of what only a person can decide.

mod beside;
mod cancel;
mod columns;
mod comments;
mod describe;
mod diff;
mod enums;
mod parts;
mod question;
mod renames;

pub(crate) use describe::Listed;
pub use diff::{Difference, OpenChange, diff};
pub use question::Question;
use serde::{Deserialize, Serialize};

use crate::schema::{
    Beside, Check, Column, ColumnName, ColumnRef, Comment, ConstraintName, Conversion, Enum, EnumName,
    Expression, ForeignKey, Identity, Index, IndexName, Origin, RowsFrom, SqlType, Table, TableName,
};

/// One difference between the schema that was and the schema that is to be. Names are those of the new schema, but for what
/// is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A table that wasn't there; `rows` says which rows it gets from a table that was.
    CreateTable {
        table: TableName,
        definition: Table,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<RowsFrom>,
    },
    /// A table that no model has any more.
    DropTable { table: TableName },
    /// A table under another name.
    RenameTable { from: TableName, to: TableName },
    /// A column that wasn't there; `backfill` says what rows that stand, and rows that N-1 writes, get.
    AddColumn { table: TableName, column: ColumnName, definition: Column, backfill: Option<Origin> },
    /// A column that no model has any more; `fill` says what keeps N's rows readable for N-1.
    DropColumn { table: TableName, column: ColumnName, fill: Fill },
    /// A column under another name.
    RenameColumn { table: TableName, from: ColumnName, to: ColumnName },
    /// A column that takes over from another, under another name and of another type.
    ReplaceColumn {
        table: TableName,
        from: ColumnName,
        to: ColumnName,
        #[serde(default, skip_serializing_if = "Conversion::is_plain")]
        conversion: Conversion,
    },
    /// A column of another type under its own name.
    RetypeColumn {
        table: TableName,
        column: ColumnName,
        from: SqlType,
        to: SqlType,
        #[serde(default, skip_serializing_if = "Conversion::is_plain")]
        conversion: Conversion,
    },
    /// A column that rejects NULL from now on; `fill` replaces the NULLs there are and those that N-1 writes.
    RequireColumn { table: TableName, column: ColumnName, fill: Origin },
    /// A column that accepts NULL from now on.
    RelaxColumn { table: TableName, column: ColumnName },
    /// A column that is left out gets something else.
    ChangeDefault { table: TableName, column: ColumnName, from: Option<Expression>, to: Option<Expression> },
    /// A column that is sorted and compared by other rules.
    ChangeCollation { table: TableName, column: ColumnName, from: Option<String>, to: Option<String> },
    /// A column that the server computes otherwise than before, or no more, or from now on; with what changes with that: whether it
    /// may be NULL, and its default.
    RecomputeColumn { table: TableName, column: ColumnName, from: Column, to: Column },
    /// The comments of a table and its columns, those that change: as they were, and as they are to be.
    ChangeComments { table: TableName, from: Vec<Comment>, to: Vec<Comment> },
    /// A column that is left out is numbered by the server, otherwise than before, or no more. Where a default comes or goes with
    /// that, it is part of this change.
    ChangeIdentity { table: TableName, column: ColumnName, from: Numbering, to: Numbering },
    /// A table's primary key, over other columns than before. Both name the columns as the new schema does.
    ChangePrimaryKey { table: TableName, from: Vec<ColumnName>, to: Vec<ColumnName> },
    /// An index that wasn't there.
    AddIndex { table: TableName, index: IndexName, definition: Index },
    /// An index that no model has any more.
    DropIndex { table: TableName, index: IndexName, definition: Index },
    /// An index of the same name that is another.
    ReplaceIndex { table: TableName, index: IndexName, from: Index, to: Index },
    /// A foreign key that wasn't there.
    AddForeignKey { table: TableName, name: ConstraintName, definition: ForeignKey },
    /// A foreign key that no model has any more.
    DropForeignKey { table: TableName, name: ConstraintName, definition: ForeignKey },
    /// A check that wasn't there.
    AddCheck { table: TableName, name: ConstraintName, definition: Check },
    /// A check that no model has any more.
    DropCheck { table: TableName, name: ConstraintName, definition: Check },
    /// An enum that wasn't there.
    CreateEnum { name: EnumName, definition: Enum },
    /// An enum that no model uses any more.
    DropEnum { name: EnumName, definition: Enum },
    /// A label that an enum didn't have.
    AddEnumValue { name: EnumName, value: String, at: Option<Beside> },
    /// A label that is written otherwise.
    RenameEnumValue { name: EnumName, from: String, to: String },
    /// An enum that loses labels, or has them in another order; both sides have the labels that are new.
    ReplaceEnum { name: EnumName, from: Enum, to: Enum },
}

/// What an INSERT that leaves a column out gets: a number, a default's value, or nothing. Never both of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbering {
    /// How the server numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
}

impl Numbering {
    /// What a column has.
    pub(crate) fn of(column: &Column) -> Self {
        Self { identity: column.identity, default: column.default.clone() }
    }
}

/// How a column on its way out is served while N-1 still reads it (DOCTRINE, R9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// It may be left out as it is: nullable, defaulted, generated or numbered.
    Unneeded,
    /// With this expression.
    With(Expression),
    /// Not at all: N-1 can't read what N writes, and the model says that this is known.
    Forgone,
}

impl Change {
    /// The table, or the enum, that it is about; for a rename, the new name.
    pub fn table(&self) -> &TableName {
        match self {
            Self::CreateTable { table, .. }
            | Self::DropTable { table }
            | Self::RenameTable { to: table, .. }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::ReplaceColumn { table, .. }
            | Self::RetypeColumn { table, .. }
            | Self::RequireColumn { table, .. }
            | Self::RelaxColumn { table, .. }
            | Self::ChangeDefault { table, .. }
            | Self::ChangeCollation { table, .. }
            | Self::RecomputeColumn { table, .. }
            | Self::ChangeComments { table, .. }
            | Self::ChangeIdentity { table, .. }
            | Self::ChangePrimaryKey { table, .. }
            | Self::AddIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::ReplaceIndex { table, .. }
            | Self::AddForeignKey { table, .. }
            | Self::DropForeignKey { table, .. }
            | Self::AddCheck { table, .. }
            | Self::DropCheck { table, .. } => table,
            Self::CreateEnum { name, .. }
            | Self::DropEnum { name, .. }
            | Self::AddEnumValue { name, .. }
            | Self::RenameEnumValue { name, .. }
            | Self::ReplaceEnum { name, .. } => name,
        }
    }

    /// The column that it is about, where the models have it: the diagnostic points there.
    pub fn column(&self) -> Option<ColumnRef> {
        match self {
            Self::AddColumn { table, column, .. }
            | Self::RenameColumn { table, to: column, .. }
            | Self::ReplaceColumn { table, to: column, .. }
            | Self::RetypeColumn { table, column, .. }
            | Self::RequireColumn { table, column, .. }
            | Self::RelaxColumn { table, column }
            | Self::ChangeDefault { table, column, .. }
            | Self::ChangeCollation { table, column, .. }
            | Self::RecomputeColumn { table, column, .. }
            | Self::ChangeIdentity { table, column, .. } => Some(ColumnRef::new(table, column)),
            Self::CreateTable { .. }
            | Self::DropTable { .. }
            | Self::RenameTable { .. }
            | Self::DropColumn { .. }
            | Self::ChangeComments { .. }
            | Self::ChangePrimaryKey { .. }
            | Self::AddIndex { .. }
            | Self::DropIndex { .. }
            | Self::ReplaceIndex { .. }
            | Self::AddForeignKey { .. }
            | Self::DropForeignKey { .. }
            | Self::AddCheck { .. }
            | Self::DropCheck { .. }
            | Self::CreateEnum { .. }
            | Self::DropEnum { .. }
            | Self::AddEnumValue { .. }
            | Self::RenameEnumValue { .. }
            | Self::ReplaceEnum { .. } => None,
        }
    }
}
