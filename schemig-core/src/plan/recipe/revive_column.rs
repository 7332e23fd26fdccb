//! Drop a column such that the way back restores it as it was, without a rewrite: nullable first, with its trigger or default, then
//! filled in batches, then NOT NULL again. Each of these needs a directory of its own, whose way up does nothing (R13).

use super::not_null;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Column, ColumnName, Origin, TableName};

/// The steps that end with `drop`, the operations that take the column away. `origin` is what fills it when it comes back.
pub(super) fn steps(
    table: &TableName,
    column: &ColumnName,
    known: &Column,
    origin: Option<&Origin>,
    drop: impl IntoIterator<Item = Operation>,
) -> Vec<Draft> {
    let mut steps = Vec::new();
    if !known.nullable {
        steps.extend(not_null::ways_back(Phase::Contract, table, column));
    }
    if let Some(origin) = origin {
        let (table, column, origin) = (table.clone(), column.clone(), origin.clone());
        let fill = Operation::Backfill { table, column, origin, batched: true };
        steps.push(Draft::way_back(Phase::Contract, [fill]));
    }
    let (up, mut down): (Vec<_>, Vec<_>) = (drop.into_iter().collect(), vec![bare(table, column, known)]);
    for operation in &up {
        match operation {
            Operation::StopFilling { table, column } => down.extend(origin.map(|origin| {
                Operation::KeepFilled { table: table.clone(), column: column.clone(), origin: origin.clone() }
            })),
            Operation::DropColumn { table, column } => {
                down.extend(known.default.clone().map(|default| Operation::SetDefault {
                    table: table.clone(),
                    column: column.clone(),
                    default,
                }));
            }
            _ => {}
        }
    }
    steps.push(Draft::new(Phase::Contract, up).back_by(down));
    steps
}

/// The column as it comes back: empty, so nullable and without default.
fn bare(table: &TableName, column: &ColumnName, known: &Column) -> Operation {
    let definition = Column { nullable: true, default: None, ..known.clone() };
    Operation::AddColumn { table: table.clone(), column: column.clone(), definition }
}
