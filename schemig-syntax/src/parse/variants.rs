//! An enum: its labels.

use syn::{Attribute, Expr, ExprLit, Fields, Lit, LitStr, Meta, Path};

use super::attributes::Attributes;
use super::{Enum, diesel, entry, value};
use crate::key::{ENUM_KEYS, VARIANT_KEYS};
use crate::{EnumModel, Errors, Label, Name, Said, Text};

mod style;

use style::Style;

pub(super) fn read(item: &Enum<'_>) -> Result<EnumModel, Errors> {
    let mut errors = Errors::default();
    if let Some(parameter) = item.generics.params.first() {
        errors.push(syn::spanned::Spanned::span(parameter), "an enum with parameters has no database type");
    }
    let mut type_name = None;
    let attrs = Attributes::of(item.attrs);
    entry::read(&attrs, ENUM_KEYS, &mut errors, |word, _, input| {
        match word {
            "name" => type_name = Some(value::text(input)?),
            other => unreachable!("`{other}` is listed in ENUM_KEYS and not read"),
        }
        Ok(())
    });
    let foreign = foreign(item.attrs, &mut errors);
    let style = foreign.style.unwrap_or(Style::Snake);
    let labels: Vec<Label> = item.variants.iter().map(|variant| label(variant, style, &mut errors)).collect();
    if labels.is_empty() {
        errors.push(item.ident.span(), "an enum without variants has no labels");
    }
    for (position, label) in labels.iter().enumerate() {
        if labels[..position].iter().any(|other| other.label == label.label) {
            errors.push(label.label.span, format!("two variants are called `{}`", label.label));
        }
        if let Said::Value(former) = &label.renamed_from
            && labels.iter().any(|other| other.label == *former)
        {
            errors.push(former.span, format!("a variant is called `{former}` still"));
        }
    }
    let ident = Name::from(item.ident);
    let type_name = type_name.or(foreign.type_name);
    let diesel_type = diesel::on_enum(&attrs, &mut errors).or(foreign.diesel_type);
    errors.finish(EnumModel { ident, type_name, diesel_type, labels })
}

fn label(variant: &syn::Variant, style: Style, errors: &mut Errors) -> Label {
    if !matches!(variant.fields, Fields::Unit) {
        errors.push(variant.ident.span(), "a variant with fields has no label");
    }
    let (mut own, mut renamed_from) = (None, Said::Absent);
    entry::read(&Attributes::of(&variant.attrs), VARIANT_KEYS, errors, |word, _, input| {
        match word {
            "label" => own = Some(value::text(input)?),
            "renamed_from" => renamed_from = value::said(input, value::literal)?,
            other => unreachable!("`{other}` is listed in VARIANT_KEYS and not read"),
        }
        Ok(())
    });
    let name = Name::from(&variant.ident);
    let renamed = own.or_else(|| foreign(&variant.attrs, errors).rename);
    let label = renamed.unwrap_or_else(|| Text { text: style.apply(&name.text), span: name.span });
    Label { variant: name, label, renamed_from }
}

/// What diesel-derive-enum's attributes say, such as `#[DbValueStyle = "verbatim"]`.
#[derive(Default)]
struct Foreign {
    type_name: Option<Text>,
    diesel_type: Option<Name>,
    style: Option<Style>,
    rename: Option<Text>,
}

fn foreign(attrs: &[Attribute], errors: &mut Errors) -> Foreign {
    let mut found = Foreign::default();
    for attr in attrs {
        let Meta::NameValue(pair) = &attr.meta else { continue };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { continue };
        let Some(word) = pair.path.get_ident() else { continue };
        if let Err(error) = one(&word.to_string(), text, &mut found) {
            errors.absorb(error, None);
        }
    }
    found
}

fn one(word: &str, text: &LitStr, found: &mut Foreign) -> syn::Result<()> {
    match word {
        "PgType" => found.type_name = Some(Text { text: text.value(), span: text.span() }),
        "ExistingTypePath" | "DieselType" => {
            let path: Path = text.parse()?;
            found.diesel_type = path.segments.last().map(|last| Name::from(&last.ident));
        }
        "DbValueStyle" => {
            let style = Style::named(&text.value());
            let problem = || value::mistake(text.span(), "this style is unknown", Some(Style::known()));
            found.style = Some(style.ok_or_else(problem)?);
        }
        "db_rename" => found.rename = Some(Text { text: text.value(), span: text.span() }),
        _ => {}
    }
    Ok(())
}
