//! The comments that open up.sql and down.sql: what, why, when, what it locks, who may run beside it, what is lost.

use std::collections::BTreeSet;

use crate::dialect::Effect;
use crate::operation::Operation;
use crate::plan::{Approval, Phase, Plan, Seen, Step, file};
use crate::schema::{ColumnName, TableName};

/// What up.sql's comment is made of.
pub(super) struct Words<'a> {
    pub plan: &'a Plan,
    pub place: usize,
    pub lock: &'a str,
    pub estimate: &'a str,
    pub basis: &'a [String],
    pub guard: Option<&'a str>,
    pub beside: &'a [String],
}

/// The comment of up.sql.
pub(super) fn up(words: &Words<'_>) -> String {
    let Words { plan, place, lock, estimate, basis, guard, beside } = words;
    let (place, plan) = (*place, *plan);
    let step = &plan.steps[place];
    let mut lines = vec![("schemig: ", file::about(step))];
    lines.extend(why(plan, step.cause).map(|why| ("why:      ", why)));
    lines.push(("phase:    ", phase(plan, place)));
    lines.push(("lock:     ", (*lock).to_owned()));
    lines.push(("estimate: ", (*estimate).to_owned()));
    if !basis.is_empty() {
        lines.push(("basis:    ", basis.join("; ")));
    }
    lines.extend(guard.iter().map(|guard| ("guard:    ", (*guard).to_owned())));
    lines.extend(beside.iter().map(|who| ("beside:   ", who.clone())));
    if is_last_before_contract(plan, place) {
        lines.extend(plan.promises.iter().map(|promise| ("promise:  ", promise.to_string())));
    }
    lines.extend(approved(plan, place).map(|words| ("approved: ", words)));
    comment(&lines)
}

/// What was signed off of a step, by whose words.
fn approved(plan: &Plan, place: usize) -> impl Iterator<Item = String> {
    plan.approvals.iter().flat_map(move |Approval { rules: _, reason, seen }| {
        let here = seen.iter().filter(move |seen| seen.steps.contains(&place));
        here.map(move |Seen { rule, condition, steps: _ }| format!("{rule}, \"{reason}\" ({condition})"))
    })
}

/// What a step serves: a change, or, behind those, one that is taken back.
fn why(plan: &Plan, cause: usize) -> Option<String> {
    let taken_back = || plan.cancels.get(cause.checked_sub(plan.changes.len())?);
    let change = plan.changes.get(cause).map(ToString::to_string);
    change
        .or_else(|| Some(format!("takes back change {} of {}", taken_back()?.change + 1, taken_back()?.plan)))
}

/// The comment of down.sql. Its first line is for programs: what isn't as it was after up and down, comma-separated; `destroyed` is what
/// up has destroyed and down brings back empty.
pub(super) fn down(plan: &Plan, place: usize, destroyed: &[Effect], effects: &[Effect]) -> String {
    let effects = destroyed.iter().chain(effects);
    let mut losses: Vec<String> = Vec::new();
    for loss in effects.filter_map(|effect| effect.destroys.clone()).chain(overwritten(plan, place)) {
        if !losses.contains(&loss) {
            losses.push(loss);
        }
    }
    let added = plan.steps[place].up.iter().filter_map(stays);
    let loss = if losses.is_empty() { "none".to_owned() } else { losses.join(",") };
    let mut text = format!("-- schemig:down loss={}\n", one_line(&loss));
    added.for_each(|words| text.push_str(&format!("-- {}\n", one_line(&words))));
    match plan.steps[place].phase {
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

/// Why a label that was added stays, or what others may have come to use.
fn stays(operation: &Operation) -> Option<String> {
    if let Operation::CreateSchema { name } = operation {
        return Some(format!(
            "Nothing is done: schema {0} may have been there before, and others may use it by now, so it stays. That harms nobody, and \
             up passes it by. Where it is empty and nobody needs it: DROP SCHEMA {0};",
            name.name
        ));
    }
    if let Operation::CreateExtension { name } = operation {
        return Some(format!(
            "Nothing is done: extension {0} may have been there before, and others may use it by now, so it stays. That harms nobody, \
             and up passes it by. Where nobody needs it: DROP EXTENSION {0};",
            name.name
        ));
    }
    let Operation::AddEnumValue { name, value, at: _ } = operation else { return None };
    Some(format!(
        "Nothing is done: no value can be taken off a type, so '{value}' stays in {name}. That harms nobody, and up passes it by."
    ))
}

/// The columns that releases before the plan know and that a step writes to: what stood there is gone. A backfill fires the table's fillers
/// too, which fill columns whose own backfill is still to come.
fn overwritten(plan: &Plan, place: usize) -> Vec<String> {
    let (done, rest) = plan.steps.split_at(place);
    let filled_by_trigger = |wanted: &TableName| {
        let fillers = done.iter().flat_map(|step| &step.up).filter_map(move |operation| {
            let Operation::KeepFilled { table, column, .. } = operation else { return None };
            (table == wanted).then_some(column)
        });
        let to_come: BTreeSet<&ColumnName> =
            rest.iter().skip(1).flat_map(|step| backfilled(step, wanted)).collect();
        fillers.filter(|column| to_come.contains(column)).collect::<Vec<_>>()
    };
    let mut written = Vec::new();
    for operation in &plan.steps[place].up {
        let Operation::Backfill { table, column, .. } = operation else { continue };
        let Some(before) = plan.tables.get(table).and_then(|touched| touched.before.as_ref()) else {
            continue;
        };
        let columns = std::iter::once(column).chain(filled_by_trigger(table));
        let known = columns.filter(|column| before.columns.contains_key(*column));
        written.extend(known.map(|column| format!("values:{table}.{column}")));
    }
    written
}

/// The columns of a table that a step backfills.
fn backfilled<'a>(step: &'a Step, wanted: &TableName) -> impl Iterator<Item = &'a ColumnName> {
    step.up.iter().filter_map(move |operation| {
        let Operation::Backfill { table, column, .. } = operation else { return None };
        (table == wanted).then_some(column)
    })
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
