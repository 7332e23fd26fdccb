//! Drop a check or a foreign key: when N-1, which relies on it, is gone. Back, it holds new writes first and is proved then.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{ConstraintName, TableName};

pub(super) fn check(context: &Context<'_>, table: &TableName, name: &ConstraintName) -> Vec<Draft> {
    let Some(definition) = context.table(table).and_then(|known| known.checks.get(name)).cloned() else {
        return Vec::new();
    };
    let (table, name) = (table.clone(), name.clone());
    let drop = Operation::DropCheck { table: table.clone(), name: name.clone() };
    let back = Operation::AddCheck { table: table.clone(), name: name.clone(), definition, validated: false };
    steps(table, name, drop, back)
}

pub(super) fn foreign_key(context: &Context<'_>, table: &TableName, name: &ConstraintName) -> Vec<Draft> {
    let Some(definition) = context.table(table).and_then(|known| known.foreign_keys.get(name)).cloned()
    else {
        return Vec::new();
    };
    let (table, name) = (table.clone(), name.clone());
    let drop = Operation::DropForeignKey { table: table.clone(), name: name.clone() };
    let back =
        Operation::AddForeignKey { table: table.clone(), name: name.clone(), definition, validated: false };
    steps(table, name, drop, back)
}

fn steps(table: TableName, constraint: ConstraintName, drop: Operation, back: Operation) -> Vec<Draft> {
    let prove = Operation::Validate { table, constraint };
    vec![Draft::way_back(Phase::Contract, [prove]), Draft::new(Phase::Contract, [drop]).back_by([back])]
}
