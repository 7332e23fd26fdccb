//! What Diesel's own attributes say of the table. Keys that are none of schemig's business are passed over: Diesel judges them.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Expr, Ident, LitStr, Path, Token, Type};

use super::attributes::Attributes;
use super::entry::{inside, list, skip};
use super::value::{mistake, put};
use crate::{Errors, Name, TableRef};

/// `#[diesel(…)]` on a struct.
#[derive(Default)]
pub(super) struct OnStruct {
    pub(super) table: Option<TableRef>,
    pub(super) primary_key: Option<Vec<Name>>,
}

/// `#[diesel(…)]` on a field.
#[derive(Default)]
pub(super) struct OnField {
    pub(super) column: Option<Name>,
    pub(super) embed: Option<Span>,
    pub(super) computed: Option<Span>,
    pub(super) deserialize_as: Option<Type>,
}

pub(super) fn on_struct(attrs: &Attributes<'_>, errors: &mut Errors) -> OnStruct {
    let mut found = OnStruct::default();
    entries(attrs, errors, |key, input| match key.text.as_str() {
        "table_name" => {
            input.parse::<Token![=]>()?;
            let path: Path = input.parse()?;
            put(&mut found.table, key, table(&path).ok_or_else(|| input.error("expected a path"))?)
        }
        "primary_key" => {
            let mut columns = Vec::new();
            inside(input, |input| {
                list(input, |input| {
                    columns.push(Name::from(&input.call(Ident::parse_any)?));
                    Ok(())
                })
            })?;
            put(&mut found.primary_key, key, columns)
        }
        _ => pass(input),
    });
    old_style(attrs, &["table_name", "primary_key"], errors);
    found
}

fn table(path: &Path) -> Option<TableRef> {
    let mut modules: Vec<String> = path.segments.iter().map(|one| one.ident.unraw().to_string()).collect();
    modules.pop();
    let name = Name::from(&path.segments.last()?.ident);
    Some(TableRef { name, modules, explicit: true })
}

pub(super) fn on_field(attrs: &Attributes<'_>, errors: &mut Errors) -> OnField {
    let mut found = OnField::default();
    entries(attrs, errors, |key, input| match key.text.as_str() {
        "column_name" => {
            input.parse::<Token![=]>()?;
            put(&mut found.column, key, column_name(input)?)
        }
        "embed" => put(&mut found.embed, key, key.span),
        "select_expression" => {
            put(&mut found.computed, key, key.span)?;
            pass(input)
        }
        "deserialize_as" => {
            input.parse::<Token![=]>()?;
            put(&mut found.deserialize_as, key, input.parse()?)
        }
        _ => pass(input),
    });
    old_style(attrs, &["column_name"], errors);
    found
}

/// `#[diesel(sql_type = …)]` on an enum: the last segment.
pub(super) fn on_enum(attrs: &Attributes<'_>, errors: &mut Errors) -> Option<Name> {
    let mut found = None;
    entries(attrs, errors, |key, input| {
        if key.text != "sql_type" {
            return pass(input);
        }
        input.parse::<Token![=]>()?;
        let path: Path = input.parse()?;
        // An enum may serve several SQL types; the first is the one whose labels these are.
        found = found.take().or_else(|| path.segments.last().map(|last| Name::from(&last.ident)));
        Ok(())
    });
    found
}

/// `column`, or Diesel's older `"column"`.
fn column_name(input: ParseStream) -> syn::Result<Name> {
    if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        let text = literal.value();
        let text = text.strip_prefix("r#").unwrap_or(&text);
        return Ok(Name::new(text, literal.span()));
    }
    input.call(Ident::parse_any).map(|ident| Name::from(&ident))
}

fn entries(
    attrs: &Attributes<'_>,
    errors: &mut Errors,
    mut read: impl FnMut(&Name, ParseStream) -> syn::Result<()>,
) {
    for attr in attrs.called("diesel") {
        let outcome = attr.parse_args_with(|input: ParseStream| {
            while !input.is_empty() {
                let key = Name::from(&input.call(Ident::parse_any)?);
                if let Err(error) = read(&key, input) {
                    errors.absorb(error, None);
                    skip(input);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        });
        if let Err(error) = outcome {
            errors.absorb(error, None);
        }
    }
}

/// Passes over a value. A type's commas may stand between `<` and `>`, so it is tried as a type first, then as an expression.
fn pass(input: ParseStream) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        skip(input);
        return Ok(());
    }
    input.parse::<Token![=]>()?;
    let fork = input.fork();
    if fork.parse::<Type>().is_ok() && super::entry::ended(&fork).is_ok() {
        input.advance_to(&fork);
        return Ok(());
    }
    input.parse::<Expr>().map(|_| ())
}

/// Diesel 1 wrote `#[table_name = "users"]`. Passing it over would capture the wrong table.
fn old_style(attrs: &Attributes<'_>, words: &[&str], errors: &mut Errors) {
    for (name, attr) in attrs.iter() {
        let Some(word) = words.iter().find(|word| **word == name) else { continue };
        let help = match *word {
            "primary_key" => "write `#[diesel(primary_key(…))]`".to_owned(),
            other => format!("write `#[diesel({other} = …)]`"),
        };
        let span = attr.path().segments[0].ident.span();
        let message = format!("`#[{word}]` is Diesel 1's form, which schemig doesn't read");
        errors.absorb(mistake(span, message, Some(help)), None);
    }
}
