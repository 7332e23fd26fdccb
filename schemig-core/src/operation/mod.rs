//! The instruction set: what a step of a plan does to a database, in no product's words.
//!
//! Three facts about each operation stand here: what it does to a [`State`](crate::schema::State) (`apply`), what undoes it
//! (`inverse`), and how a person reads it (`describe`). How it is spelled and what it locks is a dialect's knowledge.

mod apply;
mod describe;
mod inverse;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use apply::Inapplicable;
pub(crate) use apply::not_null_expression;
pub use inverse::inverse;

use crate::schema::{
    Beside, Check, Column, ColumnName, Comment, ConstraintName, Conversion, Enum, EnumName, Expression,
    ExtensionName, ForeignKey, Identity, Index, IndexName, Origin, RowsFrom, Source, SpaceName, SqlType,
    Table, TableName, Violation,
};

/// One instruction. The set is closed: whoever adds one says in each module what it means there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// Makes a table with all that its definition names. Nobody uses it yet, so everything is made at once.
    CreateTable { table: TableName, definition: Table },
    /// Drops a table and its rows.
    DropTable { table: TableName },
    /// Gives a table another name; its indexes and constraints keep theirs.
    RenameTable { from: TableName, to: TableName },
    /// Lets a table's old name live on as an updatable view with the table's owner and grants.
    CreateView { view: TableName, table: TableName, columns: Vec<ColumnName> },
    /// Drops such a view.
    DropView { view: TableName },
    /// Adds a column. A default in the definition fills the rows that stand.
    AddColumn { table: TableName, column: ColumnName, definition: Column },
    /// Drops a column and its values, and with it the indexes and constraints that read it.
    DropColumn { table: TableName, column: ColumnName },
    /// Gives a column another name at once, for all who use it.
    RenameColumn { table: TableName, from: ColumnName, to: ColumnName },
    /// Sets what later INSERTs that leave the column out get.
    SetDefault { table: TableName, column: ColumnName, default: Expression },
    /// Removes a default.
    DropDefault { table: TableName, column: ColumnName },
    /// Gives a column another type in place. `conversion` says what its values become, and what they become on the way back.
    AlterType {
        table: TableName,
        column: ColumnName,
        to: SqlType,
        #[serde(default, skip_serializing_if = "Conversion::is_plain")]
        conversion: Conversion,
    },
    /// Sorts and compares a column by other rules; what is built on them is built anew.
    SetCollation { table: TableName, column: ColumnName, collation: Option<String> },
    /// Lets the server compute a column that it didn't, or from something else, or no more: it becomes as `definition` says, and what
    /// is built on it stands after it as before. Values stay where the app writes them from then on, and are lost where it did.
    Recompute { table: TableName, column: ColumnName, definition: Column },
    /// Says something of a table or its columns, in words that nobody but people read.
    SetComments { table: TableName, comments: Vec<Comment> },
    /// Lets the server number a column, otherwise than before, or no more. The next number is the one that it would have been, or
    /// follows the highest that stands. A column that may be NULL takes no form but the serial one.
    Number { table: TableName, column: ColumnName, identity: Option<Identity> },
    /// Lets the server number a column in place of another, in the same form: the next number is the one that it would have been there.
    HandOverNumbers { table: TableName, from: ColumnName, to: ColumnName },
    /// Makes a column reject NULL. `proof` names a validated check that spares the scan; it is dropped in the same go.
    SetNotNull { table: TableName, column: ColumnName, proof: Option<ConstraintName> },
    /// Lets a column hold NULL.
    DropNotNull { table: TableName, column: ColumnName },
    /// Gives a table this primary key in place of the one that it has; none when it names no column. `index` is a unique index over
    /// the key, which becomes the key's own; without it the server builds one.
    ChangePrimaryKey { table: TableName, key: Vec<ColumnName>, index: Option<IndexName> },
    /// Builds an index. `online` doesn't block writes, and can't share a transaction.
    CreateIndex { table: TableName, index: IndexName, definition: Index, online: bool },
    /// Stops unless an index that was built online is valid and is what it should be.
    GuardIndex { table: TableName, index: IndexName, definition: Index },
    /// Begins an index of a table with partitions: it serves nobody until each partition has its part. `partitions` are those that the plan
    /// knows; one that is made later gets its part from the server.
    BeginIndex { table: TableName, index: IndexName, definition: Index, partitions: Vec<TableName> },
    /// Builds a partition's part of such an index, without blocking writes. It can't share a transaction.
    BuildIndexPart { table: TableName, index: IndexName, partition: TableName, definition: Index },
    /// Puts the parts together, and stops unless each partition that there is has one: the index serves from then on.
    JoinIndexParts { table: TableName, index: IndexName, definition: Index, partitions: Vec<TableName> },
    /// Drops an index. `online` doesn't block anyone, and can't share a transaction.
    DropIndex { table: TableName, index: IndexName, online: bool },
    /// Gives an index another name.
    RenameIndex { table: TableName, from: IndexName, to: IndexName },
    /// Puts a constraint over a plain unique index that is valid, so that it may be checked later; `definition` is what it is then.
    Constrain { table: TableName, index: IndexName, definition: Index },
    /// Adds a check; without `validated`, only rows written from then on are held to it.
    AddCheck { table: TableName, name: ConstraintName, definition: Check, validated: bool },
    /// Drops a check.
    DropCheck { table: TableName, name: ConstraintName },
    /// Adds a foreign key; without `validated`, only rows written from then on are held to it.
    AddForeignKey { table: TableName, name: ConstraintName, definition: ForeignKey, validated: bool },
    /// Drops a foreign key.
    DropForeignKey { table: TableName, name: ConstraintName },
    /// Proves a constraint for the rows that stood before it.
    Validate { table: TableName, constraint: ConstraintName },
    /// Sets a column of each written row when it is NULL.
    KeepFilled { table: TableName, column: ColumnName, origin: Origin },
    /// Ends that.
    StopFilling { table: TableName, column: ColumnName },
    /// Carries each write of a source table over to the column that is looked up in it.
    Follow { table: TableName, column: ColumnName, source: Source },
    /// Ends that.
    StopFollowing { table: TableName, column: ColumnName, source: Source },
    /// Carries each write of a source table over to the rows of another, which come from it.
    FollowRows { table: TableName, rows: RowsFrom },
    /// Ends that.
    StopFollowingRows { table: TableName, rows: RowsFrom },
    /// Writes the rows that a table should have from the source's that stand. `batched` commits as it goes.
    CopyRows { table: TableName, rows: RowsFrom, batched: bool },
    /// Keeps two columns of a row alike, whichever of them is written. Where their types differ, `conversion` says what the one is
    /// in terms of the other.
    Mirror {
        table: TableName,
        old: ColumnName,
        new: ColumnName,
        #[serde(default, skip_serializing_if = "Conversion::is_plain")]
        conversion: Conversion,
    },
    /// Ends that.
    Unmirror { table: TableName, new: ColumnName },
    /// Writes the values that a column should have to the rows that stand. `batched` commits as it goes.
    Backfill { table: TableName, column: ColumnName, origin: Origin, batched: bool },
    /// Counts the rows that would break what comes next, and stops with their number if there are any.
    Guard { table: TableName, against: Violation },
    /// Makes a table anew under another definition and moves its rows: for servers that can't alter one in place.
    /// `values` gives the columns that are computed rather than copied, `back` those that are on the way back.
    RebuildTable {
        table: TableName,
        definition: Table,
        values: IndexMap<ColumnName, Expression>,
        #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
        back: IndexMap<ColumnName, Expression>,
    },
    /// Makes sure of an extension of the server, which types or operator classes come with. It stays: others may use it.
    CreateExtension { name: ExtensionName },
    /// Makes sure of a schema (namespace) for tables to live in. It stays: others may use it.
    CreateSchema { name: SpaceName },
    /// Makes an enum.
    CreateEnum { name: EnumName, definition: Enum },
    /// Drops an enum that nobody uses.
    DropEnum { name: EnumName },
    /// Adds a label to an enum. None can be taken off again.
    AddEnumValue { name: EnumName, value: String, at: Option<Beside> },
    /// Writes a label otherwise at once, for all who use it.
    RenameEnumValue { name: EnumName, from: String, to: String },
    /// Makes an enum anew under its name, with these labels, and the columns that use it with it: while nobody runs.
    ReplaceEnum { name: EnumName, definition: Enum },
}

