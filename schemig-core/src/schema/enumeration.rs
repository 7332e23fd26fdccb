//! Types whose values are labels.

use serde::{Deserialize, Serialize};

use super::{Provenance, Schema, SqlType, Table, TableName};

/// An enum's SQL name, with its schema (namespace) when it isn't in the default one. A table has a row type of its own name, so servers
/// that have enums keep the names of both apart: the two share one kind of name here, too.
pub type EnumName = TableName;

/// An extension's name, with the schema (namespace) that its types are to live in; without one, the server puts them where it puts what
/// has no schema.
pub type ExtensionName = TableName;

/// The name of a schema (namespace), as the bare name: what lives in it has it in front.
pub type SpaceName = TableName;

/// A type of the database whose values are labels. Equality is meaning: where it comes from makes no difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// In the order by which the server compares them. No two are the same.
    pub labels: Vec<String>,
    /// Whether a model has it.
    #[serde(default, skip_serializing_if = "Provenance::is_declared")]
    pub provenance: Provenance,
    /// The labels of its model, where the database has others too, or has them in another order; `None` where they are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Vec<String>>,
}

/// Where a new label goes, beside one that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// Right before this one.
    Before(String),
    /// Right after this one.
    After(String),
}

impl Enum {
    /// An enum that a model has.
    pub fn of<'a>(labels: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            labels: labels.into_iter().map(str::to_owned).collect(),
            provenance: Provenance::Declared,
            declared: None,
        }
    }

    /// The labels that its model had; none where no model ever had it.
    pub fn of_model(&self) -> &[String] {
        match (&self.declared, self.provenance) {
            (Some(declared), _) => declared,
            (None, Provenance::Declared) => &self.labels,
            (None, Provenance::Observed) => &[],
        }
    }

    /// Whether it has this label.
    pub fn has(&self, label: &str) -> bool {
        self.labels.iter().any(|own| own == label)
    }

    /// Adds a label; `None` when its neighbour isn't there. Without a neighbour it goes to the end.
    pub fn insert(&mut self, label: &str, at: Option<&Beside>) -> Option<()> {
        let place = |of: &String| self.labels.iter().position(|own| own == of);
        let place = match at {
            None => self.labels.len(),
            Some(Beside::Before(next)) => place(next)?,
            Some(Beside::After(last)) => place(last)? + 1,
        };
        self.labels.insert(place, label.to_owned());
        Some(())
    }
}

impl PartialEq for Enum {
    fn eq(&self, other: &Self) -> bool {
        let Self { labels, provenance: _, declared: _ } = self;
        *labels == other.labels
    }
}

impl Eq for Enum {}

impl Schema {
    /// The same schema with one more enum.
    pub fn with_enum<'a>(mut self, name: &str, labels: impl IntoIterator<Item = &'a str>) -> Self {
        self.enums.insert(name.into(), Enum::of(labels));
        self
    }

    /// The enum that values of this type, or elements of it, belong to.
    pub fn enum_of(&self, sql_type: &SqlType) -> Option<(EnumName, &Enum)> {
        let name = sql_type.type_name()?;
        let found = self.enums.get(&name)?;
        Some((name, found))
    }

    /// The tables that have a column of this enum, or of arrays of it.
    pub fn users_of<'a>(&'a self, name: &'a EnumName) -> impl Iterator<Item = (&'a TableName, &'a Table)> {
        self.tables
            .iter()
            .filter(|(_, table)| table.columns.values().any(|column| column.sql_type.is_of(name)))
    }
}
