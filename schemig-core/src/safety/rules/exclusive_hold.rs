//! A lock that queries wait for is held for longer than anyone wants to wait.

use super::{Case, Finding, Rule};

pub(super) const RULE: Rule =
    Rule { id: "exclusive-hold", page: include_str!("../../../docs/rules/exclusive-hold.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let steps = case.timings.iter().enumerate();
    let holds = steps.flat_map(|(place, timing)| timing.holds.iter().map(move |hold| (place, hold)));
    let long = holds.filter_map(|(place, hold)| {
        let seconds =
            hold.seconds.known().filter(|seconds| hold.blocks() && seconds.high > case.limits.hold)?;
        let who = if hold.mode.blocks_reads() { "reads and writes" } else { "writes" };
        let running =
            if case.plan.overlap { "" } else { "; no release runs then, and none can until it is done" };
        Some(Finding {
            steps: vec![place],
            condition: format!("{} is locked in {} mode for {seconds}", hold.table, hold.mode),
            effect: format!("{who} of {} wait for so long{running}", hold.table),
            workaround: workaround(case.plan.overlap).into(),
        })
    });
    long.collect()
}

fn workaround(overlap: bool) -> &'static str {
    if overlap {
        "do it another way, such as a new column (new_column) in place of one that is rewritten; or sign it off for an hour when nobody minds"
    } else {
        "plan it beside the running release (--overlap), which takes longer and lets queries through; or sign it off for an hour when \
         nobody minds"
    }
}
