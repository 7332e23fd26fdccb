//! Sort and compare a column by other rules. Nothing does that beside a running release, so the diff asks; without one it is done at once.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, TableName};

pub(super) fn steps(table: &TableName, column: &ColumnName, to: Option<&String>) -> Vec<Draft> {
    vec![Draft::new(Phase::Contract, operations(table, column, to))]
}

/// The change itself.
pub(super) fn operations(table: &TableName, column: &ColumnName, to: Option<&String>) -> [Operation; 1] {
    [Operation::SetCollation { table: table.clone(), column: column.clone(), collation: to.cloned() }]
}
