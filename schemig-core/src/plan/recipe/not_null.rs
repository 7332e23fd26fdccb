//! Make a column reject NULL without a scan under an exclusive lock (R4): count, check NOT VALID, prove, set, drop the check.

use crate::operation::{Operation, not_null_expression};
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Check, ColumnName, ConstraintName, TableName, Violation, fitted};

/// The steps, in a phase in which nobody writes NULL to the column.
pub(super) fn steps(phase: Phase, table: &TableName, column: &ColumnName) -> Vec<Draft> {
    let [count, add, prove, set] = operations(table, column);
    vec![Draft::new(phase, [count, add]), Draft::new(phase, [prove]), Draft::new(phase, [set])]
}

/// Steps whose ways back, run last first, make the column reject NULL again.
pub(super) fn ways_back(phase: Phase, table: &TableName, column: &ColumnName) -> Vec<Draft> {
    let [count, add, prove, set] = operations(table, column);
    vec![Draft::way_back(phase, [set]), Draft::way_back(phase, [prove]), Draft::way_back(phase, [count, add])]
}

fn operations(table: &TableName, column: &ColumnName) -> [Operation; 4] {
    let table = table.clone();
    let proof = ConstraintName(fitted(format!("{}_{column}_not_null", table.name)));
    let definition = Check { expression: not_null_expression(column), ..Check::on("") };
    let column = column.clone();
    [
        Operation::Guard { table: table.clone(), against: Violation::Null { column: column.clone() } },
        Operation::AddCheck { table: table.clone(), name: proof.clone(), definition, validated: false },
        Operation::Validate { table: table.clone(), constraint: proof.clone() },
        Operation::SetNotNull { table, column, proof: Some(proof) },
    ]
}
