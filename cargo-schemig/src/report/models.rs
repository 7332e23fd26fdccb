//! The tables of a database beside the structs of a crate: which is the model of which.

use serde::Serialize;

/// A table, and its model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelRow {
    /// The table.
    pub table: String,
    /// Whether it has a model.
    pub standing: Standing,
    /// The struct that is its model, or is to be.
    pub model: Option<StructRow>,
    /// What is written beside the derive.
    pub needs: Vec<String>,
    /// The other structs that name the table.
    pub others: Vec<StructRow>,
}

/// Whether a table has a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A struct derives `Migratable`.
    Declared,
    /// A struct is to derive it.
    Proposed,
    /// Several structs could, and a person has to choose.
    Undecided,
    /// No struct can: the table stays as it was observed.
    Observed,
    /// No struct derives it any more, and one did: `diff` drops the table.
    Lost,
}

/// A struct, and why it is a model or isn't.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StructRow {
    /// Its name.
    pub name: String,
    /// Its file and line.
    pub place: String,
    /// Why, in a clause.
    pub why: String,
}

impl ModelRow {
    /// The table in a line, and what belongs to it in lines below.
    pub(super) fn lines(&self) -> (String, Vec<String>) {
        let Self { table, standing, model, needs, others } = self;
        let named = model.as_ref().map(StructRow::words).unwrap_or_default();
        let none = if others.is_empty() { "no struct names it" } else { "no struct can be its model" };
        let head = match standing {
            Standing::Declared | Standing::Proposed => format!("{table}: {named}"),
            Standing::Undecided => {
                format!(
                    "{table}: several structs could be its model; derive schemig::Migratable on one of them"
                )
            }
            Standing::Observed => format!("{table}: {none}; it stays observed, and is never dropped"),
            Standing::Lost => {
                format!("{table}: {none}; one derived Migratable, so that diff drops the table")
            }
        };
        let needs = needs.iter().map(|need| format!("with {need}"));
        (head, needs.chain(others.iter().map(|other| format!("not {}", other.words()))).collect())
    }
}

impl StructRow {
    fn words(&self) -> String {
        let Self { name, place, why } = self;
        format!("{name} ({place}) {why}")
    }
}
