//! `index(…)`, `unique(…)`, `exclude(…)` and `dropped(…)`.

use syn::parse::ParseStream;
use syn::token::{Bracket, Paren};
use syn::{LitStr, Token};

use super::entry::{inside, list};
use super::key_order;
use super::value::{expression, literal, mistake, name, put, said, text, word};
use crate::key::suggestion;
use crate::{Deferral, DroppedAttr, IndexAttr, IndexKey, KeyOrder, Name, Said};

const OPTIONS: [&str; 11] = [
    "columns",
    "expression",
    "name",
    "method",
    "where",
    "include",
    "with",
    "nulls_not_distinct",
    "deferrable",
    "deferred",
    "not_deferrable",
];

/// On a struct: the columns are listed.
pub(super) fn on_struct(input: ParseStream, key: &Name) -> syn::Result<IndexAttr> {
    let mut index = empty(key);
    inside(input, |input| list(input, |input| part(input, key, &mut index)))?;
    key_order::check(key, &index)?;
    if index.keys.is_empty() {
        return Err(mistake(key.span, format!("`{key}` names no column"), None));
    }
    Ok(index)
}

/// On a field: it is about the field's own column, and may bring options.
pub(super) fn on_field(input: ParseStream, key: &Name, column: &Name) -> syn::Result<Said<IndexAttr>> {
    if input.peek(Token![=]) {
        return said(input, |input| Err(input.error("expected `none`, or parentheses")));
    }
    let mut index = empty(key);
    let mut order = KeyOrder::default();
    if input.peek(Paren) {
        inside(input, |input| {
            list(input, |input| {
                if key_order::begins(input) {
                    order = key_order::read(input)?;
                    return Ok(());
                }
                part(input, key, &mut index)
            })
        })?;
    }
    let listed = index.keys.iter().find_map(|key| match key {
        IndexKey::Column(listed) => Some(listed),
        IndexKey::Expression(_) => None,
    });
    if let Some(listed) = listed {
        let message = format!("`{key}` on a field is about this column alone");
        return Err(mistake(
            listed.span,
            message,
            Some(format!("list columns on the struct: `#[schemig({key}(…))]`")),
        ));
    }
    if index.keys.is_empty() {
        index.keys.push(IndexKey::Column(column.clone()));
        index.orders.push(order);
    } else if order != KeyOrder::default() {
        return Err(mistake(key.span, "how it sorts an expression stands behind the expression", None));
    }
    key_order::check(key, &index)?;
    Ok(Said::Value(index))
}

fn empty(key: &Name) -> IndexAttr {
    IndexAttr {
        span: key.span,
        name: None,
        keys: Vec::new(),
        orders: Vec::new(),
        operators: Vec::new(),
        nulls_not_distinct: false,
        deferral: None,
        storage: Said::Absent,
        method: None,
        predicate: None,
        include: Vec::new(),
    }
}

/// One part: an option if `=` or `(` follows the word, else a column, so that a column may be called like an option.
fn part(input: ParseStream, key: &Name, index: &mut IndexAttr) -> syn::Result<()> {
    let option = word(input)?;
    if !input.peek(Token![=]) && !input.peek(Paren) {
        if option.text == "nulls_not_distinct" {
            index.nulls_not_distinct = true;
            return Ok(());
        }
        if let Some(said) = Deferral::ALL.into_iter().find(|one| one.word() == option.text) {
            return match index.deferral.replace(said) {
                None => Ok(()),
                Some(_) => Err(mistake(option.span, format!("`{option}` says it a second time"), None)),
            };
        }
        return keyed(input, key, index, IndexKey::Column(option));
    }
    match option.text.as_str() {
        "columns" => inside(input, |input| {
            list(input, |input| {
                let column = IndexKey::Column(name(input)?);
                keyed(input, key, index, column)
            })
        }),
        "expression" => {
            let expression = IndexKey::Expression(text(input)?);
            keyed(input, key, index, expression)
        }
        "name" => put(&mut index.name, &option, text(input)?),
        "method" => put(&mut index.method, &option, text(input)?),
        "where" => put(&mut index.predicate, &option, text(input)?),
        "with" if index.storage.is_absent() => {
            index.storage = said(input, key_order::storage)?;
            Ok(())
        }
        "with" => Err(mistake(option.span, "`with` is said twice", None)),
        "include" if index.include.is_empty() => {
            index.include = columns(input)?;
            Ok(())
        }
        "include" => Err(mistake(option.span, "`include` is said twice", None)),
        _ => {
            let message = format!("`{option}` is no option of `{key}`");
            Err(mistake(option.span, message, suggestion(&option.text, OPTIONS)))
        }
    }
}

/// One of the keys, with what stands behind it.
fn keyed(input: ParseStream, key: &Name, index: &mut IndexAttr, own: IndexKey) -> syn::Result<()> {
    index.keys.push(own);
    index.orders.push(key_order::read(input)?);
    index.operators.extend(key_order::operator(input, key)?);
    Ok(())
}

fn columns(input: ParseStream) -> syn::Result<Vec<Name>> {
    let mut columns = Vec::new();
    inside(input, |input| {
        list(input, |input| {
            columns.push(name(input)?);
            Ok(())
        })
    })?;
    Ok(columns)
}

/// `("column", fill = "…", with = ["index"])`.
pub(super) fn dropped(input: ParseStream, key: &Name) -> syn::Result<DroppedAttr> {
    inside(input, |input| {
        let column = name(input)?;
        let (mut fill, mut with) = (None, None);
        input.parse::<Option<Token![,]>>()?;
        list(input, |input| {
            let option = word(input)?;
            match option.text.as_str() {
                "fill" => put(&mut fill, &option, said(input, expression)?),
                "with" => put(&mut with, &option, dependants(input)?),
                _ => {
                    let help = suggestion(&option.text, ["fill", "with"]);
                    Err(mistake(option.span, format!("`{option}` is no option of `dropped`"), help))
                }
            }
        })?;
        Ok(DroppedAttr {
            span: key.span,
            column,
            fill: fill.unwrap_or_default(),
            with: with.unwrap_or_default(),
        })
    })
}

/// `= "index"` or `= ["index", "view"]`.
fn dependants(input: ParseStream) -> syn::Result<Vec<crate::Text>> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        return Ok(vec![literal(input)?]);
    }
    if !input.peek(Bracket) {
        return Err(input.error("expected `[\"…\"]`"));
    }
    let content;
    syn::bracketed!(content in input);
    let mut names = Vec::new();
    let outcome = list(&content, |input| {
        names.push(literal(input)?);
        Ok(())
    });
    if outcome.is_err() {
        while content.parse::<proc_macro2::TokenTree>().is_ok() {}
    }
    outcome.map(|()| names)
}
