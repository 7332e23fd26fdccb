//! What only a person can decide. The answer is written in the models, so that it is reviewed; nothing is ever asked at a prompt.

use crate::schema::{ColumnRef, TableName};

/// A point at which more than one thing could be meant, or nothing safe can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The table that it is about: the diagnostic points at its model.
    pub table: TableName,
    /// The column, when it is about one.
    pub column: Option<ColumnRef>,
    /// What can't be decided, in a sentence.
    pub condition: String,
    /// What would happen otherwise, in a sentence.
    pub effect: String,
    /// What to write, the cheapest answer first.
    pub answers: Vec<String>,
}
