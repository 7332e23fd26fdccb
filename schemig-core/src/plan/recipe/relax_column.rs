//! Let a column hold NULL: when N-1, which can't read one, is gone. Until then the server keeps N from writing one, loudly (R10).

use super::not_null;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, TableName};

pub(super) fn steps(phase: Phase, table: &TableName, column: &ColumnName) -> Vec<Draft> {
    let mut steps = not_null::ways_back(phase, table, column);
    let relax = Operation::DropNotNull { table: table.clone(), column: column.clone() };
    steps.push(Draft::new(phase, [relax]).back_by([]));
    steps
}
