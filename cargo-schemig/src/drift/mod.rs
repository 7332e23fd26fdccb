//! A database beside what schemig knows of it: what somebody changed by hand, and what would bring either in line.

mod align;
mod domains;
mod words;

use std::collections::BTreeSet;

use schemig_core::change::{Question, diff};
use schemig_core::dialect::Dialect;
use schemig_core::plan::{PlanId, Request, plan};
use schemig_core::schema::{ColumnRef, Dependant, DependantKind, Domains, Hints, Schema, State, TableName};

use crate::database::Connection;
use crate::introspect::{Introspected, invalid};
pub use domains::other_domains;

/// How a database differs from what it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What would have to be done to the database, in words, a line each.
    pub changes: Vec<String>,
    /// The statements that do it, in order; none where no way is safe without more words.
    pub sql: Option<String>,
    /// Indexes and constraints that don't hold, a line each.
    pub unproved: Vec<String>,
    /// Views, triggers and the like that have come or gone, a line each.
    pub beside: Vec<String>,
}

impl Drift {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        let Self { changes, sql: _, unproved, beside } = self;
        changes.is_empty() && unproved.is_empty() && beside.is_empty()
    }
}

/// What a database should hold.
pub struct Expected {
    /// With the migrations that have run.
    pub state: State,
    /// When those that are pending have run too: a label stays when the migration that brought it is taken back.
    pub coming: Schema,
}

/// What is there, with what stands beside the tables.
pub struct Found {
    /// The tables, read back.
    pub introspected: Introspected,
    /// The rest.
    pub dependants: BTreeSet<Dependant>,
    /// Which types are domains.
    pub domains: Domains,
}

/// Compares what a database should be with what it is. Expressions are compared as the server words them; to have it do so, they are tried
/// on a temporary table that is gone at once.
pub fn drift(
    expected: &Expected,
    known: &BTreeSet<Dependant>,
    found: &Found,
    connection: &mut Connection,
    dialect: &dyn Dialect,
) -> Drift {
    let Expected { state: expected, coming } = expected;
    let mut is = align::aligned(&found.introspected.schema, &expected.schema, connection, dialect);
    align::leave_labels(&mut is, &expected.schema, coming);
    let (changes, sql) = compared(&is, &expected.schema, dialect);
    Drift {
        changes,
        sql,
        unproved: unproved(expected, &found.introspected),
        beside: beside(expected, known, &found.dependants, &dialect.own_triggers(expected)),
    }
}

/// The changes from what is to what should be, and the statements. Nothing is taken for a rename.
fn compared(is: &Schema, should: &Schema, dialect: &dyn Dialect) -> (Vec<String>, Option<String>) {
    let difference = match diff(is, should, &no_renames(is, should), &[], false) {
        Ok(difference) => difference,
        Err(questions) => return (questions.into_iter().map(words_of).collect(), None),
    };
    let changes: Vec<String> = difference.changes.iter().map(ToString::to_string).collect();
    if changes.is_empty() {
        return (changes, None);
    }
    let mut state = State::at_rest(is.clone());
    let request = Request {
        id: PlanId("drift".to_owned()),
        parents: Vec::new(),
        physical: &state,
        from: is,
        to: should,
        difference: &difference,
        open: &[],
        overlap: false,
        capabilities: dialect.capabilities(),
    };
    let Ok(plan) = plan(&request) else { return (changes, None) };
    let mut sql = String::new();
    for step in &plan.steps {
        sql.push_str(&dialect.render(&step.up, &state).sql);
        for operation in &step.up {
            if state.apply(operation).is_err() {
                return (changes, None);
            }
        }
    }
    (changes, Some(sql))
}

fn words_of(question: Question) -> String {
    question.condition
}

/// Every column and table that the one has and the other hasn't is really new.
fn no_renames(is: &Schema, should: &Schema) -> Hints {
    let mut hints = Hints::default();
    for (name, table) in &should.tables {
        let Some(old) = is.tables.get(name) else {
            hints.table_renames.insert(name.clone(), None);
            continue;
        };
        for column in table.columns.keys().filter(|column| !old.columns.contains_key(*column)) {
            hints.column_renames.insert(ColumnRef::new(name, column), None);
        }
    }
    hints
}

