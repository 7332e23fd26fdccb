//! Rows for any schema: parents and children, NULLs, defaults left out, duplicates where they are allowed, boundary values, a skew.
//!
//! The server judges: a row that it rejects is left out, so that what stands satisfies every key and check.

mod catalog;
mod circle;
mod demands;
mod fill;
mod filled;
mod filler;
mod link;
mod literal;
mod maker;
mod order;
mod samples;
mod write;

use std::collections::BTreeMap;

use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::schema::{ColumnRef, Origin, Schema, Source, TableName};

use super::traffic::{Release, Side, Spelling};

pub use demands::demands;
pub use fill::fill;
pub(crate) use fill::top_up;
use order::is_optional;
pub(crate) use order::order;
pub(crate) use samples::sample;

/// What is to be filled, and how.
#[derive(Clone, Copy)]
pub struct Filling<'a> {
    /// How the server spells things.
    pub dialect: &'a dyn Dialect,
    /// The same, of names and binds.
    pub spelling: &'static Spelling,
    /// The tables as they are in the database.
    pub schema: &'a Schema,
    /// Constraints that the rows satisfy too: they stand while the rows are written.
    pub demands: &'a [Operation],
    /// What is looked up where: each row has its source row.
    pub lookups: &'a [(ColumnRef, Source)],
    /// How many rows each table gets, as far as its keys admit so many.
    pub rows: usize,
    /// The same seed gives the same rows.
    pub seed: u64,
}

/// What was filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// How many rows each table has.
    pub counts: BTreeMap<TableName, usize>,
    /// For tables that got fewer rows than were wanted, what the server said last.
    pub rejected: BTreeMap<TableName, String>,
}

impl Filling<'_> {
    /// The tables as a release that knows all of them would use them.
    fn release(&self) -> Release<'_> {
        let Self { dialect, spelling, schema, demands: _, lookups: _, rows: _, seed: _ } = *self;
        Release { schema, side: Side::Newest, dialect, spelling }
    }
}

/// Which columns these operations fill from another table.
pub fn lookups<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> Vec<(ColumnRef, Source)> {
    let mut found: Vec<(ColumnRef, Source)> = Vec::new();
    for operation in operations {
        let looked_up = if let Operation::KeepFilled { table, column, origin: Origin::Source(source) }
        | Operation::Backfill { table, column, origin: Origin::Source(source), .. }
        | Operation::Follow { table, column, source } = operation
        {
            Some((ColumnRef::new(table, column), source.clone()))
        } else {
            None
        };
        found.extend(looked_up.filter(|lookup| !found.contains(lookup)));
    }
    found
}
