//! Comments: what a database says of its tables and columns, in words. No statement reads them.

use serde::{Deserialize, Serialize};

use super::{ColumnName, Schema, Table};

/// The comment of a table or of one of its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// The column; none for the table itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<ColumnName>,
    /// The words; none where there is no comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Table {
    /// The comment of the table, or of one of its columns.
    pub fn comment_on(&self, column: Option<&ColumnName>) -> Option<&String> {
        match column {
            Some(column) => self.columns.get(column)?.comment.as_ref(),
            None => self.comment.as_ref(),
        }
    }
}

impl Schema {
    /// Takes all comments away, for a server that keeps none.
    pub fn forget_comments(&mut self) {
        let commented = |table: &Table| {
            table.comment.is_some() || table.columns.values().any(|column| column.comment.is_some())
        };
        let names: Vec<_> = self.tables.iter().filter(|(_, table)| commented(table)).collect();
        for name in names.into_iter().map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            if let Some(table) = self.tables.get_mut(&name) {
                table.comment = None;
                table.columns.values_mut().for_each(|column| column.comment = None);
            }
        }
    }
}
