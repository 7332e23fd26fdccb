//! A field: its column and what is said of it.

use syn::spanned::Spanned;

use super::attributes::Attributes;
use super::{diesel, entry, index, value};
use crate::key::FIELD_KEYS;
use crate::{Errors, Field, FieldKind, Name, Said};

pub(super) fn read<'a>(item: &'a syn::Field, position: usize, errors: &mut Errors) -> Field<'a> {
    let attrs = Attributes::of(&item.attrs);
    let diesel = diesel::on_field(&attrs, errors);
    let ident = match &item.ident {
        Some(ident) => Name::from(ident),
        None => Name::new(position.to_string(), item.ty.span()),
    };
    let nameless = item.ident.is_none() && diesel.column.is_none();
    let no_column = diesel.embed.is_some() || diesel.computed.is_some();
    let mut field = blank(ident.clone(), diesel.column.unwrap_or(ident), &item.ty);
    field.deserialize_as = diesel.deserialize_as;
    let said = own(&attrs, &mut field, errors);
    if let Some(key) = said.iter().find(|word| word.text == "new_column") {
        takes_over(&mut field, key, errors);
    }
    let skipped = said.iter().any(|word| word.text == "skip");
    field.kind = match (skipped || diesel.computed.is_some(), diesel.embed.is_some()) {
        (true, _) => FieldKind::Skipped,
        (false, true) => FieldKind::Embed,
        (false, false) => FieldKind::Column,
    };
    if no_column || skipped {
        for word in said.iter().filter(|word| word.text != "skip") {
            errors.push_with(
                word.span,
                format!("`{word}` speaks of a column, and this field is none"),
                reason(skipped, diesel.embed.is_some()),
            );
        }
    } else if nameless {
        errors.push_with(
            field.ident.span,
            "a field of a tuple struct has no name that a column could take",
            "write `#[diesel(column_name = …)]` before each",
        );
    }
    field
}

/// `new_column`: the column's former name is the field's.
fn takes_over(field: &mut Field<'_>, key: &Name, errors: &mut Errors) {
    if field.column == field.ident {
        let help =
            format!("write `#[diesel(column_name = {}_2)]` beside it, or another free name", field.ident);
        errors.push_with(key.span, "a new column needs a name of its own", help);
    } else if !matches!(field.renamed_from, Said::Absent) {
        errors.push(key.span, "`new_column` and `renamed_from` both say what the column was");
    } else {
        field.renamed_from = Said::Value(Name { span: key.span, ..field.ident.clone() });
    }
}

fn reason(skipped: bool, embedded: bool) -> &'static str {
    match (skipped, embedded) {
        (true, _) => "it is skipped",
        (false, true) => "its columns stand in the embedded struct; say it there",
        (false, false) => "its value is computed by `select_expression`",
    }
}

fn blank(ident: Name, column: Name, ty: &syn::Type) -> Field<'_> {
    Field {
        ident,
        column,
        ty,
        kind: FieldKind::Column,
        deserialize_as: None,
        name: None,
        sql_type: None,
        default: Said::Absent,
        renamed_from: Said::Absent,
        backfill: Said::Absent,
        convert: None,
        convert_back: None,
        references: Said::Absent,
        unique: Said::Absent,
        index: Said::Absent,
        checks: Vec::new(),
        generated: Said::Absent,
        identity: Said::Absent,
        collate: Said::Absent,
        comment: Said::Absent,
    }
}

/// `#[schemig(…)]` on the field.
fn own(attrs: &Attributes<'_>, field: &mut Field<'_>, errors: &mut Errors) -> Vec<Name> {
    entry::read(attrs, FIELD_KEYS, errors, |word, key, input| {
        match word {
            "name" => field.name = Some(value::text(input)?),
            "sql_type" => field.sql_type = Some(value::text(input)?),
            "default" => field.default = value::said(input, value::expression)?,
            "renamed_from" => field.renamed_from = value::said(input, value::name)?,
            "backfill" => field.backfill = value::backfill(input, key)?,
            "new_column" => {}
            "convert" => field.convert = Some(value::text(input)?),
            "convert_back" => field.convert_back = Some(value::text(input)?),
            "references" => field.references = value::references(input, key)?,
            "unique" => field.unique = index::on_field(input, key, &field.column)?,
            "index" => field.index = index::on_field(input, key, &field.column)?,
            "check" => field.checks.push(value::check(input, key)?),
            "generated" => field.generated = value::generated(input)?,
            "identity" => field.identity = value::identity(input, key)?,
            "collate" => field.collate = value::said(input, value::literal)?,
            "comment" => field.comment = value::said(input, value::literal)?,
            "skip" => {}
            other => unreachable!("`{other}` is listed in FIELD_KEYS and not read"),
        }
        Ok(())
    })
}
