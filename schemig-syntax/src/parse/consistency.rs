//! What no single attribute shows: names that must exist, and facts that exclude each other.

use proc_macro2::Span;

use crate::key::suggestion;
use crate::{Backfill, Errors, Field, IndexAttr, IndexKey, Model, Name, Said, option_inner};

pub(super) fn check(model: &Model<'_>, errors: &mut Errors) {
    unique_columns(model, errors);
    primary_key(model, errors);
    for index in model.indexes.iter().chain(&model.uniques).chain(&model.exclusions).chain(of_fields(model)) {
        self::index(model, index, errors);
    }
    unique_names(model, errors);
    identities(model, errors);
    for field in model.columns() {
        exclusions(field, errors);
        hints(field, errors);
    }
    dropped(model, errors);
    rows_from(model, errors);
}

/// Indexes and unique keys that stand on fields.
fn of_fields<'m>(model: &'m Model<'_>) -> impl Iterator<Item = &'m IndexAttr> {
    model.columns().flat_map(|field| [field.index.value(), field.unique.value()]).flatten()
}

fn repeated<'a>(names: impl Iterator<Item = &'a Name>) -> Vec<&'a Name> {
    let mut seen: Vec<&Name> = Vec::new();
    let mut again = Vec::new();
    for name in names {
        if seen.contains(&name) { again.push(name) } else { seen.push(name) }
    }
    again
}

fn unique_columns(model: &Model<'_>, errors: &mut Errors) {
    for column in repeated(model.columns().map(|field| &field.column)) {
        errors.push(column.span, format!("two fields are the column `{column}`"));
    }
    let formers: Vec<&Name> = model.columns().filter_map(|field| field.renamed_from.value()).collect();
    for former in repeated(formers.into_iter()) {
        errors.push(former.span, format!("two fields are renamed from `{former}`"));
    }
}

/// `Some` if the struct names all its columns, and this one isn't among them: what to write instead.
fn absent(model: &Model<'_>, column: &Name) -> Option<Option<String>> {
    if model.embeds() || model.columns().any(|field| field.column == *column) {
        return None;
    }
    Some(suggestion(&column.text, model.columns().map(|field| field.column.text.as_str())))
}

fn missing(errors: &mut Errors, span: Span, message: String, help: Option<String>) {
    match help {
        Some(help) => errors.push_with(span, message, help),
        None => errors.push(span, message),
    }
}

fn primary_key(model: &Model<'_>, errors: &mut Errors) {
    if model.primary_key.is_empty() {
        errors.push(model.ident.span, "`primary_key` names no column");
    }
    for column in repeated(model.primary_key.iter()) {
        errors.push(column.span, format!("`primary_key` names `{column}` twice"));
    }
    for column in &model.primary_key {
        if let Some(near) = absent(model, column) {
            let help = format!(
                "write `#[diesel(primary_key(…))]`{}",
                near.map_or(String::new(), |n| format!("; {n}"))
            );
            errors.push_with(column.span, format!("no field is the primary key's column `{column}`"), help);
        }
        let nullable = model.columns().find(|field| field.column == *column);
        if let Some(field) = nullable.filter(|field| option_inner(field.read_type()).is_some()) {
            errors.push_with(
                field.ident.span,
                format!("`{column}` is in the primary key and can't be NULL"),
                "take the `Option` away",
            );
        }
    }
}

fn index(model: &Model<'_>, index: &IndexAttr, errors: &mut Errors) {
    let keys = index.keys.iter().filter_map(|key| match key {
        IndexKey::Column(column) => Some(column),
        IndexKey::Expression(_) => None,
    });
    let columns: Vec<&Name> = keys.chain(&index.include).collect();
    for column in &columns {
        if let Some(help) = absent(model, column) {
            missing(errors, column.span, format!("no field is the column `{column}`"), help);
        }
    }
    for column in repeated(columns.into_iter()) {
        errors.push(column.span, format!("`{column}` is listed twice"));
    }
}

