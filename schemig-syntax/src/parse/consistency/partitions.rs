//! What a table with partitions may not have: keys that don't say which partition a row is in.

use super::{absent, missing, repeated};
use crate::{Errors, IndexKey, Model, Name, Strategy};

pub(super) fn check(model: &Model<'_>, errors: &mut Errors) {
    let Some(by) = &model.partition_by else { return };
    for column in &by.columns {
        if let Some(help) = absent(model, column) {
            missing(errors, column.span, format!("no field is the column `{column}`"), help);
        } else if !model.primary_key.contains(column) {
            errors.push_with(
                column.span,
                format!("`{column}` decides a row's partition, and isn't in the primary key"),
                format!(
                    "a key is kept within each partition: `#[diesel(primary_key({}, {column}))]`",
                    listed(&model.primary_key)
                ),
            );
        }
    }
    for column in repeated(by.columns.iter()) {
        errors.push(column.span, format!("`{column}` is listed twice"));
    }
    if by.strategy == Strategy::List && by.columns.len() > 1 {
        errors.push(by.columns[1].span, "`list` is over one column");
    }
    if let Some(rows) = &model.rows_from {
        errors.push_with(
            rows.span,
            "`rows_from` would write to a table that has no partition yet",
            "make the table without it, then its partitions, and let the app copy the rows",
        );
    }
    let partitions = by.partitions.iter().flatten().map(|text| Name::new(text.text.clone(), text.span));
    let partitions: Vec<Name> = partitions.collect();
    for partition in repeated(partitions.iter()) {
        errors.push(partition.span, format!("`{partition}` is listed twice"));
    }
    uniques(model, &by.columns, errors);
}

/// The server keeps a key within each partition, so it must say which one.
fn uniques(model: &Model<'_>, columns: &[Name], errors: &mut Errors) {
    let on_fields = model.columns().filter_map(|field| field.unique.value());
    for index in model.uniques.iter().chain(on_fields) {
        let key = |column: &Name| index.keys.contains(&IndexKey::Column(column.clone()));
        if let Some(lacks) = columns.iter().find(|column| !key(column)) {
            errors.push_with(
                index.span,
                format!("this unique key lacks `{lacks}`, which decides a row's partition"),
                format!(
                    "a key is kept within each partition: list `{lacks}` too, in a `unique(…)` on the struct"
                ),
            );
        }
    }
}

fn listed(names: &[Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ")
}
