//! Make a column that N-1 may leave NULL reject NULL.
//!
//! N reads it as a plain value, so no row may hold NULL from the end of backfill on: a filler replaces the NULLs that N-1 goes on
//! writing, the backfill those that stand, and the count at the end says so. NOT NULL itself comes when N-1 is gone.

use super::not_null;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, Origin, TableName, Violation};

pub(super) fn steps(table: &TableName, column: &ColumnName, fill: &Origin) -> Vec<Draft> {
    let (table, column, origin) = (table.clone(), column.clone(), fill.clone());
    let filler =
        Operation::KeepFilled { table: table.clone(), column: column.clone(), origin: origin.clone() };
    let backfill =
        Operation::Backfill { table: table.clone(), column: column.clone(), origin, batched: true };
    let count =
        Operation::Guard { table: table.clone(), against: Violation::Null { column: column.clone() } };
    let mut steps = vec![
        Draft::new(Phase::Expand, [filler]),
        Draft::new(Phase::Backfill, [backfill]),
        Draft::new(Phase::Backfill, [count]),
    ];
    steps.extend(not_null::steps(Phase::Contract, &table, &column));
    steps.push(Draft::new(Phase::Contract, [Operation::StopFilling { table, column }]));
    steps
}
