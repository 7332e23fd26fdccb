//! What the rows hold, column by column, as checksums that can be compared.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use schemig_core::schema::{ColumnName, ColumnRef, Schema, Table, TableName};

use super::spelling::{quoted, quoted_table};
use crate::database::Connection;

/// The checksum of each column's values, in the order of its table's key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(pub BTreeMap<ColumnRef, String>);

impl Values {
    /// Reads all columns of a schema that the database has.
    ///
    /// # Errors
    /// A table can't be read.
    pub fn read(connection: &mut Connection, schema: &Schema) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        for (name, table) in &schema.tables {
            for column in table.columns.keys() {
                let sum = checksum(connection, name, table, column)
                    .map_err(|error| format!("{name}.{column} can't be read: {error}"))?;
                values.insert(ColumnRef::new(name, column), sum);
            }
        }
        Ok(Self(values))
    }

    /// The columns that both have and whose values aren't the same, and those that only `self` has.
    pub fn changed<'a>(&'a self, later: &'a Self) -> impl Iterator<Item = &'a ColumnRef> {
        self.0.iter().filter(|(at, sum)| later.0.get(*at) != Some(sum)).map(|(at, _)| at)
    }
}

/// A text that differs when a value does, with the number of rows.
fn checksum(
    connection: &mut Connection,
    name: &TableName,
    table: &Table,
    column: &ColumnName,
) -> diesel::QueryResult<String> {
    let (from, column) = (quoted_table(name), quoted(column.as_str()));
    let keys: Vec<String> = table.primary_key.iter().map(|key| quoted(key.as_str())).collect();
    let order = if keys.is_empty() { column.clone() } else { keys.join(", ") };
    let query = match connection {
        Connection::Postgres(_) => format!(
            "SELECT count(*)::text || ' rows, ' || coalesce(md5(string_agg(coalesce({column}::text, E'\\\\N'), E'\\t' ORDER BY {order})), '') \
             FROM {from}"
        ),
        Connection::Sqlite(_) => format!("SELECT quote({column}) FROM {from} ORDER BY {order}"),
    };
    let texts = connection.texts(&query)?;
    Ok(match connection {
        Connection::Postgres(_) => texts.concat(),
        Connection::Sqlite(_) => {
            let mut hasher = DefaultHasher::new();
            texts.hash(&mut hasher);
            format!("{} rows, {:016x}", texts.len(), hasher.finish())
        }
    })
}
