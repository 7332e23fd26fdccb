//! Drop a column such that the way back restores it as it was, without a rewrite: nullable first, with its trigger or default, then
//! filled in batches, then NOT NULL again. Each of these needs a directory of its own, whose way up does nothing (R13).

use super::not_null;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Column, ColumnName, Origin, TableName};

/// What keeps the column filled until it goes, and again when it is back.
#[derive(Clone, Copy)]
pub(super) enum Kept<'a> {
    /// Its own default.
    ByDefault(&'a Origin),
    /// A filler.
    ByTrigger(&'a Origin),
}

/// The steps that end with the column gone.
pub(super) fn steps(table: &TableName, column: &ColumnName, known: &Column, kept: Kept<'_>) -> Vec<Draft> {
    let (Kept::ByDefault(origin) | Kept::ByTrigger(origin)) = kept;
    let at = || (table.clone(), column.clone());
    let mut steps = Vec::new();
    if !known.nullable {
        steps.extend(not_null::ways_back(Phase::Contract, table, column));
    }
    let ((table, column), origin) = (at(), origin.clone());
    let fill = Operation::Backfill { table, column, origin: origin.clone(), batched: true };
    steps.push(Draft::way_back(Phase::Contract, [fill]));
    let ((table, column), definition) = (at(), Column { nullable: true, default: None, ..known.clone() });
    let mut down = vec![Operation::AddColumn { table, column, definition }];
    let mut up = Vec::new();
    if let Some(default) = known.default.clone() {
        let (table, column) = at();
        down.push(Operation::SetDefault { table, column, default });
    }
    if let Kept::ByTrigger(_) = kept {
        let (table, column) = at();
        up.push(Operation::StopFilling { table, column });
        let (table, column) = at();
        down.push(Operation::KeepFilled { table, column, origin });
    }
    let (table, column) = at();
    up.push(Operation::DropColumn { table, column });
    steps.push(Draft::new(Phase::Contract, up).back_by(down));
    steps
}
