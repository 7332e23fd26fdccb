//! Tables whose rows are in partitions, in random schemas.

use schemig_core::schema::{ColumnName, Index, IndexName, Partitioning, Schema, Strategy, TableName};

use crate::pairs::{Move, TABLES, pick};

/// Some tables of the start are in partitions, which are named or not. No change makes one so.
pub fn spread(schema: &mut Schema, base: &[Move]) {
    for (_, x, _, z) in base.iter().filter(|(kind, ..)| kind.is_multiple_of(12)) {
        let Some(table) = schema.tables.get_mut(&TableName::new(pick(&TABLES, *x))) else { continue };
        let strategy = pick(&[Strategy::Hash, Strategy::Range, Strategy::List], z / 4);
        let columns = table.primary_key.clone();
        table.partition_by = Some(Partitioning { strategy, columns, partitions: None });
    }
    name_partitions(schema, base);
}

/// Names the partitions, or says that there are none, or says nothing; and an index of such a table comes or goes.
pub fn name_partitions(schema: &mut Schema, moves: &[Move]) {
    for (_, x, _, z) in moves.iter().filter(|(kind, ..)| kind.is_multiple_of(3)) {
        let name = pick(&TABLES, *x);
        let by = schema.tables.get_mut(&TableName::new(name)).and_then(|table| table.partition_by.as_mut());
        let partitions = ["one", "two"].map(|part| TableName::new(format!("{name}_{part}")));
        let known = [None, Some(Vec::new()), Some(partitions[..1].to_vec()), Some(partitions.to_vec())];
        let Some(by) = by else { continue };
        by.partitions = pick(&known, *z);
        let index = IndexName::from(format!("{name}_spread").as_str());
        let Some(table) = schema.tables.get_mut(&TableName::new(name)) else { continue };
        if table.indexes.remove(&index).is_none() && z.is_multiple_of(2) {
            let keys = table.primary_key.iter().map(ColumnName::as_str);
            let definition = Index { unique: z.is_multiple_of(4), ..Index::on(keys) };
            table.indexes.insert(index, definition);
        }
    }
}

/// Without what is bad input, and refused before there is a diff: keys that lack what decides a row's partition.
pub fn without_unfit(schema: &mut Schema) {
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
