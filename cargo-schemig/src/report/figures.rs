//! What is locked and how long it takes, in figures.

use std::iter::Sum;

use schemig_core::dialect::Queue;
use schemig_core::safety::estimate::{Estimate, Hold, Seconds, Strategy, Timing, amount, grouped};
use serde::Serialize;

/// A range of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Range {
    /// What it takes when nothing is in the way.
    pub low: f64,
    /// What it takes on a machine that others use too.
    pub high: f64,
}

impl Range {
    /// No time at all.
    pub(super) const NONE: Self = Self { low: 0.0, high: 0.0 };

    fn seconds(self) -> Seconds {
        let Self { low, high } = self;
        Seconds { low, high }
    }

    /// In words.
    pub(super) fn words(self) -> String {
        self.seconds().to_string()
    }

    /// Its upper end, in words.
    pub(super) fn upper_words(self) -> String {
        Seconds { low: self.high, high: self.high.max(0.1) }
            .to_string()
            .trim_start_matches("up to ")
            .to_owned()
    }
}

impl Sum for Range {
    fn sum<I: Iterator<Item = Self>>(ranges: I) -> Self {
        ranges.fold(Self::NONE, |sum, range| Self { low: sum.low + range.low, high: sum.high + range.high })
    }
}

/// A lock of a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LockRow {
    /// The table.
    pub table: String,
    /// The mode, in the server's words.
    pub mode: String,
    /// Whether reads wait for its end.
    pub blocks_reads: bool,
    /// Whether writes do.
    pub blocks_writes: bool,
    /// How long it is held, in seconds; `None` where a size is unknown.
    pub holds: Option<Range>,
}

/// How a lock that blocks queries is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QueueRow {
    /// Attempts at most.
    pub attempts: u32,
    /// How long each of them waits, in milliseconds.
    pub milliseconds: u32,
}

/// What a step locks and how long it takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// The strongest lock on each table that somebody uses.
    pub locks: Vec<LockRow>,
    /// How those that block queries are waited for.
    pub queue: Option<QueueRow>,
    /// All of it, waits for locks aside, in seconds; `None` where a size is unknown.
    pub wall: Option<Range>,
    /// How rows are backfilled, where they are.
    pub backfill: Option<BackfillRow>,
}

/// A backfill in batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillRow {
    /// The table whose rows are walked.
    pub table: String,
    /// The key that they are walked by.
    pub key: Vec<String>,
    /// Rows of a batch.
    pub batch: u32,
    /// Rows, where they are known.
    pub rows: Option<u64>,
    /// Batches, where the rows are known.
    pub batches: Option<u64>,
    /// Bytes of write-ahead log at most.
    pub log_bytes: Option<u64>,
    /// Bytes of dead row versions that a vacuum makes room of.
    pub dead_bytes: Option<u64>,
}

/// The figures of a step.
pub fn figures(timing: &Timing) -> Figures {
    let Timing { holds, locks_new: _, queue, works: _, wall, backfill, sizes: _, rights: _ } = timing;
    Figures {
        locks: holds.iter().map(lock).collect(),
        queue: queue.map(|Queue { milliseconds, attempts }| QueueRow { attempts, milliseconds }),
        wall: range(wall),
        backfill: backfill.as_ref().map(backfilled),
    }
}

fn lock(Hold { table, mode, seconds }: &Hold) -> LockRow {
    LockRow {
        table: table.to_string(),
        mode: mode.to_string(),
        blocks_reads: mode.blocks_reads(),
        blocks_writes: mode.blocks_writes(),
        holds: range(seconds),
    }
}

/// Milliseconds are the finest that is shown.
pub(super) fn range(estimate: &Estimate) -> Option<Range> {
    let round = |seconds: f64| (seconds * 1e3).round() / 1e3;
    estimate.known().map(|Seconds { low, high }| Range { low: round(low), high: round(high) })
}

fn backfilled(strategy: &Strategy) -> BackfillRow {
    let Strategy { table, key, batch, rows, batches, log, dead } = strategy;
    BackfillRow {
        table: table.to_string(),
        key: key.iter().map(ToString::to_string).collect(),
        batch: *batch,
        rows: *rows,
        batches: *batches,
        log_bytes: *log,
        dead_bytes: *dead,
    }
}

impl BackfillRow {
    /// What a person who watches it wants to know.
    pub(super) fn words(&self) -> String {
        let Self { table, key, batch, rows, batches, log_bytes, dead_bytes } = self;
        if key.is_empty() {
            return format!(
                "{table} has no primary key to walk along, so all of its rows are written in one transaction"
            );
        }
        let key = key.join(", ");
        let many = match (rows, batches) {
            (Some(rows), Some(batches)) => {
                format!(
                    "{} rows in {} batches of {}",
                    grouped(*rows),
                    grouped(*batches),
                    grouped(u64::from(*batch))
                )
            }
            (None, _) | (_, None) => {
                format!("batches of {} rows, nobody has said how many", grouped(u64::from(*batch)))
            }
        };
        let costs = match (log_bytes, dead_bytes) {
            (Some(log), Some(dead)) => format!(
                "up to {} of write-ahead log, {} of dead rows for a vacuum; ",
                amount(*log),
                amount(*dead)
            ),
            (None, _) | (_, None) => String::new(),
        };
        format!(
            "{table}, along {key}: {many}; {costs}each batch commits by itself, so it may be stopped at any time and goes on when it \
             runs again; replicas fall behind while it runs: `cargo schemig apply --max-replica-lag 10s` waits for them"
        )
    }
}
