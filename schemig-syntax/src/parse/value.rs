//! The values of single keys.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Lit, LitStr, Path, Token};

use super::entry::{inside, list};
use crate::key::suggestion;
use crate::model::NoneWord;
use crate::{
    Action, Backfill, CheckAttr, Deferral, Generated, Identity, IdentityKind, Name, References, Said,
    Storage, Text,
};

/// A mistake with what to write instead.
pub(super) fn mistake(span: Span, message: impl std::fmt::Display, help: Option<String>) -> syn::Error {
    match help {
        Some(help) => syn::Error::new(span, format!("{message}\nhelp: {help}")),
        None => syn::Error::new(span, message),
    }
}

fn unknown(option: &Name, of: &str, known: &[&str]) -> syn::Error {
    let help = suggestion(&option.text, known.iter().copied());
    mistake(option.span, format!("`{option}` is no option of `{of}`"), help)
}

/// `"…"`, not blank.
pub(super) fn literal(input: ParseStream) -> syn::Result<Text> {
    let literal: LitStr = input.parse()?;
    let text = literal.value();
    if text.trim().is_empty() {
        return Err(mistake(literal.span(), "this is empty", None));
    }
    Ok(Text { text, span: literal.span() })
}

/// `= "…"`.
pub(super) fn text(input: ParseStream) -> syn::Result<Text> {
    input.parse::<Token![=]>()?;
    literal(input)
}

/// A word, keywords included.
pub(super) fn word(input: ParseStream) -> syn::Result<Name> {
    input.call(Ident::parse_any).map(|ident| Name::from(&ident))
}

/// `word` or `"word"`: a name as Diesel sees it.
pub(super) fn name(input: ParseStream) -> syn::Result<Name> {
    if input.peek(LitStr) {
        return literal(input).map(|text| Name { text: text.text, span: text.span });
    }
    word(input)
}

/// `= word` or `= "word"`.
pub(super) fn named(input: ParseStream) -> syn::Result<Name> {
    input.parse::<Token![=]>()?;
    name(input)
}

/// `= none`, or `=` and what `read` reads.
pub(super) fn said<T>(
    input: ParseStream,
    read: impl FnOnce(ParseStream) -> syn::Result<T>,
) -> syn::Result<Said<T>> {
    input.parse::<Token![=]>()?;
    match none(input) {
        Some(none) => Ok(Said::None(none)),
        None => read(input).map(Said::Value),
    }
}

/// Takes the word `none` if it stands next.
fn none(input: ParseStream) -> Option<NoneWord> {
    let (ident, _) = input.cursor().ident().filter(|(ident, _)| ident == "none")?;
    input.call(Ident::parse_any).ok().map(|_| NoneWord(ident.span()))
}

/// Whether `= none` stands next.
fn says_none(input: ParseStream) -> bool {
    let fork = input.fork();
    fork.parse::<Token![=]>().is_ok() && none(&fork).is_some()
}

/// An SQL expression: a string, or a number or truth value as Rust writes it.
pub(super) fn expression(input: ParseStream) -> syn::Result<Text> {
    if input.peek(LitStr) {
        return literal(input);
    }
    let sign = if input.parse::<Option<Token![-]>>()?.is_some() { "-" } else { "" };
    let lit: Lit = input.parse()?;
    let digits = if let Lit::Int(number) = &lit {
        number.base10_digits().to_owned()
    } else if let Lit::Float(number) = &lit {
        number.base10_digits().to_owned()
    } else if let (Lit::Bool(truth), "") = (&lit, sign) {
        truth.value.to_string()
    } else {
        return Err(mistake(lit.span(), "expected an SQL expression in a string", None));
    };
    Ok(Text { text: format!("{sign}{digits}"), span: lit.span() })
}

/// `= "…"` or `(from = …, key = …, value = …, otherwise = …)`.
pub(super) fn backfill(input: ParseStream, key: &Name) -> syn::Result<Said<Backfill>> {
    if !input.peek(syn::token::Paren) {
        return said(input, |input| expression(input).map(Backfill::Expression));
    }
    let (mut from, mut column, mut value, mut otherwise) = (None, None, None, None);
    options(input, |option, input| match option.text.as_str() {
        "from" => put(&mut from, option, named(input)?),
        "key" => put(&mut column, option, named(input)?),
        "value" => put(&mut value, option, named(input)?),
        "otherwise" => {
            input.parse::<Token![=]>()?;
            put(&mut otherwise, option, expression(input)?)
        }
        _ => Err(unknown(option, "backfill", &["from", "key", "value", "otherwise"])),
    })?;
    match (from, column, value) {
        (Some(from), Some(key), Some(value)) => {
            Ok(Said::Value(Backfill::From { from, key, value, otherwise }))
        }
        (None, _, _) => Err(missing(key, "from", "the table")),
        (_, None, _) => Err(missing(key, "key", "the column there that holds this table's primary key")),
        (_, _, None) => Err(missing(key, "value", "the column there that holds the value")),
    }
}

