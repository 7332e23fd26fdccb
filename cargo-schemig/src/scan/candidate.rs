//! Structs that Diesel knows and that aren't models: what they would be as models, and where that would be written.

use std::ops::Range;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use schemig_core::capture::{Fault, Model, Place, read};
use schemig_syntax::FieldKind;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, ItemMacro, ItemStruct, Meta, Token};

/// Derives that read the columns of a table.
pub const READS: [&str; 3] = ["Queryable", "Selectable", "HasQuery"];

/// All derives by which Diesel knows a struct.
const KNOWN: [&str; 8] = [
    "Queryable",
    "Selectable",
    "HasQuery",
    "Insertable",
    "AsChangeset",
    "Identifiable",
    "Associations",
    "QueryableByName",
];

/// A struct with one of Diesel's derives, and without `Migratable`.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Where that stands.
    pub place: Place,
    /// The last segments of what it derives.
    pub derives: Vec<String>,
    /// Fields that are expressions of the query and no columns.
    pub computed: Vec<String>,
    /// What it would be as a model.
    pub model: Result<Model, Vec<Fault>>,
    /// Where things would be written.
    pub anchors: Anchors,
}

/// Where a struct's attributes would be written, in bytes of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchors {
    /// The last path of the list of derives that Diesel's stand in.
    pub derive: Range<usize>,
    /// What must be set for that list to count: the condition of the `cfg_attr` around it.
    pub condition: Option<String>,
    /// Where the struct starts, behind its attributes.
    pub item: usize,
    /// Each field, attributes included, and where it starts behind those.
    pub fields: Vec<(Range<usize>, usize)>,
}

/// The struct as a candidate, if it is one. `raw` are its attributes as they are written, before `cfg_attr` is seen through.
pub fn candidate(
    item: &ItemStruct,
    raw: &[Attribute],
    text: &str,
    at: &dyn Fn(Span) -> Place,
) -> Option<Candidate> {
    let derives = read::derives(&item.attrs);
    let derive = READS.iter().chain(&KNOWN).find_map(|word| list_of(&item.attrs, word))?;
    let derive = at(derive).bytes();
    let start = |first: Option<Span>, then: Span| at(first.unwrap_or(then)).bytes().start;
    let field = |field: &syn::Field| {
        let whole = at(field.span()).bytes();
        let named = field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span);
        (whole, start(visibility(&field.vis), named))
    };
    Some(Candidate {
        name: item.ident.unraw().to_string(),
        place: at(item.ident.span()),
        derives,
        computed: computed(item),
        model: read::unfinished_model(item, at),
        anchors: Anchors {
            condition: condition(raw, derive.start, text, at),
            derive,
            item: start(visibility(&item.vis), item.struct_token.span),
            fields: item.fields.iter().map(field).collect(),
        },
    })
}

/// The fields with `select_expression`.
fn computed(item: &ItemStruct) -> Vec<String> {
    let Ok(fields) = schemig_syntax::parse::fields(item) else { return Vec::new() };
    let skipped = fields.iter().filter(|field| field.kind == FieldKind::Skipped);
    skipped.map(|field| field.ident.text.clone()).collect()
}

fn visibility(visibility: &syn::Visibility) -> Option<Span> {
    match visibility {
        syn::Visibility::Inherited => None,
        syn::Visibility::Public(_) | syn::Visibility::Restricted(_) => Some(visibility.span()),
    }
}

/// The last path of the list of derives that holds this word.
fn list_of(attrs: &[Attribute], word: &str) -> Option<Span> {
    attrs.iter().filter(|attr| attr.path().is_ident("derive")).find_map(|attr| {
        let Meta::List(list) = &attr.meta else { return None };
        let paths = Punctuated::<syn::Path, Token![,]>::parse_terminated.parse2(list.tokens.clone()).ok()?;
        let has = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == word);
        paths.iter().any(has).then(|| paths.last().map(Spanned::span))?
    })
}

/// The conditions of the `cfg_attr`s around a byte.
fn condition(attrs: &[Attribute], byte: usize, text: &str, at: &dyn Fn(Span) -> Place) -> Option<String> {
    let around = |span: Span| at(span).bytes().contains(&byte);
    let mut found = Vec::new();
    let mut meta = attrs.iter().find(|attr| around(attr.span()))?.meta.clone();
    while let Meta::List(list) = &meta
        && list.path.is_ident("cfg_attr")
    {
        let (predicate, inner) = split.parse2(list.tokens.clone()).ok()?;
        found.push(text.get(at(predicate.span()).bytes())?.to_owned());
        meta = inner.into_iter().find(|inner| around(inner.span()))?;
    }
    match found.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        [..] => Some(format!("all({})", found.join(", "))),
    }
}

/// What stands in `cfg_attr(…)`: the predicate, and what it gives.
fn split(input: ParseStream) -> syn::Result<(TokenStream, Vec<Meta>)> {
    let mut predicate = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        predicate.extend([input.parse::<TokenTree>()?]);
    }
    input.parse::<Option<Token![,]>>()?;
    Ok((predicate, Punctuated::<Meta, Token![,]>::parse_terminated(input)?.into_iter().collect()))
}

/// Whether a macro names one of Diesel's derives: what it makes isn't seen.
pub fn hides(item: &ItemMacro) -> bool {
    names(&item.mac.tokens)
}

fn names(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => KNOWN.iter().any(|word| ident == word),
        TokenTree::Group(group) => names(&group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether a file's bytes name one of Diesel's derives.
pub fn is_named(bytes: &[u8]) -> bool {
    KNOWN.iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
}
