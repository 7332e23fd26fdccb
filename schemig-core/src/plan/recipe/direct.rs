//! The direct route: no release runs meanwhile, so each change is made at once. Still safe for the data, and each step has its way
//! back.
//!
//! A server that can't alter a table in place gets its rows moved into a new one, once per table, after the columns have been
//! added and filled.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{change_identity, change_primary_key, exclusion, recompute_column, replace_enum, retype_column};
use crate::change::{Change, Fill, Numbering};
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{
    Column, ColumnName, ColumnRef, ConstraintName, Conversion, Generated, Identity, Origin, Schema,
    TableName, Violation,
};

/// The steps for all changes, each with the place of its change.
pub(in crate::plan) fn direct(context: &Context<'_>) -> Vec<(usize, Draft)> {
    let mut steps = Vec::new();
    let mut rebuilt: BTreeSet<TableName> = BTreeSet::new();
    for (cause, change) in context.changes.iter().enumerate() {
        let rebuild = !context.capabilities.alters_in_place && needs_rebuild(context, change);
        if let (false, Change::ChangePrimaryKey { table, from, to }) = (rebuild, change) {
            let drafts = change_primary_key::direct(context, table, from, to);
            steps.extend(drafts.into_iter().map(|draft| (cause, draft)));
            continue;
        }
        let operations = if rebuild { before_rebuild(context, change) } else { in_place(context, change) };
        if !operations.is_empty() {
            steps.push((cause, Draft::new(Phase::Expand, operations)));
        }
        if let (true, Change::DropForeignKey { table, name, .. }) = (rebuild, change)
            && !context.to.tables.contains_key(table)
        {
            steps.extend(without_key(context, table, name).map(|draft| (cause, draft)));
            continue;
        }
        if rebuild {
            rebuilt.insert(change.table().clone());
        }
        let last = !context.changes[cause + 1..].iter().any(|later| later.table() == change.table());
        if last && rebuilt.contains(change.table()) {
            steps.extend(self::rebuild(context, change.table()).map(|draft| (cause, draft)));
        }
    }
    steps
}

fn rebuild(context: &Context<'_>, table: &TableName) -> Option<Draft> {
    let definition = context.to.tables.get(table)?.clone();
    let (mut values, mut back) = (IndexMap::new(), IndexMap::new());
    for change in context.changes.iter().filter(|change| change.table() == table) {
        if let Change::RetypeColumn { column, conversion, .. } = change {
            values.extend(conversion.forth.clone().map(|forth| (column.clone(), forth)));
            back.extend(conversion.back.clone().map(|expression| (column.clone(), expression)));
        } else if let Change::ReplaceColumn { from, to, conversion, .. } = change {
            let Conversion { forth, back: said } = under_new_name(conversion, [from, to]);
            values.extend(forth.map(|forth| (to.clone(), forth)));
            back.extend(said.map(|expression| (to.clone(), expression)));
        }
    }
    let table = table.clone();
    Some(Draft::new(Phase::Expand, [Operation::RebuildTable { table, definition, values, back }]))
}

/// A column that is renamed before its type changes: what is said over its old name holds over the new one.
fn under_new_name(conversion: &Conversion, [from, to]: [&ColumnName; 2]) -> Conversion {
    let Conversion { forth, back } = conversion;
    Conversion { forth: forth.as_ref().map(|forth| forth.rename(from, to)), back: back.clone() }
}

fn replaced(
    context: &Context<'_>,
    table: &TableName,
    [from, to]: [&ColumnName; 2],
    conversion: &Conversion,
) -> Vec<Operation> {
    let mut operations =
        vec![Operation::RenameColumn { table: table.clone(), from: from.clone(), to: to.clone() }];
    let default = |schema: &Schema, column: &ColumnName| {
        schema.column(&ColumnRef::new(table, column)).and_then(|known| known.default.clone())
    };
    let Some(target) = context.to.column(&ColumnRef::new(table, to)) else { return operations };
    let (table, column) = (table.clone(), to.clone());
    if default(&context.known, from).is_some() {
        operations.push(Operation::DropDefault { table: table.clone(), column: column.clone() });
    }
    let (to_type, conversion) = (target.sql_type.clone(), under_new_name(conversion, [from, to]));
    operations.push(Operation::AlterType {
        table: table.clone(),
        column: column.clone(),
        to: to_type,
        conversion,
    });
    operations.extend(target.default.clone().map(|default| Operation::SetDefault { table, column, default }));
    operations
}

/// A table that is about to go, without a key that closes a circle with another one that goes.
fn without_key(context: &Context<'_>, table: &TableName, key: &ConstraintName) -> Option<Draft> {
    let mut definition = context.table(table)?.clone();
    definition.foreign_keys.remove(key);
    let (table, values, back) = (table.clone(), IndexMap::new(), IndexMap::new());
    Some(Draft::new(Phase::Expand, [Operation::RebuildTable { table, definition, values, back }]))
}

