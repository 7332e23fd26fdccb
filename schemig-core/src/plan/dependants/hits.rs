//! What a step takes away or makes anew, where something else may need it.

use crate::operation::Operation;
use crate::schema::{ColumnName, EnumName, Schema, TableName};

/// What an operation takes away.
pub(super) struct Hit {
    /// The table, or the enum.
    pub table: TableName,
    pub of: Part,
    /// What becomes of it, in words.
    pub what: &'static str,
}

/// What of it.
pub(super) enum Part {
    /// A column goes, or is changed where it stands.
    Column(ColumnName),
    /// A column goes, and one of its name takes its place.
    ColumnAnew(ColumnName),
    /// A column is of another type from then on.
    Retyped(ColumnName),
    /// A column comes.
    Shape(ColumnName),
    /// A column is called otherwise.
    Renamed(ColumnName),
    /// The table is called otherwise.
    TableRenamed,
    /// All of the table.
    Dropped,
    /// All of the table, and one of its name takes its place.
    MadeAnew,
    /// An enum.
    Enum,
}

/// The columns, tables and enums that an operation takes away or makes anew.
pub(super) fn hits(operation: &Operation, schema: &Schema) -> Vec<Hit> {
    let on_column = |table: &TableName, column: &ColumnName, what| {
        vec![Hit { table: table.clone(), of: Part::Column(column.clone()), what }]
    };
    match operation {
        Operation::DropTable { table } => {
            vec![Hit { table: table.clone(), of: Part::Dropped, what: "is dropped" }]
        }
        Operation::RebuildTable { table, .. } => {
            vec![Hit { table: table.clone(), of: Part::MadeAnew, what: "is made anew" }]
        }
        Operation::DropColumn { table, column } => on_column(table, column, "is dropped"),
        Operation::AlterType { table, column, .. } => {
            vec![Hit {
                table: table.clone(),
                of: Part::Retyped(column.clone()),
                what: "changes its type in place",
            }]
        }
        Operation::AddColumn { table, column, .. } => {
            vec![Hit { table: table.clone(), of: Part::Shape(column.clone()), what: "comes" }]
        }
        Operation::RenameColumn { table, from, .. } => {
            vec![Hit { table: table.clone(), of: Part::Renamed(from.clone()), what: "gets another name" }]
        }
        Operation::RenameTable { from, .. } => {
            vec![Hit { table: from.clone(), of: Part::TableRenamed, what: "gets another name" }]
        }
        Operation::SetCollation { table, column, .. } => {
            on_column(table, column, "changes its collation in place")
        }
        Operation::Recompute { table, column, .. } => {
            vec![Hit { table: table.clone(), of: Part::ColumnAnew(column.clone()), what: "is made anew" }]
        }
        Operation::ReplaceEnum { name, .. } => {
            let mut found = users(schema, name);
            found.push(Hit { table: name.clone(), of: Part::Enum, what: "is made anew" });
            found
        }
        Operation::DropEnum { name } => {
            vec![Hit { table: name.clone(), of: Part::Enum, what: "is dropped" }]
        }
        Operation::CreateTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::SetDefault { .. }
        | Operation::DropDefault { .. }
        | Operation::SetComments { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::CreateIndex { .. }
        | Operation::GuardIndex { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
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
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::CreateEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. } => Vec::new(),
    }
}

fn users(schema: &Schema, name: &EnumName) -> Vec<Hit> {
    let columns = schema.users_of(name).flat_map(|(table, known)| {
        let of_it = known.columns.iter().filter(|(_, column)| column.sql_type.is_of(name));
        of_it.map(move |(column, _)| (table, column))
    });
    let hit = |(table, column): (&TableName, &ColumnName)| Hit {
        table: table.clone(),
        of: Part::Column(column.clone()),
        what: "changes its type in place",
    };
    columns.map(hit).collect()
}
