//! Drop an enum: when N-1 is gone, behind the columns that used it.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;
use crate::schema::EnumName;

pub(super) fn steps(name: &EnumName) -> Vec<Draft> {
    vec![Draft::new(Phase::Contract, [Operation::DropEnum { name: name.clone() }])]
}
