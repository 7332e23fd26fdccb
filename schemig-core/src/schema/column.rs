//! A column and what is known of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ColumnName, Expression, SqlType, Volatility};

/// Where a fact comes from. What no model ever declared, schemig never drops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// A model says so. When the models fall silent, the fact goes.
    #[default]
    Declared,
    /// Found in a database at adoption. A silent model leaves it alone.
    Observed,
}

impl Provenance {
    pub(crate) fn is_declared(&self) -> bool {
        *self == Self::Declared
    }
}

/// A column. Equality is meaning: where a fact comes from and what Rust calls the column make no difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its type.
    #[serde(rename = "type")]
    pub sql_type: SqlType,
    /// Whether it may hold NULL.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nullable: bool,
    /// What an INSERT that leaves it out gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
    /// What it is computed from, when the server computes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// Whether the server numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Its collation, when it isn't the database's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// Its comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What `table!` calls it, when that isn't its SQL name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Whether a model has it.
    #[serde(default, skip_serializing_if = "Provenance::is_declared")]
    pub provenance: Provenance,
    /// Facts that were found in the database and that no model ever said, of a column that a model has.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub observed: BTreeSet<Fact>,
}

/// A fact of a column that models may be silent about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Its default.
    Default,
    /// What it is computed from.
    Generated,
    /// That the server numbers it.
    Identity,
    /// Its collation.
    Collation,
    /// Its comment.
    Comment,
    /// Its type: the model reads it as what Diesel takes it for, and not as what models of their own have such a type for.
    Type,
}

/// How a computed column is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// Computed from this.
    pub expression: Expression,
    /// Written to disk, rather than computed by each read.
    pub stored: bool,
}

/// How the server numbers a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// An INSERT may not name a number of its own.
    Always,
    /// It may.
    ByDefault,
    /// It may. What counts is a default that draws from a sequence of the column's own: what `serial` comes to.
    Serial,
}

impl Column {
    /// A plain column that must have a value.
    pub fn required(sql_type: SqlType) -> Self {
        Self {
            sql_type,
            nullable: false,
            default: None,
            generated: None,
            identity: None,
            collation: None,
            comment: None,
            identifier: None,
            provenance: Provenance::Declared,
            observed: BTreeSet::new(),
        }
    }

    /// A plain column that may be NULL.
    pub fn optional(sql_type: SqlType) -> Self {
        Self { nullable: true, ..Self::required(sql_type) }
    }

    /// The same column with a default.
    pub fn with_default(self, default: &str) -> Self {
        Self { default: Some(default.into()), ..self }
    }

    /// Whether a fact that stands was found in the database, and no model ever said it.
    pub fn is_observed(&self, fact: Fact) -> bool {
        match self.provenance {
            Provenance::Observed => true,
            Provenance::Declared => self.observed.contains(&fact),
        }
    }

    /// Whether the two are the same in a file too, where also counts what equality leaves out.
    pub(super) fn is_identical(&self, other: &Self) -> bool {
        self == other
            && self.identifier == other.identifier
            && self.provenance == other.provenance
            && self.observed == other.observed
    }

    /// Whether the server computes it from this column of the same table.
    pub fn is_computed_from(&self, column: &ColumnName) -> bool {
        self.generated.as_ref().is_some_and(|by| !by.expression.columns([column]).is_empty())
    }

    /// Whether an INSERT that leaves it out puts a value there, by a default or a number, and never NULL.
    pub fn gives_value(&self) -> bool {
        self.identity.is_some() || self.default.as_ref().is_some_and(|default| !default.is_null())
    }

    /// Whether an INSERT that leaves it out gets a value that no other row has, as far as the server counts or draws it.
    pub fn gives_own_value(&self) -> bool {
        let drawn = |default: &Expression| default.volatility() == Volatility::Volatile;
        self.identity.is_some() || self.default.as_ref().is_some_and(drawn)
    }

    /// Whether the server has a value for it when an INSERT leaves it out. NULL counts.
    pub fn may_be_left_out(&self) -> bool {
        self.nullable || self.default.is_some() || self.generated.is_some() || self.identity.is_some()
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            sql_type,
            nullable,
            default,
            generated,
            identity,
            collation,
            comment,
            identifier: _,
            provenance: _,
            observed: _,
        } = self;
        *sql_type == other.sql_type
            && *nullable == other.nullable
            && *default == other.default
            && *generated == other.generated
            && *identity == other.identity
            && *collation == other.collation
            && *comment == other.comment
    }
}

impl Eq for Column {}

pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}
