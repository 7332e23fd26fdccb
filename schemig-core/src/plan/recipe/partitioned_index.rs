//! Build an index of a table with partitions beside running writes: the server builds none on all of them at once without blocking. The
//! index is begun on the table, each partition gets its part online, alone (R7), and then they are put together. It serves from then on.
//!
//! Which partitions there are stands in the model, for each is a file of its own. What the model doesn't name, the last step finds.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{Index, IndexName, Partitioning, TableName};

/// How a table that stands is spread, by the release that is to be, which knows its partitions best.
pub(super) fn spread<'c>(context: &'c Context<'_>, table: &TableName) -> Option<&'c Partitioning> {
    let of = |schema: &'c crate::schema::Schema| schema.tables.get(table)?.partition_by.as_ref();
    of(context.to).or_else(|| of(&context.known))
}

/// The steps to an index that serves.
pub(super) fn build(
    by: &Partitioning,
    phase: Phase,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let [begin, parts, join] = operations(by, table, index, definition);
    [begin, parts, join].into_iter().flatten().map(|operation| Draft::new(phase, [operation])).collect()
}

/// Steps whose ways back, run last first, build the index again.
pub(super) fn ways_back(
    by: &Partitioning,
    phase: Phase,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let [begin, parts, join] = operations(by, table, index, definition);
    let back = [begin, parts, join].into_iter().flatten().rev();
    back.map(|operation| Draft::way_back(phase, [operation])).collect()
}

/// Drops the index when N-1 is gone: for a moment nobody reads or writes the table or its partitions, for no server does that online.
pub(super) fn drop(
    by: &Partitioning,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> Vec<Draft> {
    let [begin, parts, join] = operations(by, table, index, definition);
    let later = parts.into_iter().chain(join).rev();
    let mut steps: Vec<Draft> =
        later.map(|operation| Draft::way_back(Phase::Contract, [operation])).collect();
    let gone = Operation::DropIndex { table: table.clone(), index: index.clone(), online: false };
    steps.push(Draft::new(Phase::Contract, [gone]).back_by(begin));
    steps
}

fn operations(
    by: &Partitioning,
    table: &TableName,
    index: &IndexName,
    definition: &Index,
) -> [Vec<Operation>; 3] {
    let partitions = by.known().to_vec();
    let named = || (table.clone(), index.clone(), definition.clone());
    let part = |partition: &TableName| {
        let (table, index, definition) = named();
        Operation::BuildIndexPart { table, index, partition: partition.clone(), definition }
    };
    let parts = partitions.iter().map(part).collect();
    let (table, index, definition) = named();
    let begin = Operation::BeginIndex { table, index, definition, partitions: partitions.clone() };
    let (table, index, definition) = named();
    let join = Operation::JoinIndexParts { table, index, definition, partitions };
    [vec![begin], parts, vec![join]]
}
