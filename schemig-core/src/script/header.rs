//! The comments that open up.sql and down.sql: what, why, when, what it locks, who may run beside it, what is lost.

use std::collections::BTreeSet;

use crate::dialect::{Effect, LockMode, Work};
use crate::operation::Operation;
use crate::plan::{Approval, Phase, Plan, Seen, Step, file};
use crate::schema::{ColumnName, State, TableName};

/// What up.sql's comment is made of.
pub(super) struct Words<'a> {
    pub plan: &'a Plan,
    pub place: usize,
    pub lock: &'a str,
    pub beside: &'a [String],
}

/// The comment of up.sql.
pub(super) fn up(words: &Words<'_>) -> String {
    let Words { plan, place, lock, beside } = *words;
    let step = &plan.steps[place];
    let mut lines = vec![("schemig: ", file::describe(&step.up))];
    lines.extend(why(plan, step.cause).map(|why| ("why:      ", why)));
    lines.push(("phase:    ", phase(plan, place)));
    lines.push(("lock:     ", lock.to_owned()));
    lines.push(("estimate: ", "unknown".to_owned()));
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

/// The strongest lock on each table that somebody uses, whom it blocks, what the time grows with, and the rights that it takes. A table that wasn't there
/// before has no users yet, and one that its plan made has none until its release is deployed: their locks block nobody.
pub(super) fn lock(effects: &[Effect], before: &State, phase: Phase) -> String {
    let used = |table: &TableName| {
        before.in_flight.views.contains_key(table)
            || (before.schema.tables.contains_key(table)
                && (phase == Phase::Contract || !before.empty.contains(table)))
    };
    let mut strongest: Vec<(&TableName, LockMode)> = Vec::new();
    for (table, mode) in effects.iter().flat_map(|effect| &effect.locks).filter(|(table, _)| used(table)) {
        match strongest.iter_mut().find(|(known, _)| *known == table) {
            Some((_, held)) => *held = (*held).max(*mode),
            None => strongest.push((table, *mode)),
        }
    }
    let mut held: Vec<(LockMode, Vec<&TableName>)> = Vec::new();
    for (table, mode) in strongest {
        match held.iter_mut().find(|(known, _)| *known == mode) {
            Some((_, tables)) => tables.push(table),
            None => held.push((mode, vec![table])),
        }
    }
    let held: Vec<String> = held
        .into_iter()
        .map(|(mode, tables)| format!("{mode} on {} ({})", names(&tables, before), blocks(mode)))
        .collect();
    let is_new = effects.iter().any(|effect| !effect.locks.is_empty());
    let held = match (held.is_empty(), is_new) {
        (false, _) => held.join(", "),
        (true, true) => "none on a table in use".to_owned(),
        (true, false) => "none".to_owned(),
    };
    let mut works: Vec<Work> = effects.iter().map(|effect| effect.work).collect();
    if works.iter().any(|work| *work != Work::Instant) {
        works.retain(|work| *work != Work::Instant);
    }
    works.dedup();
    let works: Vec<&str> = works.into_iter().map(work).collect();
    let rights = effects.iter().filter_map(|effect| effect.rights.as_ref());
    let needs = rights.map(|rights| format!("; needs {rights}")).collect::<String>();
    if works.is_empty() { held } else { format!("{held}; {}{needs}", works.join(", then ")) }
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
