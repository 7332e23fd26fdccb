//! What hangs on the tables and isn't modelled, where a plan's steps would fail on it, lose it, or make what is without it.

mod arrivals;
mod hits;

use std::collections::BTreeSet;

use super::Plan;
use crate::change::Question;
use crate::operation::Operation;
use crate::schema::{ColumnRef, Dependant, State, TableName};
use arrivals::arrivals;
use hits::{Hit, Part, hits};

/// What is to be said of a plan beside what isn't modelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Where a step would fail, or take something away that isn't schemig's.
    pub questions: Vec<Question>,
    /// Where something may be in the way that only a person can look into.
    pub notes: Vec<String>,
}

/// Holds a plan against what the database has beside its tables.
pub fn dependants(plan: &Plan, start: &State, known: &BTreeSet<Dependant>) -> Beside {
    let mut beside = Beside::default();
    if known.is_empty() {
        return beside;
    }
    // What stands there is known by the names of the start.
    let mut renamed: Vec<(TableName, TableName)> = Vec::new();
    for operation in plan.steps.iter().flat_map(|step| &step.up) {
        if let Operation::RenameTable { from, to } = operation {
            renamed.push((from.clone(), to.clone()));
        }
        for hit in hits(operation, &start.schema) {
            let table = first_name(&hit.table, &renamed);
            let met: Vec<&Dependant> =
                known.iter().filter(|dependant| meets(dependant, &table, &hit)).collect();
            if !met.is_empty() {
                beside.questions.push(question(&hit, &table, &met));
            }
            let near = known.iter().filter(|dependant| may_meet(dependant, &table, &hit));
            beside.notes.extend(near.map(|dependant| note(&hit, dependant)));
        }
        let first = first_name(operation.table(), &renamed);
        beside.notes.extend(arrivals(operation, &first, &start.schema, known));
    }
    beside.questions.dedup();
    let mut said = BTreeSet::new();
    beside.notes.retain(|note| said.insert(note.clone()));
    beside
}

fn first_name(table: &TableName, renamed: &[(TableName, TableName)]) -> TableName {
    let step =
        |name: TableName, (from, to): &(TableName, TableName)| if *to == name { from.clone() } else { name };
    renamed.iter().rev().fold(table.clone(), step)
}

/// Whether the server would refuse, or the table that is made anew would be without it.
fn meets(dependant: &Dependant, table: &TableName, hit: &Hit) -> bool {
    match &hit.of {
        Part::Column(column) => dependant.reads(table, column) && !dependant.kind.goes_with_column(),
        Part::ColumnAnew(column) => dependant.reads(table, column),
        Part::Dropped => dependant.stands_on(table) && !dependant.kind.goes_with_table(),
        Part::MadeAnew => dependant.stands_on(table),
        Part::Enum => dependant.names(table),
    }
}

/// Whether its code may read what is taken away, or it goes with the table.
fn may_meet(dependant: &Dependant, table: &TableName, hit: &Hit) -> bool {
    let stands = dependant.stands_on(table);
    match &hit.of {
        Part::Column(_) | Part::ColumnAnew(_) => {
            stands && dependant.kind.has_code() && !dependant.names_columns_of(table)
        }
        Part::Dropped => stands && dependant.kind.goes_with_table(),
        Part::MadeAnew | Part::Enum => false,
    }
}

fn note(hit: &Hit, dependant: &Dependant) -> String {
    let Hit { table, of, what } = hit;
    match of {
        Part::Column(column) | Part::ColumnAnew(column) => {
            format!("{table}.{column} {what}: see that {dependant} doesn't read it")
        }
        Part::Dropped | Part::MadeAnew | Part::Enum => format!("{table} {what}, and {dependant} with it"),
    }
}

fn question(hit: &Hit, first: &TableName, met: &[&Dependant]) -> Question {
    let Hit { table, of, what } = hit;
    let (subject, column) = match of {
        Part::Column(column) | Part::ColumnAnew(column) => {
            (format!("{table}.{column}"), Some(ColumnRef::new(first, column)))
        }
        Part::Dropped | Part::MadeAnew => (table.to_string(), None),
        Part::Enum => (format!("enum {table}"), None),
    };
    let listed = met.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Question {
        table: table.clone(),
        column,
        condition: format!("{subject} {what}, and the database has what reads it: {listed}"),
        effect: "the server would refuse the step, or the other would be lost with it; schemig doesn't know what it is for".into(),
        answers: vec![
            format!("write a migration that drops {listed}, or makes it without {subject}, and have it run before this plan's"),
            "then take its entry out of schemig/dependants.toml".into(),
            format!("keep {subject} as it is"),
        ],
    }
}

#[cfg(test)]
mod tests;
