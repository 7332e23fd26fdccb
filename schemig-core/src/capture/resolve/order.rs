//! Structs that decode rows by position: their fields must stand in the order of the table's columns.

use super::draft::{Draft, listed};
use crate::capture::Fault;
use crate::schema::{ColumnName, Schema};

/// Reports structs that would read one column as another.
pub(super) fn check(drafts: &[Draft<'_>], schema: &Schema, faults: &mut Vec<Fault>) {
    for draft in drafts.iter().filter(|draft| draft.model.positional) {
        let Some(table) = schema.tables.get(&draft.name) else { continue };
        let first_off =
            draft.columns.iter().zip(table.columns.keys()).find(|((_, own), column)| own != *column);
        let place = match first_off {
            Some(((field, _), _)) => &field.column.place,
            None if draft.columns.len() == table.columns.len() => continue,
            None => &draft.model.ident.place,
        };
        let order: Vec<&str> = table.columns.keys().map(ColumnName::as_str).collect();
        let message = format!(
            "`{}` derives `Queryable` without `Selectable`, so it reads columns by position, and its fields aren't in their order",
            draft.model.ident.text
        );
        let help = format!(
            "derive `Selectable` and select `{}::as_select()`, or put the fields in this order: {}",
            draft.model.ident.text,
            listed(&order)
        );
        faults.push(Fault::at(place, message).help(help));
    }
}
