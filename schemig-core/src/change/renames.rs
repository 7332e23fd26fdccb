//! Which drops and adds are one thing under another name. Only the models say so; a likeness is a question.

use super::Change;
use super::Question;
use super::diff::{Found, OpenChange};
use crate::schema::{Column, ColumnName, ColumnRef, Hints, Schema, Table, TableName};

/// Renamed tables, old name and new; asks about drops and adds that look like one.
pub(super) fn tables(
    before: &Schema,
    after: &Schema,
    hints: &Hints,
    open: &[OpenChange],
    found: &mut Found,
) -> Vec<(TableName, TableName)> {
    let mut gone: Vec<&TableName> =
        before.tables.keys().filter(|name| !after.tables.contains_key(name)).collect();
    let mut renamed = Vec::new();
    let new = || after.tables.iter().filter(|(name, _)| !before.tables.contains_key(name));
    for (to, _) in new() {
        if let Some(Some(from)) = hints.table_renames.get(to)
            && let Some(place) = gone.iter().position(|name| *name == from)
        {
            gone.remove(place);
            renamed.push((from.clone(), to.clone()));
            found.changes.push(Change::RenameTable { from: from.clone(), to: to.clone() });
        }
    }
    for (to, table) in new().filter(|(to, _)| !hints.table_renames.contains_key(*to)) {
        let taken_back = |from: &TableName| {
            let open_rename = Change::RenameTable { from: to.clone(), to: from.clone() };
            open.iter().any(|open| open.change == open_rename && !open.taken_back)
        };
        if let Some(place) = gone.iter().position(|from| taken_back(from)) {
            let from = gone.remove(place).clone();
            renamed.push((from.clone(), to.clone()));
            found.changes.push(Change::RenameTable { from, to: to.clone() });
        } else if let Some(from) = gone.iter().find(|from| look_alike(&before.tables[**from], table)) {
            found.questions.push(Question::table_rename(from, to));
        }
    }
    renamed
}

/// Two tables look alike when the smaller one shares at least two thirds of its columns, by name and type, with the larger one.
fn look_alike(old: &Table, new: &Table) -> bool {
    let shared = old
        .columns
        .iter()
        .filter(|(name, column)| {
            new.columns.get(*name).is_some_and(|other| other.sql_type == column.sql_type)
        })
        .count();
    3 * shared >= 2 * old.columns.len().max(new.columns.len())
}

/// Renamed columns of one table, old name and new; asks about drops and adds that look like one.
pub(super) fn columns(
    name: &TableName,
    old: &Table,
    new: &Table,
    hints: &Hints,
    open: &[OpenChange],
    found: &mut Found,
) -> Vec<(ColumnName, ColumnName)> {
    let mut gone: Vec<&ColumnName> =
        old.columns.keys().filter(|column| !new.columns.contains_key(*column)).collect();
    let mut renamed = Vec::new();
    let added = || new.columns.iter().filter(|(column, _)| !old.columns.contains_key(*column));
    for (to, _) in added() {
        if let Some(Some(from)) = hints.column_renames.get(&ColumnRef::new(name, to))
            && let Some(place) = gone.iter().position(|column| *column == from)
        {
            gone.remove(place);
            renamed.push((from.clone(), to.clone()));
        }
    }
    for (to, column) in added() {
        let at = ColumnRef::new(name, to);
        if hints.column_renames.contains_key(&at) || hints.backfills.contains_key(&at) {
            continue;
        }
        let taken_back = |from: &ColumnName| {
            let to_it = |change: &Change| {
                matches!(change, Change::RenameColumn { table, from: old, to: new }
                    | Change::ReplaceColumn { table, from: old, to: new, .. }
                    if table == name && old == to && new == from)
            };
            open.iter().any(|open| to_it(&open.change) && !open.taken_back)
        };
        if let Some(place) = gone.iter().position(|from| taken_back(from)) {
            renamed.push((gone.remove(place).clone(), to.clone()));
            continue;
        }
        let asked = gone.iter().find(|from| {
            let really_dropped = hints.drops.contains_key(&ColumnRef::new(name, from));
            alike(&old.columns[**from], column) && !really_dropped && !is_inverse(name, from, to, open)
        });
        if let Some(from) = asked {
            found.questions.push(Question::column_rename(name, from, to));
            found.maybe_renamed.extend([from, to].map(|column| ColumnRef::new(name, column)));
        }
    }
    renamed
}

/// Whether one of the two undoes an open change.
fn is_inverse(table: &TableName, from: &ColumnName, to: &ColumnName, open: &[OpenChange]) -> bool {
    open.iter().any(|open| {
        matches!(&open.change, Change::AddColumn { table: t, column, .. } if t == table && column == from)
            || matches!(&open.change, Change::DropColumn { table: t, column, .. } if t == table && column == to)
    })
}

fn alike(old: &Column, new: &Column) -> bool {
    old.sql_type == new.sql_type && old.nullable == new.nullable && old.identity == new.identity
}

/// The table with one column named otherwise, in all that reads it. The indexes and constraints keep their names.
pub(super) fn apply(table: &Table, from: &ColumnName, to: &ColumnName) -> Table {
    let mut renamed = table.clone();
    if let Some(place) = renamed.columns.get_index_of(from) {
        // The new name is free: it is one of the columns that weren't there.
        let _ = renamed.columns.replace_index(place, to.clone());
    }
    let rename = |column: &mut ColumnName| {
        if column == from {
            *column = to.clone();
        }
    };
    renamed.primary_key.iter_mut().for_each(rename);
    renamed.partition_by.iter_mut().for_each(|by| by.rename_column(from, to));
    for index in renamed.indexes.values_mut() {
        *index = index.rename_column(from, to);
    }
    for generated in renamed.columns.values_mut().filter_map(|column| column.generated.as_mut()) {
        generated.expression = generated.expression.rename(from, to);
    }
    for check in renamed.checks.values_mut() {
        check.expression = check.expression.rename(from, to);
    }
    for key in renamed.foreign_keys.values_mut() {
        key.columns.iter_mut().for_each(rename);
    }
    renamed
}
