//! What a runner of migrations can do that a file can't: ask for a backfill's batches one by one, and clear away what a stopped attempt
//! left.

/// The table that keeps the places. Its name begins with two underscores, so that Diesel's print-schema passes it by.
pub const CURSORS: &str = "__schemig_backfills";

/// What every message of a rendered file says that gave up on a lock, after its own attempts: a runner may try again later.
pub const GAVE_UP: &str = "stayed locked through";

/// What a stopped attempt at an operation may have left behind, in the way of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// What it is, in words.
    pub what: String,
    /// A query: whether it stands, as `found`.
    pub found: String,
    /// A statement that takes it away. Alone in its string, and outside a transaction.
    pub remove: String,
}

/// Whose place it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The plan.
    pub plan: String,
    /// The step in it, from 1.
    pub step: usize,
}

/// The SQL of a backfill in batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batches {
    /// Several statements in one transaction: makes the table of places where it isn't there, and puts this backfill into it with the
    /// last key that there is now. A place from another time, before something was reverted or applied, is forgotten first; one that still
    /// holds keeps what is done.
    pub begin: String,
    /// One statement, which is a transaction of its own: the next batch, and its place with it. It never waits long for a row: then
    /// nothing is written, and [`Batches::outcome`] says so. The number of keys stands between the two parts.
    pub(super) batch: [String; 2],
    /// A query: what became of the last batch of this session, `done`, `locked` or `end`; and as numbers the keys passed and the rows
    /// written since the backfill began.
    pub outcome: String,
    /// A query: about how many rows the table has, as a number; NULL when nobody has counted yet.
    pub estimate: String,
    /// A query: exactly how many.
    pub count: String,
    /// Several statements in one transaction: forgets this backfill's place, and the table when it was the last one.
    pub end: String,
}

impl Batches {
    /// The next batch, of so many keys at most.
    pub fn batch(&self, keys: u32) -> String {
        let [before, behind] = &self.batch;
        format!("{before}{keys}{behind}")
    }
}
