//! Change what the database says of a table and its columns: at once, for no release reads it.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Comment, TableName};

pub(super) fn steps(table: &TableName, comments: &[Comment]) -> Vec<Draft> {
    let operation = Operation::SetComments { table: table.clone(), comments: comments.to_vec() };
    vec![Draft::new(Phase::Expand, [operation])]
}
