//! Create an enum: at once, for nobody uses it yet, and before the tables and columns that do.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::{Enum, EnumName};

pub(super) fn steps(name: &EnumName, definition: &Enum) -> Vec<Draft> {
    let operation = Operation::CreateEnum { name: name.clone(), definition: definition.clone() };
    vec![Draft::new(Phase::Expand, [operation])]
}
