//! Nobody has said how large a table is, and how long a lock blocks queries, or how long a backfill takes, hangs on it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Finding, Rule};
use crate::safety::estimate::{Estimate, Timing};
use crate::schema::TableName;

pub(super) const RULE: Rule =
    Rule { id: "size-unknown", page: include_str!("../../../docs/rules/size-unknown.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut unknown: BTreeMap<&TableName, Vec<usize>> = BTreeMap::new();
    let steps = case.timings.iter().enumerate().filter(|_| case.plan.overlap);
    for (place, timing) in steps {
        for table in missing(timing) {
            unknown.entry(table).or_default().push(place);
        }
    }
    unknown.into_iter().map(|(table, steps)| finding(table, steps)).collect()
}

/// The tables whose size counts for others in a step.
fn missing(timing: &Timing) -> BTreeSet<&TableName> {
    let blocking = timing.holds.iter().filter(|hold| hold.blocks()).map(|hold| &hold.seconds);
    let backfill = timing.backfill.as_ref().map(|_| &timing.wall);
    blocking.chain(backfill).flat_map(Estimate::unknown).collect()
}

fn finding(table: &TableName, steps: Vec<usize>) -> Finding {
    Finding {
        condition: format!("nobody has said how many rows {table} has"),
        effect: "whether queries on it wait, or its backfill runs, for seconds or for hours isn't known"
            .into(),
        workaround: format!(
            "say it: --rows {table}=5M, --database-url, or `cargo schemig stats` once for all tables; or sign it off for a small one"
        ),
        steps,
    }
}