/// What doesn't hold and no plan that is under way explains.
fn unproved(expected: &State, found: &Introspected) -> Vec<String> {
    let Introspected { schema: _, invalid_indexes, unvalidated, unmodelled: _ } = found;
    let building = |at: &_| expected.in_flight.indexes.contains_key(at);
    let waiting = |at: &_| expected.in_flight.unvalidated.contains_key(at);
    let indexes =
        invalid_indexes.iter().filter(|at| !building(at)).map(|(table, index)| invalid(table, index));
    let constraints = unvalidated.iter().filter(|at| !waiting(at));
    indexes
        .chain(
            constraints.map(|(table, name)| {
                format!("{name} of {table} is NOT VALID: rows from before may break it")
            }),
        )
        .collect()
}

/// A trigger's name, or a function's, without its schema, its table and its arguments.
fn bare(dependant: &Dependant) -> &str {
    let Dependant { kind: _, name, .. } = dependant;
    let name = name.split_once(" of ").map_or(name.as_str(), |(name, _)| name);
    let name = name.split_once('(').map_or(name, |(name, _)| name);
    name.rsplit_once('.').map_or(name, |(_, name)| name).trim_matches('"')
}

/// What stands beside the tables and wasn't there, or isn't any more. The views and triggers that a plan under way has made are its own; so is
/// what a table took with it that a plan has dropped, and what default privileges give on one that came.
fn beside(
    expected: &State,
    known: &BTreeSet<Dependant>,
    found: &BTreeSet<Dependant>,
    triggers: &BTreeSet<String>,
) -> Vec<String> {
    let tables = &expected.schema.tables;
    let (known, found) = (
        &only(known, |one, table| !one.kind.goes_with_table() || tables.contains_key(table)),
        &only(found, |one, table| !comes_by_default(one, table, known, found)),
    );
    let own = |dependant: &Dependant| {
        expected.in_flight.views.keys().any(|view| view.to_string() == dependant.name)
            || triggers.contains(bare(dependant))
    };
    let has = |all: &BTreeSet<Dependant>, one: &Dependant| {
        all.iter().any(|other| (other.kind, &other.name) == (one.kind, &one.name))
    };
    let come = found.iter().filter(|one| !has(known, one) && !own(one)).map(|one| format!("{one} is new"));
    let gone = known.iter().filter(|one| !has(found, one)).map(|one| format!("{one} is gone"));
    let other = known.iter().filter(|one| has(found, one) && !found.contains(one));
    let stands = |trigger: &&String| {
        found.iter().any(|one| one.kind == DependantKind::Trigger && bare(one) == trigger.as_str())
    };
    let missing = triggers.iter().filter(|trigger| !stands(trigger));
    let missing = missing.map(|trigger| format!("trigger {trigger}, which a plan under way needs, is gone"));
    come.chain(gone)
        .chain(missing)
        .chain(other.map(|one| format!("{one} is about other tables or columns than it was")))
        .collect()
}

/// Without the tables that don't count, and without what stands on no other.
fn only(all: &BTreeSet<Dependant>, counts: impl Fn(&Dependant, &TableName) -> bool) -> BTreeSet<Dependant> {
    let kept = all.iter().filter_map(|one| {
        let mut kept = one.clone();
        kept.tables.retain(|table| counts(one, table));
        kept.columns.retain(|at| counts(one, &at.table));
        (one.tables.is_empty() || !kept.tables.is_empty()).then_some(kept)
    });
    kept.collect()
}

/// Whether these are grants that default privileges give, on a table that had none.
fn comes_by_default(
    one: &Dependant,
    table: &TableName,
    known: &BTreeSet<Dependant>,
    found: &BTreeSet<Dependant>,
) -> bool {
    let grants = |other: &Dependant| other.kind == DependantKind::Grants;
    let given = format!(": {}", one.name);
    let gives =
        |other: &Dependant| other.kind == DependantKind::DefaultPrivileges && other.name.ends_with(&given);
    grants(one)
        && !known.iter().any(|other| grants(other) && other.stands_on(table))
        && found.iter().any(gives)
}
