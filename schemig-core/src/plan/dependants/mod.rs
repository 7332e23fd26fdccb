//! What hangs on the tables and isn't modelled, where a plan's steps would fail on it, lose it, or make what is without it.

mod arrivals;
mod hits;

use std::collections::BTreeSet;

use super::Plan;
use crate::change::Question;
use crate::operation::Operation;
use crate::schema::{ColumnRef, Dependant, DependantKind, State, TableName};
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
        for hit in hits(operation, &start.schema) {
            let table = first_name(&hit.table, &renamed);
            let met: Vec<&Dependant> =
                known.iter().filter(|dependant| meets(dependant, &table, &hit)).collect();
            if !met.is_empty() {
                beside.questions.push(question(&hit, &table, &met));
            }
            let near: Vec<_> = known.iter().filter(|dependant| may_meet(dependant, &table, &hit)).collect();
            if !near.is_empty() {
                beside.notes.push(note(&hit, &listed(&near)));
            }
        }
        if let Operation::RenameTable { from, to } = operation {
            renamed.push((from.clone(), to.clone()));
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
    let reads = |column| dependant.reads(table, column) && !dependant.kind.goes_with_column();
    match &hit.of {
        Part::Column(column) => reads(column) || rules(dependant, table),
        Part::ColumnAnew(column) => dependant.reads(table, column) || rules(dependant, table),
        Part::Retyped(column) => {
            let holds_rows = dependant.kind == DependantKind::RowType && dependant.stands_on(table);
            reads(column) || rules(dependant, table) || holds_rows
        }
        Part::Shape(_) | Part::Renamed(_) => rules(dependant, table),
        Part::TableRenamed => false,
        Part::Dropped => dependant.stands_on(table) && !dependant.kind.goes_with_table(),
        Part::MadeAnew => dependant.stands_on(table),
        Part::Enum => dependant.names(table),
    }
}

/// Whether the table's columns aren't its own affair. An heir's own ones are, so of an heir those that it has from others are named.
fn rules(dependant: &Dependant, table: &TableName) -> bool {
    dependant.kind.rules_columns() && dependant.stands_on(table) && !dependant.names_columns_of(table)
}

/// Whether its code may read what is taken away, or it goes with the table.
fn may_meet(dependant: &Dependant, table: &TableName, hit: &Hit) -> bool {
    let stands = dependant.stands_on(table);
    match &hit.of {
        Part::Column(_) | Part::ColumnAnew(_) | Part::Retyped(_) | Part::Renamed(_) => {
            stands && dependant.kind.has_code() && !dependant.names_columns_of(table)
        }
        Part::Dropped => stands && dependant.kind.goes_with_table(),
        Part::TableRenamed => stands && dependant.kind == DependantKind::Trigger,
        Part::MadeAnew | Part::Enum | Part::Shape(_) => false,
    }
}

/// What a step does, and what may hang on it.
fn note(hit: &Hit, listed: &str) -> String {
    let Hit { table, of, what } = hit;
    match of {
        Part::Column(column) | Part::ColumnAnew(column) | Part::Retyped(column) | Part::Shape(column) => {
            format!("{table}.{column} {what}: see that it isn't read by {listed}")
        }
        Part::Renamed(column) => {
            format!("{table}.{column} {what}: see that it isn't read by the old one by {listed}")
        }
        Part::TableRenamed => format!("{table} {what}: see that it isn't read by the old one by {listed}"),
        Part::Dropped | Part::MadeAnew | Part::Enum => format!("{table} {what}, and with it {listed}"),
    }
}

/// Dependants in words: what they are once, and then their names.
pub(super) fn listed(all: &[&Dependant]) -> String {
    let mut last = None;
    let each = all.iter().map(|dependant| {
        let of_kind = last.replace(dependant.kind) == Some(dependant.kind);
        if of_kind { dependant.name.clone() } else { dependant.to_string() }
    });
    each.collect::<Vec<_>>().join(", ")
}

fn question(hit: &Hit, first: &TableName, met: &[&Dependant]) -> Question {
    let Hit { table, of, what } = hit;
    let (subject, column) = match of {
        Part::Column(column)
        | Part::ColumnAnew(column)
        | Part::Retyped(column)
        | Part::Shape(column)
        | Part::Renamed(column) => (format!("{table}.{column}"), Some(ColumnRef::new(first, column))),
        Part::Dropped | Part::MadeAnew | Part::TableRenamed => (table.to_string(), None),
        Part::Enum => (format!("enum {table}"), None),
    };
    let listed = met.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let ruled = met.iter().any(|dependant| rules(dependant, first));
    let (condition, effect, answers) = if ruled {
        (
            format!("{subject} {what}, and the columns of {table} aren't its own: {listed}"),
            "the server would refuse the step, or do the same to other tables, whose models know nothing of it",
            vec![
                "write a migration that does it to all of them; when it has run, change the models, and have the snapshot know it: \
                     cargo schemig status --database-url URL --accept"
                .to_owned(),
                format!(
                    "or write one that ends it ({listed}), and take its entry out of schemig/dependants.toml"
                ),
            ],
        )
    } else {
        (
            format!("{subject} {what}, and the database has what reads it: {listed}"),
            "the server would refuse the step, or the other would be lost with it; schemig doesn't know what it is for",
            vec![
                format!(
                    "write a migration that drops {listed}, or makes it without {subject}, and have it run before this plan's"
                ),
                "then take its entry out of schemig/dependants.toml".into(),
                format!("keep {subject} as it is"),
            ],
        )
    };
    Question { table: table.clone(), column, condition, effect: effect.into(), answers }
}

#[cfg(test)]
mod tests;
