//! What a derive writes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use schemig_syntax::{EnumModel, Errors, Model, fingerprint};
use syn::DeriveInput;

/// The trait and the test.
pub(crate) fn model(input: &DeriveInput, model: &Model) -> TokenStream {
    let canonical = model.canonical();
    let fingerprint = fingerprint(&canonical);
    let implementation = constants(input, "Migratable", &canonical, &fingerprint);
    let type_name = &model.ident.text;
    let test = Ident::new(&test_name(type_name), Span::call_site());
    quote! {
        #implementation
        #[cfg(test)]
        #[test]
        fn #test() {
            ::schemig::captured(::core::env!("CARGO_MANIFEST_DIR"), #type_name, #fingerprint)
        }
    }
}

/// The trait.
pub(crate) fn enumeration(input: &DeriveInput, labels: &EnumModel) -> TokenStream {
    let canonical = labels.canonical();
    constants(input, "MigratableEnum", &canonical, &fingerprint(&canonical))
}

/// The mistakes, and an implementation that keeps the compiler from adding one of its own wherever the trait is asked for.
pub(crate) fn stub(input: &DeriveInput, name: &str, errors: &Errors) -> TokenStream {
    let mut tokens = errors.to_compile_errors();
    tokens.extend(constants(input, name, "", ""));
    tokens
}

fn constants(input: &DeriveInput, name: &str, canonical: &str, fingerprint: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let ident = &input.ident;
    let (of, with, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #of ::schemig::#name for #ident #with #bounds {
            const MODEL: &'static str = #canonical;
            const FINGERPRINT: &'static str = #fingerprint;
        }
    }
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
            assert!(syn::parse_str::<Ident>(name).is_ok(), "{name}");
            assert!(!names[..position].contains(name), "{name} twice");
        }
    }

    #[test]
    fn a_model_becomes_two_constants_and_a_test() {
        let input: DeriveInput = syn::parse_quote!(
            struct User<'a> {
                id: i64,
                name: &'a str,
            }
        );
        let read = schemig_syntax::parse::model_input(&input).unwrap();
        let tokens = model(&input, &read);
        let file: syn::File = syn::parse2(tokens.clone()).unwrap();
        assert_eq!(file.items.len(), 2);
        let text = tokens.to_string();
        assert!(text.contains(&read.fingerprint()) && text.contains("schemig_captured_user"), "{text}");
    }
}
