//! Whether a struct could be the model of its table, and what it would need for that.

use std::collections::BTreeMap;

use schemig_core::capture::{Fault, Input, Model, Suit, SuitField, SuitKey, Trouble, suit};
use schemig_core::schema::{Column, Provenance, Schema, SqlType, TableName};

use super::Ground;
use crate::capture;
use crate::scan::{self, Candidate, READS};

/// A struct, judged.
pub struct Judged<'a> {
    /// The struct.
    pub candidate: &'a Candidate,
    /// The table that it names, as far as that can be told.
    pub table: Option<TableName>,
    /// What has to be written beside the derive.
    pub repairs: Vec<Repair>,
    /// Why it can't be a model. Empty: it reads the whole table.
    pub reasons: Vec<String>,
}

/// What has to be written beside the derive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The SQL type of a field.
    SqlType {
        /// A byte of the field.
        at: usize,
        /// The column as Diesel sees it.
        column: String,
        /// The field's Rust type.
        rust_type: String,
        /// The type.
        sql_type: SqlType,
        /// Whether it is an enum, so that there is another way.
        is_enum: bool,
    },
    /// The primary key, where it isn't `id`.
    PrimaryKey(Vec<String>),
}

/// A table's structs.
pub struct OfTable<'a> {
    /// Its model.
    pub models: Models<'a>,
    /// Its other structs.
    pub others: Vec<&'a Judged<'a>>,
    /// How many columns it has.
    pub columns: usize,
    /// Whether a model declared any of it.
    pub was_declared: bool,
}

/// Which struct is a table's model.
pub enum Models<'a> {
    /// This one, already.
    Declared(&'a Model),
    /// This one could be.
    Proposed(&'a Judged<'a>),
    /// More than one could be.
    Several,
    /// None could be.
    None,
}

/// Judges all candidates, in their order.
pub fn judge<'a>(input: &Input<'_>, candidates: &'a [Candidate]) -> Vec<Judged<'a>> {
    candidates.iter().map(|candidate| one(input, candidate)).collect()
}

fn one<'a>(input: &Input<'_>, candidate: &'a Candidate) -> Judged<'a> {
    let mut reasons: Vec<String> = not_reading(&candidate.derives).into_iter().collect();
    let model = match &candidate.model {
        Ok(model) => model,
        Err(faults) => {
            reasons.extend(messages(faults));
            return Judged { candidate, table: None, repairs: Vec::new(), reasons };
        }
    };
    let suit = suit(input, model);
    let mut repairs = Vec::new();
    if reasons.is_empty() {
        reasons = shortcomings(&suit, candidate, input.snapshot, &mut repairs);
    }
    Judged { candidate, table: suit.table, repairs, reasons }
}

/// Why a struct that reads no columns isn't a model.
fn not_reading(derives: &[String]) -> Option<String> {
    let has = |word: &str| derives.iter().any(|derive| derive == word);
    if READS.into_iter().any(has) {
        return None;
    }
    let does = match (has("Insertable"), has("AsChangeset"), has("QueryableByName")) {
        (true, true, _) => "only inserts and changes rows",
        (true, false, _) => "only inserts rows",
        (false, true, _) => "only changes rows",
        (false, false, true) => "reads what a query in SQL gives",
        (false, false, false) => "names a row and reads no column",
    };
    Some(does.to_owned())
}

