//! What a plan will demand of the rows that stand, said in the names of before.

use schemig_core::change::Change;
use schemig_core::operation::Operation;
use schemig_core::schema::{Check, ColumnName, ForeignKey, Index, Schema, Table, TableName};

use super::filled;
use crate::verify::renames::Renames;

/// The constraints that a plan adds, as far as they read columns that are there, under the names of before; and what columns that are
/// not there yet are to be filled with has to satisfy those of theirs.
pub fn demands(before: &Schema, after: &Schema, changes: &[Change]) -> Vec<Operation> {
    let renames = Renames(changes);
    let mut demanded = Vec::new();
    for (old, known) in &before.tables {
        let Some(target) = renames.table(old).and_then(|new| after.tables.get(&new)) else { continue };
        let mut target = target.clone();
        for column in known.columns.keys() {
            match renames.column(old, column) {
                Some((_, to)) if to != *column => target = with_old_name(&target, &to, column),
                Some(_) | None => {}
            }
        }
        let demands = Demands { table: old, known, target: &target };
        demands.unique(&mut demanded);
        demands.primary_key(&mut demanded);
        demands.checks(&mut demanded);
        demands.foreign_keys(before, renames, &mut demanded);
    }
    // A foreign key finds what it refers to.
    demanded.sort_by_key(|demand| !matches!(demand, Operation::CreateIndex { .. }));
    for change in changes {
        demanded.extend(labels(before, change));
        demanded.extend(filled::demands(before, after, change));
    }
    demanded
}

/// That no row holds a label which goes.
fn labels(before: &Schema, change: &Change) -> Vec<Operation> {
    let Change::ReplaceEnum { name, from, to } = change else { return Vec::new() };
    let gone = from.labels.iter().filter(|label| !to.has(label));
    let gone: Vec<String> = gone.map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let mut demanded = Vec::new();
    for (table, known) in before.users_of(name) {
        for (place, (column, _)) in known.columns.iter().filter(|(_, it)| it.sql_type.is_of(name)).enumerate()
        {
            let column = column.as_str().replace('"', "\"\"");
            // An array is written with its elements in it; a label that is part of another rules that out too, which does no harm.
            let without = gone.iter().map(|label| format!("strpos(CAST(\"{column}\" AS text), {label}) = 0"));
            let definition = Check::on(&without.collect::<Vec<_>>().join(" AND "));
            let check = format!("demanded_labels_{place}_of_{}", name.name).into();
            demanded.push(Operation::AddCheck {
                table: table.clone(),
                name: check,
                definition,
                validated: true,
            });
        }
    }
    demanded
}

fn with_old_name(table: &Table, new: &ColumnName, old: &ColumnName) -> Table {
    let mut table = table.clone();
    if let Some(place) = table.columns.get_index_of(new) {
        let _ = table.columns.replace_index(place, old.clone());
    }
    for key in table.primary_key.iter_mut().filter(|key| *key == new) {
        *key = old.clone();
    }
    for index in table.indexes.values_mut() {
        *index = index.rename_column(new, old);
    }
    for check in table.checks.values_mut() {
        check.expression = check.expression.rename(new, old);
    }
    for key in table.foreign_keys.values_mut() {
        for column in key.columns.iter_mut().filter(|column| *column == new) {
            *column = old.clone();
        }
    }
    table
}

struct Demands<'a> {
    table: &'a TableName,
    known: &'a Table,
    target: &'a Table,
}

impl Demands<'_> {
    fn new_columns(&self) -> Vec<&ColumnName> {
        self.target.columns.keys().filter(|column| !self.known.columns.contains_key(*column)).collect()
    }

    fn unique(&self, demanded: &mut Vec<Operation>) {
        let new = self.new_columns();
        for (name, index) in self.target.indexes.iter().filter(|(_, index)| index.separates()) {
            let stands = self.known.indexes.values().any(|own| own == index);
            if !stands && !new.iter().any(|column| index.reads(column)) {
                let (index, definition) = (format!("demanded_{name}").into(), index.clone());
                demanded.push(Operation::CreateIndex {
                    table: self.table.clone(),
                    index,
                    definition,
                    online: false,
                });
            }
        }
    }

    /// Another key than now, where its columns are there.
    fn primary_key(&self, demanded: &mut Vec<Operation>) {
        let Table { primary_key: key, columns, .. } = self.known;
        let wanted = &self.target.primary_key;
        if wanted != key && wanted.iter().all(|column| columns.contains_key(column)) {
            demanded.push(Operation::CreateIndex {
                table: self.table.clone(),
                index: format!("demanded_{}", Table::key_name(self.table)).as_str().into(),
                definition: Index::unique_on(wanted.iter().map(ColumnName::as_str)),
                online: false,
            });
        }
    }

    fn checks(&self, demanded: &mut Vec<Operation>) {
        let new = self.new_columns();
        for (name, check) in &self.target.checks {
            let stands = self.known.checks.values().any(|own| own == check);
            if !stands && check.expression.columns(new.iter().copied()).is_empty() {
                let (name, definition) = (format!("demanded_{name}").into(), check.clone());
                demanded.push(Operation::AddCheck {
                    table: self.table.clone(),
                    name,
                    definition,
                    validated: true,
                });
            }
        }
    }

    fn foreign_keys(&self, before: &Schema, renames: Renames<'_>, demanded: &mut Vec<Operation>) {
        for (name, key) in &self.target.foreign_keys {
            let parent =
                before.tables.keys().find(|old| renames.table(old).as_ref() == Some(&key.references));
            let Some(references) = parent.cloned() else { continue };
            // What it refers to may have another name now, or not be there yet.
            let of_parent = |column: &ColumnName| {
                let mut columns = before.tables[&references].columns.keys();
                columns.find(|old| renames.column(&references, old).is_some_and(|(_, new)| new == *column))
            };
            let Some(parent_key) = key.key.iter().map(|column| of_parent(column).cloned()).collect() else {
                continue;
            };
            let definition = ForeignKey { references: references.clone(), key: parent_key, ..key.clone() };
            let there = definition.columns.iter().all(|column| self.known.columns.contains_key(column));
            if there && !self.known.foreign_keys.values().any(|own| *own == definition) {
                let name = format!("demanded_{name}").into();
                demanded.push(Operation::AddForeignKey {
                    table: self.table.clone(),
                    name,
                    definition,
                    validated: true,
                });
            }
        }
    }
}
