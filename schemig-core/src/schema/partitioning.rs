//! How a table's rows are spread over partitions. The partitions themselves are the user's: schemig makes none and drops none.

use serde::{Deserialize, Serialize};

use super::{ColumnName, IndexName, TableName, fitted};

/// How rows find their partition. Equality is meaning: which partitions are known makes no difference to what the table is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partitioning {
    /// By what.
    pub strategy: Strategy,
    /// The columns that decide it, in order: part of each key, for a key is kept within each partition.
    pub columns: Vec<ColumnName>,
    /// The partitions that the model names; `None` where it doesn't say which there are. An index is built on one after the other, so a
    /// plan has to know them; a database that has more says so when the plan runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<Vec<TableName>>,
}

/// By what a row finds its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The span that its key lies in.
    Range,
    /// Its key's value.
    List,
    /// What its key's hash leaves.
    Hash,
}

impl Strategy {
    /// The word in the models and in SQL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::List => "list",
            Self::Hash => "hash",
        }
    }
}

impl Partitioning {
    /// The partitions that are known.
    pub fn known(&self) -> &[TableName] {
        self.partitions.as_deref().unwrap_or_default()
    }

    /// Whether the two are the same in a file too.
    pub(super) fn is_identical(&self, other: &Self) -> bool {
        self == other && self.partitions == other.partitions
    }

    /// The same with one column named otherwise.
    pub fn rename_column(&mut self, from: &ColumnName, to: &ColumnName) {
        for column in self.columns.iter_mut().filter(|column| *column == from) {
            *column = to.clone();
        }
    }
}

impl PartialEq for Partitioning {
    fn eq(&self, other: &Self) -> bool {
        let Self { strategy, columns, partitions: _ } = self;
        *strategy == other.strategy && *columns == other.columns
    }
}

impl Eq for Partitioning {}

impl IndexName {
    /// What schemig calls a partition's part of an index.
    pub fn on_partition(&self, partition: &TableName) -> Self {
        Self(fitted(format!("{self}_{}", partition.name)))
    }
}
