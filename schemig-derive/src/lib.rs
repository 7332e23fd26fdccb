//! The derives of schemig. A user reaches them through the crate `schemig`, whose documentation shows them.
//!
//! A derive reads its item with `schemig-syntax`, as the scan does, and writes little: a constant and a test. A crate has
//! hundreds of models, and what is written here is compiled for each of them.

#![warn(missing_docs)]

mod expand;

use proc_macro::TokenStream;
use schemig_syntax::parse;
use syn::{DeriveInput, parse_macro_input};

/// Captures a Diesel model: implements `schemig::Migratable`, and adds a unit test `schemig_captured_<type>` that fails
/// while the snapshot holds another state of this model.
///
/// The struct and its fields may say more in `#[schemig(…)]`; `schemig` lists the keys. Every mistake is a compile error at its place.
#[proc_macro_derive(Migratable, attributes(schemig, diesel))]
pub fn migratable(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match parse::model_input(&input) {
        Ok(model) => expand::model(&input, &model),
        Err(errors) => expand::stub(&input, "Migratable", &errors),
    }
}

/// Captures an enum's labels: implements `schemig::MigratableEnum`. How values are read and written stays with Diesel.
#[proc_macro_derive(
    MigratableEnum,
    attributes(schemig, diesel, PgType, DieselType, ExistingTypePath, DbValueStyle, db_rename)
)]
pub fn migratable_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match parse::enumeration_input(&input) {
        Ok(labels) => expand::enumeration(&input, &labels),
        Err(errors) => expand::stub(&input, "MigratableEnum", &errors),
    }
}
