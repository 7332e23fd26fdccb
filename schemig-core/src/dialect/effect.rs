//! What a rendered operation does to others: locks, scans, rewrites, losses. Facts; verdicts are computed from them.

use std::fmt;

use crate::schema::TableName;

/// What one operation takes and costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The strongest lock on each relation, in the order in which they are taken.
    pub locks: Vec<(TableName, LockMode)>,
    /// What its time grows with.
    pub work: Work,
    /// Whether that is done before the locks that block anyone are taken.
    pub work_first: bool,
    /// Whether it may share a transaction.
    pub transactional: bool,
    /// The data that is gone after it, in the words of a down file's first line: `rows`, `column:users.email`, `values:users.email`.
    pub destroys: Option<String>,
    /// What whoever runs it may have to be given first, in words.
    pub rights: Option<String>,
}

/// How a lock is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// How long an attempt waits, and makes others wait behind it, in milliseconds.
    pub milliseconds: u32,
    /// How many attempts there are, with pauses between them in which the others go ahead.
    pub attempts: u32,
}

/// A table lock, weakest first. The names are those of PostgreSQL's manual; other servers use the ones that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    /// A reader's.
    AccessShare,
    /// SELECT FOR UPDATE's, and a foreign key check's.
    RowShare,
    /// A writer's.
    RowExclusive,
    /// Blocks other DDL only.
    ShareUpdateExclusive,
    /// Blocks writers.
    Share,
    /// Blocks writers and DDL.
    ShareRowExclusive,
    /// Blocks all but plain readers.
    Exclusive,
    /// Blocks everyone.
    AccessExclusive,
}

impl LockMode {
    /// Whether plain reads wait for it.
    pub fn blocks_reads(self) -> bool {
        self >= Self::AccessExclusive
    }

    /// Whether writes wait for it.
    pub fn blocks_writes(self) -> bool {
        self >= Self::Share
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}

/// What an operation's time grows with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing: it changes the catalog.
    Instant,
    /// The rows it reads.
    ScansTable,
    /// The rows it reads and sorts.
    BuildsIndex,
    /// The rows and indexes it writes anew.
    RewritesTable,
    /// The rows it updates; `batched` commits as it goes.
    WritesRows {
        /// Whether row locks are given back on the way.
        batched: bool,
    },
}
