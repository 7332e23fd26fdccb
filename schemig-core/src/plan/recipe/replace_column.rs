//! Replace a column by one of another type under a new name: the only change of type that neither a live connection nor a release
//! notices (DOCTRINE, R12). The same steps as for a rename, with a conversion in the mirror (R2).

use super::rename_column;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{ColumnName, ColumnRef, Conversion, TableName};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    [from, to]: [&ColumnName; 2],
    conversion: &Conversion,
) -> Vec<Draft> {
    match context.to.column(&ColumnRef::new(table, to)) {
        Some(target) => rename_column::moved(context, table, [from, to], target, conversion),
        None => Vec::new(),
    }
}
