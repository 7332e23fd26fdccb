//! Indexes of tables whose rows are in partitions.

use super::{Applied, Inapplicable};
use crate::schema::{Index, IndexName, IndexStatus, State, TableName};

impl State {
    /// The plan knows these partitions from here on, whether the release before named them or not.
    pub(super) fn begin_index(
        &mut self,
        table: &TableName,
        name: &IndexName,
        index: &Index,
        partitions: &[TableName],
    ) -> Applied {
        let spread = self.table_mut(table)?.partition_by.as_mut();
        let spread = spread.ok_or_else(|| Inapplicable::Missing(format!("a partition of {table}")))?;
        let known = spread.partitions.get_or_insert_default();
        known.extend(
            partitions.iter().filter(|partition| !known.contains(partition)).cloned().collect::<Vec<_>>(),
        );
        self.create_index(table, name, index)?;
        self.in_flight.indexes.insert((table.clone(), name.clone()), IndexStatus::Building);
        Ok(())
    }

    /// Whether the index is there, serving already or not: what puts parts together may run a second time.
    pub(super) fn is_begun(&self, table: &TableName, name: &IndexName, wanted: &Index) -> Applied {
        match self.table(table)?.indexes.get(name) {
            Some(index) if index == wanted => Ok(()),
            _ => Err(Inapplicable::Missing(format!("index {name}"))),
        }
    }
}
