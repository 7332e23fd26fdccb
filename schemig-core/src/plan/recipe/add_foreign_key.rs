//! Add a foreign key: for new writes first, proved for the rows that stand in a transaction of its own.
//!
//! Writes of N-1 are held to it too, so it waits until N-1 is gone, unless what N-1's rows get in these columns is sure to refer to
//! something: NULL, or values of a source that has this same foreign key.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::{Context, Values};
use crate::plan::draft::Draft;
use crate::schema::{ConstraintName, ForeignKey, TableName, Violation};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    name: &ConstraintName,
    definition: &ForeignKey,
) -> Vec<Draft> {
    let phase = if covered_by_source(context, table, definition) {
        Phase::Backfill
    } else if definition.on_delete.refuses() {
        Phase::Contract
    } else {
        context.phase_unmet(table, &definition.columns)
    };
    let replaced = context.table(table).is_some_and(|known| known.foreign_keys.contains_key(name));
    let mut steps = Vec::new();
    let mut up = vec![Operation::Guard {
        table: table.clone(),
        against: Violation::Orphan { foreign_key: definition.clone() },
    }];
    if replaced {
        let constraint = name.clone();
        steps.push(Draft::way_back(Phase::Contract, [Operation::Validate { table: table.clone(), constraint }]));
        up.push(Operation::DropForeignKey { table: table.clone(), name: name.clone() });
    }
    let phase = if replaced { Phase::Contract } else { phase };
    up.push(Operation::AddForeignKey {
        table: table.clone(),
        name: name.clone(),
        definition: definition.clone(),
        validated: false,
    });
    steps.push(Draft::new(phase, up));
    steps.push(Draft::new(phase, [Operation::Validate { table: table.clone(), constraint: name.clone() }]));
    steps
}

/// Whether the column is looked up in a source whose own foreign key refers to the same and refuses the same.
fn covered_by_source(context: &Context<'_>, table: &TableName, wanted: &ForeignKey) -> bool {
    let [column] = wanted.columns.as_slice() else { return false };
    let Some(Values::Source(source)) = context.values_of(table, column) else { return false };
    source.otherwise.is_none()
        && context.from.tables.get(&source.table).is_some_and(|known| {
            known.foreign_keys.values().any(|key| {
                key.columns == [source.value.clone()]
                    && key.references == wanted.references
                    && key.key == wanted.key
                    && (key.on_delete.refuses() || !wanted.on_delete.refuses())
            })
        })
}
