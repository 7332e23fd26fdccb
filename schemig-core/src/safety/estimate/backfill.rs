//! How rows are backfilled: what a person who watches it wants to know beforehand.

use super::size::Size;
use super::timing::Given;
use crate::operation::Operation;
use crate::schema::{ColumnName, State, TableName};

/// A backfill in batches.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// The table whose rows are walked.
    pub table: TableName,
    /// The key that they are walked by; empty where the table has none, and all rows are written in one go.
    pub key: Vec<ColumnName>,
    /// Rows of a batch in the file that Diesel runs; `apply` sizes them by the time that they take.
    pub batch: u32,
    /// The rows, where they are known: each is looked at, and written unless it holds its value already.
    pub rows: Option<u64>,
    /// Batches, where the rows are known.
    pub batches: Option<u64>,
    /// Bytes of write-ahead log at most, where the size is known. Replicas have to read it, and archives to keep it.
    pub log: Option<u64>,
    /// Bytes of row versions that are dead afterwards, until a vacuum has made room of them.
    pub dead: Option<u64>,
}

impl Strategy {
    pub(super) fn of(operation: &Operation, before: &State, given: Given<'_>) -> Option<Self> {
        let table = if let Operation::Backfill { table, batched: true, .. } = operation {
            table
        } else if let Operation::CopyRows { rows, batched: true, .. } = operation {
            &rows.table
        } else {
            return None;
        };
        let definition = before.schema.tables.get(table)?;
        let size = given.known.tables.get(table);
        let batch = given.dialect.batch_rows()?;
        let bytes = |size: &Size| size.bytes_of(definition);
        let [of_row, of_byte] = given.rates().log;
        // More than 2^53 bytes aren't counted exactly, and needn't be.
        let log = |size: &Size| (of_row * size.rows as f64 + of_byte * bytes(size)) as u64;
        Some(Self {
            table: table.clone(),
            key: definition.primary_key.clone(),
            batch,
            rows: size.map(|size| size.rows),
            batches: size.map(|size| size.rows.div_ceil(u64::from(batch))),
            log: size.map(log),
            dead: size.map(|size| bytes(size) as u64),
        })
    }
}
