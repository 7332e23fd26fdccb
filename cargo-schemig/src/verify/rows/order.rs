//! In which order tables are filled, and where they wait for each other.

use std::collections::BTreeSet;

use schemig_core::schema::{ForeignKey, Table, TableName};

use super::Filling;

/// Tables, each after those that it refers to and those whose rows it is the source of. In a circle, those come first that can do
/// without.
pub(crate) fn order(filling: &Filling<'_>) -> Vec<TableName> {
    let mut waiting: BTreeSet<&TableName> = filling.schema.tables.keys().collect();
    let mut order = Vec::new();
    while let Some(next) = next(filling, &waiting) {
        waiting.remove(next);
        order.push(next.clone());
    }
    order
}

fn next<'a>(filling: &Filling<'_>, waiting: &BTreeSet<&'a TableName>) -> Option<&'a TableName> {
    let blocking = |name: &TableName, edges: &dyn Fn(&TableName) -> BTreeSet<TableName>| {
        edges(name).into_iter().filter(|other| waiting.contains(other)).collect::<BTreeSet<_>>()
    };
    let all = |name: &TableName| waits_for(filling, name);
    let needed = |name: &TableName| needs(filling, name);
    let in_circle = |name: &TableName| blocking(name, &all).iter().all(|other| reaches(other, name, &all));
    let found = |admits: &dyn Fn(&TableName) -> bool| waiting.iter().copied().find(|name| admits(name));
    found(&|name| blocking(name, &all).is_empty())
        .or_else(|| found(&|name| in_circle(name) && blocking(name, &needed).is_empty()))
        .or_else(|| found(&in_circle))
}

/// The tables in which no row can be the first: each needs one of another that needs it.
pub(super) fn circles(filling: &Filling<'_>) -> Vec<Vec<TableName>> {
    let needed = |name: &TableName| needs(filling, name);
    let mut circles: Vec<Vec<TableName>> = Vec::new();
    for name in filling.schema.tables.keys() {
        let with = |other: &&TableName| reaches(name, other, &needed) && reaches(other, name, &needed);
        let circle: Vec<TableName> = filling.schema.tables.keys().filter(with).cloned().collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

/// Whether a row of the table can leave a foreign key open.
pub(super) fn is_optional(table: &Table, key: &ForeignKey) -> bool {
    key.columns.iter().any(|column| table.columns.get(column).is_some_and(|column| column.nullable))
}

/// The other tables that a table refers to, or is the source of.
fn waits_for(filling: &Filling<'_>, name: &TableName) -> BTreeSet<TableName> {
    let targets =
        filling.lookups.iter().filter(|(_, source)| source.table == *name).map(|(at, _)| at.table.clone());
    filling.schema.tables[name]
        .parents(name)
        .into_iter()
        .chain(targets.filter(|target| target != name))
        .collect()
}

/// Those of them without whose rows it can have none.
fn needs(filling: &Filling<'_>, name: &TableName) -> BTreeSet<TableName> {
    let table = &filling.schema.tables[name];
    let required =
        table.foreign_keys.values().filter(|key| !is_optional(table, key) && key.references != *name);
    required
        .map(|key| key.references.clone())
        .filter(|parent| filling.schema.tables.contains_key(parent))
        .collect()
}

fn reaches(from: &TableName, to: &TableName, edges: &dyn Fn(&TableName) -> BTreeSet<TableName>) -> bool {
    let mut seen: BTreeSet<TableName> = BTreeSet::new();
    let mut next = vec![from.clone()];
    while let Some(name) = next.pop() {
        for other in edges(&name) {
            if other == *to {
                return true;
            }
            if seen.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    false
}
