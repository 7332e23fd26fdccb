//! Replace an index under its name: the new one stands, under a name of its own, before the old one goes. A unique one that is to
//! be checked later from now on is the same index, and becomes a constraint's.

use super::{add_index, drop_index, exclusion};
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{Index, IndexName, TableName, Violation, fitted};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    index: &IndexName,
    from: &Index,
    to: &Index,
) -> Vec<Draft> {
    if from.excludes() && to.excludes() {
        return exclusion::replaced(table, index, [from, to]);
    }
    if from.unique && *from == to.plain() && from != to {
        return add_index::constrain(context, table, index, to);
    }
    let later = to.unique && !to.arbitrates();
    let built = if later { to.plain() } else { to.clone() };
    let fresh = IndexName(fitted(format!("{index}_new")));
    let waits = from.separates() || to.excludes() || later;
    let phase = if waits { Phase::Contract } else { add_index::phase(context, table, to) };
    let mut steps = Vec::new();
    steps.extend(exclusion::guard(table, to).map(|guard| Draft::new(phase, [guard])));
    if to.unique && phase == Phase::Contract {
        let against = Violation::Duplicate { index: to.clone() };
        steps.push(Draft::new(phase, [Operation::Guard { table: table.clone(), against }]));
    }
    steps.extend(add_index::build(context, phase, table, &fresh, &built));
    steps.extend(drop_index::steps(context, table, index, from));
    let rename = Operation::RenameIndex { table: table.clone(), from: fresh, to: index.clone() };
    steps.push(Draft::new(Phase::Contract, [rename]));
    if later {
        steps.extend(add_index::constrain(context, table, index, to));
    }
    steps
}
