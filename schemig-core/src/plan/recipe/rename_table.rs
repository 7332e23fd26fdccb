//! Rename a table: the old name lives on as an updatable view, made in the transaction of the rename (R8).

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::TableName;

pub(super) fn steps(context: &Context<'_>, from: &TableName, to: &TableName) -> Vec<Draft> {
    let columns = context.table(to).map(|table| table.columns.keys().cloned().collect()).unwrap_or_default();
    let rename = Operation::RenameTable { from: from.clone(), to: to.clone() };
    let view = Operation::CreateView { view: from.clone(), table: to.clone(), columns };
    vec![
        Draft::new(Phase::Expand, [rename, view]),
        Draft::new(Phase::Contract, [Operation::DropView { view: from.clone() }]),
    ]
}
