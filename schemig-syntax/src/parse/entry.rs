//! The entries of an attribute: one at a time, so that a mistake in one doesn't hide the next.

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Meta, Token};

use super::attributes::Attributes;
use crate::key::{Key, suggestion};
use crate::{Errors, Name};

/// Reads every `#[schemig(…)]` of an item. `read` is given a known word and stands behind it. Returns the words said, in order.
pub(super) fn read(
    attrs: &Attributes<'_>,
    keys: &'static [Key],
    errors: &mut Errors,
    mut read: impl FnMut(&'static str, &Name, ParseStream) -> syn::Result<()>,
) -> Vec<Name> {
    let mut said: Vec<Name> = Vec::new();
    for attr in attrs.called("schemig") {
        let Meta::List(_) = &attr.meta else {
            let span = attr.path().segments[0].ident.span();
            errors.push_with(span, "`schemig` needs parentheses", "it is written `#[schemig(…)]`");
            continue;
        };
        let outcome = attr.parse_args_with(|input: ParseStream| {
            while !input.is_empty() {
                one(input, keys, &mut said, errors, &mut read);
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
    said
}

/// Reads one entry and leaves the input at the next comma or the end.
fn one(
    input: ParseStream,
    keys: &'static [Key],
    said: &mut Vec<Name>,
    errors: &mut Errors,
    read: &mut impl FnMut(&'static str, &Name, ParseStream) -> syn::Result<()>,
) {
    let word = match input.call(Ident::parse_any) {
        Ok(ident) => Name::from(&ident),
        Err(error) => {
            errors.absorb(error, None);
            return skip(input);
        }
    };
    let Some(key) = keys.iter().find(|key| key.word == word.text) else {
        let message = format!("`{word}` is no key of `#[schemig(…)]` here");
        match suggestion(&word.text, keys.iter().map(|key| key.word)) {
            Some(help) => errors.push_with(word.span, message, help),
            None => errors.push(word.span, message),
        }
        return skip(input);
    };
    if !key.repeatable && said.contains(&word) {
        errors.push(word.span, format!("`{word}` is said twice"));
        return skip(input);
    }
    if let Err(error) = read(key.word, &word, input).and_then(|()| ended(input)) {
        errors.absorb(error, Some(key.form));
        skip(input);
    }
    said.push(word);
}

/// An entry ends at a comma.
pub(super) fn ended(input: ParseStream) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) { Ok(()) } else { Err(input.error("expected `,`")) }
}

/// Goes to the next comma.
pub(super) fn skip(input: ParseStream) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Reads what stands in parentheses. After a mistake the rest is taken as read, or syn would report it as a second one.
pub(super) fn inside<T>(
    input: ParseStream,
    read: impl FnOnce(ParseStream) -> syn::Result<T>,
) -> syn::Result<T> {
    let content;
    syn::parenthesized!(content in input);
    let outcome = read(&content);
    if outcome.is_err() {
        while content.parse::<TokenTree>().is_ok() {}
    }
    outcome
}

/// Reads `a, b, c` to the end, each by `read`.
pub(super) fn list(
    input: ParseStream,
    mut read: impl FnMut(ParseStream) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        read(input)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}
