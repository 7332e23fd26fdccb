//! Give a table another primary key: when N-1, which may write a key of N's twice, is gone. Beside the old key a twin of it would make
//! upserts by either fail (R3), so the new one's index isn't built before.
//!
//! It is built online, and becomes the key's in the transaction that drops the old key. Foreign keys to the new key's columns may stand
//! on it by then. On the way back the old key's index can't be there before: a step that is taken back alone leaves nothing of its own. So
//! it is built in one transaction with the rest, and the foreign keys move with it, so that no moment is without them.

use super::add_index;
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::{Draft, Turn};
use crate::schema::{ColumnName, ConstraintName, ForeignKey, Index, IndexName, TableName, Violation, fitted};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    from: &[ColumnName],
    to: &[ColumnName],
) -> Vec<Draft> {
    let phase = Phase::Contract;
    let mut steps = vec![Draft::new(phase, [count(table, to)])];
    steps.extend(add_index::build(context, phase, table, &twin(table), &unique(to)));
    steps.extend(switched(context, table, from, to));
    steps
}

/// While no release runs: the same, but nobody waits for an index that is built.
pub(super) fn direct(
    context: &Context<'_>,
    table: &TableName,
    from: &[ColumnName],
    to: &[ColumnName],
) -> Vec<Draft> {
    let phase = Phase::Expand;
    vec![
        Draft::new(phase, [count(table, to), create(table, to)]),
        Draft::new(phase, [switch(table, to)])
            .back_by(back(context, table, [from, to], true))
            .in_turn(Turn::Keys),
    ]
}

/// The new key in place of the old one, its index built.
pub(super) fn switched(
    context: &Context<'_>,
    table: &TableName,
    from: &[ColumnName],
    to: &[ColumnName],
) -> Vec<Draft> {
    let phase = Phase::Contract;
    let prove = |(child, name, _): (&TableName, &ConstraintName, &ForeignKey)| {
        let validate = Operation::Validate { table: child.clone(), constraint: name.clone() };
        Draft::way_back(phase, [validate])
    };
    let mut steps: Vec<Draft> = keys_to(context, table, to).map(prove).collect();
    steps.push(Draft::new(phase, [switch(table, to)]).back_by(back(context, table, [from, to], false)));
    steps.into_iter().map(|step| step.in_turn(Turn::Keys)).collect()
}

/// The old key again, and an index in place of the new one; `validated` is whether foreign keys are proved at once.
fn back(
    context: &Context<'_>,
    table: &TableName,
    [from, to]: [&[ColumnName]; 2],
    validated: bool,
) -> Vec<Operation> {
    let mut down = Vec::new();
    if !from.is_empty() {
        down.push(count(table, from));
    }
    down.extend(without_keys(context, table, to));
    down.push(Operation::ChangePrimaryKey { table: table.clone(), key: from.to_vec(), index: None });
    down.push(create(table, to));
    down.extend(with_keys(context, table, to, validated));
    down
}

/// What an index that is built for a key is called until it is the key's.
pub(super) fn twin(table: &TableName) -> IndexName {
    IndexName(fitted(format!("{}_pkey_new", table.name)))
}

pub(super) fn unique(key: &[ColumnName]) -> Index {
    Index::unique_on(key.iter().map(ColumnName::as_str))
}

pub(super) fn count(table: &TableName, key: &[ColumnName]) -> Operation {
    Operation::Guard { table: table.clone(), against: Violation::Duplicate { index: unique(key) } }
}

fn create(table: &TableName, key: &[ColumnName]) -> Operation {
    let (index, definition) = (twin(table), unique(key));
    Operation::CreateIndex { table: table.clone(), index, definition, online: false }
}

fn switch(table: &TableName, key: &[ColumnName]) -> Operation {
    Operation::ChangePrimaryKey { table: table.clone(), key: key.to_vec(), index: Some(twin(table)) }
}

/// The foreign keys to the new key's columns, with their tables.
fn keys_to<'a>(
    context: &'a Context<'_>,
    table: &'a TableName,
    key: &'a [ColumnName],
) -> impl Iterator<Item = (&'a TableName, &'a ConstraintName, &'a ForeignKey)> {
    let tables = context.to.tables.iter();
    tables
        .flat_map(move |(child, known)| known.keys_to(table, key).map(move |(name, key)| (child, name, key)))
}

fn without_keys(context: &Context<'_>, table: &TableName, key: &[ColumnName]) -> Vec<Operation> {
    let drop = |(child, name, _): (&TableName, &ConstraintName, &ForeignKey)| Operation::DropForeignKey {
        table: child.clone(),
        name: name.clone(),
    };
    keys_to(context, table, key).map(drop).collect()
}

fn with_keys(
    context: &Context<'_>,
    table: &TableName,
    key: &[ColumnName],
    validated: bool,
) -> Vec<Operation> {
    let add = |(child, name, key): (&TableName, &ConstraintName, &ForeignKey)| {
        let (table, name, definition) = (child.clone(), name.clone(), key.clone());
        Operation::AddForeignKey { table, name, definition, validated }
    };
    keys_to(context, table, key).map(add).collect()
}
