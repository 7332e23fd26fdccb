//! Indexes, unique ones and those of exclusion constraints included.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::column::is_false;
use super::table::are_same;
use super::{ColumnName, Deferral, Expression, Provenance};

/// An index. A UNIQUE constraint is one too: Diesel and ON CONFLICT see no difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// What it is sorted by, in order.
    pub keys: Vec<IndexKey>,
    /// How it sorts them, one for each key; empty when it sorts all of them as usual.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<KeyOrder>,
    /// The operators by which two rows exclude each other, one for each key: no two rows may have all of them hold. Empty but for an
    /// exclusion constraint's; one that isn't found without its schema has that in front (`public.&&`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<String>,
    /// Whether two rows may not have the same keys.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// Whether NULL is like NULL to a unique one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nulls_not_distinct: bool,
    /// The access method, when it isn't the B-tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Which rows it holds, when not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Expression>,
    /// Columns that are stored beside the keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<ColumnName>,
    /// Storage parameters, such as the fill factor.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage: BTreeMap<String, String>,
    /// Whether a constraint owns it. A UNIQUE one was found at adoption, or can be checked later: else schemig makes plain unique
    /// indexes. What excludes rows is always a constraint's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub constraint: bool,
    /// When a unique or excluding one is checked. What may be checked later is a constraint's, and nothing that ON CONFLICT could name.
    #[serde(default, skip_serializing_if = "Deferral::is_never")]
    pub deferral: Deferral,
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

/// How an index sorts one of its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyOrder {
    /// The operator class, when it isn't the usual one of the key's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Whether the largest comes first.
    #[serde(default, skip_serializing_if = "is_false")]
    pub descending: bool,
    /// Where NULL comes, when it doesn't come as if it were larger than all else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Nulls>,
}

/// Where an index has its NULLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    /// Before all else.
    First,
    /// Behind all else.
    Last,
}

impl KeyOrder {
    /// What DDL says of it behind the key, with a blank in front; nothing for the usual one. The class comes as it is.
    pub fn sql(&self) -> String {
        let Self { class, descending, nulls } = self;
        let class = class.iter().map(|class| format!(" {class}"));
        let direction = descending.then(|| " DESC".to_owned());
        let nulls = nulls.map(|nulls| match nulls {
            Nulls::First => " NULLS FIRST".to_owned(),
            Nulls::Last => " NULLS LAST".to_owned(),
        });
        class.chain(direction).chain(nulls).collect()
    }
}

impl Index {
    /// The keys, each with how it is sorted.
    pub fn sorted_keys(&self) -> impl Iterator<Item = (&IndexKey, Option<&KeyOrder>)> {
        self.keys.iter().enumerate().map(|(place, key)| (key, self.orders.get(place)))
    }

    /// The same index that sorts its keys like this.
    pub fn sorted(self, orders: Vec<KeyOrder>) -> Self {
        let usual = orders.iter().all(|order| *order == KeyOrder::default());
        Self { orders: if usual { Vec::new() } else { orders }, ..self }
    }

    /// A plain index over columns.
    pub fn on<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            keys: columns.into_iter().map(|column| IndexKey::Column(column.into())).collect(),
            orders: Vec::new(),
            operators: Vec::new(),
            unique: false,
            nulls_not_distinct: false,
            method: None,
            predicate: None,
            include: Vec::new(),
            storage: BTreeMap::new(),
            constraint: false,
            deferral: Deferral::Never,
            provenance: Provenance::Declared,
        }
    }

    /// A unique index over columns.
    pub fn unique_on<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { unique: true, ..Self::on(columns) }
    }

    /// An exclusion constraint over columns, each with its operator.
    pub fn excluding<'a>(keys: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (columns, operators): (Vec<&str>, Vec<&str>) = keys.into_iter().unzip();
        let operators = operators.into_iter().map(str::to_owned).collect();
        Self { operators, method: Some("gist".to_owned()), constraint: true, ..Self::on(columns) }
    }

    /// Whether it is an exclusion constraint's.
    pub fn excludes(&self) -> bool {
        !self.operators.is_empty()
    }

    /// Whether rows exclude each other only where they have some key in common: those that may conflict are found by it.
    pub fn excludes_equals(&self) -> bool {
        self.operators.iter().any(|operator| operator == "=")
    }

    /// What a person calls it.
    pub fn kind(&self) -> &'static str {
        match (self.unique, self.excludes()) {
            (true, _) => "unique index",
            (false, true) => "exclusion constraint",
            (false, false) => "index",
        }
    }

    /// Whether it keeps rows from being written beside others that stand.
    pub fn separates(&self) -> bool {
        self.unique || self.excludes()
    }

    /// The same as no constraint's.
    pub fn plain(&self) -> Self {
        Self { constraint: false, deferral: Deferral::Never, ..self.clone() }
    }

    /// Whether ON CONFLICT may name it: it is unique, and checked with each statement.
    pub fn arbitrates(&self) -> bool {
        self.unique && self.deferral == Deferral::Never
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

    /// Whether it keeps two rows from having the same values in just these columns.
    pub(crate) fn is_unique_over(&self, columns: &[ColumnName]) -> bool {
        let keys: Option<Vec<ColumnName>> =
            self.key_columns().map(|keys| keys.into_iter().cloned().collect());
        self.unique && self.predicate.is_none() && keys.is_some_and(|keys| are_same(&keys, columns))
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
        let Self {
            keys,
            orders,
            operators,
            unique,
            nulls_not_distinct,
            method,
            predicate,
            include,
            storage,
            constraint,
            deferral,
            provenance: _,
        } = self;
        *keys == other.keys
            && *orders == other.orders
            && *operators == other.operators
            && *unique == other.unique
            && *nulls_not_distinct == other.nulls_not_distinct
            && *storage == other.storage
            && *method == other.method
            && *predicate == other.predicate
            && *include == other.include
            && *constraint == other.constraint
            && *deferral == other.deferral
    }
}

impl Eq for Index {}
