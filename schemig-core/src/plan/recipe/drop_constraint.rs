//! Drop a check or a foreign key: when N-1, which relies on it, is gone. Back, it holds new writes first and is proved then.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{ConstraintName, TableName};

pub(super) fn check(context: &Context<'_>, table: &TableName, name: &ConstraintName) -> Vec<Draft> {
    let known = context.table(table).is_some_and(|known| known.checks.contains_key(name));
    steps(known, table, name, Operation::DropCheck { table: table.clone(), name: name.clone() })
}

pub(super) fn foreign_key(context: &Context<'_>, table: &TableName, name: &ConstraintName) -> Vec<Draft> {
    let known = context.table(table).is_some_and(|known| known.foreign_keys.contains_key(name));
    steps(known, table, name, Operation::DropForeignKey { table: table.clone(), name: name.clone() })
}

fn steps(known: bool, table: &TableName, name: &ConstraintName, drop: Operation) -> Vec<Draft> {
    if !known {
        return Vec::new();
    }
    let prove = Operation::Validate { table: table.clone(), constraint: name.clone() };
    vec![Draft::way_back(Phase::Contract, [prove]), Draft::new(Phase::Contract, [drop])]
}
