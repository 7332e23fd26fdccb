//! What rows can be guilty of before a constraint holds them to it.

use serde::{Deserialize, Serialize};

use super::{ColumnName, Expression, ForeignKey, Index, RowsFrom, Source};

/// What a guard counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Violation {
    /// Rows where the column is NULL.
    Null { column: ColumnName },
    /// Rows whose value isn't what the source says.
    Stale { column: ColumnName, source: Source },
    /// Rows whose two columns, kept alike so far, differ.
    Differ { old: ColumnName, new: ColumnName },
    /// Rows that a check would reject.
    Check { expression: Expression },
    /// Rows that refer to nothing.
    Orphan { foreign_key: ForeignKey },
    /// Rows of the source that have no row in the table, or one that says something else.
    Uncopied { rows: RowsFrom },
    /// Keys that stand in more than one row, or rows that exclude each other.
    Duplicate { index: Index },
}
