//! From syntax to data: what a source file says, with places instead of spans.
//!
//! The caller has applied `cfg` and `cfg_attr`, as for `schemig-syntax`.

mod attribute;
mod declaration;
mod model;

pub use attribute::{derives, diesel_types};
pub use declaration::{declaration, imports};
pub use model::{enumeration, model, unfinished_model};

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
    let place = at(span(ty));
    TypeUse { ty: RustType::read(ty), text: schemig_syntax::type_text(ty), place }
}

/// The span of a type. A path's is put together from its ends; for anything else syn makes a token stream of all of it.
fn span(ty: &syn::Type) -> Span {
    let whole = || syn::spanned::Spanned::span(ty);
    let syn::Type::Path(syn::TypePath { qself: None, path }) = ty else { return whole() };
    let (None, Some(first), Some(last)) = (path.leading_colon, path.segments.first(), path.segments.last())
    else {
        return whole();
    };
    let end = match &last.arguments {
        syn::PathArguments::None => last.ident.span(),
        syn::PathArguments::AngleBracketed(arguments) => arguments.gt_token.spans[0],
        syn::PathArguments::Parenthesized(_) => return whole(),
    };
    first.ident.span().join(end).unwrap_or_else(whole)
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
