//! What other people's attributes say of a type.

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token, Type};

use super::{Places, type_use};
use crate::capture::TypeUse;
use crate::schema::EnumName;

/// The last segments of what an item derives.
pub fn derives(attrs: &[Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        // A malformed derive is the compiler's to report.
        let Meta::List(list) = &attr.meta else { continue };
        let mut last = None;
        for token in list.tokens.clone() {
            match token {
                TokenTree::Ident(ident) => last = Some(ident),
                TokenTree::Punct(punct) if punct.as_char() == ',' => found.extend(last.take()),
                TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {}
            }
        }
        found.extend(last);
    }
    found.iter().map(|ident| ident.unraw().to_string()).collect()
}

/// The types of `#[diesel(sql_type = …)]`, in order.
pub fn diesel_types(attrs: &[Attribute], at: Places) -> Vec<TypeUse> {
    let mut found = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("diesel")) {
        // What Diesel can't read, Diesel reports.
        let _: syn::Result<()> = attr.parse_args_with(|input: ParseStream| {
            while !input.is_empty() {
                let key: syn::Ident = input.call(syn::Ident::parse_any)?;
                if key == "sql_type" {
                    input.parse::<Token![=]>()?;
                    found.push(type_use(&input.parse::<Type>()?, at));
                }
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        });
    }
    found
}

/// The name in `#[diesel(postgres_type(name = "…", schema = "…"))]`, with the schema before it.
pub(super) fn marker(attrs: &[Attribute]) -> Option<EnumName> {
    let metas = |attr: &Attribute| attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("diesel")) {
        for meta in metas(attr).into_iter().flatten() {
            let Meta::List(list) = meta else { continue };
            if !list.path.is_ident("postgres_type") {
                continue;
            }
            let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
                continue;
            };
            let part = |word: &str| {
                parts.iter().find_map(|part| {
                    let Meta::NameValue(pair) = part else { return None };
                    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
                    pair.path.is_ident(word).then(|| text.value())
                })
            };
            let Some(name) = part("name") else { continue };
            return Some(EnumName { schema: part("schema"), name });
        }
    }
    None
}
