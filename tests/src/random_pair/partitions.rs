//! Tables whose rows are in partitions.

use schemig_core::schema::{ColumnName, Partitioning, Schema, Strategy, TableName};

use super::{Making, pick};
use crate::fixture::Product;

impl Making {
    /// A table of the start in partitions, which are named or not; in the change, which no server makes one so, the names alone differ.
    pub(super) fn spread(&mut self, name: &TableName, z: u8) {
        let renames = self.renames;
        let Some(table) = self.schema.tables.get_mut(name) else { return };
        let fits = self.product == Product::Postgres && table.primary_key == [ColumnName::from("id")];
        let partitions = ["one", "two"].map(|part| TableName::new(format!("{}_{part}", name.name)));
        match &mut table.partition_by {
            Some(by) if by.partitions.is_none() => by.partitions = Some(partitions.to_vec()),
            None if fits && !renames => {
                let strategy = pick(&[Strategy::Hash, Strategy::Range], z / 2);
                let partitions = z.is_multiple_of(2).then(|| partitions.to_vec());
                let columns = table.primary_key.clone();
                table.partition_by = Some(Partitioning { strategy, columns, partitions });
            }
            Some(_) | None => {}
        }
    }
}

/// Without what is bad input, and refused before there is a diff: keys that lack what decides a row's partition.
pub(super) fn without_unfit(schema: &mut Schema) {
    for name in schema.tables.keys().cloned().collect::<Vec<_>>() {
        let Some(table) = schema.tables.get_mut(&name) else { continue };
        let key = table.primary_key.clone();
        table.partition_by =
            table.partition_by.take().filter(|by| by.columns.iter().all(|it| key.contains(it)));
        let Some(by) = table.partition_by.clone() else { continue };
        table.indexes.retain(|_, index| !index.excludes());
        let holds = |columns: &[&ColumnName]| by.columns.iter().all(|column| columns.contains(&column));
        table
            .indexes
            .retain(|_, index| !index.unique || index.key_columns().is_some_and(|keys| holds(&keys)));
    }
}
