//! Type declarations and imports.

use syn::ext::IdentExt;
use syn::{Fields, GenericParam, Generics, Item, ItemStruct, ItemUse, UseTree, Visibility};

use super::attribute::{derives, diesel_types, marker};
use super::model::fields;
use super::{Places, faults, name, type_use};
use crate::capture::{Declaration, Fault, Import, Shape};

/// What an item declares, if it is a type. A type that can be no column is declared too, for it hides another of its name.
///
/// # Errors
/// Every mistake in an enum that derives `MigratableEnum` or `DbEnum`.
pub fn declaration(item: &Item, at: Places) -> Result<Option<Declaration>, Vec<Fault>> {
    let plain = |attrs| Shape::Sql { types: diesel_types(attrs, at), fields: None };
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "syn's enum is open, and no other item declares a type"
    )]
    let (ident, shape) = match item {
        Item::Type(item) => {
            let target = type_use(&item.ty, at);
            (&item.ident, Shape::Alias { parameters: parameters(&item.generics), target })
        }
        Item::Struct(item) => (&item.ident, structure(item, at)),
        Item::Enum(item) => {
            let derived = derives(&item.attrs);
            let labels = derived.iter().any(|derive| derive == "MigratableEnum" || derive == "DbEnum");
            let shape =
                if labels { Shape::Enumeration(super::enumeration(item, at)?) } else { plain(&item.attrs) };
            (&item.ident, shape)
        }
        Item::Union(item) => (&item.ident, plain(&item.attrs)),
        _ => return Ok(None),
    };
    Ok(Some(Declaration { name: name(&ident.into(), at), shape }))
}

fn parameters(generics: &Generics) -> Vec<String> {
    let parameter = |parameter: &GenericParam| match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.unraw().to_string()),
        GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
    };
    generics.params.iter().filter_map(parameter).collect()
}

fn structure(item: &ItemStruct, at: Places) -> Shape {
    let derived = derives(&item.attrs);
    let has = |name: &str| derived.iter().any(|derive| derive == name);
    if let Some(sql_name) = marker(&item.attrs) {
        return Shape::Marker { sql_name };
    }
    if has("DieselNewType")
        && let Some(inner) = wrapped(&item.fields)
    {
        return Shape::Newtype { inner: type_use(&inner.ty, at) };
    }
    let row = ["Queryable", "Selectable", "HasQuery", "Insertable", "AsChangeset"].into_iter().any(has);
    let read = || {
        let parsed = schemig_syntax::parse::fields(item).map_err(|errors| faults(&errors, at))?;
        Ok(fields(&parsed, at))
    };
    Shape::Sql { types: diesel_types(&item.attrs, at), fields: row.then(read) }
}

/// The only field of a newtype.
fn wrapped(fields: &Fields) -> Option<&syn::Field> {
    let mut all = fields.iter();
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// The names that a `use` brings.
pub fn imports(item: &ItemUse, at: Places) -> Vec<Import> {
    let exported = !matches!(item.vis, Visibility::Inherited);
    let mut walk = Walk { at, exported, found: Vec::new() };
    walk.tree(&item.tree, &mut Vec::new());
    walk.found
}

struct Walk<'a> {
    at: Places<'a>,
    exported: bool,
    found: Vec<Import>,
}

impl Walk<'_> {
    fn tree(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        let step = |ident: &syn::Ident| ident.unraw().to_string();
        match tree {
            UseTree::Path(tree) => {
                path.push(step(&tree.ident));
                self.tree(&tree.tree, path);
                path.pop();
            }
            UseTree::Name(tree) if tree.ident == "self" => {
                // `use a::b::{self}` brings `b`.
                if let Some(last) = path.last() {
                    self.bring(last.clone(), tree.ident.span(), path.clone());
                }
            }
            UseTree::Name(tree) => self.named(&step(&tree.ident), step(&tree.ident), tree.ident.span(), path),
            UseTree::Rename(tree) => {
                self.named(&step(&tree.ident), step(&tree.rename), tree.rename.span(), path);
            }
            UseTree::Glob(tree) => self.bring("*".to_owned(), tree.star_token.spans[0], path.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, path)),
        }
    }

    fn named(&mut self, last: &str, name: String, span: proc_macro2::Span, path: &[String]) {
        // `use a::b::{self as c}` brings `b` under another name.
        let last = (last != "self").then(|| last.to_owned());
        self.bring(name, span, path.iter().cloned().chain(last).collect());
    }

    fn bring(&mut self, name: String, span: proc_macro2::Span, path: Vec<String>) {
        self.found.push(Import { place: (self.at)(span), name, path, exported: self.exported });
    }
}
