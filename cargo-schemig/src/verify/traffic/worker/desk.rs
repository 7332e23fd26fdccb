//! What a worker has at hand for one table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemig_core::schema::{ColumnName, ColumnRef, Table, TableName};

use crate::verify::dice::Dice;
use crate::verify::traffic::ledger::{Key, Ledger, Wrong, is_same};
use crate::verify::traffic::{Course, Kind, Known, Row, Slot, Statement, Value};

/// How many standing rows a worker looks at.
pub(super) const POOL: i64 = 200;

/// One table of a worker's release.
pub(super) struct Desk {
    pub known: Arc<Known>,
    /// Reads the newest rows.
    pub select: Statement,
    /// Inserts a whole row.
    pub insert: Statement,
    /// For each field: what the last release that has it calls it.
    pub names: Vec<ColumnRef>,
    /// The fields that tell rows apart for all releases.
    pub marks: Vec<usize>,
    /// For each field: whether a key wants a value of its own for each row.
    pub distinct: Vec<bool>,
    /// For each field: whether that key holds NULL to be like NULL.
    pub alike_nulls: Vec<bool>,
    /// Whether the table has checks.
    pub is_checked: bool,
    /// The parents of which each row needs its own.
    pub parents: Vec<Parent>,
    /// Rows that stood when the release came. Nobody deletes them.
    pub pool: Vec<Row>,
    /// Rows that this worker wrote and may change.
    pub own: Vec<Row>,
}

/// A parent that no two rows share.
#[derive(Clone)]
pub(super) struct Parent {
    /// The fields that refer.
    pub columns: Vec<usize>,
    /// Whom they refer to.
    pub table: TableName,
    /// The columns there.
    pub key: Vec<ColumnName>,
}

/// The desks of all tables of a release.
pub(super) fn desks(
    course: &Course<'_>,
    release: usize,
    statements: &[Statement],
) -> BTreeMap<TableName, Desk> {
    let (names, distinct) = (course.names(release), course.distinct(release));
    let alike = course.alike_nulls(release);
    let keyed: Vec<Keyed> = (0..course.releases.len()).flat_map(|place| keyed(course, place)).collect();
    let of_kind = |name: &TableName, kind: &Kind| {
        statements.iter().find(|one| one.known.name == *name && one.kind == *kind).cloned()
    };
    let mut desks = BTreeMap::new();
    for (name, table) in &course.releases[release].tables {
        let Some(select) = of_kind(name, &Kind::Select) else { continue };
        let known = select.known.clone();
        let own = |field: &crate::verify::traffic::Field| ColumnRef::new(name, &field.name);
        let wants: Vec<bool> = known.fields.iter().map(|field| distinct.contains(&own(field))).collect();
        let desk = Desk {
            insert: of_kind(name, &Kind::Insert).unwrap_or_else(|| select.clone()),
            names: known.fields.iter().map(|field| names[&own(field)].clone()).collect(),
            marks: marks(&known, &keyed, |field| &names[&own(field)]),
            parents: parents(name, table, &known, &wants),
            distinct: wants,
            is_checked: !table.checks.is_empty(),
            alike_nulls: known.fields.iter().map(|field| alike.contains(&own(field))).collect(),
            pool: Vec::new(),
            own: Vec::new(),
            select,
            known,
        };
        desks.insert(name.clone(), desk);
    }
    desks
}

/// A release's table, under the last release's names: its key, and all that it has.
struct Keyed {
    table: TableName,
    key: Vec<ColumnRef>,
    columns: BTreeSet<ColumnRef>,
}

fn keyed(course: &Course<'_>, release: usize) -> Vec<Keyed> {
    let names = course.names(release);
    let tables = course.releases[release].tables.iter();
    let of_table = |(name, table): (&TableName, &Table)| {
        let last = |column: &ColumnName| names.get(&ColumnRef::new(name, column)).cloned();
        let columns: BTreeSet<ColumnRef> = table.columns.keys().filter_map(last).collect();
        let key = table.primary_key.iter().filter_map(last).collect();
        columns.first().map(|first| first.table.clone()).map(|table| Keyed { table, key, columns })
    };
    tables.filter_map(of_table).collect()
}

