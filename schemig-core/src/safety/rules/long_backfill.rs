//! A backfill walks more rows than anyone should start without a thought.

use super::{Case, Finding, Rule};
use crate::safety::estimate::grouped;

pub(super) const RULE: Rule =
    Rule { id: "long-backfill", page: include_str!("../../../docs/rules/long-backfill.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let steps = case.timings.iter().enumerate();
    let long = steps.filter_map(|(place, timing)| {
        let backfill = timing.backfill.as_ref()?;
        let rows = backfill.rows.filter(|rows| *rows > case.limits.backfill_rows)?;
        Some(Finding {
            steps: vec![place],
            condition: format!("a backfill walks {} rows of {}, in {}", grouped(rows), backfill.table, timing.wall),
            effect: "for so long the server writes more than usual, replicas fall behind, and a vacuum has more to do".into(),
            workaround: "run it with `cargo schemig apply --max-replica-lag 10s --max-load 20` in quiet hours, and sign it off".into(),
        })
    });
    long.collect()
}
