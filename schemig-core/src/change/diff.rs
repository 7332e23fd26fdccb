//! The diff: two schemas and the models' hints in, changes or questions out.

use std::collections::BTreeSet;

use super::{Change, Fill, Question, columns, comments, enums, parts, renames};
use crate::plan::{Cancel, PlanId};
use crate::schema::{Column, ColumnRef, Hints, Schema, Table, TableName};

/// A change of an open plan: one whose contract waits, or whose release isn't deployed everywhere.
#[derive(Clone, Debug)]
pub struct OpenChange {
    /// The plan that it belongs to.
    pub plan: PlanId,
    /// Its place in the plan.
    pub place: usize,
    /// The change.
    pub change: Change,
    /// Whether steps of it wait for a contract.
    pub waits: bool,
    /// Whether `plan` takes the change back rather than making it: what it undoes waits for its contract.
    pub taken_back: bool,
    /// Its table before the plan, and after it.
    pub sides: [Option<Table>; 2],
}

impl OpenChange {
    /// The tables that its table refers to, on either side: dropping or renaming one would meet a foreign key.
    pub(super) fn parents(&self) -> Vec<TableName> {
        self.sides.iter().flatten().flat_map(|table| table.parents(self.change.table())).collect()
    }

    /// The table before the plan.
    pub(super) fn before(&self) -> Option<&Table> {
        self.sides[0].as_ref()
    }
}

/// What differs, and which open changes it takes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In the order in which they are planned: what makes, then what alters, then what drops.
    pub changes: Vec<Change>,
    /// Changes of open plans that are undone rather than answered with a change of their own.
    pub cancels: Vec<Cancel>,
}

/// What differs between `before` and `after`; `overlap` is whether the release of `before` goes on running meanwhile.
///
/// # Errors
///
/// All the questions at once: a drop and an add that look like a rename, what schemig can't change yet, and what meets a change that
/// still waits for its contract.
pub fn diff(
    before: &Schema,
    after: &Schema,
    hints: &Hints,
    open: &[OpenChange],
    overlap: bool,
) -> Result<Difference, Vec<Question>> {
    let mut found = Found { overlap, ..Found::default() };
    let grown = enums::grown(before, after, hints, &mut found);
    let before = &*grown;
    let renamed = renames::tables(before, after, hints, open, &mut found);
    create_tables(before, after, hints, &renamed, &mut found);
    for (name, table) in &after.tables {
        let old_name = renamed.iter().find(|(_, to)| to == name).map_or(name, |(from, _)| from);
        // Most tables are as they were, and hints say nothing of a table that is.
        let changed = |old: &&Table| !renamed.is_empty() || *old != table;
        if let Some(old) = before.tables.get(old_name).filter(changed) {
            let old = with_renamed_parents(old, &renamed);
            alter_table(name, &old, table, hints, open, &mut found);
        }
    }
    drop_tables(before, after, &renamed, &mut found);
    enums::shrunk(before, after, &mut found);
    let Found { changes, mut questions, overlap: _, maybe_renamed: _ } = found;
    let (changes, cancels) = super::cancel::match_inverses(changes, open);
    questions.extend(super::cancel::meets_waiting(before, &changes, &cancels, open));
    if questions.is_empty() { Ok(Difference { changes, cancels }) } else { Err(questions) }
}

/// What a pass over the schemas gathers.
#[derive(Default)]
pub(super) struct Found {
    pub changes: Vec<Change>,
    pub questions: Vec<Question>,
    /// Whether the old release goes on running.
    pub overlap: bool,
    /// Columns that are asked about as renamed: what else might be asked of them depends on the answer.
    pub maybe_renamed: BTreeSet<ColumnRef>,
}

/// New tables, those that are referred to first. A foreign key that would close a circle is added after both tables stand.
fn create_tables(
    before: &Schema,
    after: &Schema,
    hints: &Hints,
    renamed: &[(TableName, TableName)],
    found: &mut Found,
) {
    let is_new =
        |name: &TableName| !before.tables.contains_key(name) && !renamed.iter().any(|(_, to)| to == name);
    let mut waiting: BTreeSet<&TableName> = after.tables.keys().filter(|name| is_new(name)).collect();
    let mut late = Vec::new();
    while let Some(next) = next_table(after, &waiting) {
        waiting.remove(next);
        let mut definition = after.tables[next].clone();
        definition.foreign_keys.retain(|name, key| {
            let waits = key.references != *next && waiting.contains(&key.references);
            if waits {
                let (table, name, definition) = (next.clone(), name.clone(), key.clone());
                late.push(Change::AddForeignKey { table, name, definition });
            }
            !waits
        });
        let rows = hints.rows.get(next).cloned();
        found.changes.push(Change::CreateTable { table: next.clone(), definition, rows });
    }
    found.changes.append(&mut late);
}

