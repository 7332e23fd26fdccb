//! Build an index beside running writes: online, alone, and then a guard that stops unless it is valid (R7).
//!
//! A unique one waits until N-1 is gone, unless N-1 can't write a key twice. One that is to be checked later is built as any other and becomes
//! a constraint's then; it always waits, for an ON CONFLICT of N-1 that names nothing would fail on it.

use super::exclusion;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::{Context, Values};
use crate::plan::draft::Draft;
use crate::schema::{Index, IndexName, TableName, Violation, fitted};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    if definition.excludes() {
        return exclusion::added(context, table, index, definition);
    }
    let phase = phase(context, table, definition);
    let mut steps = Vec::new();
    if definition.unique && phase == Phase::Contract {
        let against = Violation::Duplicate { index: definition.clone() };
        steps.push(Draft::new(phase, [Operation::Guard { table: table.clone(), against }]));
    }
    if definition.arbitrates() || !definition.unique {
        steps.extend(build(context, phase, table, index, definition));
    } else {
        steps.extend(build(context, phase, table, index, &definition.plain()));
        steps.extend(constrain(context, table, index, definition));
    }
    steps
}

/// When the index is built: never before the rows are filled, for it would make each of them dearer.
pub(super) fn phase(context: &Context<'_>, table: &TableName, definition: &Index) -> Phase {
    let known = |column: &&crate::schema::ColumnName| definition.reads(column);
    let columns: Vec<_> = context
        .to
        .tables
        .get(table)
        .into_iter()
        .flat_map(|table| table.columns.keys())
        .filter(known)
        .collect();
    if definition.unique && !definition.arbitrates() {
        return Phase::Contract;
    }
    if definition.unique {
        let phase = context.phase_unmet(table, columns);
        // Rows of N-1 that hold NULL would all be alike.
        let meets_null = definition.nulls_not_distinct && phase == Phase::Expand;
        return if meets_null { Phase::Contract } else { phase };
    }
    let filled = |column| match context.values_of(table, column) {
        Some(Values::PerRow | Values::Computed | Values::Source(_) | Values::Copied) => true,
        Some(Values::Null | Values::Shared) | None => false,
    };
    if columns.into_iter().any(filled) { Phase::Backfill } else { Phase::Expand }
}

/// Makes a plain unique index a constraint's. A constraint goes with its index, so on the way back another is built beside it first.
pub(super) fn constrain(
    context: &Context<'_>,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let spare = IndexName(fitted(format!("{index}_plain")));
    let [build, guard] = operations(context, table, &spare, &definition.plain());
    let (table, index, definition) = (table.clone(), index.clone(), definition.clone());
    let drop = Operation::DropIndex { table: table.clone(), index: index.clone(), online: false };
    let rename = Operation::RenameIndex { table: table.clone(), from: spare, to: index.clone() };
    vec![
        Draft::way_back(Phase::Contract, [drop, rename]),
        Draft::way_back(Phase::Contract, [guard]),
        Draft::new(Phase::Contract, [Operation::Constrain { table, index, definition }]).back_by([build]),
    ]
}

/// The build and its guard.
pub(super) fn build(
    context: &Context<'_>,
    phase: Phase,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    if definition.excludes() {
        return vec![Draft::new(phase, [exclusion::build(table, index, definition)])];
    }
    let [create, guard] = operations(context, table, index, definition);
    if context.capabilities.online_indexes {
        vec![Draft::new(phase, [create]), Draft::new(phase, [guard])]
    } else {
        vec![Draft::new(phase, [create])]
    }
}

/// Steps whose ways back, run last first, build the index again.
pub(super) fn ways_back(
    context: &Context<'_>,
    phase: Phase,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let [create, guard] = operations(context, table, index, definition);
    vec![Draft::way_back(phase, [guard]), Draft::way_back(phase, [create])]
}

fn operations(
    context: &Context<'_>,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> [Operation; 2] {
    let (table, index, definition) = (table.clone(), index.clone(), definition.clone());
    let online = context.capabilities.online_indexes;
    [
        Operation::CreateIndex {
            table: table.clone(),
            index: index.clone(),
            definition: definition.clone(),
            online,
        },
        Operation::GuardIndex { table, index, definition },
    ]
}
