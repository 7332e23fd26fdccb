//! What undoes an operation, given the state it was done to.

use super::Operation;
use crate::schema::{ColumnRef, Comment, Mirrored, Origin, SqlType, State};

/// The operations that take `operation` back, in the order in which they run; empty where there is nothing to take back.
///
/// `before` is the state that `operation` was applied to. Values that an operation destroyed don't come back: a dropped
/// column returns empty.
pub fn inverse(operation: &Operation, before: &State) -> Vec<Operation> {
    let table_of = |name| before.schema.tables.get(name);
    match operation.clone() {
        Operation::CreateTable { table, .. } => vec![Operation::DropTable { table }],
        Operation::DropTable { table } => match table_of(&table) {
            Some(definition) => vec![Operation::CreateTable { definition: definition.clone(), table }],
            None => Vec::new(),
        },
        Operation::RenameTable { from, to } => vec![Operation::RenameTable { from: to, to: from }],
        Operation::CreateView { view, .. } => vec![Operation::DropView { view }],
        Operation::DropView { view } => match before.in_flight.views.get(&view) {
            Some(shown) => {
                vec![Operation::CreateView {
                    view,
                    table: shown.table.clone(),
                    columns: shown.columns.clone(),
                }]
            }
            None => Vec::new(),
        },
        Operation::BeginIndex { table, index, .. } => {
            vec![Operation::DropIndex { table, index, online: false }]
        }
        Operation::AddColumn { table, column, .. } => vec![Operation::DropColumn { table, column }],
        Operation::DropColumn { table, column } => undrop_column(table, column, before),
        Operation::RenameColumn { table, from, to } => {
            vec![Operation::RenameColumn { table, from: to, to: from }]
        }
        Operation::SetDefault { table, column, .. } | Operation::DropDefault { table, column } => {
            let default = before
                .schema
                .column(&ColumnRef::new(&table, &column))
                .and_then(|known| known.default.clone());
            vec![match default {
                Some(default) => Operation::SetDefault { table, column, default },
                None => Operation::DropDefault { table, column },
            }]
        }
        Operation::AlterType { table, column, to, conversion } => {
            match before.schema.column(&ColumnRef::new(&table, &column)) {
                Some(known) => {
                    let (back_to, conversion) = (known.sql_type.clone(), conversion.reversed());
                    // What isn't text has no collation, so the way back brings it again.
                    let collation = known.collation.clone().filter(|_| !to.is_read_as(&SqlType::Text));
                    let collate = collation.map(|collation| Operation::SetCollation {
                        table: table.clone(),
                        column: column.clone(),
                        collation: Some(collation),
                    });
                    let back = Operation::AlterType { table, column, to: back_to, conversion };
                    std::iter::once(back).chain(collate).collect()
                }
                None => Vec::new(),
            }
        }
        Operation::SetCollation { table, column, .. } => {
            let known = before.schema.column(&ColumnRef::new(&table, &column));
            let collation = known.and_then(|known| known.collation.clone());
            vec![Operation::SetCollation { table, column, collation }]
        }
        Operation::Recompute { table, column, .. } => {
            let known = before.schema.column(&ColumnRef::new(&table, &column)).cloned();
            known
                .into_iter()
                .map(|definition| Operation::Recompute {
                    table: table.clone(),
                    column: column.clone(),
                    definition,
                })
                .collect()
        }
        Operation::SetComments { table, comments } => {
            let was = |comment: Comment| {
                let known = table_of(&table)?.comment_on(comment.column.as_ref());
                Some(Comment { text: known.cloned(), ..comment })
            };
            let comments = comments.into_iter().filter_map(was).collect();
            vec![Operation::SetComments { table, comments }]
        }
        Operation::Number { table, column, identity: _ } => {
            let known = before.schema.column(&ColumnRef::new(&table, &column));
            let identity = known.and_then(|known| known.identity);
            vec![Operation::Number { table, column, identity }]
        }
        Operation::HandOverNumbers { table, from, to } => {
            vec![Operation::HandOverNumbers { table, from: to, to: from }]
        }
        Operation::SetNotNull { table, column, proof } => {
            let restore = proof.and_then(|name| {
                let definition = table_of(&table)?.checks.get(&name)?.clone();
                Some(Operation::AddCheck { table: table.clone(), name, definition, validated: false })
            });
            std::iter::once(Operation::DropNotNull { table, column }).chain(restore).collect()
        }
        Operation::DropNotNull { table, column } => {
            vec![Operation::SetNotNull { table, column, proof: None }]
        }
        Operation::ChangePrimaryKey { table, key: _, index } => {
            let Some(known) = table_of(&table) else { return Vec::new() };
            let back = Operation::ChangePrimaryKey {
                table: table.clone(),
                key: known.primary_key.clone(),
                index: None,
            };
            let built = index.and_then(|index| {
                let definition = known.indexes.get(&index)?.clone();
                Some(Operation::CreateIndex { table, index, definition, online: false })
            });
            std::iter::once(back).chain(built).collect()
        }
        Operation::CreateIndex { table, index, online, .. } => {
            vec![Operation::DropIndex { table, index, online }]
        }
        Operation::DropIndex { table, index, online } => {
            match table_of(&table).and_then(|known| known.indexes.get(&index)).cloned() {
                Some(definition) => vec![Operation::CreateIndex { table, index, definition, online }],
                None => Vec::new(),
            }
        }
        Operation::RenameIndex { table, from, to } => {
            vec![Operation::RenameIndex { table, from: to, to: from }]
        }
        // A constraint and its index go together.
        Operation::Constrain { table, index, definition } => vec![
            Operation::DropIndex { table: table.clone(), index: index.clone(), online: false },
            Operation::CreateIndex { table, index, definition: definition.plain(), online: false },
        ],
        Operation::AddCheck { table, name, .. } => vec![Operation::DropCheck { table, name }],
        Operation::DropCheck { table, name } => {
            match table_of(&table).and_then(|known| known.checks.get(&name)).cloned() {
                Some(definition) => vec![Operation::AddCheck { table, name, definition, validated: true }],
                None => Vec::new(),
            }
        }
        Operation::AddForeignKey { table, name, .. } => vec![Operation::DropForeignKey { table, name }],
        Operation::DropForeignKey { table, name } => {
            match table_of(&table).and_then(|known| known.foreign_keys.get(&name)).cloned() {
                Some(definition) => {
                    vec![Operation::AddForeignKey { table, name, definition, validated: true }]
                }
                None => Vec::new(),
            }
        }
        Operation::KeepFilled { table, column, .. } => vec![Operation::StopFilling { table, column }],
        Operation::StopFilling { table, column } => {
            match before.in_flight.fillers.get(&ColumnRef::new(&table, &column)).cloned() {
                Some(origin) => vec![Operation::KeepFilled { table, column, origin }],
                None => Vec::new(),
            }
        }
        Operation::Follow { table, column, source } => {
            vec![Operation::StopFollowing { table, column, source }]
        }
        Operation::StopFollowing { table, column, source } => {
            vec![Operation::Follow { table, column, source }]
        }
        Operation::FollowRows { table, rows } => vec![Operation::StopFollowingRows { table, rows }],
        Operation::StopFollowingRows { table, rows } => vec![Operation::FollowRows { table, rows }],
        Operation::Mirror { table, new, .. } => vec![Operation::Unmirror { table, new }],
        Operation::Unmirror { table, new } => {
            match before.in_flight.mirrors.get(&ColumnRef::new(&table, &new)).cloned() {
                Some(Mirrored { old, conversion }) => vec![Operation::Mirror { table, old, new, conversion }],
                None => Vec::new(),
            }
        }
        Operation::RebuildTable { table, definition: rebuilt, values, back } => match table_of(&table) {
            Some(definition) => {
                let mut definition = definition.clone();
                for (_, column) in
                    definition.columns.iter_mut().filter(|(name, _)| !rebuilt.columns.contains_key(*name))
                {
                    column.nullable |= !column.may_be_left_out();
                }
                vec![Operation::RebuildTable { table, definition, values: back, back: values }]
            }
            None => Vec::new(),
        },
        Operation::CreateEnum { name, .. } => vec![Operation::DropEnum { name }],
        Operation::DropEnum { name } => match before.schema.enums.get(&name).cloned() {
            Some(definition) => vec![Operation::CreateEnum { name, definition }],
            None => Vec::new(),
        },
        Operation::RenameEnumValue { name, from, to } => {
            vec![Operation::RenameEnumValue { name, from: to, to: from }]
        }
        Operation::ReplaceEnum { name, .. } => match before.schema.enums.get(&name).cloned() {
            Some(definition) => vec![Operation::ReplaceEnum { name, definition }],
            None => Vec::new(),
        },
        // A label stays for good: rows may hold it, and no server takes one off a type. An extension or a
        // namespace may have been there before, and others may have come to use it.
        Operation::AddEnumValue { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::GuardIndex { .. }
        // The index takes its parts with it, and no server parts them again.
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::Validate { .. }
        | Operation::Backfill { .. }
        // The rows go with their table.
        | Operation::CopyRows { .. }
        | Operation::Guard { .. } => Vec::new(),
    }
}

/// A column that was dropped comes back empty, so nullable unless it has a default; with what hung on it.
fn undrop_column(
    table: crate::schema::TableName,
    column: crate::schema::ColumnName,
    before: &State,
) -> Vec<Operation> {
    let at = ColumnRef::new(&table, &column);
    let Some(known) = before.schema.tables.get(&table) else { return Vec::new() };
    let Some(definition) = known.columns.get(&column) else { return Vec::new() };
    let mut definition = definition.clone();
    definition.nullable |= !definition.may_be_left_out();
    let mut undone = vec![Operation::AddColumn { table: table.clone(), column: column.clone(), definition }];
    for (index, definition) in known.indexes.iter().filter(|(_, index)| index.reads(&column)) {
        let (index, definition) = (index.clone(), definition.clone());
        undone.push(Operation::CreateIndex { table: table.clone(), index, definition, online: false });
    }
    for (name, definition) in known.checks.iter().filter(|(_, check)| check.reads(&column)) {
        let (name, definition) = (name.clone(), definition.clone());
        undone.push(Operation::AddCheck { table: table.clone(), name, definition, validated: true });
    }
    for (name, definition) in known.foreign_keys.iter().filter(|(_, key)| key.columns.contains(&column)) {
        let (name, definition) = (name.clone(), definition.clone());
        undone.push(Operation::AddForeignKey { table: table.clone(), name, definition, validated: true });
    }
    if let Some(origin) = before.in_flight.fillers.get(&at) {
        let (origin, table, column): (Origin, _, _) = (origin.clone(), table, column);
        undone.push(Operation::KeepFilled { table, column, origin });
    }
    undone
}
