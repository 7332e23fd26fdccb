//! Exclusion constraints.

use schemig_core::schema::{ColumnRef, Deferral, Expression, Index, IndexKey, Schema};

use crate::pairs::pick;

/// Rows of a table must not overlap in a column, alone or where they have another one in common. It may take the name of a plain index over
/// from it, and leave it to one.
pub fn exclude(schema: &mut Schema, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    if !table.columns.contains_key(&at.column) {
        return;
    }
    let other = table.columns.keys().find(|other| **other != at.column).cloned();
    let keys = [(at.column.as_str(), pick(&["&&", "="], z))];
    let beside = other.iter().filter(|_| z.is_multiple_of(2)).map(|other| (other.as_str(), "="));
    let mut index = Index::excluding(keys.into_iter().chain(beside));
    if z.is_multiple_of(7) {
        index.keys[0] = IndexKey::Expression(format!("int8range({0}, {0})", at.column).as_str().into());
    }
    index.predicate = z.is_multiple_of(5).then(|| Expression::from("id > 0"));
    index.deferral =
        pick(&[Deferral::Never, Deferral::Never, Deferral::Immediate, Deferral::Deferred], z / 4);
    let name = if z.is_multiple_of(3) { "idx" } else { "excl" };
    table.indexes.insert(format!("{}_{}_{name}", at.table, at.column).as_str().into(), index);
}
