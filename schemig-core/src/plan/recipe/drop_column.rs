//! Drop a column: when N-1, which selects it, is gone. One that is NOT NULL is kept filled for N's inserts until then, never
//! relaxed behind N-1's back (R9).

use super::revive_column::{self, Kept};
use super::{numbered_column, relax_column};
use crate::change::Fill;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{Column, ColumnName, Expression, Origin, TableName};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    fill: &Fill,
) -> Vec<Draft> {
    let Some(known) = context.column(table, column) else { return Vec::new() };
    match fill {
        Fill::Unneeded => unfilled(context, table, column, known),
        Fill::Forgone => {
            let relaxed = Column { nullable: true, ..known.clone() };
            let mut steps = relax_column::steps(Phase::Expand, table, column);
            steps.extend(unfilled(context, table, column, &relaxed));
            steps
        }
        Fill::With(expression) => filled(context, table, column, known, expression),
    }
}

/// The drop alone. Back, a default that is another for each row would rewrite the table: then rows are filled in batches.
fn unfilled(context: &Context<'_>, table: &TableName, column: &ColumnName, known: &Column) -> Vec<Draft> {
    if let Some(identity) = known.identity {
        return numbered_column::dropped(table, column, known, identity);
    }
    match &known.default {
        Some(default) if !context.is_cheap(default) => {
            let origin = Origin::Expression(default.clone());
            revive_column::steps(table, column, known, Kept::ByDefault(&origin))
        }
        Some(_) | None => {
            let drop = Operation::DropColumn { table: table.clone(), column: column.clone() };
            let add = Operation::AddColumn {
                table: table.clone(),
                column: column.clone(),
                definition: known.clone(),
            };
            vec![Draft::new(Phase::Contract, [drop]).back_by([add])]
        }
    }
}

/// Kept filled: by a default where the expression doesn't read the row, else by a trigger.
fn filled(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    known: &Column,
    fill: &Expression,
) -> Vec<Draft> {
    // N's new columns may be read too: they are there, with N's values, when it writes.
    let sides = context.table(table).into_iter().chain(context.to.tables.get(table));
    if fill.columns(sides.flat_map(|known| known.columns.keys())).is_empty() {
        let default =
            Operation::SetDefault { table: table.clone(), column: column.clone(), default: fill.clone() };
        let lent = Column { default: Some(fill.clone()), ..known.clone() };
        let mut steps = vec![Draft::new(Phase::Expand, [default])];
        steps.extend(unfilled(context, table, column, &lent));
        return steps;
    }
    let origin = Origin::Expression(fill.clone());
    let keep = Operation::KeepFilled { table: table.clone(), column: column.clone(), origin: origin.clone() };
    let mut steps = vec![Draft::new(Phase::Expand, [keep])];
    steps.extend(revive_column::steps(table, column, known, Kept::ByTrigger(&origin)));
    steps
}
