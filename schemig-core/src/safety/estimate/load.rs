//! What the time of an operation grows with.

use std::collections::BTreeSet;

use crate::dialect::{Effect, Work};
use crate::operation::Operation;
use crate::schema::{ColumnName, IndexKey, SqlType, State, Table, TableName, Violation};

/// Work on a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Load {
    /// Its rows are read.
    Scan,
    /// Each row is looked up in another table, which may be read whole for it.
    Lookup { other: TableName },
    /// The table is written anew, its indexes aside.
    Rewrite,
    /// An index is built, over one of so many parts of the table that are taken to be alike.
    Index { text: bool, online: bool, parts: usize },
    /// Its rows are updated.
    Update { batched: bool },
}

/// The work of an operation, table by table; nothing where it changes the catalog alone.
pub(super) fn loads(operation: &Operation, effect: &Effect, before: &State) -> Vec<(TableName, Load)> {
    let table = operation.table();
    let on_it = |load| vec![(table.clone(), load)];
    match effect.work {
        Work::Instant => Vec::new(),
        Work::ScansTable => match looked_up(operation, before) {
            Some(other) => on_it(Load::Lookup { other }),
            None => on_it(Load::Scan),
        },
        Work::BuildsIndex => built(operation, before).into_iter().map(|load| (table.clone(), load)).collect(),
        Work::RewritesTable => rewritten(operation, before)
            .into_iter()
            .flat_map(|table| {
                let indexes = known(before, &table).map(all_indexes).unwrap_or_default();
                let whole = std::iter::once(Load::Rewrite).chain(indexes);
                whole.map(move |load| (table.clone(), load)).collect::<Vec<_>>()
            })
            .collect(),
        Work::WritesRows { batched } => {
            // What is copied is as large as what it comes from.
            let written = if let Operation::CopyRows { rows, .. } = operation { &rows.table } else { table };
            vec![(written.clone(), Load::Update { batched })]
        }
    }
}

fn known<'a>(state: &'a State, table: &TableName) -> Option<&'a Table> {
    state.schema.tables.get(table)
}

/// The table that each row is looked up in by what reads rows.
fn looked_up(operation: &Operation, before: &State) -> Option<TableName> {
    let other = if let Operation::Guard { against, .. } = operation {
        match against {
            Violation::Stale { source, .. } => source.table.clone(),
            Violation::Orphan { foreign_key } => foreign_key.references.clone(),
            Violation::Uncopied { rows } => rows.table.clone(),
            // Rows alike are found by sorting them, which is what a lookup costs.
            Violation::Duplicate { .. } => operation.table().clone(),
            Violation::Null { .. } | Violation::Differ { .. } | Violation::Check { .. } => return None,
        }
    } else if let Operation::Validate { table, constraint } = operation {
        known(before, table)?.foreign_keys.get(constraint)?.references.clone()
    } else if let Operation::AddForeignKey { definition, .. } = operation {
        definition.references.clone()
    } else {
        return None;
    };
    Some(other)
}

/// The indexes that an operation builds.
fn built(operation: &Operation, before: &State) -> Vec<Load> {
    let table = known(before, operation.table());
    if let Operation::CreateIndex { definition, online, .. } = operation {
        let text = definition.keys.iter().any(|key| is_text_key(table, key));
        return vec![Load::Index { text, online: *online, parts: 1 }];
    }
    if let (Operation::BuildIndexPart { definition, .. }, Some(known)) = (operation, table) {
        let text = definition.keys.iter().any(|key| is_text_key(table, key));
        let parts = known.partition_by.as_ref().map_or(1, |by| by.known().len().max(1));
        return vec![Load::Index { text, online: true, parts }];
    }
    let Some(table) = table else { return vec![Load::Index { text: true, online: false, parts: 1 }] };
    if let Operation::ChangePrimaryKey { key, .. } = operation {
        return vec![Load::Index {
            text: key.iter().any(|column| is_text(table, column)),
            online: false,
            parts: 1,
        }];
    }
    // Whatever is built on the column.
    let column =
        if let Operation::AlterType { column, .. } | Operation::SetCollation { column, .. } = operation {
            column
        } else {
            return all_indexes(table);
        };
    let of_key = table.primary_key.contains(column).then(|| of_primary_key(table));
    let others = table.indexes.values().filter(|index| index.reads(column));
    of_key.into_iter().chain(others.map(|index| of_index(table, &index.keys))).collect()
}

/// The tables that an operation writes anew.
fn rewritten(operation: &Operation, before: &State) -> BTreeSet<TableName> {
    if let Operation::ReplaceEnum { name, .. } = operation {
        let users = before.schema.users_of(name).map(|(table, _)| table.clone());
        return users.filter(|table| !before.empty.contains(table)).collect();
    }
    [operation.table().clone()].into()
}

fn all_indexes(table: &Table) -> Vec<Load> {
    let key = (!table.primary_key.is_empty()).then(|| of_primary_key(table));
    key.into_iter().chain(table.indexes.values().map(|index| of_index(table, &index.keys))).collect()
}

fn of_primary_key(table: &Table) -> Load {
    Load::Index {
        text: table.primary_key.iter().any(|column| is_text(table, column)),
        online: false,
        parts: 1,
    }
}

fn of_index(table: &Table, keys: &[IndexKey]) -> Load {
    Load::Index { text: keys.iter().any(|key| is_text_key(Some(table), key)), online: false, parts: 1 }
}

/// What isn't known is taken for the dearer one.
fn is_text_key(table: Option<&Table>, key: &IndexKey) -> bool {
    match (table, key) {
        (Some(table), IndexKey::Column(column)) => is_text(table, column),
        (None, IndexKey::Column(_)) | (_, IndexKey::Expression(_)) => true,
    }
}

fn is_text(table: &Table, column: &ColumnName) -> bool {
    let Some(column) = table.columns.get(column) else { return true };
    match column.sql_type {
        SqlType::Text
        | SqlType::Varchar(_)
        | SqlType::Char(_)
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Array(_)
        | SqlType::Named(_) => true,
        SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Interval
        | SqlType::Uuid => false,
    }
}
