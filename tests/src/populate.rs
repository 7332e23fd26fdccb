//! Rows for a fixture's start: those that `cargo schemig verify` fills a scratch database with.

use std::collections::BTreeMap;

use cargo_schemig::verify::rows::{Filling, demands, fill, lookups};
use schemig_core::dialect::Dialect;
use schemig_core::schema::{Schema, TableName};

use crate::pair::Planned;
use crate::server::Server;

/// Fills a database that is as `schema` says with up to `rows` rows for each table; returns how many each has.
///
/// The rows also satisfy what `planned` will demand of them, as far as its constraints read columns that are there already: while
/// they are written, those constraints stand.
///
/// # Panics
/// When the server fails.
pub fn populate(
    server: &mut Server,
    dialect: &dyn Dialect,
    schema: &Schema,
    planned: Option<&Planned>,
    rows: usize,
) -> BTreeMap<TableName, usize> {
    let operations = planned.iter().flat_map(|planned| planned.plan.steps.iter().flat_map(|step| &step.up));
    let lookups = lookups(operations);
    let demands = planned
        .map(|planned| demands(schema, &planned.assessment.end.schema, &planned.plan.changes))
        .unwrap_or_default();
    let connection = server.connection();
    let filling = Filling {
        dialect,
        spelling: connection.spelling(),
        schema,
        demands: &demands,
        lookups: &lookups,
        rows,
        seed: 1,
    };
    let filled = fill(connection, &filling).unwrap_or_else(|error| panic!("{error}"));
    for (table, said) in &filled.rejected {
        println!("{table} got {} of {rows} rows: {said}", filled.counts[table]);
    }
    filled.counts
}

/// A name as both servers quote it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name as both servers quote it.
pub fn quoted_table(name: &TableName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None => quoted(&name.name),
    }
}
