//! What the models say about the way, beside what they say about the end: hints never enter the schema.

use std::collections::BTreeMap;

use super::{
    ColumnName, ColumnRef, Conversion, EnumName, Expression, IndexName, Origin, RowsFrom, TableName,
};

/// What models say about how to get to them. By the new name of a table or column; what is dropped, by its only one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Tables that `renamed_from` names; `None` is `renamed_from = none`: really dropped and made.
    pub table_renames: BTreeMap<TableName, Option<TableName>>,
    /// Columns likewise.
    pub column_renames: BTreeMap<ColumnRef, Option<ColumnName>>,
    /// How the values of a column that changes its type become those of the new one.
    pub converts: BTreeMap<ColumnRef, Conversion>,
    /// Labels of enums likewise, by enum and new label.
    pub label_renames: BTreeMap<(EnumName, String), Option<String>>,
    /// Where the values of a column come from.
    pub backfills: BTreeMap<ColumnRef, Origin>,
    /// Where the rows of new tables come from.
    pub rows: BTreeMap<TableName, RowsFrom>,
    /// What `dropped(…)` says of columns on their way out.
    pub drops: BTreeMap<ColumnRef, Dropped>,
}

/// `dropped("column", fill = …, with = […])`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// What N's rows get in it; the inner `None` is `fill = none`: nothing, and N-1 can't read them.
    pub fill: Option<Option<Expression>>,
    /// Observed indexes that go with it.
    pub with: Vec<IndexName>,
}
