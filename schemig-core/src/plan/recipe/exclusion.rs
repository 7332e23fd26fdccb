//! Exclusion constraints: no server builds one beside running writes, so one that comes to a table with rows is signed off.
//!
//! It waits until N-1 is gone, unless it reads a column that N-1 doesn't know and leaves NULL, which excludes nothing. It goes when N-1, which
//! relies on it, is gone. One for another in one transaction: rows are never without the one or the other.

use crate::change::{Change, Question};
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::{Context, Values};
use crate::plan::draft::Draft;
use crate::schema::{ColumnRef, Deferral, Index, IndexKey, IndexName, TableName, Violation};

pub(super) fn added(
    context: &Context<'_>,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let phase = phase(context, table, definition);
    let count = guard(table, definition).filter(|_| phase == Phase::Contract);
    let count = count.map(|guard| Draft::new(phase, [guard]));
    count.into_iter().chain([Draft::new(phase, [build(table, index, definition)])]).collect()
}

/// Back, rows that were written meanwhile may exclude each other: they are counted first.
pub(super) fn dropped(table: &TableName, index: &IndexName, definition: &Index) -> Vec<Draft> {
    let drop = Operation::DropIndex { table: table.clone(), index: index.clone(), online: false };
    let back = guard(table, definition).into_iter().chain([build(table, index, definition)]);
    vec![Draft::new(Phase::Contract, [drop]).back_by(back)]
}

pub(super) fn replaced(table: &TableName, index: &IndexName, [from, to]: [&Index; 2]) -> Vec<Draft> {
    let drop = || Operation::DropIndex { table: table.clone(), index: index.clone(), online: false };
    let back = guard(table, from).into_iter().chain([drop(), build(table, index, from)]);
    let change = Draft::new(Phase::Contract, [drop(), build(table, index, to)]).back_by(back);
    let count = guard(table, to).map(|guard| Draft::new(Phase::Contract, [guard]));
    count.into_iter().chain([change]).collect()
}

/// A column that is mirrored would have the constraint twice, the second one built under a lock while both releases run.
pub(super) fn on_mirrored(context: &Context<'_>, change: &Change) -> Option<Question> {
    let (Change::RenameColumn { table, from, to } | Change::ReplaceColumn { table, from, to, .. }) = change
    else {
        return None;
    };
    let known = context.table(table)?;
    let (name, _) = known.indexes.iter().find(|(_, index)| index.excludes() && index.reads(from))?;
    Some(Question {
        table: table.clone(),
        column: Some(ColumnRef::new(table, to)),
        condition: format!("{change}, and the exclusion constraint {name} reads it"),
        effect: "the new column would need a constraint of its own beside it, and no server builds one while releases write".into(),
        answers: vec![
            format!("keep the SQL name: #[diesel(column_name = {from})]"),
            "take the `exclude(…)` out of the model first, and put it back when that plan's contract is done".into(),
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap".into(),
        ],
    })
}

/// Rows that may exclude each other are counted where they are found by a key that they have in common. Without one, each row would be
/// held against each other; the build finds them sooner, and says which they are.
pub(super) fn guard(table: &TableName, definition: &Index) -> Option<Operation> {
    let against = Violation::Duplicate { index: definition.clone() };
    definition.excludes_equals().then(|| Operation::Guard { table: table.clone(), against })
}

pub(super) fn build(table: &TableName, index: &IndexName, definition: &Index) -> Operation {
    let (table, index, definition) = (table.clone(), index.clone(), definition.clone());
    Operation::CreateIndex { table, index, definition, online: false }
}

/// One that is checked later always waits: an ON CONFLICT of N-1 that names nothing would fail on it.
fn phase(context: &Context<'_>, table: &TableName, definition: &Index) -> Phase {
    let is_null = |key: &IndexKey| match key {
        IndexKey::Column(column) => context.values_of(table, column) == Some(Values::Null),
        IndexKey::Expression(_) => false,
    };
    let unmet = definition.deferral == Deferral::Never && definition.keys.iter().any(is_null);
    if unmet { Phase::Expand } else { Phase::Contract }
}
