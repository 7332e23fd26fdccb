//! What differs between the indexes, checks and foreign keys of one table.

use super::Change;
use super::diff::Found;
use crate::schema::{Table, TableName};

/// Adds before drops: a replacement stands before what it replaces goes.
pub(super) fn altered(name: &TableName, old: &Table, new: &Table, found: &mut Found) {
    indexes(name, old, new, found);
    checks(name, old, new, found);
    foreign_keys(name, old, new, found);
}

fn indexes(name: &TableName, old: &Table, new: &Table, found: &mut Found) {
    for (index, to) in &new.indexes {
        let (table, index) = (name.clone(), index.clone());
        match old.indexes.get(&index) {
            None => found.changes.push(Change::AddIndex { table, index, definition: to.clone() }),
            Some(from) if from != to => {
                found.changes.push(Change::ReplaceIndex { table, index, from: from.clone(), to: to.clone() });
            }
            Some(_) => {}
        }
    }
    for (index, definition) in old.indexes.iter().filter(|(index, _)| !new.indexes.contains_key(*index)) {
        let (table, index, definition) = (name.clone(), index.clone(), definition.clone());
        found.changes.push(Change::DropIndex { table, index, definition });
    }
}

fn checks(name: &TableName, old: &Table, new: &Table, found: &mut Found) {
    for (check, definition) in &new.checks {
        if old.checks.get(check) != Some(definition) {
            let (table, name, definition) = (name.clone(), check.clone(), definition.clone());
            found.changes.push(Change::AddCheck { table, name, definition });
        }
    }
    for (check, definition) in old.checks.iter().filter(|(check, _)| !new.checks.contains_key(*check)) {
        let (table, name, definition) = (name.clone(), check.clone(), definition.clone());
        found.changes.push(Change::DropCheck { table, name, definition });
    }
}

fn foreign_keys(name: &TableName, old: &Table, new: &Table, found: &mut Found) {
    for (key, definition) in &new.foreign_keys {
        if old.foreign_keys.get(key) != Some(definition) {
            let (table, name, definition) = (name.clone(), key.clone(), definition.clone());
            found.changes.push(Change::AddForeignKey { table, name, definition });
        }
    }
    for (key, definition) in old.foreign_keys.iter().filter(|(key, _)| !new.foreign_keys.contains_key(*key)) {
        let (table, name, definition) = (name.clone(), key.clone(), definition.clone());
        found.changes.push(Change::DropForeignKey { table, name, definition });
    }
}
