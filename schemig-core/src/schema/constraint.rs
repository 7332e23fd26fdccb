//! Checks and foreign keys.

use serde::{Deserialize, Serialize};

use super::{ColumnName, Expression, Provenance, TableName};

/// A CHECK constraint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What must not be false for any row.
    pub expression: Expression,
    /// Whether a model has it.
    #[serde(default, skip_serializing_if = "Provenance::is_declared")]
    pub provenance: Provenance,
}

impl Check {
    /// A check on this expression.
    pub fn on(expression: &str) -> Self {
        Self { expression: expression.into(), provenance: Provenance::Declared }
    }

    /// Whether it reads `column`.
    pub fn reads(&self, column: &ColumnName) -> bool {
        !self.expression.columns([column]).is_empty()
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        let Self { expression, provenance: _ } = self;
        *expression == other.expression
    }
}

impl Eq for Check {}

/// A foreign key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// The columns that refer.
    pub columns: Vec<ColumnName>,
    /// The table that is referred to.
    pub references: TableName,
    /// Its columns, as many as `columns`.
    pub key: Vec<ColumnName>,
    /// What the server does to the row when the row it refers to is deleted.
    #[serde(default, skip_serializing_if = "Action::is_no_action")]
    pub on_delete: Action,
    /// What it does when the key it refers to changes.
    #[serde(default, skip_serializing_if = "Action::is_no_action")]
    pub on_update: Action,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferral::is_never")]
    pub deferral: Deferral,
    /// Whether a model has it.
    #[serde(default, skip_serializing_if = "Provenance::is_declared")]
    pub provenance: Provenance,
}

/// When a foreign key or a unique one is checked; what puts up with more comes later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferral {
    /// With each statement.
    #[default]
    Never,
    /// With each statement, unless the transaction puts it off.
    Immediate,
    /// When the transaction ends, unless that asks for it before.
    Deferred,
}

impl Deferral {
    pub(super) fn is_never(&self) -> bool {
        *self == Self::Never
    }

    /// What DDL says of it, with a blank in front; nothing where it can't be put off.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Immediate => " DEFERRABLE",
            Self::Deferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }
}

/// What a foreign key does when the row it refers to goes or changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Refuses, at the end of the statement.
    #[default]
    NoAction,
    /// Refuses at once.
    Restrict,
    /// Does the same to the referring row.
    Cascade,
    /// Sets the referring columns to NULL.
    SetNull,
    /// Sets the referring columns to their defaults.
    SetDefault,
}

impl Action {
    fn is_no_action(&self) -> bool {
        *self == Self::NoAction
    }

    /// Whether a row that is referred to can't be deleted under it.
    pub fn refuses(self) -> bool {
        match self {
            Self::NoAction | Self::Restrict => true,
            Self::Cascade | Self::SetNull | Self::SetDefault => false,
        }
    }

    /// The words that SQL has for it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

impl PartialEq for ForeignKey {
    fn eq(&self, other: &Self) -> bool {
        let Self { columns, references, key, on_delete, on_update, deferral, provenance: _ } = self;
        *columns == other.columns
            && *references == other.references
            && *key == other.key
            && *on_delete == other.on_delete
            && *on_update == other.on_update
            && *deferral == other.deferral
    }
}

impl Eq for ForeignKey {}
