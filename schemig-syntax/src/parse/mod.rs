//! From an item's tokens to what it says.
//!
//! The caller has applied `cfg` and `cfg_attr`: the compiler does so for the derive, the scan by itself.

mod attributes;
mod consistency;
mod diesel;
mod doc;
mod entry;
mod field;
mod index;
mod key_order;
mod partition_by;
mod rows_from;
mod structure;
mod value;
mod variants;

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Ident, ItemEnum, ItemStruct, Token, Variant};

use crate::{EnumModel, Errors, Field, Model};

/// Reads a struct that derives `Migratable`.
///
/// # Errors
/// Every mistake in it, each at its place.
pub fn model(item: &ItemStruct) -> Result<Model<'_>, Errors> {
    structure::read(&of(item), true)
}

/// Reads a struct that doesn't derive `Migratable` as if it did. Its parts need not agree yet: what Diesel doesn't ask for, such as the primary
/// key of a struct that is only read, may still have to be written.
///
/// # Errors
/// Every mistake in it, each at its place.
pub fn unfinished_model(item: &ItemStruct) -> Result<Model<'_>, Errors> {
    structure::read(&of(item), false)
}

fn of(item: &ItemStruct) -> Struct<'_> {
    Struct { attrs: &item.attrs, ident: &item.ident, generics: &item.generics, fields: &item.fields }
}

/// Reads the fields of a struct that a model embeds. It need not derive `Migratable`, and has no table of its own.
///
/// # Errors
/// Every mistake in them, each at its place.
pub fn fields(item: &ItemStruct) -> Result<Vec<Field<'_>>, Errors> {
    structure::fields(&item.fields)
}

/// Reads what a derive of `Migratable` is given.
///
/// # Errors
/// Every mistake in it, each at its place; also an item that is no struct.
pub fn model_input(input: &DeriveInput) -> Result<Model<'_>, Errors> {
    let keyword = match &input.data {
        Data::Struct(data) => {
            return structure::read(
                &Struct {
                    attrs: &input.attrs,
                    ident: &input.ident,
                    generics: &input.generics,
                    fields: &data.fields,
                },
                true,
            );
        }
        Data::Enum(data) => data.enum_token.span,
        Data::Union(data) => data.union_token.span,
    };
    Err(single(keyword, "`Migratable` is for structs", "an enum derives `MigratableEnum`"))
}

/// Reads an enum that derives `MigratableEnum` or `DbEnum`.
///
/// # Errors
/// Every mistake in it, each at its place.
pub fn enumeration(item: &ItemEnum) -> Result<EnumModel, Errors> {
    variants::read(&Enum {
        attrs: &item.attrs,
        ident: &item.ident,
        variants: &item.variants,
        generics: &item.generics,
    })
}

/// Reads what a derive of `MigratableEnum` is given.
///
/// # Errors
/// Every mistake in it, each at its place; also an item that is no enum.
pub fn enumeration_input(input: &DeriveInput) -> Result<EnumModel, Errors> {
    let keyword = match &input.data {
        Data::Enum(data) => {
            return variants::read(&Enum {
                attrs: &input.attrs,
                ident: &input.ident,
                variants: &data.variants,
                generics: &input.generics,
            });
        }
        Data::Struct(data) => data.struct_token.span,
        Data::Union(data) => data.union_token.span,
    };
    Err(single(keyword, "`MigratableEnum` is for enums", "a struct derives `Migratable`"))
}

/// The parts of a struct that say something, whichever syn type it came as.
struct Struct<'a> {
    attrs: &'a [Attribute],
    ident: &'a Ident,
    generics: &'a Generics,
    fields: &'a Fields,
}

/// The parts of an enum that say something, whichever syn type it came as.
struct Enum<'a> {
    attrs: &'a [Attribute],
    ident: &'a Ident,
    generics: &'a Generics,
    variants: &'a Punctuated<Variant, Token![,]>,
}

fn single(span: Span, message: &str, help: &str) -> Errors {
    let mut errors = Errors::default();
    errors.push_with(span, message, help);
    errors
}

#[cfg(test)]
mod tests;
