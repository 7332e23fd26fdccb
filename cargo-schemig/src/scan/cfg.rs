//! `cfg` and `cfg_attr`, as a development build of the library with the chosen features would decide them.

use std::collections::BTreeSet;
use std::env::consts;

use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Fields, Item, Lit, Meta, Token};

/// What is set.
#[derive(Clone, Debug, Default)]
pub struct Cfg {
    /// The features.
    pub features: BTreeSet<String>,
}

impl Cfg {
    /// Puts what `cfg_attr` hides in its place, and says whether the item is there at all.
    pub fn apply(&self, attrs: &mut Vec<Attribute>) -> bool {
        if attrs.iter().any(|attr| attr.path().is_ident("cfg_attr")) {
            let found = std::mem::take(attrs);
            found.into_iter().for_each(|attr| self.expand(attr, attrs));
        }
        attrs.iter().filter(|attr| attr.path().is_ident("cfg")).all(|attr| self.holds_list(attr))
    }

    /// The same for an item and what it is made of. Items that can't lead to a model are passed over.
    pub fn apply_to_item(&self, item: &mut Item) -> bool {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "syn's enum is open, and the other items say nothing of models"
        )]
        match item {
            Item::Struct(item) => {
                match &mut item.fields {
                    Fields::Named(fields) => self.retain(&mut fields.named, |field| &mut field.attrs),
                    Fields::Unnamed(fields) => self.retain(&mut fields.unnamed, |field| &mut field.attrs),
                    Fields::Unit => {}
                }
                self.apply(&mut item.attrs)
            }
            Item::Enum(item) => {
                self.retain(&mut item.variants, |variant| &mut variant.attrs);
                self.apply(&mut item.attrs)
            }
            Item::Mod(item) => self.apply(&mut item.attrs),
            Item::Type(item) => self.apply(&mut item.attrs),
            Item::Union(item) => self.apply(&mut item.attrs),
            Item::Use(item) => self.apply(&mut item.attrs),
            Item::Macro(item) => self.apply(&mut item.attrs),
            _ => false,
        }
    }

    fn retain<T>(&self, parts: &mut Punctuated<T, Token![,]>, attrs: impl Fn(&mut T) -> &mut Vec<Attribute>) {
        let conditional = |attr: &Attribute| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr");
        if !parts.iter_mut().any(|part| attrs(part).iter().any(conditional)) {
            return;
        }
        let all = std::mem::take(parts);
        parts.extend(all.into_iter().filter_map(|mut part| self.apply(attrs(&mut part)).then_some(part)));
    }

    fn expand(&self, attr: Attribute, into: &mut Vec<Attribute>) {
        if !attr.path().is_ident("cfg_attr") {
            return into.push(attr);
        }
        let parsed = attr.parse_args_with(|input: ParseStream| {
            let holds = self.holds(input)?;
            input.parse::<Option<Token![,]>>()?;
            Ok((holds, Punctuated::<Meta, Token![,]>::parse_terminated(input)?))
        });
        // A malformed one is the compiler's to report.
        if let Ok((true, metas)) = parsed {
            for meta in metas {
                self.expand(Attribute { meta, ..attr.clone() }, into);
            }
        }
    }

    fn holds_list(&self, attr: &Attribute) -> bool {
        attr.parse_args_with(|input: ParseStream| self.holds(input)).unwrap_or(true)
    }

    /// Reads one predicate.
    fn holds(&self, input: ParseStream) -> syn::Result<bool> {
        if input.peek(syn::LitBool) {
            return Ok(input.parse::<syn::LitBool>()?.value);
        }
        match input.parse::<Meta>()? {
            Meta::Path(path) => Ok(path.get_ident().is_some_and(|word| is_set(&word.to_string()))),
            Meta::NameValue(pair) => {
                let Expr::Lit(ExprLit { lit: Lit::Str(value), .. }) = &pair.value else { return Ok(false) };
                let key = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
                Ok(self.has(&key, &value.value()))
            }
            Meta::List(list) => {
                let mut inner = Vec::new();
                list.parse_args_with(|input: ParseStream| {
                    while !input.is_empty() {
                        inner.push(self.holds(input)?);
                        input.parse::<Option<Token![,]>>()?;
                    }
                    Ok(())
                })?;
                let word = list.path.get_ident().map(ToString::to_string).unwrap_or_default();
                Ok(match word.as_str() {
                    "all" => inner.iter().all(|holds| *holds),
                    "any" => inner.iter().any(|holds| *holds),
                    "not" => !inner.iter().any(|holds| *holds),
                    _ => false,
                })
            }
        }
    }

    fn has(&self, key: &str, value: &str) -> bool {
        match key {
            "feature" => self.features.contains(value),
            "target_os" => value == consts::OS,
            "target_arch" => value == consts::ARCH,
            "target_family" => value == consts::FAMILY,
            "target_pointer_width" => value == usize::BITS.to_string(),
            "target_endian" => value == if cfg!(target_endian = "big") { "big" } else { "little" },
            "panic" => value == "unwind",
            _ => false,
        }
    }
}

/// A development build asserts, and no build but a test is one.
fn is_set(word: &str) -> bool {
    match word {
        "unix" => cfg!(unix),
        "windows" => cfg!(windows),
        "debug_assertions" | "overflow_checks" | "panic" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Cfg;
    use syn::{Attribute, ItemStruct};

    fn apply(source: &str) -> Option<Vec<String>> {
        let cfg = Cfg { features: ["db".to_owned()].into() };
        let mut item: ItemStruct = syn::parse_str(source).unwrap();
        let words = |attrs: &[Attribute]| {
            attrs.iter().filter_map(|attr| Some(attr.path().get_ident()?.to_string())).collect()
        };
        cfg.apply(&mut item.attrs).then(|| words(&item.attrs))
    }

    #[test]
    fn predicates() {
        for (predicate, holds) in [
            ("feature = \"db\"", true),
            ("feature = \"web\"", false),
            ("not(feature = \"web\")", true),
            ("all(feature = \"db\", debug_assertions)", true),
            ("any(test, feature = \"web\")", false),
            ("all()", true),
            ("any()", false),
            ("true", true),
            ("not(true)", false),
            ("test", false),
            ("some_flag", false),
        ] {
            let there = apply(&format!("#[cfg({predicate})] struct S;")).is_some();
            assert_eq!(there, holds, "{predicate}");
        }
    }

    #[test]
    fn cfg_attr_gives_what_it_hides() {
        let given = "#[cfg_attr(feature = \"db\", derive(Migratable), cfg_attr(all(), diesel(table_name = x)))] struct S;";
        assert_eq!(apply(given), Some(vec!["derive".to_owned(), "diesel".to_owned()]));
        assert_eq!(apply("#[cfg_attr(test, derive(Migratable))] struct S;"), Some(Vec::new()));
        assert_eq!(apply("#[cfg_attr(all(), cfg(test))] struct S;"), None);
    }
}
