//! The promises that come with what a plan does, whatever its states show.

use std::collections::BTreeSet;

use crate::operation::Operation;
use crate::plan::{Plan, Promise};
use crate::schema::{ColumnName, ColumnRef, Conversion, Origin, Source, TableName};

/// What the app has to keep because of the operations of a plan.
pub(super) fn promises(plan: &Plan) -> BTreeSet<Promise> {
    let mut promises = BTreeSet::new();
    for operation in plan.steps.iter().flat_map(|step| &step.up) {
        if let Operation::Follow { table, column, source } = operation {
            promises.extend(of_follower(plan, table, column, source));
        } else if let Operation::FollowRows { table, rows } = operation {
            let (table, source) = (table.clone(), rows.table.clone());
            promises.insert(Promise::RolesMayCopy { table: table.clone(), source: source.clone() });
            promises.insert(Promise::WritesBothRows { table, source, key: rows.key.clone() });
        } else if let Operation::Mirror { table, old, new, conversion } = operation {
            promises.extend(has_no_old_form(plan, table, [old, new], conversion));
            let before = plan.tables.get(table).and_then(|delta| delta.before.as_ref()?.columns.get(old));
            if before.is_some_and(|column| column.default.is_some()) {
                promises.insert(Promise::WritesNoExplicitNull { at: ColumnRef::new(table, new) });
            }
        } else if let Operation::Backfill { table, .. } = operation {
            promises.insert(Promise::LetsTriggersFire { table: table.clone() });
        } else if let Operation::CreateTable { table, definition } = operation
            && definition.partition_by.is_some()
        {
            promises.insert(Promise::MakesPartitions { table: table.clone() });
        } else if let Operation::CreateView { view, .. } = operation {
            promises.insert(Promise::UsesOldNameAsView { view: view.clone() });
        }
    }
    promises
}

/// R2: what no old form is known for fails, or is cut, when N writes it.
fn has_no_old_form(
    plan: &Plan,
    table: &TableName,
    [old, new]: [&ColumnName; 2],
    conversion: &Conversion,
) -> Option<Promise> {
    let delta = plan.tables.get(table)?;
    let old = delta.before.as_ref()?.columns.get(old)?.sql_type.clone();
    let is_other = delta.after.as_ref()?.columns.get(new)?.sql_type != old;
    (is_other && conversion.back.is_none())
        .then(|| Promise::WritesWhatHasAnOldForm { at: ColumnRef::new(table, new), old })
}

/// R1 and R14.
fn of_follower(plan: &Plan, table: &TableName, column: &ColumnName, source: &Source) -> Vec<Promise> {
    let (at, table, source) = (ColumnRef::new(table, column), table.clone(), source.table.clone());
    let mut promises = vec![
        Promise::WritesTheSourceFirst { table: table.clone(), source: source.clone() },
        Promise::RolesMayFollow { at: at.clone(), source: source.clone() },
        Promise::WritesTheSourceToo { at: at.clone(), source: source.clone() },
    ];
    if needs_source(plan, &at) {
        promises.push(Promise::WritesBothInOneTransaction { table, source });
    }
    promises
}

/// Whether a row without a source row would be left without a value that it needs.
fn needs_source(plan: &Plan, at: &ColumnRef) -> bool {
    plan.steps.iter().flat_map(|step| &step.up).any(|operation| {
        let Operation::KeepFilled { table, column, origin: Origin::Source(source) } = operation else {
            return false;
        };
        ColumnRef::new(table, column) == *at && source.otherwise.is_none()
    })
}