/// The first table in order that refers to none that waits; in a circle, the first of all.
fn next_table<'a>(after: &Schema, waiting: &BTreeSet<&'a TableName>) -> Option<&'a TableName> {
    let free = |name: &&&TableName| {
        after.tables[**name].parents(name).iter().all(|parent| !waiting.contains(parent))
    };
    waiting.iter().find(free).or_else(|| waiting.first()).copied()
}

/// Dropped tables, those that refer before those that are referred to.
fn drop_tables(before: &Schema, after: &Schema, renamed: &[(TableName, TableName)], found: &mut Found) {
    let is_gone =
        |name: &TableName| !after.tables.contains_key(name) && !renamed.iter().any(|(from, _)| from == name);
    let mut waiting: Vec<&TableName> = before.tables.keys().filter(|name| is_gone(name)).collect();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|name| {
            waiting.iter().all(|other| other == name || !before.tables[*other].parents(other).contains(name))
        });
        let table = waiting.remove(free.unwrap_or(0));
        if free.is_none() {
            let closes_circle = |other: &&&TableName| before.tables[**other].parents(other).contains(table);
            for other in waiting.iter().filter(closes_circle) {
                drop_keys_to(table, other, &before.tables[*other], found);
            }
        }
        found.changes.push(Change::DropTable { table: table.clone() });
    }
}

fn drop_keys_to(parent: &TableName, child: &TableName, definition: &Table, found: &mut Found) {
    for (name, key) in definition.foreign_keys.iter().filter(|(_, key)| key.references == *parent) {
        let (table, name, definition) = (child.clone(), name.clone(), key.clone());
        found.changes.push(Change::DropForeignKey { table, name, definition });
    }
}

fn with_renamed_parents(table: &Table, renamed: &[(TableName, TableName)]) -> Table {
    let mut table = table.clone();
    for key in table.foreign_keys.values_mut() {
        if let Some((_, to)) = renamed.iter().find(|(from, _)| *from == key.references) {
            key.references = to.clone();
        }
    }
    table
}

fn alter_table(
    name: &TableName,
    old: &Table,
    new: &Table,
    hints: &Hints,
    open: &[OpenChange],
    found: &mut Found,
) {
    let Table {
        primary_key: _,
        identifier: _,
        comment: _,
        columns: _,
        indexes: _,
        foreign_keys: _,
        checks: _,
    } = old;
    let renamed = renames::columns(name, old, new, hints, open, found);
    let mut old_renamed = old.clone();
    for (from, to) in &renamed {
        old_renamed = renames::apply(&old_renamed, from, to);
    }
    columns::added(name, &old_renamed, new, hints, found);
    for (from, to) in renamed {
        found.changes.push(columns::moved(name, &mut old_renamed, new, [from, to], hints));
    }
    columns::altered(name, &old_renamed, new, hints, found);
    comments::altered(name, &old_renamed, new, found);
    if old_renamed.primary_key != new.primary_key {
        let (table, from, to) = (name.clone(), old_renamed.primary_key.clone(), new.primary_key.clone());
        found.changes.push(Change::ChangePrimaryKey { table, from, to });
    }
    parts::altered(name, &old_renamed, new, found);
    columns::dropped(name, &old_renamed, new, hints, found);
}

/// How a column that goes is served while N-1 reads it; R9.
pub(super) fn fill_of(at: &ColumnRef, table: &Table, hints: &Hints) -> Result<Fill, Box<Question>> {
    let given = |column: &Column| column.generated.is_some() || column.identity.is_some();
    if table.columns.get(&at.column).is_some_and(given) {
        return Ok(Fill::Unneeded);
    }
    let hint = hints.drops.get(at).and_then(|dropped| dropped.fill.clone());
    match hint {
        Some(Some(expression)) => return Ok(Fill::With(expression)),
        Some(None) => return Ok(Fill::Forgone),
        None => {}
    }
    let Some(column) = table.columns.get(&at.column) else { return Ok(Fill::Unneeded) };
    let unique = table.keeps_apart(&at.column);
    if column.nullable {
        return Ok(Fill::Unneeded);
    }
    match (&column.default, unique) {
        (Some(_), false) => Ok(Fill::Unneeded),
        (Some(default), true) if default.volatility() == crate::schema::Volatility::Volatile => {
            Ok(Fill::Unneeded)
        }
        (Some(_), true) => {
            Err(Box::new(Question::drop_needs_fill(at, "its default would stand twice in a unique key")))
        }
        (None, _) => Err(Box::new(Question::drop_needs_fill(at, "it is NOT NULL and has no default"))),
    }
}
