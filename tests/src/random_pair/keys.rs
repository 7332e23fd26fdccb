//! Primary keys that change.

use schemig_core::schema::{Column, ColumnRef, Index, SqlType};

use super::Making;
use crate::fixture::Product;

impl Making {
    /// Another primary key: one column more or less, in another order, or another one that has a number.
    pub(super) fn rekey(&mut self, at: &ColumnRef, z: u8) {
        let numbered =
            |column: &Column| column.sql_type == SqlType::BigInt || column.sql_type == SqlType::Text;
        let fits = |column: &Column| !column.nullable && column.generated.is_none() && numbered(column);
        if !self.schema.column(at).is_some_and(fits) {
            return;
        }
        // A foreign key refers to what is unique.
        let referred = self
            .schema
            .tables
            .iter()
            .any(|(_, table)| table.foreign_keys.values().any(|key| key.references == at.table));
        // SQLite numbers nothing but a key of one integer.
        let id = self.schema.column(&ColumnRef::new(&at.table, &"id".into()));
        let kept = self.product == Product::Sqlite && id.is_some_and(|id| id.identity.is_some());
        if referred && !z.is_multiple_of(5) || kept {
            return;
        }
        self.with_table(at, |table, at| match z % 4 {
            0 if !table.primary_key.contains(&at.column) => table.primary_key.push(at.column.clone()),
            1 if table.primary_key.len() > 1 => table.primary_key.retain(|key| *key != at.column),
            2 => table.primary_key.reverse(),
            _ => table.primary_key = vec![at.column.clone()],
        });
        if referred {
            let index = Index::unique_on(["id"]);
            let name = format!("{}_id_key", at.table);
            self.with_table(at, |table, _| drop(table.indexes.insert(name.as_str().into(), index)));
        }
    }
}
