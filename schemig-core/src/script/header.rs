//! The comments that open up.sql and down.sql: what, why, when, what it locks, who may run beside it, what is lost.

use crate::dialect::{Effect, LockMode, Work};
use crate::plan::{Phase, Plan, file};
use crate::schema::TableName;

/// What up.sql's comment is made of.
pub(super) struct Words<'a> {
    pub plan: &'a Plan,
    pub place: usize,
    pub effects: &'a [Effect],
    pub beside: &'a [String],
}

/// The comment of up.sql.
pub(super) fn up(words: &Words<'_>) -> String {
    let Words { plan, place, effects, beside } = *words;
    let step = &plan.steps[place];
    let mut lines = vec![("schemig: ", file::describe(&step.up))];
    if let Some(change) = plan.changes.get(step.cause) {
        lines.push(("why:      ", change.to_string()));
    }
    lines.push(("phase:    ", phase(plan, place)));
    lines.push(("lock:     ", lock(effects)));
    lines.push(("estimate: ", "unknown".to_owned()));
    lines.extend(beside.iter().map(|who| ("beside:   ", who.clone())));
    if is_last_before_contract(plan, place) {
        lines.extend(plan.promises.iter().map(|promise| ("promise:  ", promise.to_string())));
    }
    comment(&lines)
}

/// The comment of down.sql. Its first line is for programs: what is lost, comma-separated.
pub(super) fn down(plan: &Plan, phase: Phase, effects: &[Effect]) -> String {
    let mut losses: Vec<&str> = effects.iter().filter_map(|effect| effect.destroys.as_deref()).collect();
    losses.dedup();
    let loss = if losses.is_empty() { "none".to_owned() } else { losses.join(",") };
    let mut text = format!("-- schemig:down loss={}\n", one_line(&loss));
    match phase {
        Phase::Expand | Phase::Backfill if plan.overlap => {
            text.push_str("-- Release N must be gone, and every later directory of this plan reverted.\n");
        }
        Phase::Contract if plan.overlap => {
            text.push_str(
                "-- Restores the overlap: when all of the contract is reverted, release N-1 may run again.\n",
            );
        }
        Phase::Expand | Phase::Backfill | Phase::Contract => {}
    }
    text
}

fn comment(lines: &[(&str, String)]) -> String {
    lines.iter().map(|(label, words)| format!("-- {label}{}\n", one_line(words))).collect()
}

/// Expressions may hold line breaks, and a comment ends at one.
fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn phase(plan: &Plan, place: usize) -> String {
    let phase = plan.steps[place].phase;
    let when = match phase {
        Phase::Expand | Phase::Backfill | Phase::Contract if !plan.overlap => "while no release runs",
        Phase::Expand | Phase::Backfill if is_last_before_contract(plan, place) => {
            "from here on release N may be deployed"
        }
        Phase::Expand | Phase::Backfill => "before release N is deployed",
        Phase::Contract => "only when release N-1 runs nowhere",
    };
    format!("{phase}, step {} of {}; {when}", place + 1, plan.steps.len())
}

fn is_last_before_contract(plan: &Plan, place: usize) -> bool {
    plan.steps.iter().rposition(|step| step.phase != Phase::Contract) == Some(place)
}

/// The strongest lock on each table, whom it blocks, and what the time grows with.
pub(super) fn lock(effects: &[Effect]) -> String {
    let mut strongest: Vec<(&TableName, LockMode)> = Vec::new();
    for (table, mode) in effects.iter().flat_map(|effect| &effect.locks) {
        match strongest.iter_mut().find(|(known, _)| *known == table) {
            Some((_, held)) => *held = (*held).max(*mode),
            None => strongest.push((table, *mode)),
        }
    }
    let held: Vec<String> =
        strongest.iter().map(|(table, mode)| format!("{mode} on {table} ({})", blocks(*mode))).collect();
    let held = if held.is_empty() { "none".to_owned() } else { held.join(", ") };
    let mut works: Vec<&str> = effects.iter().map(|effect| work(effect.work)).collect();
    works.dedup();
    if works.is_empty() { held } else { format!("{held}; {}", works.join(", then ")) }
}

fn blocks(mode: LockMode) -> &'static str {
    match (mode.blocks_reads(), mode.blocks_writes()) {
        (true, _) => "reads and writes wait",
        (false, true) => "writes wait",
        (false, false) => "blocks no query",
    }
}

fn work(work: Work) -> &'static str {
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
