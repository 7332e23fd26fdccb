//! What an enum says: its database type's name and labels.

use crate::model::{Name, Said, Text};

/// An enum that derives `MigratableEnum` or diesel-derive-enum's `DbEnum`.
#[derive(Clone, Debug)]
pub struct EnumModel {
    /// The enum's name.
    pub ident: Name,
    /// The type's name in the database: `#[schemig(name = "…")]`, or diesel-derive-enum's `#[PgType = "…"]`.
    pub type_name: Option<Text>,
    /// The Diesel type that stands for it: last segment of `#[diesel(sql_type = …)]`, or of diesel-derive-enum's `ExistingTypePath` or
    /// `DieselType`.
    pub diesel_type: Option<Name>,
    /// In the enum's order, which is the order of the database's comparison.
    pub labels: Vec<Label>,
}

/// One variant and what it is called in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The variant.
    pub variant: Name,
    /// Its label.
    pub label: Text,
    /// What its label was before. A hint, so no part of the fingerprint.
    pub renamed_from: Said<Text>,
}
