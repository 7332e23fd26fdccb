//! From loads, sizes and rates to seconds.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{Load, loads};
use super::seconds::{Estimate, Seconds};
use super::size::{Known, Size};
use crate::dialect::{Effect, Rates};
use crate::operation::Operation;
use crate::schema::{Origin, State, TableName};

/// What is known, and what of it was asked for.
pub(super) struct Model<'a> {
    known: &'a Known,
    rates: Rates,
    used: BTreeMap<TableName, Size>,
}

impl<'a> Model<'a> {
    pub fn new(known: &'a Known, rates: Rates) -> Self {
        Self { known, rates, used: BTreeMap::new() }
    }

    /// The sizes that the times so far are based on.
    pub fn used(self) -> BTreeMap<TableName, Size> {
        self.used
    }

    /// How long an operation takes, its part of the commit included.
    pub fn time(&mut self, operation: &Operation, effect: &Effect, before: &State) -> Estimate {
        let mut sum = Estimate::MOMENT;
        for (table, load) in loads(operation, effect, before) {
            let seconds = self.load(&table, &load, operation, before);
            sum = sum + seconds.map_or_else(Estimate::Unknown, |time| Estimate::Known(Seconds::about(time)));
        }
        sum
    }

    fn size(&mut self, table: &TableName) -> Result<Size, BTreeSet<TableName>> {
        let Some(size) = self.known.tables.get(table) else { return Err([table.clone()].into()) };
        self.used.insert(table.clone(), *size);
        Ok(*size)
    }

    /// Seconds of processor time.
    fn load(
        &mut self,
        table: &TableName,
        load: &Load,
        operation: &Operation,
        before: &State,
    ) -> Result<f64, BTreeSet<TableName>> {
        let size = self.size(table)?;
        let definition = before.schema.tables.get(table);
        let (rows, bytes) = (size.rows as f64, definition.map_or(0.0, |table| size.bytes_of(table)));
        let scan = self.rates.scan.seconds(rows, bytes);
        Ok(match load {
            Load::Scan => scan,
            Load::Lookup { other } => scan + self.lookup(other, rows, before)?,
            Load::Rewrite => self.rates.rewrite.seconds(rows, bytes),
            Load::Index { text, online, parts } => {
                let part = 1.0 / *parts as f64;
                let (rows, bytes, scan) = (rows * part, bytes * part, scan * part);
                let rate = if *text { self.rates.text_index } else { self.rates.index };
                let twice = if *online { self.rates.online } else { 1.0 };
                rate.seconds(rows, bytes) * depth(rows) * twice + scan
            }
            Load::Update { batched } => {
                let rate = if *batched { self.rates.batches } else { self.rates.update };
                // A row that moves to another page gets a new entry in each index.
                let more = definition.map_or(0, |table| table.indexes.len());
                let indexes = self.rates.update_index * rows / 1e6 * more as f64;
                let looked_up = match source_of(operation).filter(|source| *source != table) {
                    Some(source) => self.lookup(source, rows, before)?,
                    None => 0.0,
                };
                rate.seconds(rows, bytes) + indexes + looked_up
            }
        })
    }

    /// Each of `rows` finds its row in another table, which is read once for it. A small one stays in the processor's cache.
    fn lookup(&mut self, other: &TableName, rows: f64, before: &State) -> Result<f64, BTreeSet<TableName>> {
        let size = self.size(other)?;
        let bytes = before.schema.tables.get(other).map_or(0.0, |table| size.bytes_of(table));
        let share = (size.rows as f64 / rows.max(1.0)).clamp(0.2, 1.0);
        let found = self.rates.lookup.seconds(rows * share, 0.0);
        Ok(found + self.rates.scan.seconds(size.rows as f64, bytes))
    }
}

/// How deep a sort of so many rows is, beside one of 2^20.
fn depth(rows: f64) -> f64 {
    rows.max(2.0).log2() / 20.0
}

fn source_of(operation: &Operation) -> Option<&TableName> {
    if let Operation::Backfill { origin: Origin::Source(source), .. } = operation {
        Some(&source.table)
    } else {
        None
    }
}
