//! Change what an INSERT that leaves a column out gets.
//!
//! A first default is set at once: N may rely on it. Another, or none, comes when N-1 is gone: N-1 may rely on the old one, and N can read
//! what it gives, for rows like that stand already.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, Expression, TableName};

pub(super) fn steps(
    table: &TableName,
    column: &ColumnName,
    from: Option<&Expression>,
    to: Option<&Expression>,
) -> Vec<Draft> {
    let (table, column) = (table.clone(), column.clone());
    let phase = if from.is_none() { Phase::Expand } else { Phase::Contract };
    let operation = match to {
        Some(default) => Operation::SetDefault { table, column, default: default.clone() },
        None => Operation::DropDefault { table, column },
    };
    vec![Draft::new(phase, [operation])]
}
