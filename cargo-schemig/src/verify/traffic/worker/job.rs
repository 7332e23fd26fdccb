//! What a worker can be told to do.

use std::collections::BTreeMap;
use std::fmt;
use std::mem::{Discriminant, discriminant};

use schemig_core::plan::Promise;
use schemig_core::safety::{Fit, Misfit};
use schemig_core::schema::{ColumnRef, Source, TableName};

use crate::verify::traffic::statement::set;
use crate::verify::traffic::{Arbiter, Course, Kind, Statement};

/// A statement, or several in one transaction.
#[derive(Clone)]
pub struct Job {
    pub(super) what: What,
    pub(super) statements: Vec<Statement>,
    /// Inserts of parents that the rows may need first.
    before: Vec<Statement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// One statement.
    Alone,
    /// A new row, then its sources.
    SignUp,
    /// Another value in a source, by the lookup's place.
    Move(usize),
    /// Its sources, then a row.
    Leave,
}

/// What a job does, whichever release does it: for each statement its kind, the key that it names, and the column that it is about, or
/// the first of its table.
#[derive(PartialEq)]
pub struct Deed(Vec<(Discriminant<Kind>, Option<Arbiter>, ColumnRef)>);

impl Job {
    /// One statement by itself.
    pub(super) fn alone(statement: Statement) -> Self {
        Self::of(What::Alone, vec![statement])
    }

    fn of(what: What, statements: Vec<Statement>) -> Self {
        Self { what, statements, before: Vec::new() }
    }

    /// The same with the inserts of parents that its rows need.
    pub(super) fn with_parents(self, inserts: impl Fn(&TableName) -> Vec<Statement>) -> Self {
        let new = self.statements.iter().filter(|statement| statement.inserts());
        let before = new.flat_map(|statement| inserts(&statement.known.name)).collect();
        Self { before, ..self }
    }

    /// Whether it is about a table that the course is about.
    pub(super) fn is_of(&self, course: &Course<'_>) -> bool {
        self.statements.iter().any(|statement| course.is_about(&statement.known.name, &statement.kind))
    }

    /// What it does, by the names that the last release has for things: so the jobs of several releases can be told to be one.
    pub fn deed(&self, names: &BTreeMap<ColumnRef, ColumnRef>) -> Deed {
        let each = self.statements.iter().map(|Statement { known, kind, .. }| {
            let (column, arbiter) = match kind {
                Kind::InsertWithout(column)
                | Kind::InsertNull(column)
                | Kind::UpdateNull(column)
                | Kind::Set(column) => (column, None),
                Kind::Upsert(arbiter) | Kind::InsertOrIgnore(arbiter) => {
                    (&known.fields[0].name, Some(arbiter.clone()))
                }
                Kind::Select
                | Kind::Find
                | Kind::Insert
                | Kind::InsertLeast
                | Kind::Update
                | Kind::Delete => (&known.fields[0].name, None),
            };
            let own = ColumnRef::new(&known.name, column);
            (discriminant(kind), arbiter, names.get(&own).cloned().unwrap_or(own))
        });
        Deed(each.collect())
    }

    /// Its statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether the release, doing this, keeps all of these.
    pub fn keeps<'a>(&self, promises: impl IntoIterator<Item = &'a Promise>) -> bool {
        let whole = self.what != What::Alone;
        let asked: Vec<&Promise> = promises
            .into_iter()
            .filter(|promise| {
                let paired = matches!(
                    promise,
                    Promise::WritesBothInOneTransaction { .. } | Promise::WritesTheSourceToo { .. }
                );
                !(whole && paired)
            })
            .collect();
        self.statements.iter().all(|statement| statement.keeps(asked.iter().copied()))
    }

    /// Whether it has to work for a release that fits so, reads and writes.
    pub fn has_to_work(&self, fits: &[Fit; 2]) -> bool {
        let lets = |fit: &Fit| match fit {
            Fit::Fits => true,
            Fit::FitsIf(promises) => self.keeps(promises),
            Fit::Breaks(_) => false,
        };
        let [reads, writes] = fits;
        lets(reads) && (lets(writes) || !self.statements.iter().any(Statement::writes))
    }

    /// Whether a misfit of the release says that this fails, or is answered wrongly.
    pub fn predicted_by(&self, misfit: &Misfit) -> bool {
        self.statements.iter().chain(&self.before).any(|statement| statement.predicted_by(misfit))
    }
}

/// What is done in one transaction: for each table with columns that are looked up elsewhere, as far as the release writes both.
pub(super) fn flows(lookups: &[(ColumnRef, Source)], statements: &[Statement]) -> Vec<Job> {
    let find = |table: &TableName, kind: &Kind| {
        let found = statements.iter().find(|one| one.known.name == *table && one.kind == *kind);
        found.cloned()
    };
    let mut jobs = Vec::new();
    let mut tables: Vec<&TableName> = lookups.iter().map(|(at, _)| &at.table).collect();
    tables.dedup();
    for table in tables {
        let of_table = || lookups.iter().filter(|(at, _)| at.table == *table);
        let all =
            |kind: &Kind| of_table().map(|(_, source)| find(&source.table, kind)).collect::<Option<Vec<_>>>();
        if let (Some(insert), Some(sources)) = (find(table, &Kind::Insert), all(&Kind::Insert)) {
            jobs.push(Job::of(What::SignUp, [vec![insert], sources].concat()));
        }
        if let (Some(delete), Some(sources)) = (find(table, &Kind::Delete), all(&Kind::Delete)) {
            jobs.push(Job::of(What::Leave, [sources, vec![delete]].concat()));
        }
    }
    for (place, (at, source)) in lookups.iter().enumerate() {
        let Some(update) = find(&source.table, &Kind::Update) else { continue };
        let known = statements.iter().find(|one| one.known.name == at.table).map(|one| one.known.clone());
        let set = known.and_then(|known| set(&known, &at.column));
        jobs.push(Job::of(What::Move(place), [Some(update), set].into_iter().flatten().collect()));
    }
    jobs
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = &self.statements[0];
        match self.what {
            What::Alone => write!(f, "{} of {}", first.kind, first.known.name),
            What::SignUp => write!(f, "a new row of {} with its source", first.known.name),
            What::Move(_) => write!(f, "another value in {}", first.known.name),
            What::Leave => {
                let last = &self.statements[self.statements.len() - 1];
                write!(f, "a row of {} deleted with its source", last.known.name)
            }
        }
    }
}
