//! What a server makes of a change from one type to another, as data.

/// What becomes of a column's values, and what changing its type in place costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// What its values become.
    pub kept: Kept,
    /// What the change in place costs.
    pub in_place: InPlace,
}

/// What a cast makes of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Each has its counterpart, and the way back gives it again.
    All,
    /// Not all: these are changed, cut, or make the cast fail.
    Some(String),
    /// The server has no such cast.
    None,
}

/// What a change of type in place costs, under a lock that keeps everyone out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InPlace {
    /// Nothing that grows with the table.
    Free,
    /// The indexes that hold the column are built again.
    RebuildsIndexes,
    /// The table and all its indexes are written anew.
    Rewrites,
}

impl Cast {
    /// A cast that keeps everything.
    pub fn total(in_place: InPlace) -> Self {
        Self { kept: Kept::All, in_place }
    }

    /// Whether each value has its counterpart.
    pub fn is_total(&self) -> bool {
        match &self.kept {
            Kept::All => true,
            Kept::Some(_) | Kept::None => false,
        }
    }
}
