//! Drop a table: when N-1 is gone. Its foreign keys go first, one by one, for each locks the table that it refers to.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::TableName;

pub(super) fn steps(context: &Context<'_>, table: &TableName) -> Vec<Draft> {
    let keys = context.table(table).into_iter().flat_map(|known| known.foreign_keys.iter());
    let already = |name: &crate::schema::ConstraintName| {
        context.changes.iter().any(
            |change| matches!(change, crate::change::Change::DropForeignKey { table: t, name: n, .. } if t == table && n == name),
        )
    };
    let mut steps: Vec<Draft> = keys
        .filter(|(name, key)| key.references != *table && !already(name))
        .map(|(name, _)| {
            Draft::new(
                Phase::Contract,
                [Operation::DropForeignKey { table: table.clone(), name: name.clone() }],
            )
            .back_by(context.table(table).and_then(|known| known.foreign_keys.get(name)).map(
                |definition| {
                    let (table, name, definition) = (table.clone(), name.clone(), definition.clone());
                    Operation::AddForeignKey { table, name, definition, validated: true }
                },
            ))
        })
        .collect();
    steps.push(Draft::new(Phase::Contract, [Operation::DropTable { table: table.clone() }]));
    steps
}
