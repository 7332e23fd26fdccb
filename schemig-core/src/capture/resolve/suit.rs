//! How a struct that is no model yet would do as the model of its table.

use super::column::is_taken_for;
use super::draft::{self, Draft};
use super::identifier;
use super::types::{Names, Read};
use super::{Found, Input, order};
use crate::capture::{ColumnField, Fault, Model, Place};
use crate::schema::{Column, ColumnName, Fact, SqlType, Table, TableName};

/// A struct, held against the table that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suit {
    /// The table: the snapshot's, else as schema.rs or print-schema's rule has it. Absent where it may be any of several.
    pub table: Option<TableName>,
    /// The fields that are columns, embedded ones included, in the struct's order.
    pub fields: Vec<SuitField>,
    /// What of the snapshot's table no field reads, in the table's order.
    pub missing: Vec<ColumnName>,
    /// Whether the struct's primary key is the table's.
    pub key: SuitKey,
    /// What else is wrong with it.
    pub faults: Vec<Fault>,
}

/// A field, held against its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuitField {
    /// Where its column is named: the field, or its `column_name`.
    pub place: Place,
    /// The column as Diesel sees it.
    pub identifier: String,
    /// Its Rust type, as it is written.
    pub rust_type: String,
    /// What of the column it can't read.
    pub trouble: Option<Trouble>,
}

/// Why a field doesn't read its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The snapshot's table has no such column.
    NoColumn,
    /// Nobody knows what its Rust type is in a database; the column is of this type.
    Unknown(SqlType),
    /// Its Rust type is read from other types; the column is of this one.
    Other(SqlType),
    /// It is an `Option`, and the column is never NULL.
    NeverNull,
    /// It is no `Option`, and the column may be NULL.
    MayBeNull,
}

/// A struct's primary key beside the table's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuitKey {
    /// They are the same columns.
    Same,
    /// The struct says nothing, so that Diesel takes `id`; the table has these, as Diesel sees them.
    Unsaid(Vec<String>),
    /// The struct says another.
    Other,
    /// The table has none.
    Bare,
}

/// Holds a struct, read as if it derived `Migratable`, against the table of the snapshot that it names. The models of `input` have no part in it.
pub fn suit(input: &Input<'_>, model: &Model) -> Suit {
    let names = Names::new(input.types, input.type_map, input.has_enums);
    let input = Input { models: std::slice::from_ref(model), ..*input };
    let mut faults = Vec::new();
    let drafts = draft::drafts(&input, &names, &mut faults);
    let Some(draft) = drafts.first() else {
        return Suit { table: None, fields: Vec::new(), missing: Vec::new(), key: SuitKey::Same, faults };
    };
    let base = input.snapshot.tables.get(&draft.name);
    let missing = base.map(|base| missing(draft, base)).unwrap_or_default();
    if missing.is_empty() && faults.is_empty() {
        order::check(&drafts, input.snapshot, &mut faults);
    }
    Suit {
        table: Some(draft.name.clone()),
        fields: draft
            .columns
            .iter()
            .map(|(field, name)| self::field(field, name, base, &names, input.found))
            .collect(),
        missing,
        key: base.map_or(SuitKey::Same, |base| key(draft, base)),
        faults,
    }
}

fn missing(draft: &Draft<'_>, base: &Table) -> Vec<ColumnName> {
    let read = |column: &&ColumnName| draft.columns.iter().any(|(_, own)| own == *column);
    base.columns.keys().filter(|column| !read(column)).cloned().collect()
}

fn field(
    field: &ColumnField,
    name: &ColumnName,
    base: Option<&Table>,
    names: &Names<'_>,
    found: &Found<'_>,
) -> SuitField {
    let trouble = match base.map(|base| base.columns.get(name)) {
        None => None,
        Some(None) => Some(Trouble::NoColumn),
        Some(Some(column)) => trouble(&names.read(&field.ty), column, found),
    };
    SuitField {
        place: field.column.place.clone(),
        identifier: field.column.text.clone(),
        rust_type: field.ty.text.clone(),
        trouble,
    }
}

fn trouble(read: &Read, column: &Column, found: &Found<'_>) -> Option<Trouble> {
    let Read { nullable, fit } = read;
    match (nullable, column.nullable) {
        (true, false) => return Some(Trouble::NeverNull),
        (false, true) => return Some(Trouble::MayBeNull),
        (true, true) | (false, false) => {}
    }
    match fit {
        Err(_) => Some(Trouble::Unknown(column.sql_type.clone())),
        Ok(fit) if fit.agrees(&column.sql_type) => None,
        Ok(fit) if column.is_observed(Fact::Type) && is_taken_for(fit, &column.sql_type, found) => None,
        Ok(_) => Some(Trouble::Other(column.sql_type.clone())),
    }
}

fn key(draft: &Draft<'_>, base: &Table) -> SuitKey {
    if base.primary_key.is_empty() {
        return SuitKey::Bare;
    }
    let model = draft.model;
    let own: Vec<&ColumnName> =
        model.primary_key.iter().filter_map(|word| identifier::column(base, &word.text)).collect();
    let same = own.len() == model.primary_key.len() && own.iter().copied().eq(&base.primary_key);
    // Diesel's own `id` stands nowhere, so it has the place of the struct's name.
    let said = model.primary_key.iter().any(|word| word.place != model.ident.place);
    match (same, said) {
        (true, _) => SuitKey::Same,
        (false, true) => SuitKey::Other,
        (false, false) => {
            let seen = |column: &ColumnName| {
                let field = draft.columns.iter().find(|(_, name)| name == column);
                field.map_or_else(|| column.to_string(), |(field, _)| field.column.text.clone())
            };
            SuitKey::Unsaid(base.primary_key.iter().map(seen).collect())
        }
    }
}
