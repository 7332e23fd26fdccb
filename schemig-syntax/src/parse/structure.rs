//! A struct: its table, and its fields one after the other.

use syn::parse::ParseStream;
use syn::{GenericParam, Generics, Path, Token};

use super::attributes::Attributes;
use super::{Struct, consistency, diesel, doc, entry, field, index, partition_by, rows_from, value};
use crate::key::STRUCT_KEYS;
use crate::{Errors, Field, FieldKind, Model, Name, Said, TableRef, inferred_table_name};

/// Reads a struct; its parts are held against each other where it is `finished`.
pub(super) fn read<'a>(item: &Struct<'a>, finished: bool) -> Result<Model<'a>, Errors> {
    let mut errors = Errors::default();
    lifetimes_only(item.generics, &mut errors);
    let attrs = Attributes::of(item.attrs);
    let diesel = diesel::on_struct(&attrs, &mut errors);
    let ident = Name::from(item.ident);
    let table = diesel.table.unwrap_or_else(|| TableRef {
        name: Name::new(inferred_table_name(&ident.text), ident.span),
        modules: Vec::new(),
        explicit: false,
    });
    let primary_key = diesel.primary_key.unwrap_or_else(|| vec![Name::new("id", ident.span)]);
    let mut model = Model {
        ident,
        table,
        primary_key,
        positional: positional(&attrs),
        fields: Vec::new(),
        name: None,
        schema: None,
        renamed_from: Said::Absent,
        rows_from: None,
        partition_by: None,
        indexes: Vec::new(),
        uniques: Vec::new(),
        exclusions: Vec::new(),
        checks: Vec::new(),
        dropped: Vec::new(),
        comment: Said::Absent,
    };
    let said = own(&attrs, &mut model, &mut errors);
    let positions = item.fields.iter().enumerate();
    model.fields = positions.map(|(position, field)| field::read(field, position, &mut errors)).collect();
    if said.iter().any(|word| word.text == "doc_comments") {
        doc::add(item.attrs, &mut model.comment);
        let columns = |field: &Field<'_>| field.kind == FieldKind::Column;
        let fields = model.fields.iter_mut().zip(item.fields).filter(|(field, _)| columns(field));
        fields.for_each(|(field, item)| doc::add(&item.attrs, &mut field.comment));
    }
    if model.fields.iter().all(|field| field.kind == FieldKind::Skipped) {
        errors.push(model.ident.span, "no field of this struct is a column");
    } else if finished && model.columns().all(named) {
        consistency::check(&model, &mut errors);
    }
    errors.finish(model)
}

/// A tuple's field without `column_name` is reported where it stands; what names columns would only repeat it.
fn named(field: &Field<'_>) -> bool {
    !field.column.text.starts_with(|first: char| first.is_ascii_digit())
}

/// The fields alone: what they say together is for the struct that embeds them.
pub(super) fn fields(fields: &syn::Fields) -> Result<Vec<Field<'_>>, Errors> {
    let mut errors = Errors::default();
    let read =
        fields.iter().enumerate().map(|(position, item)| field::read(item, position, &mut errors)).collect();
    errors.finish(read)
}

/// `#[schemig(…)]` on the struct.
fn own(attrs: &Attributes<'_>, model: &mut Model<'_>, errors: &mut Errors) -> Vec<Name> {
    entry::read(attrs, STRUCT_KEYS, errors, |word, key, input| {
        match word {
            "name" => model.name = Some(value::text(input)?),
            "schema" => model.schema = Some(value::text(input)?),
            "renamed_from" => model.renamed_from = value::said(input, value::name)?,
            "rows_from" => model.rows_from = Some(rows_from::read(input, key)?),
            "partition_by" => model.partition_by = Some(partition_by::read(input, key)?),
            "index" => model.indexes.push(index::on_struct(input, key)?),
            "unique" => model.uniques.push(index::on_struct(input, key)?),
            "exclude" => model.exclusions.push(index::on_struct(input, key)?),
            "check" => model.checks.push(value::check(input, key)?),
            "dropped" => model.dropped.push(index::dropped(input, key)?),
            "comment" => model.comment = value::said(input, value::literal)?,
            "doc_comments" => {}
            other => unreachable!("`{other}` is listed in STRUCT_KEYS and not read"),
        }
        Ok(())
    })
}

/// A type parameter has no column type.
fn lifetimes_only(generics: &Generics, errors: &mut Errors) {
    for parameter in &generics.params {
        let ident = match parameter {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
        };
        errors.push_with(
            ident.span(),
            format!("a model can't be generic over `{ident}`"),
            "only lifetimes are possible: a column needs one type",
        );
    }
}

/// Derives `Queryable` without `Selectable`.
fn positional(attrs: &Attributes<'_>) -> bool {
    let mut by_position = false;
    let mut by_name = false;
    for attr in attrs.called("derive") {
        // A malformed derive is the compiler's to report.
        let _: syn::Result<()> = attr.parse_args_with(|input: ParseStream| {
            for path in input.parse_terminated(Path::parse_mod_style, Token![,])? {
                let last = path.segments.last().map(|last| &last.ident);
                by_position |= last.is_some_and(|last| last == "Queryable");
                by_name |= last.is_some_and(|last| last == "Selectable");
            }
            Ok(())
        });
    }
    by_position && !by_name
}
