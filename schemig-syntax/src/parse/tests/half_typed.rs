//! A model while it is being typed: whatever is missing, there is one mistake for it, and no panic.

use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use crate::{FIELD_KEYS, STRUCT_KEYS, parse};

/// A form with one token taken out, at any depth.
fn without_one_token(form: &str) -> Vec<TokenStream> {
    fn thin(tokens: TokenStream) -> Vec<TokenStream> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut thinned = Vec::new();
        for (position, token) in tokens.iter().enumerate() {
            let around = |middle: Option<TokenTree>| {
                let (before, after) = (&tokens[..position], &tokens[position + 1..]);
                before.iter().cloned().chain(middle).chain(after.iter().cloned()).collect()
            };
            thinned.push(around(None));
            if let TokenTree::Group(group) = token {
                for inner in thin(group.stream()) {
                    thinned.push(around(Some(proc_macro2::Group::new(group.delimiter(), inner).into())));
                }
            }
        }
        thinned
    }
    thin(TokenStream::from_str(form).unwrap())
}

#[test]
fn a_missing_token_is_one_mistake_or_none() {
    let mut tried = 0;
    let forms = STRUCT_KEYS.iter().map(|key| (key, true)).chain(FIELD_KEYS.iter().map(|key| (key, false)));
    for (key, on_struct) in forms {
        for attribute in without_one_token(key.form) {
            let (outer, inner) = if on_struct {
                (quote::quote!(#[schemig(#attribute)]), TokenStream::new())
            } else {
                (TokenStream::new(), quote::quote!(#[schemig(#attribute)]))
            };
            let item = syn::parse_quote!(#outer struct Item { id: i64, #inner first: i32, second: i32 });
            let found = parse::model(&item).err().map_or(0, |errors| errors.iter().count());
            assert!(found <= 1, "{attribute}: {}", parse::model(&item).unwrap_err());
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}
