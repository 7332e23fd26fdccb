//! Where the rows of a new table come from.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{ColumnName, Expression, Table, TableName};

/// `rows_from(…)`: a row of a new table for each row of a table that stands, found again by the keys of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsFrom {
    /// The table that the rows come from.
    pub table: TableName,
    /// Its primary key, of one column.
    pub source_key: ColumnName,
    /// The new table's primary key, which holds the same.
    pub key: ColumnName,
    /// What the new table's other columns get: expressions over the source's row.
    pub values: IndexMap<ColumnName, Expression>,
}

impl RowsFrom {
    /// The columns of the source that the rows are made from.
    pub fn reads(&self, source: &Table) -> BTreeSet<ColumnName> {
        let read = self.values.values().flat_map(|value| value.columns(source.columns.keys()));
        read.chain([self.source_key.clone()]).collect()
    }

    /// The columns that get something, the key first.
    pub fn columns(&self) -> impl Iterator<Item = &ColumnName> {
        std::iter::once(&self.key).chain(self.values.keys())
    }

    /// The source's column that a column of the new table is a plain copy of.
    pub fn copied<'a>(&'a self, column: &ColumnName, source: &'a Table) -> Option<&'a ColumnName> {
        if *column == self.key {
            return Some(&self.source_key);
        }
        let text = self.values.get(column)?.as_str().trim().trim_matches('"');
        source.columns.get_key_value(&ColumnName::from(text)).map(|(name, _)| name)
    }
}
