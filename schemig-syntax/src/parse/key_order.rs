//! What stands behind a key of an index: `desc nulls last ops(text_pattern_ops)`, or `with "&&"`; and what an index can't be at once.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Ident, LitStr, Token};

use super::entry::inside;
use super::value::{literal, mistake, word};
use crate::key::suggestion;
use crate::{Deferral, IndexAttr, IndexKey, KeyOrder, Name, Nulls, Text};

const WORDS: [&str; 4] = ["asc", "desc", "nulls", "ops"];

/// Methods that keep their keys in no order.
const UNSORTED: [&str; 5] = ["gin", "gist", "spgist", "hash", "brin"];

/// Whether such words stand next: on a field, where no column is listed.
pub(super) fn begins(input: ParseStream) -> bool {
    let fork = input.fork();
    fork.call(Ident::parse_any).is_ok_and(|ident| {
        let option = fork.peek(Token![=]) || fork.peek(Paren) && ident != "ops";
        !option && WORDS.iter().any(|word| ident == word)
    })
}

/// The words up to the next comma.
pub(super) fn read(input: ParseStream) -> syn::Result<KeyOrder> {
    let (mut class, mut descending, mut nulls) = (None, None, None);
    while !input.is_empty() && !input.peek(Token![,]) && !names_operator(input) {
        let said = word(input)?;
        let twice = match said.text.as_str() {
            "asc" => descending.replace(false).is_some(),
            "desc" => descending.replace(true).is_some(),
            "nulls" => nulls.replace(place(input)?).is_some(),
            "ops" => class.replace(operator_class(input)?).is_some(),
            _ => {
                let help = suggestion(&said.text, WORDS);
                return Err(mistake(said.span, format!("`{said}` says nothing of a key"), help));
            }
        };
        if twice {
            return Err(mistake(said.span, format!("`{said}` says it a second time"), None));
        }
    }
    let descending = descending.unwrap_or(false);
    let usual = if descending { Nulls::First } else { Nulls::Last };
    Ok(KeyOrder { class, descending, nulls: nulls.filter(|nulls| *nulls != usual) })
}

fn names_operator(input: ParseStream) -> bool {
    let fork = input.fork();
    fork.call(Ident::parse_any).is_ok_and(|ident| ident == "with") && !fork.peek(Token![=])
}

/// `with "&&"`, or with its schema `with "public.&&"`: each key of `exclude` has it, and no other key.
pub(super) fn operator(input: ParseStream, key: &Name) -> syn::Result<Option<Text>> {
    let excludes = key.text == "exclude";
    if !names_operator(input) {
        return match excludes {
            false => Ok(None),
            true => Err(mistake(
                input.span(),
                "say by which operator two rows exclude each other here",
                Some(r#"such as `exclude(room with "=", during with "&&")`"#.into()),
            )),
        };
    }
    let said = word(input)?;
    if !excludes {
        let help = r#"write `exclude(room with "=", during with "&&")`; storage is `with = "…"`"#;
        return Err(mistake(said.span, format!("no two rows are compared by `{key}`"), Some(help.into())));
    }
    let operator = literal(input)?;
    let (schema, symbol) =
        operator.text.rsplit_once('.').map_or((None, &*operator.text), |(s, o)| (Some(s), o));
    let symbols = |text: &str| !text.is_empty() && text.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c));
    let comment = symbol.contains("--") || symbol.contains("/*");
    if symbols(symbol) && !comment && schema.is_none_or(|schema| !schema.is_empty()) {
        return Ok(Some(operator));
    }
    Err(mistake(
        operator.span,
        format!("`{operator}` is no operator"),
        Some(r#"such as `"="` or `"&&"`"#.into()),
    ))
}

fn place(input: ParseStream) -> syn::Result<Nulls> {
    let said = word(input)?;
    match said.text.as_str() {
        "first" => Ok(Nulls::First),
        "last" => Ok(Nulls::Last),
        _ => Err(mistake(said.span, "NULLs stand `first` or `last`", None)),
    }
}

/// `(text_pattern_ops)` or `("public.gin_trgm_ops")`.
fn operator_class(input: ParseStream) -> syn::Result<Text> {
    inside(input, |input| {
        if input.peek(LitStr) {
            return literal(input);
        }
        word(input).map(|Name { text, span }| Text { text, span })
    })
}

/// `"fillfactor = 70, fastupdate = off"`, in the order of the names.
pub(super) fn storage(input: ParseStream) -> syn::Result<Vec<(String, String)>> {
    let said = literal(input)?;
    let part = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        let plain = |text: &str, also: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || also.contains(c);
            !text.is_empty() && text.chars().all(known)
        };
        (plain(&name, "") && plain(&value, ".-")).then_some((name, value))
    };
    let mut parameters: Vec<(String, String)> =
        said.text.split(',').map(part).collect::<Option<_>>().ok_or_else(|| {
            mistake(said.span, "this is no list of `name = value`", Some("such as `fillfactor = 70`".into()))
        })?;
    parameters.sort();
    match parameters.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(mistake(said.span, format!("`{}` is said twice", pair[0].0), None)),
        None => Ok(parameters),
    }
}

/// What no server takes together.
pub(super) fn check(key: &Name, index: &IndexAttr) -> syn::Result<()> {
    if index.nulls_not_distinct && key.text != "unique" {
        let help = "write `unique(…, nulls_not_distinct)`, or take it away".to_owned();
        return Err(mistake(key.span, "only a unique key compares its NULLs", Some(help)));
    }
    if index.deferral.is_some() {
        deferral(key, index)?;
    }
    let sorts = |order: &KeyOrder| order.descending || order.nulls.is_some();
    if key.text == "exclude" && index.orders.iter().any(sorts) {
        return Err(mistake(key.span, "what excludes rows keeps them in no order", None));
    }
    let Some(method) = index.method.as_ref().filter(|_| index.orders.iter().any(sorts)) else {
        return Ok(());
    };
    match UNSORTED.iter().any(|known| method.text.eq_ignore_ascii_case(known)) {
        true => Err(mistake(method.span, format!("`{method}` keeps its keys in no order"), None)),
        false => Ok(()),
    }
}

/// What is checked at the end is a constraint, and that has columns and nothing else.
fn deferral(key: &Name, index: &IndexAttr) -> syn::Result<()> {
    if key.text == "exclude" {
        return Ok(());
    }
    if key.text != "unique" {
        let help = "write `unique(…, deferrable)`, or take it away".to_owned();
        return Err(mistake(
            key.span,
            "only a unique key is checked, and so can be checked later",
            Some(help),
        ));
    }
    let expression = index.keys.iter().any(|key| matches!(key, IndexKey::Expression(_)));
    let sorted = index.orders.iter().any(|order| *order != KeyOrder::default());
    let more = [
        (expression, "an expression"),
        (sorted, "an order or an operator class"),
        (index.predicate.is_some(), "`where`"),
        (index.method.is_some(), "`method`"),
    ];
    match more.into_iter().find(|(said, _)| *said && index.deferral != Some(Deferral::Never)) {
        Some((_, what)) => {
            let message = format!("a unique key that is checked later has columns only, and not {what}");
            Err(mistake(key.span, message, None))
        }
        None => Ok(()),
    }
}
