//! Create a table: at once, with all that its definition names, for nobody uses it yet.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Table, TableName};

pub(super) fn steps(table: &TableName, definition: &Table) -> Vec<Draft> {
    let operation = Operation::CreateTable { table: table.clone(), definition: definition.clone() };
    vec![Draft::new(Phase::Expand, [operation])]
}
