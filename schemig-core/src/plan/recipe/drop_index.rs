//! Drop an index: when N-1, which may upsert by it or be slow without it, is gone; online, so that nobody waits.

use super::exclusion;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{Index, IndexName, TableName};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    if definition.excludes() {
        return exclusion::dropped(table, index, definition);
    }
    let online = context.capabilities.online_indexes && !definition.constraint;
    let drop = Operation::DropIndex { table: table.clone(), index: index.clone(), online };
    if context.capabilities.online_indexes && definition.unique && !definition.arbitrates() {
        return with_its_constraint(drop, table, index, definition);
    }
    if !online {
        return vec![Draft::new(Phase::Contract, [drop])];
    }
    let (table, index, definition) = (table.clone(), index.clone(), definition.clone());
    let guard = Operation::GuardIndex { table, index, definition };
    vec![Draft::way_back(Phase::Contract, [guard]), Draft::new(Phase::Contract, [drop])]
}

/// What is checked later is built online on the way back, and becomes the constraint's then.
fn with_its_constraint(
    drop: Operation,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let (table, index, plain) = (table.clone(), index.clone(), definition.plain());
    let constrain =
        Operation::Constrain { table: table.clone(), index: index.clone(), definition: definition.clone() };
    let guard =
        Operation::GuardIndex { table: table.clone(), index: index.clone(), definition: plain.clone() };
    let build = Operation::CreateIndex { table, index, definition: plain, online: true };
    vec![
        Draft::way_back(Phase::Contract, [constrain]),
        Draft::way_back(Phase::Contract, [guard]),
        Draft::new(Phase::Contract, [drop]).back_by([build]),
    ]
}
