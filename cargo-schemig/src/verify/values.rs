//! What the rows hold, column by column, as checksums that can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use diesel::QueryResult;
use schemig_core::schema::{ColumnName, ColumnRef, Schema, Table, TableName};

use super::spelling::{quoted, quoted_table};
use crate::database::Connection;

/// The checksums of each column's values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(pub BTreeMap<ColumnRef, Sums>);

/// The checksums of one column's values, or what the server says where they can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// What tells rows apart.
    key: Vec<ColumnName>,
    /// Row by row in the order of the key.
    pub in_order: String,
    /// In an order of their own.
    sorted: String,
}

impl Sums {
    /// Whether the values are the same as later: each in its row, as far as rows are told apart by the same key.
    pub fn are_same(&self, later: &Self) -> bool {
        if self.key == later.key { self.in_order == later.in_order } else { self.sorted == later.sorted }
    }
}

impl Values {
    /// Reads all columns of a schema. What the server says where a table can't be read stands for its values.
    pub fn read(connection: &mut Connection, schema: &Schema) -> Self {
        let mut values = BTreeMap::new();
        for (name, table) in &schema.tables {
            let sums = checksums(connection, name, table)
                .unwrap_or_else(|error| vec![format!("{UNREADABLE}{error}"); 2 * table.columns.len()]);
            let columns = table.columns.keys().map(|column| ColumnRef::new(name, column));
            let sums = sums.chunks_exact(2).map(|pair| Sums {
                key: table.primary_key.clone(),
                in_order: pair[0].clone(),
                sorted: pair[1].clone(),
            });
            values.extend(columns.zip(sums));
        }
        Self(values)
    }

    /// The same but for these columns.
    #[must_use]
    pub fn except(mut self, columns: &BTreeSet<ColumnRef>) -> Self {
        self.0.retain(|at, _| !columns.contains(at));
        self
    }

    /// The same where the order of keys that lost columns tells nothing.
    #[must_use]
    pub fn without_order_of(&self, lost: &BTreeSet<ColumnRef>) -> Self {
        let mut values = self.clone();
        for (at, sums) in &mut values.0 {
            if sums.key.iter().any(|column| lost.contains(&ColumnRef::new(&at.table, column))) {
                sums.key.clear();
            }
        }
        values
    }

    /// The columns that both have and whose values aren't the same, and those that only `self` has.
    pub fn changed<'a>(&'a self, later: &'a Self) -> impl Iterator<Item = &'a ColumnRef> {
        // What can't be read is no proof of anything.
        let differs = |at: &ColumnRef, sums: &Sums| {
            sums.in_order.starts_with(UNREADABLE)
                || !later.0.get(at).is_some_and(|later| sums.are_same(later))
        };
        self.0.iter().filter(move |(at, sum)| differs(at, sum)).map(|(at, _)| at)
    }
}

const UNREADABLE: &str = "unreadable: ";

/// For each column, two texts that differ when a value does, with the number of rows: in the order of the key, and sorted.
fn checksums(connection: &mut Connection, name: &TableName, table: &Table) -> QueryResult<Vec<String>> {
    let (from, order) = (quoted_table(name), order(table));
    let columns = table.columns.keys().map(|column| quoted(column.as_str()));
    match connection {
        Connection::Postgres(_) => {
            let sums = columns.flat_map(|column| {
                let text = format!("quote_nullable({column}::text)");
                [&order, &text].map(|order| format!("md5(string_agg({text}, ',' ORDER BY {order}))"))
            });
            let sums: Vec<String> = sums.collect();
            let query = format!(
                "SELECT sums.rows || ' rows, ' || coalesce(sum, '') FROM (
                    SELECT count(*)::text, ARRAY[{}] FROM {from}
                ) AS sums (rows, each), unnest(sums.each) WITH ORDINALITY AS one (sum, place) ORDER BY place",
                sums.join(", ")
            );
            connection.texts(&query)
        }
        Connection::Sqlite(_) => {
            let mut sums = Vec::new();
            for column in columns {
                let query = format!("SELECT quote({column}) FROM {from} ORDER BY {order}");
                let mut texts = connection.texts(&query)?;
                sums.push(hashed(&texts));
                texts.sort();
                sums.push(hashed(&texts));
            }
            Ok(sums)
        }
    }
}

fn hashed(texts: &[String]) -> String {
    let mut hasher = DefaultHasher::new();
    texts.hash(&mut hasher);
    format!("{} rows, {:016x}", texts.len(), hasher.finish())
}

/// The columns that tell rows apart.
fn order(table: &Table) -> String {
    let keys: Vec<String> = if table.primary_key.is_empty() {
        // As text, for not every type has an order.
        table.columns.keys().map(|column| format!("CAST({} AS text)", quoted(column.as_str()))).collect()
    } else {
        table.primary_key.iter().map(|key| quoted(key.as_str())).collect()
    };
    keys.join(", ")
}
