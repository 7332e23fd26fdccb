//! Steps in the making: what a recipe says, before order and ways back are worked out.

use super::{Phase, Step};
use crate::change::Change;
use crate::operation::{Inapplicable, Operation, inverse};
use crate::schema::State;

/// A step without its cause, and with its way back only where that isn't the mere inverse.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    phase: Phase,
    up: Vec<Operation>,
    down: Option<Vec<Operation>>,
    turn: Option<Turn>,
}

/// When a step comes within its phase, in a plan that changes primary keys: each of these needs what those before it leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// What makes the columns and the indexes of keys.
    Before,
    /// Foreign keys, which a key that goes may not have any more, and one that comes can have as soon as its index stands.
    ForeignKeys,
    /// One key gives way to another.
    Keys,
    /// What a key that is gone doesn't hold back any more.
    After,
}

impl Draft {
    /// A step whose way back is the inverse of each operation, last first.
    pub fn new(phase: Phase, up: impl IntoIterator<Item = Operation>) -> Self {
        Self { phase, up: up.into_iter().collect(), down: None, turn: None }
    }

    /// A step that exists for its way back: up does nothing.
    pub fn way_back(phase: Phase, down: impl IntoIterator<Item = Operation>) -> Self {
        Self { phase, up: Vec::new(), down: Some(down.into_iter().collect()), turn: None }
    }

    /// The same step with this way back.
    pub fn back_by(self, down: impl IntoIterator<Item = Operation>) -> Self {
        Self { down: Some(down.into_iter().collect()), ..self }
    }

    /// The same step in another turn than its change's.
    pub fn in_turn(self, turn: Turn) -> Self {
        Self { turn: Some(turn), ..self }
    }

    /// Its turn: its own, or that of its change.
    pub fn turn(&self, change: Option<&Change>) -> Turn {
        self.turn.or_else(|| change.map(Turn::of)).unwrap_or(Turn::Before)
    }

    /// Whether it gives columns other names and does nothing else.
    pub fn only_renames(&self) -> bool {
        self.up.iter().all(|operation| matches!(operation, Operation::RenameColumn { .. }))
    }

    /// Whether it drops an enum.
    pub fn ends_enum(&self) -> bool {
        self.up.iter().any(|operation| matches!(operation, Operation::DropEnum { .. }))
    }
}

impl Turn {
    fn of(change: &Change) -> Self {
        match change {
            Change::AddForeignKey { .. } | Change::DropForeignKey { .. } | Change::DropTable { .. } => {
                Self::ForeignKeys
            }
            Change::DropColumn { .. } | Change::RelaxColumn { .. } => Self::After,
            Change::CreateTable { .. }
            | Change::RenameTable { .. }
            | Change::AddColumn { .. }
            | Change::RenameColumn { .. }
            | Change::ReplaceColumn { .. }
            | Change::RetypeColumn { .. }
            | Change::RequireColumn { .. }
            | Change::ChangeDefault { .. }
            | Change::ChangeCollation { .. }
            | Change::ChangeComments { .. }
            | Change::ChangeIdentity { .. }
            | Change::RecomputeColumn { .. }
            | Change::ChangePrimaryKey { .. }
            | Change::AddIndex { .. }
            | Change::DropIndex { .. }
            | Change::ReplaceIndex { .. }
            | Change::AddCheck { .. }
            | Change::DropCheck { .. }
            | Change::CreateEnum { .. }
            | Change::DropEnum { .. }
            | Change::AddEnumValue { .. }
            | Change::RenameEnumValue { .. }
            | Change::ReplaceEnum { .. } => Self::Before,
        }
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
