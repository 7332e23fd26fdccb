//! Retype a column in place. Whatever it costs the server, each connection that has the column in a cached statement fails until it is
//! opened anew (DOCTRINE, R12), so this is for a person to sign off; `replace_column` is the way that nobody notices.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, ColumnRef, Conversion, Expression, SqlType, TableName};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    [from, to]: [&SqlType; 2],
    conversion: &Conversion,
) -> Vec<Draft> {
    // A type with less room waits until nobody is left who writes what has none. Release N does with the larger one.
    let narrows = to.is_read_as(from) && !to.holds(from);
    if !narrows {
        return vec![Draft::new(Phase::Expand, operations(context, table, column, to, conversion))];
    }
    // N may rely on a first default at once. What the smaller type has room for, the larger one has too.
    let (before, after) = defaults(context, table, column);
    let first = after.filter(|_| before.is_none()).map(|default| Operation::SetDefault {
        table: table.clone(),
        column: column.clone(),
        default,
    });
    let mut retyped = operations(context, table, column, to, conversion);
    if first.is_some() {
        retyped.insert(0, Operation::DropDefault { table: table.clone(), column: column.clone() });
    }
    let first = first.map(|operation| Draft::new(Phase::Expand, [operation]));
    first.into_iter().chain([Draft::new(Phase::Contract, retyped)]).collect()
}

/// The column's default before and after.
fn defaults(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
) -> (Option<Expression>, Option<Expression>) {
    let before = context.column(table, column).and_then(|known| known.default.clone());
    let after = context.to.column(&ColumnRef::new(table, column)).and_then(|known| known.default.clone());
    (before, after)
}

/// The change itself, with the default around it: the server may not know how to convert one.
pub(super) fn operations(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    to: &SqlType,
    conversion: &Conversion,
) -> Vec<Operation> {
    let (before, after) = defaults(context, table, column);
    let (at, to, conversion) = ((table.clone(), column.clone()), to.clone(), conversion.clone());
    let mut operations = Vec::new();
    if before.is_some() {
        operations.push(Operation::DropDefault { table: at.0.clone(), column: at.1.clone() });
    }
    operations.push(Operation::AlterType { table: at.0.clone(), column: at.1.clone(), to, conversion });
    if let Some(default) = after {
        operations.push(Operation::SetDefault { table: at.0, column: at.1, default });
    }
    operations
}
