//! What the rows hold, column by column, as checksums that can be compared.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use diesel::QueryResult;
use schemig_core::schema::{ColumnRef, Schema, Table, TableName};

use super::spelling::{quoted, quoted_table};
use crate::database::Connection;

/// The checksum of each column's values, in the order of its table's key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(pub BTreeMap<ColumnRef, String>);

impl Values {
    /// Reads all columns of a schema. What the server says where a table can't be read stands for its values.
    pub fn read(connection: &mut Connection, schema: &Schema) -> Self {
        let mut values = BTreeMap::new();
        for (name, table) in &schema.tables {
            let sums = checksums(connection, name, table)
                .unwrap_or_else(|error| vec![format!("{UNREADABLE}{error}"); table.columns.len()]);
            let columns = table.columns.keys().map(|column| ColumnRef::new(name, column));
            values.extend(columns.zip(sums));
        }
        Self(values)
    }

    /// The columns that both have and whose values aren't the same, and those that only `self` has.
    pub fn changed<'a>(&'a self, later: &'a Self) -> impl Iterator<Item = &'a ColumnRef> {
        // What can't be read is no proof of anything.
        let differs =
            |at: &ColumnRef, sum: &String| sum.starts_with(UNREADABLE) || later.0.get(at) != Some(sum);
        self.0.iter().filter(move |(at, sum)| differs(at, sum)).map(|(at, _)| at)
    }
}

const UNREADABLE: &str = "unreadable: ";

/// For each column, a text that differs when a value does, with the number of rows.
fn checksums(connection: &mut Connection, name: &TableName, table: &Table) -> QueryResult<Vec<String>> {
    let (from, order) = (quoted_table(name), order(table));
    let columns = table.columns.keys().map(|column| quoted(column.as_str()));
    match connection {
        Connection::Postgres(_) => {
            let sum =
                |column| format!("md5(string_agg(quote_nullable({column}::text), ',' ORDER BY {order}))");
            let sums: Vec<String> = columns.map(sum).collect();
            let query = format!(
                "SELECT sums.rows || ' rows, ' || coalesce(sum, '') FROM (
                    SELECT count(*)::text, ARRAY[{}] FROM {from}
                ) AS sums (rows, each), unnest(sums.each) WITH ORDINALITY AS one (sum, place) ORDER BY place",
                sums.join(", ")
            );
            connection.texts(&query)
        }
        Connection::Sqlite(_) => columns
            .map(|column| {
                let texts =
                    connection.texts(&format!("SELECT quote({column}) FROM {from} ORDER BY {order}"))?;
                let mut hasher = DefaultHasher::new();
                texts.hash(&mut hasher);
                Ok(format!("{} rows, {:016x}", texts.len(), hasher.finish()))
            })
            .collect(),
    }
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