/// What a struct that reads columns lacks; what can be written is added to the repairs.
fn shortcomings(
    suit: &Suit,
    candidate: &Candidate,
    snapshot: &Schema,
    repairs: &mut Vec<Repair>,
) -> Vec<String> {
    let Suit { table, fields, missing, key, faults } = suit;
    let mut reasons: Vec<String> = messages(faults).collect();
    let Some(table) = table.as_ref().and_then(|table| snapshot.tables.get(table)) else { return reasons };
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(|column| format!("`{column}`")).collect();
        let read = table.columns.len() - missing.len();
        reasons.push(format!(
            "reads {read} of {} columns, and lacks {}",
            table.columns.len(),
            missing.join(", ")
        ));
        if !candidate.computed.is_empty() {
            let computed = candidate.computed.join("`, `");
            reasons.push(format!("`{computed}` is a select_expression, which is no column"));
        }
    }
    for field in fields {
        reasons.extend(lacking(field, candidate, snapshot, repairs));
    }
    match key {
        SuitKey::Same => {}
        SuitKey::Unsaid(columns) => repairs.push(Repair::PrimaryKey(columns.clone())),
        SuitKey::Other => reasons.push("has another primary key than the table".to_owned()),
        SuitKey::Bare => {
            reasons.push("has a table without a primary key, which can't be a model's".to_owned())
        }
    }
    reasons
}

/// Why a field doesn't read its column, if nothing can be written about it.
fn lacking(
    field: &SuitField,
    candidate: &Candidate,
    snapshot: &Schema,
    repairs: &mut Vec<Repair>,
) -> Option<String> {
    let SuitField { place, identifier, rust_type, trouble } = field;
    let sql_type = match trouble.as_ref()? {
        Trouble::NoColumn => return Some(format!("has a field for `{identifier}`, which is no column")),
        Trouble::NeverNull => {
            return Some(format!("reads `{identifier}` as `{rust_type}`, and the column is never NULL"));
        }
        Trouble::MayBeNull => {
            return Some(format!("reads `{identifier}` as `{rust_type}`, and the column may be NULL"));
        }
        Trouble::Unknown(sql_type) | Trouble::Other(sql_type) => sql_type,
    };
    let at = place.bytes().start;
    let own = place.file == candidate.place.file
        && candidate.anchors.fields.iter().any(|(whole, _)| whole.contains(&at));
    if !own {
        return Some(format!(
            "embeds `{identifier}`, whose type `{rust_type}` needs a line in the type map of schemig.toml: \
             {rust_type} = \"{sql_type}\""
        ));
    }
    repairs.push(Repair::SqlType {
        at,
        column: identifier.clone(),
        rust_type: rust_type.clone(),
        sql_type: sql_type.clone(),
        is_enum: snapshot.enum_of(sql_type).is_some(),
    });
    None
}

fn messages(faults: &[Fault]) -> impl Iterator<Item = String> {
    faults.iter().map(|fault| match &fault.help {
        Some(help) => format!("can't be a model: {} ({help})", fault.message),
        None => format!("can't be a model: {}", fault.message),
    })
}

/// The tables of the snapshot, each with its structs.
pub fn by_table<'a>(
    judged: &'a [Judged<'a>],
    ground: &Ground<'_>,
    found: &'a scan::Capture,
) -> BTreeMap<TableName, OfTable<'a>> {
    let declared = declared(ground, found);
    let tables = ground.schema.tables.iter().map(|(name, table)| {
        let of_table = judged.iter().filter(|judged| judged.table.as_ref() == Some(name));
        let (whole, others): (Vec<_>, Vec<_>) = of_table.partition(|judged| judged.reasons.is_empty());
        let (models, others) = match (declared.get(name), whole.as_slice()) {
            (Some(model), _) => (Models::Declared(model), Vec::new()),
            (None, []) => (Models::None, others),
            (None, [only]) => (Models::Proposed(only), others),
            (None, [..]) => (Models::Several, whole.into_iter().chain(others).collect()),
        };
        let declares = |column: &Column| column.provenance == Provenance::Declared;
        let was_declared = table.columns.values().any(declares);
        (name.clone(), OfTable { models, others, columns: table.columns.len(), was_declared })
    });
    tables.collect()
}

/// The models that there are, by their tables.
fn declared<'a>(ground: &Ground<'_>, found: &'a scan::Capture) -> BTreeMap<TableName, &'a Model> {
    capture::with_input(ground.project, ground.schema, found, |input| {
        let models = found.models.iter();
        models.filter_map(|model| Some((suit(input, model).table?, model))).collect()
    })
}
