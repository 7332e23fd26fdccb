//! Make sure of the schemas (namespaces) that new and moved tables are to live in: before all else, each in a directory of its own, for
//! it needs a right that the rest doesn't.

use std::collections::BTreeSet;

use super::create_extension::all;
use crate::operation::Operation;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::plan::{Capabilities, Phase};
use crate::schema::{Schema, SpaceName, TableName};

/// The steps, each with the place of the first change that needs it. One that something of the database lives in is there.
pub(in crate::plan) fn spaces(context: &Context<'_>) -> Vec<(usize, Draft)> {
    let known = needed(context.from, context.capabilities);
    let mut steps = Vec::new();
    for name in needed(context.to, context.capabilities).difference(&known) {
        let lives = |of: &TableName| of.schema.as_deref() == Some(name.name.as_str());
        // An extension's types may want one that nothing else is in.
        let cause = context.changes.iter().position(|change| lives(change.table())).unwrap_or(0);
        steps.push((cause, Draft::new(Phase::Expand, [Operation::CreateSchema { name: name.clone() }])));
    }
    steps
}

/// The operations for all that a schema needs.
pub(in crate::plan) fn spaces_of(schema: &Schema, capabilities: Capabilities) -> Vec<Operation> {
    needed(schema, capabilities).into_iter().map(|name| Operation::CreateSchema { name }).collect()
}

fn needed(schema: &Schema, capabilities: Capabilities) -> BTreeSet<SpaceName> {
    if !capabilities.schemas {
        return BTreeSet::new();
    }
    let extensions = all(schema, capabilities);
    let names = schema.tables.keys().chain(schema.enums.keys()).chain(&extensions);
    names.filter_map(|name| name.schema.as_deref()).map(SpaceName::new).collect()
}
