//! Steps in the making: what a recipe says, before order and ways back are worked out.

use super::{Phase, Step};
use crate::operation::{Inapplicable, Operation, inverse};
use crate::schema::State;

/// A step without its cause, and with its way back only where that isn't the mere inverse.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    phase: Phase,
    up: Vec<Operation>,
    down: Option<Vec<Operation>>,
}

impl Draft {
    /// A step whose way back is the inverse of each operation, last first.
    pub fn new(phase: Phase, up: impl IntoIterator<Item = Operation>) -> Self {
        Self { phase, up: up.into_iter().collect(), down: None }
    }

    /// A step that exists for its way back: up does nothing.
    pub fn way_back(phase: Phase, down: impl IntoIterator<Item = Operation>) -> Self {
        Self { phase, up: Vec::new(), down: Some(down.into_iter().collect()) }
    }

    /// The same step with this way back.
    pub fn back_by(self, down: impl IntoIterator<Item = Operation>) -> Self {
        Self { down: Some(down.into_iter().collect()), ..self }
    }

    /// Whether it drops an enum.
    pub fn ends_enum(&self) -> bool {
        self.up.iter().any(|operation| matches!(operation, Operation::DropEnum { .. }))
    }
}

/// Puts the drafts of all changes in order and works out their ways back: expand, backfill, contract; within a phase, in the order
/// in which the changes stand. In the backfill phase rows come before all else, since an index or a key makes each row dearer.
///
/// Gives the steps and the state after the last.
pub(super) fn into_steps(
    drafts: Vec<(usize, Draft)>,
    start: &State,
) -> Result<(Vec<Step>, State), (usize, Inapplicable)> {
    let mut ordered = drafts;
    ordered.sort_by_key(|(_, draft)| (draft.phase, draft.phase == Phase::Backfill && !fills(draft)));
    let mut state = start.clone();
    let mut steps = Vec::new();
    for (cause, draft) in ordered {
        let mut down = Vec::new();
        for operation in &draft.up {
            let mut undone = inverse(operation, &state);
            state.apply(operation).map_err(|fault| (cause, fault))?;
            undone.append(&mut down);
            down = undone;
        }
        steps.push(Step { phase: draft.phase, cause, up: draft.up, down: draft.down.unwrap_or(down) });
    }
    Ok((steps, state))
}

fn fills(draft: &Draft) -> bool {
    let writes =
        |operation: &Operation| matches!(operation, Operation::Backfill { .. } | Operation::CopyRows { .. });
    draft.up.iter().any(writes)
}
