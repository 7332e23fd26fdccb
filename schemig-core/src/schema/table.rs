//! A table.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{
    Check, Column, ColumnName, ConstraintName, ForeignKey, Index, IndexName, Provenance, TableName, fitted,
};

/// A table. Equality is meaning: the physical order of columns is kept, and makes no difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The key columns, in order. Diesel wants at least one.
    pub primary_key: Vec<ColumnName>,
    /// What `table!` calls it, when that isn't its SQL name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Its comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The columns, in physical order.
    pub columns: IndexMap<ColumnName, Column>,
    /// Indexes, but for the primary key's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<IndexName, Index>,
    /// Foreign keys of this table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub foreign_keys: BTreeMap<ConstraintName, ForeignKey>,
    /// Checks of this table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<ConstraintName, Check>,
}

impl Table {
    /// A table with these key columns and nothing else.
    pub fn keyed_by<'a>(primary_key: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            primary_key: primary_key.into_iter().map(ColumnName::from).collect(),
            identifier: None,
            comment: None,
            columns: IndexMap::new(),
            indexes: BTreeMap::new(),
            foreign_keys: BTreeMap::new(),
            checks: BTreeMap::new(),
        }
    }

    /// What judgements and promises call the primary key of a table, where they name indexes.
    pub fn key_name(table: &TableName) -> IndexName {
        IndexName(fitted(format!("{}_pkey", table.name)))
    }

    /// The foreign keys to these columns of `parent`, in whatever order they name them.
    pub(crate) fn keys_to<'a>(
        &'a self,
        parent: &'a TableName,
        columns: &'a [ColumnName],
    ) -> impl Iterator<Item = (&'a ConstraintName, &'a ForeignKey)> {
        self.foreign_keys
            .iter()
            .filter(move |(_, key)| key.references == *parent && are_same(&key.key, columns))
    }

    /// Whether no two rows can have the same values in these columns, by the primary key or by an index that holds all rows.
    pub(crate) fn is_unique_over(&self, columns: &[ColumnName]) -> bool {
        are_same(&self.primary_key, columns)
            || self.indexes.values().any(|index| index.is_unique_over(columns))
    }

    /// The same table with one more column.
    pub fn with_column(mut self, name: &str, column: Column) -> Self {
        self.columns.insert(name.into(), column);
        self
    }

    /// The same table with one more index.
    pub fn with_index(mut self, name: &str, index: Index) -> Self {
        self.indexes.insert(name.into(), index);
        self
    }

    /// The same table with one more foreign key.
    pub fn with_foreign_key(mut self, name: &str, foreign_key: ForeignKey) -> Self {
        self.foreign_keys.insert(name.into(), foreign_key);
        self
    }

    /// The same table with one more check.
    pub fn with_check(mut self, name: &str, check: Check) -> Self {
        self.checks.insert(name.into(), check);
        self
    }

    /// Whether `column` is part of the primary key or of a unique index: what ON CONFLICT may name.
    pub fn is_in_unique_key(&self, column: &ColumnName) -> bool {
        self.primary_key.contains(column)
            || self.indexes.values().any(|index| index.unique && index.reads(column))
    }

    /// Whether rows have to differ in `column`, or keep apart in it: a primary key, a unique index or an exclusion constraint reads it.
    pub fn keeps_apart(&self, column: &ColumnName) -> bool {
        self.is_in_unique_key(column)
            || self.indexes.values().any(|index| index.excludes() && index.reads(column))
    }

    /// Whether the two are the same in a file too, where also counts what equality leaves out: the order of columns, what Rust calls
    /// things, and where facts come from.
    pub fn is_identical(&self, other: &Self) -> bool {
        let Self { primary_key, identifier, comment, columns, indexes, foreign_keys, checks } = self;
        let is_same = |((name, column), (their_name, theirs)): (_, (&ColumnName, &Column))| {
            name == their_name && Column::is_identical(column, theirs)
        };
        std::ptr::eq(self, other)
            || *primary_key == other.primary_key
                && *identifier == other.identifier
                && *comment == other.comment
                && columns.len() == other.columns.len()
                && columns.iter().zip(&other.columns).all(is_same)
                && *indexes == other.indexes
                && *foreign_keys == other.foreign_keys
                && *checks == other.checks
                && self.origins().eq(other.origins())
    }

    /// Where its indexes and constraints come from.
    fn origins(&self) -> impl Iterator<Item = Provenance> {
        let indexes = self.indexes.values().map(|index| index.provenance);
        let keys = self.foreign_keys.values().map(|key| key.provenance);
        indexes.chain(keys).chain(self.checks.values().map(|check| check.provenance))
    }

    /// The tables that its foreign keys refer to, in order, each once, itself left out.
    pub fn parents(&self, own: &TableName) -> Vec<TableName> {
        let mut parents: Vec<TableName> = self
            .foreign_keys
            .values()
            .map(|key| key.references.clone())
            .filter(|parent| parent != own)
            .collect();
        parents.sort();
        parents.dedup();
        parents
    }
}

/// Whether two lists name the same columns: the order makes no difference to who finds a key.
pub(crate) fn are_same(one: &[ColumnName], other: &[ColumnName]) -> bool {
    !one.is_empty() && one.len() == other.len() && one.iter().all(|column| other.contains(column))
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let Self { primary_key, identifier: _, comment, columns, indexes, foreign_keys, checks } = self;
        std::ptr::eq(self, other)
            || *primary_key == other.primary_key
                && *comment == other.comment
                && *columns == other.columns
                && *indexes == other.indexes
                && *foreign_keys == other.foreign_keys
                && *checks == other.checks
    }
}

impl Eq for Table {}
