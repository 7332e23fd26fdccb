//! What differs between the comments of one table and of its columns.

use super::Change;
use super::diff::Found;
use crate::schema::{ColumnName, Comment, Table, TableName};

/// All in one change, so that a model whose words come from its documentation makes one step. A new column brings its own.
pub(super) fn altered(name: &TableName, old: &Table, new: &Table, found: &mut Found) {
    let both = new.columns.keys().filter(|column| old.columns.contains_key(*column));
    let places = std::iter::once(None).chain(both.map(Some));
    let differs = |column: &Option<&ColumnName>| old.comment_on(*column) != new.comment_on(*column);
    let comment = |table: &Table, column: Option<&ColumnName>| Comment {
        column: column.cloned(),
        text: table.comment_on(column).cloned(),
    };
    let (from, to): (Vec<_>, Vec<_>) =
        places.filter(differs).map(|column| (comment(old, column), comment(new, column))).unzip();
    if !to.is_empty() {
        found.changes.push(Change::ChangeComments { table: name.clone(), from, to });
    }
}
