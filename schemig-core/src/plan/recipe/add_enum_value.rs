//! Add a label to an enum: in a directory of its own, for what uses it must come in a later transaction.
//!
//! N-1 can't read it, so N knows it and doesn't write it before N-1 is gone: a promise. There is no way back, for no server takes a
//! label off a type, and what isn't written harms nobody.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Beside, EnumName};

pub(super) fn steps(name: &EnumName, value: &str, at: Option<&Beside>) -> Vec<Draft> {
    let operation = Operation::AddEnumValue { name: name.clone(), value: value.to_owned(), at: at.cloned() };
    vec![Draft::new(Phase::Expand, [operation])]
}
