//! What the traffic of all releases has in common: who calls what how, which columns want values of their own, what is looked up where.

use std::collections::{BTreeMap, BTreeSet};

use schemig_core::change::Change;
use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::plan::Plan;
use schemig_core::safety::named_tables;
use schemig_core::schema::{ColumnName, ColumnRef, Schema, Source, Table, TableName};

use super::{Kind, Release, Side, Spelling};
use crate::verify::renames::Renames;
use crate::verify::rows::lookups;

/// The way from the oldest release that runs to N.
pub struct Course<'a> {
    /// How the server spells things.
    pub dialect: &'a dyn Dialect,
    /// The same, of names and binds.
    pub spelling: &'static Spelling,
    /// The releases, the oldest first; the last is N.
    pub releases: &'a [Schema],
    /// What changes from each release to the next: one fewer than releases.
    pub changes: Vec<&'a [Change]>,
    /// The schemas of all states on the way.
    pub states: Vec<&'a Schema>,
    /// What the steps do.
    pub operations: Vec<&'a Operation>,
    /// The tables that the traffic is about; `None` for all of them.
    pub tables: Option<Concerned>,
}

/// The tables that something is done to. What is done to any other, no step can be in the way of.
#[derive(Clone, Debug)]
pub struct Concerned {
    /// Those that change, or that values or rows come from.
    changed: BTreeSet<TableName>,
    /// Those that a foreign key ties to one of them: their rows come and go, and none of their columns is another than it was.
    tied: BTreeSet<TableName>,
}

impl Concerned {
    fn is_about(&self, table: &TableName, kind: &Kind) -> bool {
        let Self { changed, tied } = self;
        let plain = [Kind::Select, Kind::Find, Kind::Insert, Kind::Update, Kind::Delete];
        changed.contains(table) || (tied.contains(table) && plain.contains(kind))
    }
}

impl Course<'_> {
    /// A release, by its place.
    pub fn release(&self, place: usize) -> Release<'_> {
        let Self { dialect, spelling, releases, .. } = self;
        let side = match (place, place + 1 == releases.len()) {
            (_, true) => Side::Newest,
            (0, false) => Side::Oldest,
            (_, false) => Side::Between,
        };
        Release { schema: &releases[place], side, dialect: *dialect, spelling }
    }

    /// The tables that plans change, under all their names, and those that hang on them.
    pub fn concerned(&self, plans: &[Plan]) -> Concerned {
        let schemas = || self.states.iter().copied().chain(self.releases);
        let mut changed: BTreeSet<TableName> =
            plans.iter().flat_map(|plan| plan.tables.keys().cloned()).collect();
        for name in plans.iter().flat_map(|plan| plan.enums.keys()) {
            changed
                .extend(schemas().flat_map(|schema| schema.users_of(name)).map(|(table, _)| table.clone()));
        }
        changed.extend(self.operations.iter().flat_map(|operation| named_tables(operation)).cloned());
        let mut tied = BTreeSet::new();
        for (table, known) in schemas().flat_map(|schema| &schema.tables) {
            let others = known.foreign_keys.values().map(|key| &key.references);
            tied.extend(others.clone().filter(|_| changed.contains(table)).cloned());
            tied.extend(others.filter(|other| changed.contains(*other)).map(|_| table.clone()));
        }
        Concerned { changed, tied }
    }

    /// Whether the traffic has such statements on a table.
    pub fn is_about(&self, table: &TableName, kind: &Kind) -> bool {
        self.tables.as_ref().is_none_or(|tables| tables.is_about(table, kind))
    }

    /// Which columns are filled from another table.
    pub fn lookups(&self) -> Vec<(ColumnRef, Source)> {
        lookups(self.operations.iter().copied())
    }

    /// A release's columns as the last release that has them calls them.
    pub fn names(&self, place: usize) -> BTreeMap<ColumnRef, ColumnRef> {
        let mut names = BTreeMap::new();
        for (table, known) in &self.releases[place].tables {
            for column in known.columns.keys() {
                let own = ColumnRef::new(table, column);
                let mut last = own.clone();
                for changes in self.changes.iter().skip(place) {
                    match Renames(changes).column(&last.table, &last.column) {
                        Some((table, column)) => last = ColumnRef { table, column },
                        None => break,
                    }
                }
                names.insert(own, last);
            }
        }
        names
    }

    /// The columns of a release of which a key wants a value of its own for each row, in any state and under any name.
    pub fn distinct(&self, place: usize) -> BTreeSet<ColumnRef> {
        self.wanted(place, Table::keeps_apart)
    }

    /// Those of them in which NULL isn't a value of its own: to the key, NULL is like NULL.
    pub fn alike_nulls(&self, place: usize) -> BTreeSet<ColumnRef> {
        self.wanted(place, |table, column| {
            table.indexes.values().any(|index| index.nulls_not_distinct && index.reads(column))
        })
    }

    fn wanted(&self, place: usize, is_keyed: impl Fn(&Table, &ColumnName) -> bool) -> BTreeSet<ColumnRef> {
        let mut keyed: BTreeSet<ColumnRef> = BTreeSet::new();
        for schema in self.states.iter().copied().chain(self.releases) {
            for (table, known) in &schema.tables {
                let unique = known.columns.keys().filter(|column| is_keyed(known, column));
                keyed.extend(unique.map(|column| ColumnRef::new(table, column)));
            }
        }
        let mut called: BTreeMap<ColumnRef, BTreeSet<ColumnRef>> = BTreeMap::new();
        for other in 0..self.releases.len() {
            for (own, last) in self.names(other) {
                called.entry(last.clone()).or_default().extend([own, last]);
            }
        }
        // A source's value is as unique as the column that it fills.
        let filled: BTreeMap<ColumnRef, ColumnRef> = self
            .lookups()
            .into_iter()
            .map(|(at, source)| (ColumnRef::new(&source.table, &source.value), at))
            .collect();
        let wants = |own: &ColumnRef, last: &ColumnRef| {
            let names = called.get(last).into_iter().flatten().chain([own]);
            names.into_iter().any(|name| keyed.contains(name))
                || filled.get(own).is_some_and(|filled| keyed.contains(filled))
        };
        self.names(place).into_iter().filter(|(own, last)| wants(own, last)).map(|(own, _)| own).collect()
    }
}
