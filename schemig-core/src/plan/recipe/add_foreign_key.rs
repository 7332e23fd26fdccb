//! Add a foreign key: for new writes first, proved for the rows that stand in a transaction of its own.
//!
//! Writes of N-1 are held to it too, so it waits until N-1 is gone, unless what N-1's rows get in these columns is sure to refer to
//! something: NULL, or values of a source that has this same foreign key.

use super::hold_to::{self, Constraint};
use crate::change::Change;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::{Context, Values};
use crate::plan::draft::Draft;
use crate::schema::{ConstraintName, ForeignKey, TableName, Violation, are_same};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    name: &ConstraintName,
    definition: &ForeignKey,
) -> Vec<Draft> {
    let at = || (table.clone(), name.clone());
    let add = |definition: ForeignKey| {
        let (table, name) = at();
        Operation::AddForeignKey { table, name, definition, validated: false }
    };
    let drop = || {
        let (table, name) = at();
        Operation::DropForeignKey { table, name }
    };
    let old = context.table(table).and_then(|known| known.foreign_keys.get(name)).cloned();
    let phase = if old.is_some() { Phase::Contract } else { phase(context, table, definition) };
    let against = Violation::Orphan { foreign_key: definition.clone() };
    let constraint = Constraint {
        count: Operation::Guard { table: table.clone(), against },
        add: add(definition.clone()),
        prove: Operation::Validate { table: table.clone(), constraint: name.clone() },
        replaced: old.map(|old| [drop(), add(old)]),
    };
    hold_to::steps(phase, constraint)
}

fn phase(context: &Context<'_>, table: &TableName, definition: &ForeignKey) -> Phase {
    let key_is_new = context.changes.iter().any(|change| {
        matches!(change, Change::ChangePrimaryKey { table, to, .. }
            if *table == definition.references && are_same(to, &definition.key))
            || matches!(change, Change::RenameColumn { table, to, .. } | Change::ReplaceColumn { table, to, .. }
                if *table == definition.references && definition.key.contains(to))
    });
    if key_is_new {
        Phase::Contract
    } else if covered_by_source(context, table, definition) {
        Phase::Backfill
    } else if definition.on_delete.refuses() {
        Phase::Contract
    } else {
        match context.phase_unmet(table, &definition.columns) {
            Phase::Expand => Phase::Expand,
            Phase::Backfill | Phase::Contract => Phase::Contract,
        }
    }
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
