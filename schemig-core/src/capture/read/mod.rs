//! From syntax to data: what a source file says, with places instead of spans.
//!
//! The caller has applied `cfg` and `cfg_attr`, as for `schemig-syntax`.

mod attribute;
mod declaration;
mod model;

pub use attribute::{derives, diesel_types};
pub use declaration::{declaration, imports};
pub use model::{enumeration, model};

use proc_macro2::Span;
use schemig_syntax::{Errors, Name, Text};

use super::{Fault, Place, RustType, TypeUse, Word};

/// Tells where a span stands. Only the thread that parsed the file can.
pub type Places<'a> = &'a dyn Fn(Span) -> Place;

fn name(name: &Name, at: Places) -> Word {
    Word { text: name.text.clone(), place: at(name.span) }
}

fn text(text: &Text, at: Places) -> Word {
    Word { text: text.text.clone(), place: at(text.span) }
}

fn type_use(ty: &syn::Type, at: Places) -> TypeUse {
    let place = at(syn::spanned::Spanned::span(ty));
    TypeUse { ty: RustType::read(ty), text: schemig_syntax::type_text(ty), place }
}

fn faults(errors: &Errors, at: Places) -> Vec<Fault> {
    let fault = |mistake: &schemig_syntax::Mistake| Fault {
        places: vec![at(mistake.span)],
        message: mistake.message.clone(),
        help: mistake.help.clone(),
        misses: None,
    };
    errors.iter().map(fault).collect()
}
