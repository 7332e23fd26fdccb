//! Add a column that the server numbers, and drop one. To add it whole would write every row under an exclusive lock, so it comes
//! nullable, with a sequence that a default draws from: rows that N-1 writes are numbered at once, those that stand in batches. No row
//! can hold NULL then, and NOT NULL needn't wait for contract; the form that the model wants comes there.

use super::not_null;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Column, ColumnName, Identity, Origin, TableName, Violation};

pub(super) fn added(
    table: &TableName,
    column: &ColumnName,
    definition: &Column,
    identity: Identity,
) -> Vec<Draft> {
    let against = Violation::Null { column: column.clone() };
    let mut steps = vec![
        Draft::new(Phase::Expand, begun(table, column, definition)),
        Draft::new(Phase::Backfill, [filled(table, column)]),
        Draft::new(Phase::Backfill, [Operation::Guard { table: table.clone(), against }]),
    ];
    if !definition.nullable {
        steps.extend(not_null::steps(Phase::Backfill, table, column));
    }
    if identity != Identity::Serial {
        steps.push(Draft::new(Phase::Contract, [number(table, column, identity)]));
    }
    steps
}

/// The drop alone; back, the column comes as it would come anew, each part of that in a directory of its own (R13).
pub(super) fn dropped(
    table: &TableName,
    column: &ColumnName,
    known: &Column,
    identity: Identity,
) -> Vec<Draft> {
    let way_back = |operation| Draft::way_back(Phase::Contract, [operation]);
    let mut steps = Vec::new();
    if identity != Identity::Serial {
        steps.push(way_back(number(table, column, identity)));
    }
    if !known.nullable {
        steps.extend(not_null::ways_back(Phase::Contract, table, column));
    }
    steps.push(way_back(filled(table, column)));
    let drop = Operation::DropColumn { table: table.clone(), column: column.clone() };
    steps.push(Draft::new(Phase::Contract, [drop]).back_by(begun(table, column, known)));
    steps
}

/// The column, nullable, with a sequence.
fn begun(table: &TableName, column: &ColumnName, definition: &Column) -> [Operation; 2] {
    let definition = Column { nullable: true, identity: None, ..definition.clone() };
    [
        Operation::AddColumn { table: table.clone(), column: column.clone(), definition },
        number(table, column, Identity::Serial),
    ]
}

fn filled(table: &TableName, column: &ColumnName) -> Operation {
    let (table, column) = (table.clone(), column.clone());
    Operation::Backfill { table, column, origin: Origin::Numbers, batched: true }
}

fn number(table: &TableName, column: &ColumnName, identity: Identity) -> Operation {
    Operation::Number { table: table.clone(), column: column.clone(), identity: Some(identity) }
}