impl Operation {
    /// The table, the enum, the extension, or the schema (namespace), that it is about; for a rename, the name before.
    pub fn table(&self) -> &TableName {
        match self {
            Self::CreateTable { table, .. }
            | Self::DropTable { table }
            | Self::RenameTable { from: table, .. }
            | Self::CreateView { table, .. }
            | Self::DropView { view: table }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::SetDefault { table, .. }
            | Self::DropDefault { table, .. }
            | Self::AlterType { table, .. }
            | Self::SetCollation { table, .. }
            | Self::Recompute { table, .. }
            | Self::SetComments { table, .. }
            | Self::Number { table, .. }
            | Self::HandOverNumbers { table, .. }
            | Self::SetNotNull { table, .. }
            | Self::DropNotNull { table, .. }
            | Self::ChangePrimaryKey { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::GuardIndex { table, .. }
            | Self::BeginIndex { table, .. }
            | Self::BuildIndexPart { table, .. }
            | Self::JoinIndexParts { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::Constrain { table, .. }
            | Self::AddCheck { table, .. }
            | Self::DropCheck { table, .. }
            | Self::AddForeignKey { table, .. }
            | Self::DropForeignKey { table, .. }
            | Self::Validate { table, .. }
            | Self::KeepFilled { table, .. }
            | Self::StopFilling { table, .. }
            | Self::Follow { table, .. }
            | Self::StopFollowing { table, .. }
            | Self::FollowRows { table, .. }
            | Self::StopFollowingRows { table, .. }
            | Self::CopyRows { table, .. }
            | Self::Mirror { table, .. }
            | Self::Unmirror { table, .. }
            | Self::Backfill { table, .. }
            | Self::Guard { table, .. }
            | Self::RebuildTable { table, .. } => table,
            Self::CreateExtension { name }
            | Self::CreateSchema { name }
            | Self::CreateEnum { name, .. }
            | Self::DropEnum { name }
            | Self::AddEnumValue { name, .. }
            | Self::RenameEnumValue { name, .. }
            | Self::ReplaceEnum { name, .. } => name,
        }
    }
}
