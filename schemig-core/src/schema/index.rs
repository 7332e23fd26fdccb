//! Indexes, unique ones included.

use serde::{Deserialize, Serialize};

use super::column::is_false;
use super::{ColumnName, Expression, Provenance};

/// An index. A UNIQUE constraint is one too: Diesel and ON CONFLICT see no difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// What it is sorted by, in order.
    pub keys: Vec<IndexKey>,
    /// Whether two rows may not have the same keys.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The access method, when it isn't the B-tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Which rows it holds, when not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Expression>,
    /// Columns that are stored beside the keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<ColumnName>,
    /// Whether a UNIQUE constraint owns it. Only found at adoption: schemig makes plain unique indexes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub constraint: bool,
    /// Whether a model has it.
    #[serde(default, skip_serializing_if = "Provenance::is_declared")]
    pub provenance: Provenance,
}

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKey {
    /// A column.
    Column(ColumnName),
    /// An expression over the row's columns.
    Expression(Expression),
}

impl Index {
    /// A plain index over columns.
    pub fn on<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            keys: columns.into_iter().map(|column| IndexKey::Column(column.into())).collect(),
            unique: false,
            method: None,
            predicate: None,
            include: Vec::new(),
            constraint: false,
            provenance: Provenance::Declared,
        }
    }

    /// A unique index over columns.
    pub fn unique_on<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { unique: true, ..Self::on(columns) }
    }

    /// The key columns, in order; `None` when a key is an expression.
    pub fn key_columns(&self) -> Option<Vec<&ColumnName>> {
        self.keys
            .iter()
            .map(|key| match key {
                IndexKey::Column(column) => Some(column),
                IndexKey::Expression(_) => None,
            })
            .collect()
    }

    /// The names that may be columns which it reads, as keys, in expressions, in the predicate or beside the keys.
    pub(crate) fn words(&self) -> Vec<ColumnName> {
        let keys = self.keys.iter().flat_map(|key| match key {
            IndexKey::Column(column) => vec![column.clone()],
            IndexKey::Expression(expression) => expression.names(),
        });
        let predicate = self.predicate.iter().flat_map(Expression::names);
        keys.chain(predicate).chain(self.include.iter().cloned()).collect()
    }

    /// Whether it reads `column`, as a key, in a predicate or beside the keys.
    pub fn reads(&self, column: &ColumnName) -> bool {
        let only = std::slice::from_ref(column);
        self.include.contains(column)
            || self.predicate.as_ref().is_some_and(|predicate| !predicate.columns(only).is_empty())
            || self.keys.iter().any(|key| match key {
                IndexKey::Column(name) => name == column,
                IndexKey::Expression(expression) => !expression.columns(only).is_empty(),
            })
    }

    /// The same index over a column that is called otherwise.
    pub fn rename_column(&self, from: &ColumnName, to: &ColumnName) -> Self {
        let name = |column: &ColumnName| if column == from { to.clone() } else { column.clone() };
        Self {
            keys: self
                .keys
                .iter()
                .map(|key| match key {
                    IndexKey::Column(column) => IndexKey::Column(name(column)),
                    IndexKey::Expression(expression) => IndexKey::Expression(expression.rename(from, to)),
                })
                .collect(),
            predicate: self.predicate.as_ref().map(|predicate| predicate.rename(from, to)),
            include: self.include.iter().map(name).collect(),
            ..self.clone()
        }
    }
}

impl PartialEq for Index {
    fn eq(&self, other: &Self) -> bool {
        let Self { keys, unique, method, predicate, include, constraint, provenance: _ } = self;
        *keys == other.keys
            && *unique == other.unique
            && *method == other.method
            && *predicate == other.predicate
            && *include == other.include
            && *constraint == other.constraint
    }
}

impl Eq for Index {}
