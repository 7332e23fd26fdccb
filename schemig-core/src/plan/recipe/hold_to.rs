//! Hold rows to a check or a foreign key: counted, for new writes first, proved for the rows that stand in a transaction of its own.

use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::draft::Draft;

/// A constraint as operations.
pub(super) struct Constraint {
    /// Counts the rows that it would reject.
    pub count: Operation,
    /// Adds it for new writes.
    pub add: Operation,
    /// Proves it for the rows that stand.
    pub prove: Operation,
    /// Where it replaces one of the same name: what drops that name, and what adds the old one back for new writes.
    pub replaced: Option<[Operation; 2]>,
}

/// The steps, in this phase. A replacement is one transaction, so that there is no moment without either.
pub(super) fn steps(phase: Phase, constraint: Constraint) -> Vec<Draft> {
    let Constraint { count, add, prove, replaced } = constraint;
    let proved = Draft::new(phase, [prove.clone()]);
    match replaced {
        Some([drop, add_old]) => vec![
            Draft::way_back(phase, [prove]),
            Draft::new(phase, [count, drop.clone(), add]).back_by([drop, add_old]),
            proved,
        ],
        None => vec![Draft::new(phase, [count, add]), proved],
    }
}