/// What is in the key of any release, as far as all have it: where releases have different keys, each knows a row by the same mark.
fn marks<'a>(
    known: &Known,
    keyed: &[Keyed],
    last: impl Fn(&crate::verify::traffic::Field) -> &'a ColumnRef,
) -> Vec<usize> {
    let own: Vec<&ColumnRef> = known.fields.iter().map(&last).collect();
    let table = own.first().map(|name| &name.table);
    let others = || keyed.iter().filter(|one| Some(&one.table) == table);
    let is_mark = |place: &usize| {
        let name = own[*place];
        others().any(|one| one.key.contains(name)) && others().all(|one| one.columns.contains(name))
    };
    let marks: Vec<usize> = (0..own.len()).filter(is_mark).collect();
    let key = known.key();
    let same_keys = others()
        .all(|one| one.key.len() == key.len() && key.iter().all(|place| one.key.contains(own[*place])));
    if marks.is_empty() || same_keys { key } else { marks }
}

/// The inserts of parents that a new row of the table needs, and of theirs.
pub(super) fn inserts_before(desks: &BTreeMap<TableName, Desk>, table: &TableName) -> Vec<Statement> {
    let mut needed: BTreeSet<&TableName> = BTreeSet::new();
    let mut next = vec![table];
    while let Some(desk) = next.pop().and_then(|name| desks.get(name)) {
        for parent in &desk.parents {
            if needed.insert(&parent.table) {
                next.push(&parent.table);
            }
        }
    }
    needed.into_iter().filter_map(|name| Some(desks.get(name)?.insert.clone())).collect()
}

/// Of each unique key, the first foreign key within it: a new parent makes the whole key new.
fn parents(own: &TableName, table: &Table, known: &Known, distinct: &[bool]) -> Vec<Parent> {
    let mut parents: Vec<Parent> = Vec::new();
    let mut new: BTreeSet<usize> = BTreeSet::new();
    for key in table.foreign_keys.values().filter(|key| key.references != *own) {
        let columns: Vec<usize> = key.columns.iter().filter_map(|column| known.place(column)).collect();
        let keyed = columns.iter().all(|place| distinct[*place]);
        if keyed && !columns.iter().any(|place| new.contains(place)) {
            new.extend(&columns);
            parents.push(Parent { columns, table: key.references.clone(), key: key.key.clone() });
        }
    }
    parents
}

impl Desk {
    /// A row that stands.
    pub fn any(&self, dice: &mut Dice) -> Option<&Row> {
        self.pool.get(dice.below(self.pool.len()))
    }

    /// A row's values under the last release's names.
    pub fn named(&self, row: &Row) -> BTreeMap<ColumnRef, Value> {
        self.names.iter().cloned().zip(row.iter().cloned()).collect()
    }

    /// Where a row stands in the ledger.
    pub fn ledger_key(&self, row: &Row) -> Key {
        key(&self.marks, &self.names, row)
    }

    /// A row as it is entered in the ledger. What was NULL may be filled.
    pub fn entry(&self, row: &Row) -> (Key, BTreeMap<ColumnRef, Value>, Vec<(ColumnRef, Value)>) {
        let mut values = self.named(row);
        values.retain(|_, value| !value.is_null());
        let key_values =
            self.known.key().into_iter().map(|place| (self.names[place].clone(), row[place].clone()));
        (self.ledger_key(row), values, key_values.collect())
    }

    /// The key of an entry as this release binds it; `None` when it has no such key.
    pub fn key_from(&self, entered: &[(ColumnRef, Value)]) -> Option<Vec<Value>> {
        let value = |place: usize| {
            let found = entered.iter().find(|(name, _)| *name == self.names[place]);
            found.map(|(_, value)| value.clone())
        };
        self.known.key().into_iter().map(value).collect()
    }

    /// Whether what came back isn't what was written. A NULL may have been filled.
    pub fn wrong(
        &self,
        statement: &Statement,
        values: &[Value],
        read: &Row,
        by: &str,
        ledger: &Ledger,
    ) -> Option<Wrong> {
        if statement.kind == Kind::Delete {
            return None;
        }
        // The row that an upsert finds keeps the key that isn't named.
        let named = statement.arbiter();
        let kept = |place: &usize| {
            matches!(statement.kind, Kind::Upsert(_))
                && self.known.key().contains(place)
                && !named.contains(place)
        };
        statement.slots.iter().zip(values).find_map(|(slot, written)| {
            let Slot::Written(place) = *slot else { return None };
            let read = read.get(place).filter(|_| !kept(&place))?;
            let differs =
                !written.is_null() && !is_same(written, read) && !ledger.passes_by(&self.names[place]);
            differs.then(|| Wrong {
                at: self.names[place].clone(),
                by: by.to_owned(),
                written: written.clone(),
                read: read.clone(),
            })
        })
    }
}

/// Where a row stands in the ledger.
pub(super) fn key(marks: &[usize], names: &[ColumnRef], row: &Row) -> Key {
    let parts = marks.iter().map(|place| (names[*place].clone(), row[*place].to_string()));
    Key { table: names[0].table.clone(), key: parts.collect() }
}
