//! Make sure of the extensions that bring the types and operator classes of what is new: first, each in a directory of its own, for it
//! needs rights that the rest doesn't.

use std::collections::BTreeSet;

use crate::change::Change;
use crate::operation::Operation;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::plan::{Capabilities, Foreign, Phase};
use crate::schema::{ColumnRef, ExtensionName, Index, IndexKey, Schema, SqlType, Table};

/// The steps, each with the place of the first change that needs it. What something in the database comes with already is there.
pub(in crate::plan) fn extensions(context: &Context<'_>) -> Vec<(usize, Draft)> {
    let mut known = all(&context.known, context.capabilities);
    let mut steps = Vec::new();
    for (cause, change) in context.changes.iter().enumerate() {
        for name in needed(context, change) {
            if known.insert(name.clone()) {
                steps.push((cause, Draft::new(Phase::Expand, [Operation::CreateExtension { name }])));
            }
        }
    }
    steps
}

/// The operations for all that a schema needs.
pub(in crate::plan) fn extensions_of(schema: &Schema, capabilities: Capabilities) -> Vec<Operation> {
    all(schema, capabilities).into_iter().map(|name| Operation::CreateExtension { name }).collect()
}

/// All that a schema needs.
pub(super) fn all(schema: &Schema, capabilities: Capabilities) -> BTreeSet<ExtensionName> {
    schema.tables.values().flat_map(|table| of_table(table, schema, capabilities)).collect()
}

fn needed(context: &Context<'_>, change: &Change) -> Vec<ExtensionName> {
    let able = context.capabilities;
    match change {
        Change::CreateTable { definition, .. } => of_table(definition, context.to, able),
        Change::AddColumn { definition, .. } => {
            of_type(&definition.sql_type, context.to, able).into_iter().collect()
        }
        Change::ReplaceColumn { table, to: column, .. } => {
            let target = context.to.column(&ColumnRef::new(table, column));
            target.and_then(|target| of_type(&target.sql_type, context.to, able)).into_iter().collect()
        }
        Change::RetypeColumn { to, .. } => of_type(to, context.to, able).into_iter().collect(),
        Change::AddIndex { table, definition, .. } | Change::ReplaceIndex { table, to: definition, .. } => {
            context
                .to
                .tables
                .get(table)
                .map_or_else(Vec::new, |known| of_index(definition, known, context.to, able))
        }
        Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeCollation { .. }
        | Change::RecomputeColumn { .. }
        | Change::ChangeComments { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeIdentity { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::DropIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => Vec::new(),
    }
}

fn of_table(table: &Table, schema: &Schema, capabilities: Capabilities) -> Vec<ExtensionName> {
    let columns = table.columns.values().filter_map(|column| of_type(&column.sql_type, schema, capabilities));
    let indexes = table.indexes.values().flat_map(|index| of_index(index, table, schema, capabilities));
    columns.chain(indexes).collect()
}

/// An enum of the user's own may be called as an extension's type is.
fn of_type(sql_type: &SqlType, schema: &Schema, capabilities: Capabilities) -> Option<ExtensionName> {
    let own = schema.enum_of(sql_type).is_some();
    (!own).then(|| (capabilities.extension)(&Foreign::Type(sql_type))).flatten()
}

fn of_index(index: &Index, table: &Table, schema: &Schema, capabilities: Capabilities) -> Vec<ExtensionName> {
    let classes = index.orders.iter().filter_map(|order| order.class.as_deref()).map(Foreign::Class);
    let method = index.method.as_deref().map(Foreign::Method);
    let usual = index.sorted_keys().filter(|(_, order)| order.is_none_or(|order| order.class.is_none()));
    let usual = usual.filter_map(|(key, _)| {
        let IndexKey::Column(column) = key else { return None };
        let (method, sql_type) = (index.method.as_deref()?, &table.columns.get(column)?.sql_type);
        Some(Foreign::Key { method, sql_type, is_enum: schema.enum_of(sql_type).is_some() })
    });
    classes.chain(method).chain(usual).filter_map(|what| (capabilities.extension)(&what)).collect()
}
