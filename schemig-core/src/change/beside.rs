//! Changes of one column that don't mind each other, though the earlier one waits for its contract: neither's steps look at what the
//! other's do. Contracts run oldest first, so what a later one needs of an earlier one stands by then.

use super::Change;

/// Whether `change` can be made while `waiting`, a change of the same column but of no index or constraint of the same name, isn't
/// ended. If in doubt, no: then a person is asked.
pub(super) fn each_other(change: &Change, waiting: &Change) -> bool {
    match (Side::of(change), Side::of(waiting)) {
        // What is built on a column doesn't mind whether it may be NULL, or what it gets when it is left out.
        (Side::Check | Side::Index | Side::Key | Side::Words, Side::Null | Side::Default | Side::Check) => {
            true
        }
        // A foreign key refers to what an index holds unique.
        (Side::Check | Side::Index | Side::Words, Side::Index) => true,
        // Two foreign keys may well refer to one column.
        (Side::Check | Side::Words | Side::Key, Side::Key) => true,
        // What a column gets when it is left out is no business of what is built on it.
        (Side::Default, Side::Check | Side::Index | Side::Key) => true,
        (
            Side::Check | Side::Index | Side::Key | Side::Default | Side::Words | Side::Null | Side::Other,
            _,
        ) => false,
    }
}

/// What of a column a change is about.
#[derive(Clone, Copy)]
enum Side {
    /// Whether it may be NULL, and what fills it until it may not.
    Null,
    /// What it gets when it is left out.
    Default,
    /// A check that reads it.
    Check,
    /// An index that reads it.
    Index,
    /// A foreign key from it or to it.
    Key,
    /// What is said of it.
    Words,
    /// Its name, its type, its values, whether it is there.
    Other,
}

impl Side {
    fn of(change: &Change) -> Self {
        match change {
            Change::AddColumn { .. } | Change::RequireColumn { .. } | Change::RelaxColumn { .. } => {
                Self::Null
            }
            Change::ChangeDefault { .. } => Self::Default,
            Change::AddCheck { .. } | Change::DropCheck { .. } => Self::Check,
            Change::AddIndex { .. } | Change::DropIndex { .. } => Self::Index,
            Change::AddForeignKey { .. } | Change::DropForeignKey { .. } => Self::Key,
            Change::ChangeComments { .. } => Self::Words,
            Change::CreateTable { .. }
            | Change::DropTable { .. }
            | Change::RenameTable { .. }
            | Change::DropColumn { .. }
            | Change::RenameColumn { .. }
            | Change::ReplaceColumn { .. }
            | Change::RetypeColumn { .. }
            | Change::ChangeCollation { .. }
            | Change::ChangeIdentity { .. }
            | Change::ChangePrimaryKey { .. }
            | Change::RecomputeColumn { .. }
            | Change::ReplaceIndex { .. }
            | Change::CreateEnum { .. }
            | Change::DropEnum { .. }
            | Change::AddEnumValue { .. }
            | Change::RenameEnumValue { .. }
            | Change::ReplaceEnum { .. } => Self::Other,
        }
    }
}
