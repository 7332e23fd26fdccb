//! What stands beside SQLite's tables: views, triggers, virtual tables, by the text that it keeps of them.

use std::collections::BTreeSet;

use diesel::SqliteConnection;
use schemig_core::schema::{ColumnRef, Dependant, DependantKind, TableName};

use super::super::Error;
use super::token::tokens;
use super::{is_virtual, objects, sqlite};

/// Reads them. A text that names a table stands on it, and reads those of its columns that it names: a name may mean something else there,
/// so this is too much rather than too little.
///
/// # Errors
/// The database can't be read.
pub(in super::super) fn dependants(connection: &mut SqliteConnection) -> Result<BTreeSet<Dependant>, Error> {
    let schema = sqlite(connection)?.schema;
    let mut found = BTreeSet::new();
    for object in objects(connection)? {
        let kind = match object.kind.as_str() {
            "view" => DependantKind::View,
            "trigger" => DependantKind::Trigger,
            _ if is_virtual(&object) => DependantKind::ForeignTable,
            _ => continue,
        };
        let words: BTreeSet<String> =
            tokens(&object.sql).iter().filter_map(|token| Some(token.name()?.to_ascii_lowercase())).collect();
        let named = |name: &str| words.contains(&name.to_ascii_lowercase());
        let on: Vec<(&TableName, _)> = schema.tables.iter().filter(|(table, _)| named(&table.name)).collect();
        let columns = on.iter().flat_map(|(table, definition)| {
            let read = definition.columns.keys().filter(|column| named(column.as_str()));
            read.map(|column| ColumnRef::new(table, column))
        });
        found.insert(Dependant {
            kind,
            columns: columns.collect(),
            enums: BTreeSet::new(),
            tables: on.iter().map(|(table, _)| (*table).clone()).collect(),
            name: object.name,
        });
    }
    Ok(found)
}