/// `= "table"`, `= none`, or `(table(column), on_delete = …, on_update = …, name = "…")`.
pub(super) fn references(input: ParseStream, key: &Name) -> syn::Result<Said<References>> {
    let bare = |table| References {
        span: key.span,
        table,
        column: None,
        on_delete: None,
        on_update: None,
        deferral: None,
        name: None,
    };
    if !input.peek(syn::token::Paren) {
        return said(input, |input| table_name(input).map(bare));
    }
    inside(input, |input| {
        let mut key = bare(table_name(input)?);
        if input.peek(syn::token::Paren) {
            key.column = Some(inside(input, |input| {
                let column = name(input)?;
                if input.is_empty() { Ok(column) } else { Err(input.error("one column only")) }
            })?);
        }
        input.parse::<Option<Token![,]>>()?;
        list(input, |input| {
            let option = word(input)?;
            if let Some(said) = Deferral::ALL.into_iter().find(|one| one.word() == option.text) {
                return match key.deferral.replace(said) {
                    Some(_) => Err(mistake(option.span, "when it is checked is said twice", None)),
                    None => Ok(()),
                };
            }
            match option.text.as_str() {
                "on_delete" => put(&mut key.on_delete, &option, action(input)?),
                "on_update" => put(&mut key.on_update, &option, action(input)?),
                "name" => put(&mut key.name, &option, text(input)?),
                _ => {
                    let known =
                        ["on_delete", "on_update", "name", "deferrable", "deferred", "not_deferrable"];
                    Err(unknown(&option, "references", &known))
                }
            }
        })?;
        Ok(Said::Value(key))
    })
}

/// `organizations`, `crate::schema::organizations` or `"organizations"`.
fn table_name(input: ParseStream) -> syn::Result<Name> {
    if input.peek(LitStr) {
        return name(input);
    }
    let path = input.call(Path::parse_mod_style)?;
    path.segments.last().map(|last| Name::from(&last.ident)).ok_or_else(|| input.error("expected a table"))
}

fn action(input: ParseStream) -> syn::Result<Action> {
    let said = named(input)?;
    let text = said.text.to_lowercase().replace(' ', "_");
    Action::ALL.into_iter().find(|action| action.word() == text).ok_or_else(|| {
        let known = Action::ALL.map(Action::word);
        mistake(said.span, format!("`{said}` is no action"), suggestion(&text, known))
    })
}

/// `= "…"` or `("…", name = "…")`.
pub(super) fn check(input: ParseStream, key: &Name) -> syn::Result<CheckAttr> {
    if input.peek(Token![=]) {
        return Ok(CheckAttr { span: key.span, name: None, expression: text(input)? });
    }
    inside(input, |input| {
        let expression = literal(input)?;
        let mut constraint = None;
        input.parse::<Option<Token![,]>>()?;
        list(input, |input| {
            let option = word(input)?;
            match option.text.as_str() {
                "name" => put(&mut constraint, &option, text(input)?),
                _ => Err(unknown(&option, "check", &["name"])),
            }
        })?;
        Ok(CheckAttr { span: key.span, name: constraint, expression })
    })
}

/// `= "…"`, `= none`, or `("…", stored)` or `("…", virtual)`.
pub(super) fn generated(input: ParseStream) -> syn::Result<Said<Generated>> {
    if !input.peek(syn::token::Paren) {
        return said(input, |input| {
            literal(input).map(|expression| Generated { expression, storage: Storage::Stored })
        });
    }
    inside(input, |input| {
        let expression = literal(input)?;
        input.parse::<Option<Token![,]>>()?;
        let mut storage = None;
        list(input, |input| {
            let option = word(input)?;
            match option.text.as_str() {
                "stored" => put(&mut storage, &option, Storage::Stored),
                "virtual" => put(&mut storage, &option, Storage::Virtual),
                _ => Err(unknown(&option, "generated", &["stored", "virtual"])),
            }
        })?;
        Ok(Said::Value(Generated { expression, storage: storage.unwrap_or(Storage::Stored) }))
    })
}

/// Nothing, `= always`, `= by_default` or `= none`.
pub(super) fn identity(input: ParseStream, key: &Name) -> syn::Result<Said<Identity>> {
    if !input.peek(Token![=]) {
        return Ok(Said::Value(Identity { span: key.span, kind: IdentityKind::ByDefault }));
    }
    if says_none(input) {
        return said(input, |input| Err(input.error("expected `none`")));
    }
    let word = named(input)?;
    let kind = match word.text.as_str() {
        "always" => IdentityKind::Always,
        "by_default" => IdentityKind::ByDefault,
        _ => {
            let help = suggestion(&word.text, ["always", "by_default", "none"]);
            return Err(mistake(word.span, format!("`{word}` is no kind of identity"), help));
        }
    };
    Ok(Said::Value(Identity { span: key.span, kind }))
}

fn options(
    input: ParseStream,
    mut read: impl FnMut(&Name, ParseStream) -> syn::Result<()>,
) -> syn::Result<()> {
    inside(input, |input| {
        list(input, |input| {
            let option = word(input)?;
            read(&option, input)
        })
    })
}

/// Fills a place once.
pub(super) fn put<T>(place: &mut Option<T>, option: &Name, value: T) -> syn::Result<()> {
    match place.replace(value) {
        Some(_) => Err(mistake(option.span, format!("`{option}` is said twice"), None)),
        None => Ok(()),
    }
}

fn missing(key: &Name, option: &str, meaning: &str) -> syn::Error {
    mistake(key.span, format!("`{key}` lacks `{option}`, {meaning}"), None)
}
