//! Let the server number a column, otherwise than before, or no more: a change of the catalog, and of nobody's rows.
//!
//! Until N-1 is gone the column has the form that serves both: one that may be left out where either leaves it out, and that takes a
//! number of the app's own where either gives one. The strict form, and no form at all, come in contract.

use crate::change::Numbering;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, Identity, TableName};

pub(super) fn steps(table: &TableName, column: &ColumnName, from: &Numbering, to: &Numbering) -> Vec<Draft> {
    let between = for_both(from, to);
    [(Phase::Expand, from, &between), (Phase::Contract, &between, to)]
        .into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(phase, from, to)| Draft::new(phase, operations(table, column, from, to)))
        .collect()
}

/// The form that serves both releases.
fn for_both(from: &Numbering, to: &Numbering) -> Numbering {
    let identity = match (from.identity, to.identity) {
        (Some(Identity::Always), None) | (None | Some(Identity::Serial), Some(Identity::Always)) => {
            Some(Identity::ByDefault)
        }
        (Some(known), None) => Some(known),
        (Some(known), Some(Identity::Always)) => Some(known),
        (_, wanted) => wanted,
    };
    Numbering { identity, default: None }
}

/// From the one form to the other at once. A column is never numbered beside a default.
pub(super) fn operations(
    table: &TableName,
    column: &ColumnName,
    from: &Numbering,
    to: &Numbering,
) -> Vec<Operation> {
    let at = || (table.clone(), column.clone());
    let mut operations = Vec::new();
    if from.default.is_some() && to.default.is_none() {
        let (table, column) = at();
        operations.push(Operation::DropDefault { table, column });
    }
    if from.identity != to.identity {
        let (table, column) = at();
        operations.push(Operation::Number { table, column, identity: to.identity });
    }
    if let Some(default) = to.default.clone().filter(|_| from.default != to.default) {
        let (table, column) = at();
        operations.push(Operation::SetDefault { table, column, default });
    }
    operations
}