/// Names in the database: of indexes and unique keys, of checks, of columns.
fn unique_names(model: &Model<'_>, errors: &mut Errors) {
    let as_name = |text: &crate::Text| Name::new(text.text.clone(), text.span);
    let indexes = model.indexes.iter().chain(&model.uniques).chain(&model.exclusions).chain(of_fields(model));
    let checks = model.checks.iter().chain(model.columns().flat_map(|field| &field.checks));
    // Where no field has a name of its own, `unique_columns` has said it all.
    let any_named = model.columns().any(|field| field.name.is_some());
    let columns = model.columns().filter(|_| any_named);
    let columns = columns.map(|field| field.name.as_ref().map_or(field.column.clone(), as_name));
    let kinds: [(&str, Vec<Name>); 3] = [
        ("indexes", indexes.filter_map(|index| index.name.as_ref().map(as_name)).collect()),
        ("checks", checks.filter_map(|check| check.name.as_ref().map(as_name)).collect()),
        ("columns", columns.collect()),
    ];
    for (kind, names) in &kinds {
        for name in repeated(names.iter()) {
            // Two fields of one column are reported as such.
            let reported =
                model.columns().filter(|field| field.column == *name && field.name.is_none()).count() > 1;
            if !reported || *kind != "columns" {
                errors.push(name.span, format!("two {kind} are called `{name}`"));
            }
        }
    }
}

fn identities(model: &Model<'_>, errors: &mut Errors) {
    for second in model.columns().filter_map(|field| field.identity.value()).skip(1) {
        errors.push(second.span, "a table has one identity column at most");
    }
}

/// Facts of one column that exclude each other.
fn exclusions(field: &Field<'_>, errors: &mut Errors) {
    if let Some(generated) = field.generated.value() {
        let span = generated.expression.span;
        for (key, said) in [
            ("default", field.default.value().is_some()),
            ("identity", field.identity.value().is_some()),
            ("backfill", field.backfill.value().is_some()),
            ("convert", field.convert.is_some()),
            ("convert_back", field.convert_back.is_some()),
        ] {
            if said {
                errors.push(
                    span,
                    format!("a generated column has no `{key}`: the database computes its values"),
                );
            }
        }
    }
    let Some(identity) = field.identity.value() else { return };
    if let Some(default) = field.default.value() {
        errors.push(default.span, "an identity column has no `default`: the database numbers it");
    }
    if option_inner(field.read_type()).is_some() {
        errors.push_with(identity.span, "an identity column is never NULL", "take the `Option` away");
    }
}

fn hints(field: &Field<'_>, errors: &mut Errors) {
    if let Some(former) = field.renamed_from.value().filter(|former| **former == field.column) {
        errors.push(former.span, format!("`{former}` is what the column is called now"));
    }
    match &field.backfill {
        Said::Value(Backfill::From { key, value, .. }) if key == value => {
            errors.push(value.span, "`key` and `value` are the same column");
        }
        Said::Value(Backfill::From { .. } | Backfill::Expression(_)) | Said::Absent | Said::None(_) => {}
    }
}

fn dropped(model: &Model<'_>, errors: &mut Errors) {
    for dropped in &model.dropped {
        if model.columns().any(|field| field.column == dropped.column) {
            let message = format!("`{}` is dropped, and still a field", dropped.column);
            errors.push(dropped.column.span, message);
        }
    }
    for column in repeated(model.dropped.iter().map(|dropped| &dropped.column)) {
        errors.push(column.span, format!("`{column}` is dropped twice"));
    }
}

fn rows_from(model: &Model<'_>, errors: &mut Errors) {
    let Some(rows) = &model.rows_from else { return };
    for (column, _) in &rows.columns {
        if let Some(help) = absent(model, column) {
            missing(errors, column.span, format!("no field is the column `{column}`"), help);
        }
    }
    for column in repeated(rows.columns.iter().map(|(column, _)| column)) {
        errors.push(column.span, format!("`{column}` gets two values"));
    }
}
