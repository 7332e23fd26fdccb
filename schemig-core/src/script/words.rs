//! What a step locks, does and takes, in words.

use std::collections::BTreeMap;

use crate::dialect::{LockMode, Work};
use crate::safety::estimate::{Estimate, Hold, Known, Size, Timing, amount, grouped};
use crate::schema::{State, TableName};

/// The strongest lock on each table that somebody uses, whom it blocks, what the time grows with, and the rights that it takes.
pub(super) fn lock(timing: &Timing, before: &State) -> String {
    let Timing { holds, locks_new, queue: _, works: [first, then], wall: _, backfill: _, sizes: _, rights } =
        timing;
    let mut held: Vec<(LockMode, Vec<&TableName>)> = Vec::new();
    for Hold { table, mode, seconds: _ } in holds {
        match held.iter_mut().find(|(known, _)| known == mode) {
            Some((_, tables)) => tables.push(table),
            None => held.push((*mode, vec![table])),
        }
    }
    let held: Vec<String> = held
        .into_iter()
        .map(|(mode, tables)| format!("{mode} on {} ({})", names(&tables, before), blocks(mode)))
        .collect();
    let held = match (held.is_empty(), *locks_new) {
        (false, _) => held.join(", "),
        (true, true) => "none on a table in use".to_owned(),
        (true, false) => "none".to_owned(),
    };
    let list = |works: &[Work]| works.iter().map(|work| says(*work)).collect::<Vec<_>>().join(", then ");
    let first = if first.is_empty() { String::new() } else { format!("first {}; then ", list(first)) };
    let then = if then.is_empty() { String::new() } else { format!("; {}", list(then)) };
    let rights = rights.iter().map(|rights| format!("; needs {rights}")).collect::<String>();
    format!("{first}{held}{then}{rights}")
}

/// Tables in a list; a database that is locked whole isn't spelled out.
fn names(tables: &[&TableName], before: &State) -> String {
    let all = || before.schema.tables.keys().all(|table| tables.contains(&table));
    if tables.len() > 2 && all() {
        return "every table".to_owned();
    }
    tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

fn blocks(mode: LockMode) -> &'static str {
    match (mode.blocks_reads(), mode.blocks_writes()) {
        (true, _) => "reads and writes wait",
        (false, true) => "writes wait",
        (false, false) => "blocks no query",
    }
}

fn says(work: Work) -> &'static str {
    match work {
        Work::Instant => "no scan, no rewrite",
        Work::ScansTable => "scans the table",
        Work::BuildsIndex => "reads and sorts the table",
        Work::RewritesTable => "rewrites the table",
        Work::WritesRows { batched: true } => {
            "updates rows, batch by batch; a second run goes on where the first stopped"
        }
        Work::WritesRows { batched: false } => "updates rows in one go",
    }
}

/// How long queries wait behind what is locked, and how long all of it takes.
pub fn estimate(timing: &Timing) -> String {
    let Timing { holds, queue, wall, .. } = timing;
    let blocking = holds.iter().filter(|hold| hold.blocks());
    let longest = blocking.map(|hold| &hold.seconds).max_by(|one, other| longer(one, other));
    let tries =
        queue.map(|queue| format!(", got in {} tries of {} ms at most", queue.attempts, queue.milliseconds));
    match longest {
        Some(held) => format!("held {held}{}; takes {wall}", tries.unwrap_or_default()),
        None => format!("takes {wall}"),
    }
}

/// The longer one; what is unknown may be longer than anything.
fn longer(one: &Estimate, other: &Estimate) -> std::cmp::Ordering {
    let high = |estimate: &Estimate| estimate.known().map_or(f64::INFINITY, |seconds| seconds.high);
    high(one).total_cmp(&high(other))
}

/// Who says how large the tables are, and how fast the server is, a part each; nothing where neither counts.
pub fn basis<'a>(timings: impl Iterator<Item = &'a Timing>, known: &Known) -> Vec<String> {
    let sizes: BTreeMap<&TableName, &Size> = timings.flat_map(|timing| &timing.sizes).collect();
    if sizes.is_empty() {
        return Vec::new();
    }
    let size = |(table, size): (&TableName, &Size)| {
        let bytes = size.bytes.map(|bytes| format!(" in {}", amount(bytes))).unwrap_or_default();
        format!("{table} has {} rows{bytes} by {}", grouped(size.rows), size.basis)
    };
    let rates = if known.pace.is_some() { "rates measured" } else { "usual rates" };
    sizes.into_iter().map(size).chain([rates.to_owned()]).collect()
}
