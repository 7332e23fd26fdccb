//! What a derive writes.
//!
//! As text, which the compiler's own lexer reads: a user's build doesn't optimise a derive, so tokens built one by one, or lexed by
//! proc-macro2 (which reads all text itself before it lets the compiler do so), took a third of the derive's time. The item's name
//! and generics stay the tokens they are, so that they mean what they mean there.

use std::str::FromStr;

use proc_macro::{TokenStream, TokenTree};
use quote::ToTokens;
use schemig_syntax::{EnumModel, Errors, Model, fingerprint};
use syn::DeriveInput;

/// The trait and the test.
pub(crate) fn model(input: &DeriveInput, model: &Model<'_>) -> TokenStream {
    implementation(input, "Migratable", &model_text(model))
}

/// The trait.
pub(crate) fn enumeration(input: &DeriveInput, labels: &EnumModel) -> TokenStream {
    implementation(input, "MigratableEnum", &constant(&labels.canonical()))
}

/// The mistakes, and an implementation that keeps the compiler from adding one of its own wherever the trait is asked for.
pub(crate) fn stub(input: &DeriveInput, name: &str, errors: &Errors) -> TokenStream {
    let mut tokens = TokenStream::from(errors.to_compile_errors());
    tokens.extend(implementation(input, name, &constant("")));
    tokens
}

/// `impl … for …`, and the text that follows. All is lexed at once, for the compiler takes each text that it lexes for a file of its own.
fn implementation(input: &DeriveInput, name: &str, text: &str) -> TokenStream {
    let (of, with, bounds) = input.generics.split_for_impl();
    let mut after_impl = Some(kept(&of));
    let mut after_for = Some([kept(&input.ident), kept(&with), kept(&bounds)]);
    let mut trees: Vec<TokenTree> = Vec::new();
    for tree in lexed(&["#[automatically_derived] impl ::schemig::", name, " for ", text].concat()) {
        let word = if let TokenTree::Ident(ident) = &tree { ident.to_string() } else { String::new() };
        trees.push(tree);
        match word.as_str() {
            "impl" => trees.extend(after_impl.take().into_iter().flatten()),
            "for" => trees.extend(after_for.take().into_iter().flatten().flatten()),
            _ => {}
        }
    }
    trees.into_iter().collect()
}

fn kept(part: &impl ToTokens) -> TokenStream {
    part.to_token_stream().into()
}

fn lexed(text: &str) -> TokenStream {
    TokenStream::from_str(text).unwrap_or_else(|error| panic!("{error} in what schemig wrote: {text}"))
}

fn model_text(model: &Model<'_>) -> String {
    let canonical = model.canonical();
    let fingerprint = fingerprint(&canonical);
    let type_name = &model.ident.text;
    let mut text = constant(&canonical);
    text.extend([
        "#[cfg(test)] #[test] fn ",
        &test_name(type_name),
        "() { ::schemig::captured(::core::env!(\"CARGO_MANIFEST_DIR\"), \"",
        type_name,
        "\", \"",
        &fingerprint,
        "\") }",
    ]);
    text
}

/// What a model says. The trait makes the fingerprint of it.
fn constant(canonical: &str) -> String {
    format!("{{ const MODEL: &'static str = {canonical:?}; }}")
}

/// One test per type: `_` before each capital. A name that this would send where another goes carries its hash.
fn test_name(type_name: &str) -> String {
    let mut name = String::from("schemig_captured");
    for character in type_name.chars() {
        if character.is_uppercase() && !name.ends_with('_') {
            name.push('_');
        }
        if character == '_' && name.ends_with('_') {
            continue;
        }
        name.extend(character.to_lowercase());
    }
    let camel = type_name.starts_with(|first: char| first.is_ascii_uppercase())
        && type_name.chars().all(|character| character.is_ascii_alphanumeric());
    if !camel {
        name = format!("{}_{}", name.trim_end_matches('_'), fingerprint(type_name));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_names_are_snake_case_and_differ() {
        assert_eq!(test_name("OrgMembership"), "schemig_captured_org_membership");
        let types =
            ["User", "user", "User_", "_User", "USER", "U_ser", "UserV2", "User_V2", "User_v2", "Ünser"];
        let names = types.map(test_name);
        for (position, name) in names.iter().enumerate() {
            assert!(!name.contains("__") && !name.chars().any(char::is_uppercase), "{name}");
            assert!(syn::parse_str::<syn::Ident>(name).is_ok(), "{name}");
            assert!(!names[..position].contains(name), "{name} twice");
        }
    }

    /// The compiler's token streams exist only while it expands; the text around the name is what can be read here.
    #[test]
    fn a_model_becomes_a_constant_and_a_test() {
        let input: DeriveInput = syn::parse_quote!(
            #[schemig(comment = "a \"b\" \\ \n")]
            struct User<'a> {
                id: i64,
                name: &'a str,
            }
        );
        let read = schemig_syntax::parse::model_input(&input).unwrap();
        let file: syn::File = syn::parse_str(&["impl User", &model_text(&read)].concat()).unwrap();
        let [syn::Item::Impl(implementation), syn::Item::Fn(test)] = file.items.as_slice() else {
            panic!("{}", model_text(&read));
        };
        assert_eq!(test.sig.ident, "schemig_captured_user");
        let values = implementation.items.iter().map(|item| {
            let syn::ImplItem::Const(syn::ImplItemConst { expr: syn::Expr::Lit(literal), .. }) = item else {
                panic!("no constant")
            };
            let syn::Lit::Str(text) = &literal.lit else { panic!("no string") };
            text.value()
        });
        assert_eq!(values.collect::<Vec<_>>(), [read.canonical()]);
    }
}
