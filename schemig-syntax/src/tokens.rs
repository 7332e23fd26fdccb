//! Types as tokens: their text, and a look inside `Option`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// What `Option` holds, if that is the type's last path segment. An alias of `Option` goes unseen here: who knows the crate resolves it.
pub fn option_inner(ty: &Type) -> Option<&Type> {
    if let Type::Group(group) = ty {
        return option_inner(&group.elem);
    }
    if let Type::Paren(paren) = ty {
        return option_inner(&paren.elem);
    }
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| {
        let GenericArgument::Type(inner) = argument else { return None };
        Some(inner)
    })
}

/// A type's tokens with the fewest spaces. The compiler's own printer and proc-macro2's differ, and a fingerprint must not.
pub fn type_text(ty: &Type) -> String {
    let mut text = String::new();
    if !write_path(ty, &mut text) {
        text.clear();
        write_tokens(ty.to_token_stream(), &mut text);
    }
    text
}

/// Nearly all columns have a plain path for a type; this spares the derive a token stream for each. False if `ty` is anything else.
fn write_path(ty: &Type, text: &mut String) -> bool {
    let Type::Path(path) = ty else { return false };
    if path.qself.is_some() {
        return false;
    }
    if path.path.leading_colon.is_some() {
        text.push_str("::");
    }
    path.path.segments.iter().enumerate().all(|(position, segment)| {
        if position > 0 {
            text.push_str("::");
        }
        text.push_str(&segment.ident.to_string());
        match &segment.arguments {
            PathArguments::None => true,
            PathArguments::Parenthesized(_) => false,
            PathArguments::AngleBracketed(arguments) => {
                if arguments.colon2_token.is_some()
                    || arguments.args.len() != 1
                    || arguments.args.trailing_punct()
                {
                    return false;
                }
                text.push('<');
                let GenericArgument::Type(inner) = &arguments.args[0] else { return false };
                let plain = write_path(inner, text);
                text.push('>');
                plain
            }
        }
    })
}

fn write_tokens(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    // A macro's variable; the scan never sees one, and it says nothing.
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write_tokens(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            TokenTree::Ident(ident) => write_word(&ident.to_string(), text),
            TokenTree::Literal(literal) => write_word(&literal.to_string(), text),
        }
    }
}

fn write_word(word: &str, text: &mut String) {
    if text.ends_with(|last: char| last.is_alphanumeric() || last == '_' || last == '"') {
        text.push(' ');
    }
    text.push_str(word);
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn sees_through_paths_groups_and_parentheses() {
        for ty in ["Option<i32>", "std::option::Option<i32>", "::core::option::Option<i32>", "(Option<i32>)"]
        {
            let ty: Type = syn::parse_str(ty).unwrap();
            assert_eq!(option_inner(&ty).map(type_text).as_deref(), Some("i32"));
        }
        for ty in ["i32", "Vec<Option<i32>>", "Option", "Optional<i32>", "&'a str", "Option<i32>::Item"] {
            let ty: Type = syn::parse_str(ty).unwrap();
            assert!(option_inner(&ty).is_none(), "{}", type_text(&ty));
        }
    }

    #[test]
    fn text_keeps_words_apart_and_nothing_else() {
        let cases: [(Type, &str); 4] = [
            (parse_quote!(Option<Vec<u8>>), "Option<Vec<u8>>"),
            (parse_quote!(&'a mut str), "&'a mut str"),
            (parse_quote!([u8; 16]), "[u8;16]"),
            (parse_quote!(Box<dyn Fn(i32) -> r#type + 'static>), "Box<dyn Fn(i32)->r#type+'static>"),
        ];
        for (ty, text) in cases {
            assert_eq!(type_text(&ty), text);
        }
    }

    #[test]
    fn the_short_way_writes_what_the_tokens_say() {
        for ty in ["i32", "r#type", "::std::string::String", "Option<Vec<chrono::DateTime<Utc>>>"] {
            let ty: Type = syn::parse_str(ty).unwrap();
            let (mut short, mut long) = (String::new(), String::new());
            assert!(write_path(&ty, &mut short));
            write_tokens(ty.to_token_stream(), &mut long);
            assert_eq!(short, long);
        }
        for ty in ["Map<A, B>", "Vec<A,>", "Vec::<A>", "<A as B>::C", "[u8; 4]", "Vec<[u8; 4]>", "Cow<'a>"] {
            let ty: Type = syn::parse_str(ty).unwrap();
            assert!(!write_path(&ty, &mut String::new()), "{}", type_text(&ty));
            assert!(!type_text(&ty).is_empty());
        }
    }

    #[test]
    fn a_macro_variable_reads_like_what_it_holds() {
        let inner: Type = parse_quote!(Option<i32>);
        let grouped = proc_macro2::Group::new(Delimiter::None, inner.to_token_stream());
        let ty: Type = syn::parse2(grouped.to_token_stream()).unwrap();
        assert_eq!(type_text(&ty), "Option<i32>");
        assert!(option_inner(&ty).is_some());
    }
}
