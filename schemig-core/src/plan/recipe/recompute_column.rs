//! Compute a column from something else, or no more, or from now on.
//!
//! Both releases read the one column, so beside a running release only how it is kept may change: what it holds stays what it was, and
//! whoever reads it meets the column before that commit or after it. All else is for when none runs, and the diff asks.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Column, ColumnName, Expression, TableName, Violation};

pub(super) fn steps(table: &TableName, column: &ColumnName, from: &Column, to: &Column) -> Vec<Draft> {
    vec![Draft::new(Phase::Expand, operations(table, column, from, to))]
}

/// The change itself, behind a count of the rows that the new form has no room for.
pub(super) fn operations(
    table: &TableName,
    column: &ColumnName,
    from: &Column,
    to: &Column,
) -> Vec<Operation> {
    let (table, column, definition) = (table.clone(), column.clone(), to.clone());
    let count = count(&table, &column, from, to);
    count.into_iter().chain([Operation::Recompute { table, column, definition }]).collect()
}

/// Counts the rows that would hold NULL where none may.
pub(super) fn count(table: &TableName, column: &ColumnName, from: &Column, to: &Column) -> Option<Operation> {
    let expression = |column: &Column| column.generated.as_ref().map(|by| by.expression.clone());
    let against = match expression(to) {
        _ if to.nullable => return None,
        Some(by) if expression(from).as_ref() != Some(&by) => {
            Violation::Check { expression: Expression(format!("({by}) IS NOT NULL")) }
        }
        Some(_) | None if from.nullable => Violation::Null { column: column.clone() },
        Some(_) | None => return None,
    };
    Some(Operation::Guard { table: table.clone(), against })
}
