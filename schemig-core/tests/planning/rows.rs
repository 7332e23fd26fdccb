//! New tables that get their rows from one that stands.

use schemig_core::schema::{
    Action, Column, ColumnName, Deferral, Expression, ForeignKey, Hints, Index, RowsFrom, Schema, SqlType,
    Table, TableName,
};

use crate::pairs::{drop_table, pick};

/// A new table that gets its rows from another one; or such a table goes.
pub fn take_rows(schema: &mut Schema, hints: &mut Hints, source: &TableName, y: u8, z: u8) {
    let name = TableName::new("extras");
    if schema.tables.contains_key(&name) {
        if z.is_multiple_of(3) {
            drop_table(schema, &name);
            hints.rows.remove(&name);
        }
        return;
    }
    let Some(from) = schema.tables.get(source) else { return };
    let [source_key] = from.primary_key.as_slice() else { return };
    let source_key = source_key.clone();
    let Some(key_type) = from.columns.get(&source_key).map(|known| known.sql_type.clone()) else { return };
    let mut table = Table::keyed_by(["owner"]).with_column("owner", Column::required(key_type));
    let mut values = indexmap::IndexMap::new();
    for (place, (column, known)) in
        from.columns.iter().filter(|(column, _)| **column != source_key).enumerate()
    {
        let (identity, generated, provenance) = (None, None, known.provenance);
        let plain = Column { identity, generated, provenance, default: None, comment: None, ..known.clone() };
        if (y >> (place % 4)).is_multiple_of(2) {
            table = table.with_column(column.as_str(), plain);
            values.insert(column.clone(), Expression::from(column.as_str()));
        }
    }
    if z.is_multiple_of(4) {
        table = table.with_column("shout", Column::optional(SqlType::Text));
        values.insert("shout".into(), Expression::from(format!("upper({source_key}::text)").as_str()));
    }
    if z.is_multiple_of(5) {
        let key = ForeignKey {
            columns: vec!["owner".into()],
            references: source.clone(),
            key: vec![source_key.clone()],
            on_delete: pick(&[Action::NoAction, Action::Cascade], z / 5),
            on_update: Action::NoAction,
            deferral: Deferral::Never,
            provenance: Default::default(),
        };
        table.foreign_keys.insert("extras_owner_fkey".into(), key);
    }
    if z.is_multiple_of(6)
        && let Some(column) = values.keys().next()
    {
        let index = Index { unique: z.is_multiple_of(12), ..Index::on([column.as_str()]) };
        table.indexes.insert("extras_idx".into(), index);
    }
    schema.tables.insert(name.clone(), table);
    let rows = RowsFrom { table: source.clone(), source_key, key: "owner".into(), values };
    hints.table_renames.insert(name.clone(), None);
    hints.rows.insert(name, rows);
}

/// Without what is bad input, and refused before there is a diff: rows of a table that isn't there yet, or is otherwise.
pub fn without_bad_input(before: &Schema, after: &Schema, hints: &mut Hints) {
    hints.rows.retain(|name, rows| {
        let source = before.tables.get(&rows.table);
        let renamed = hints.table_renames.values().any(|from| from.as_ref() == Some(&rows.table));
        let reads = |source: &Table| {
            rows.values.iter().all(|(column, value)| {
                let read = source.columns.get(&ColumnName::from(value.as_str()));
                let new = after.tables.get(name).and_then(|table| table.columns.get(column));
                let is_call = value.as_str().contains('(');
                is_call || read.zip(new).is_some_and(|(read, new)| new.nullable || !read.nullable)
            })
        };
        let keyed = |source: &&Table| source.primary_key == [rows.source_key.clone()];
        source.filter(keyed).is_some_and(reads) && !renamed
    });
}