/// Whether a server without ALTER for it has to move the rows.
fn needs_rebuild(context: &Context<'_>, change: &Change) -> bool {
    match change {
        Change::AddColumn { definition: Column { generated: Some(generated), .. }, .. } => generated.stored,
        Change::AddColumn { definition, backfill, .. } => {
            let cheap = definition.default.as_ref().is_none_or(|default| context.is_cheap(default));
            !cheap || (!definition.nullable && (definition.default.is_none() || backfill.is_some()))
        }
        Change::DropColumn { table, column, .. } => context.table(table).is_some_and(|known| {
            // Back, a stored computed column comes by moving the rows, and both ways are in one directory.
            is_stored(known.columns.get(column))
                || known.columns.values().any(|other| other.is_computed_from(column))
                || known.primary_key.contains(column)
                || known.checks.values().any(|check| check.reads(column))
                || known.foreign_keys.values().any(|key| key.columns.contains(column))
        }),
        Change::ChangeIdentity { from, to, .. } => makes_anew(from, to),
        Change::ChangePrimaryKey { .. }
        | Change::ReplaceColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeCollation { .. }
        | Change::RecomputeColumn { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. } => true,
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::ChangeComments { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => false,
    }
}

/// Whether a table that can't be altered has to be made anew for it: where a number is never given twice, the table itself says so,
/// and a default is part of its text too.
pub(super) fn makes_anew(from: &Numbering, to: &Numbering) -> bool {
    let never_reuses = |numbering: &Numbering| numbering.identity == Some(Identity::Always);
    never_reuses(from) != never_reuses(to) || from.default.is_some() || to.default.is_some()
}

/// Whether the server computes the column and writes it.
pub(super) fn is_stored(column: Option<&Column>) -> bool {
    column.and_then(|column| column.generated.as_ref()).is_some_and(|by| by.stored)
}

/// What has to happen to the rows before they are moved.
fn before_rebuild(context: &Context<'_>, change: &Change) -> Vec<Operation> {
    match change {
        // Stored as the rows are moved; till then there is something that an index can be on.
        Change::AddColumn {
            table,
            column,
            definition: definition @ Column { generated: Some(generated), .. },
            ..
        } => {
            let generated = Some(Generated { stored: false, ..generated.clone() });
            let definition = Column { generated, ..definition.clone() };
            vec![Operation::AddColumn { table: table.clone(), column: column.clone(), definition }]
        }
        Change::AddColumn { table, column, definition, backfill } => {
            let default = definition.default.clone().map(Origin::Expression);
            let bare = Column { nullable: true, default: None, ..definition.clone() };
            let mut operations =
                vec![Operation::AddColumn { table: table.clone(), column: column.clone(), definition: bare }];
            operations.extend(backfill.clone().or(default).map(|origin| fill(table, column, origin)));
            operations.extend(count(table, column, definition));
            operations
        }
        Change::RequireColumn { table, column, fill: origin } => {
            let mut operations = Vec::from_iter(filled(context, table, column, origin));
            operations.extend(
                context
                    .to
                    .tables
                    .get(table)
                    .and_then(|known| count(table, column, known.columns.get(column)?)),
            );
            operations
        }
        Change::RecomputeColumn { table, column, from, to } => {
            recompute_column::count(table, column, from, to).into_iter().collect()
        }
        Change::AddCheck { table, definition, .. } => {
            vec![Operation::Guard {
                table: table.clone(),
                against: Violation::Check { expression: definition.expression.clone() },
            }]
        }
        Change::AddForeignKey { table, definition, .. } => {
            vec![Operation::Guard {
                table: table.clone(),
                against: Violation::Orphan { foreign_key: definition.clone() },
            }]
        }
        Change::ChangePrimaryKey { table, from: _, to } => vec![change_primary_key::count(table, to)],
        Change::ReplaceColumn { table, from, to, conversion: _ } => {
            vec![Operation::RenameColumn { table: table.clone(), from: from.clone(), to: to.clone() }]
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeCollation { .. }
        | Change::ChangeComments { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeIdentity { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::DropForeignKey { .. }
        | Change::DropCheck { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => Vec::new(),
    }
}

/// What replaces NULL, but in a column that the server computes.
fn filled(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    origin: &Origin,
) -> Option<Operation> {
    let computed = context.to.column(&ColumnRef::new(table, column))?.generated.is_some();
    (!computed).then(|| fill(table, column, origin.clone()))
}

fn fill(table: &TableName, column: &ColumnName, origin: Origin) -> Operation {
    Operation::Backfill { table: table.clone(), column: column.clone(), origin, batched: false }
}

fn count(table: &TableName, column: &ColumnName, definition: &Column) -> Option<Operation> {
    let against = Violation::Null { column: column.clone() };
    (!definition.nullable).then(|| Operation::Guard { table: table.clone(), against })
}

/// The change by ALTER and the like.
fn in_place(context: &Context<'_>, change: &Change) -> Vec<Operation> {
    match change.clone() {
        Change::CreateTable { table, definition, rows } => {
            let copy = rows.map(|rows| Operation::CopyRows { table: table.clone(), rows, batched: false });
            std::iter::once(Operation::CreateTable { table, definition }).chain(copy).collect()
        }
        Change::DropTable { table } => vec![Operation::DropTable { table }],
        Change::RenameTable { from, to } => vec![Operation::RenameTable { from, to }],
        Change::AddColumn { table, column, definition, backfill } => {
            added(context, &table, &column, &definition, backfill)
        }
        Change::DropColumn { table, column, fill: Fill::Unneeded | Fill::With(_) | Fill::Forgone } => {
            vec![Operation::DropColumn { table, column }]
        }
        Change::RenameColumn { table, from, to } => vec![Operation::RenameColumn { table, from, to }],
        Change::ReplaceColumn { table, from, to, conversion } => {
            replaced(context, &table, [&from, &to], &conversion)
        }
        Change::RetypeColumn { table, column, from: _, to, conversion } => {
            retype_column::operations(context, &table, &column, &to, &conversion)
        }
        Change::RequireColumn { table, column, fill: origin } => {
            let mut operations = Vec::from_iter(filled(context, &table, &column, &origin));
            let against = Violation::Null { column: column.clone() };
            operations.push(Operation::Guard { table: table.clone(), against });
            operations.push(Operation::SetNotNull { table, column, proof: None });
            operations
        }
        Change::RelaxColumn { table, column } => vec![Operation::DropNotNull { table, column }],
        Change::ChangeDefault { table, column, from: _, to: Some(default) } => {
            vec![Operation::SetDefault { table, column, default }]
        }
        Change::ChangeDefault { table, column, from: _, to: None } => {
            vec![Operation::DropDefault { table, column }]
        }
        Change::ChangeCollation { table, column, from: _, to } => {
            super::change_collation::operations(&table, &column, to.as_ref()).into()
        }
        Change::RecomputeColumn { table, column, from, to } => {
            recompute_column::operations(&table, &column, &from, &to)
        }
        Change::ChangeComments { table, from: _, to: comments } => {
            vec![Operation::SetComments { table, comments }]
        }
        Change::ChangeIdentity { table, column, from, to } => {
            change_identity::operations(&table, &column, &from, &to)
        }
        // Two steps, not one: see `direct`.
        Change::ChangePrimaryKey { .. } => Vec::new(),
        Change::AddIndex { table, index, definition } => {
            let count = exclusion::guard(&table, &definition);
            let build = Operation::CreateIndex { table, index, definition, online: false };
            count.into_iter().chain([build]).collect()
        }
        Change::DropIndex { table, index, definition: _ } => {
            vec![Operation::DropIndex { table, index, online: false }]
        }
        Change::ReplaceIndex { table, index, from: _, to } => {
            let count = exclusion::guard(&table, &to);
            let drop = Operation::DropIndex { table: table.clone(), index: index.clone(), online: false };
            let build = Operation::CreateIndex { table, index, definition: to, online: false };
            count.into_iter().chain([drop, build]).collect()
        }
        Change::AddForeignKey { table, name, definition } => {
            let replaced = context.table(&table).is_some_and(|known| known.foreign_keys.contains_key(&name));
            let drop = Operation::DropForeignKey { table: table.clone(), name: name.clone() };
            let add = Operation::AddForeignKey { table, name, definition, validated: true };
            if replaced { vec![drop, add] } else { vec![add] }
        }
        Change::DropForeignKey { table, name, definition: _ } => {
            vec![Operation::DropForeignKey { table, name }]
        }
        Change::AddCheck { table, name, definition } => {
            let replaced = context.table(&table).is_some_and(|known| known.checks.contains_key(&name));
            let drop = Operation::DropCheck { table: table.clone(), name: name.clone() };
            let add = Operation::AddCheck { table, name, definition, validated: true };
            if replaced { vec![drop, add] } else { vec![add] }
        }
        Change::DropCheck { table, name, definition: _ } => vec![Operation::DropCheck { table, name }],
        Change::CreateEnum { name, definition } => vec![Operation::CreateEnum { name, definition }],
        Change::DropEnum { name, definition: _ } => vec![Operation::DropEnum { name }],
        Change::AddEnumValue { name, value, at } => vec![Operation::AddEnumValue { name, value, at }],
        Change::RenameEnumValue { name, from, to } => vec![Operation::RenameEnumValue { name, from, to }],
        Change::ReplaceEnum { name, from, to } => replace_enum::direct(context, &name, &from, &to),
    }
}

fn added(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    definition: &Column,
    backfill: Option<Origin>,
) -> Vec<Operation> {
    let cheap = definition.default.as_ref().is_none_or(|default| context.is_cheap(default));
    let at = |definition| Operation::AddColumn { table: table.clone(), column: column.clone(), definition };
    if backfill.is_none() && cheap {
        return vec![at(definition.clone())];
    }
    let origin = backfill.or_else(|| definition.default.clone().map(Origin::Expression));
    let mut operations = vec![at(Column { nullable: true, default: None, ..definition.clone() })];
    operations.extend(origin.map(|origin| fill(table, column, origin)));
    operations.extend(definition.default.clone().map(|default| Operation::SetDefault {
        table: table.clone(),
        column: column.clone(),
        default,
    }));
    operations.extend(count(table, column, definition));
    if !definition.nullable {
        operations.push(Operation::SetNotNull { table: table.clone(), column: column.clone(), proof: None });
    }
    operations
}
