//! The verdict for a person at a terminal.

use clap::builder::styling::AnsiColor;

use super::{HoldRow, PromiseRow, ReleaseRow, StageRow, Verdict};
use crate::report::paint::Paint;
use crate::verify::findings::Finding;

/// Text, with colours or without.
pub(super) fn render(verdict: &Verdict, colour: bool) -> String {
    let Verdict {
        format: _,
        plans,
        server,
        rows,
        seed,
        fits_before: _,
        stages,
        releases,
        promises,
        failures,
        notes,
    } = verdict;
    let paint = Paint { colour };
    let what = match plans.as_slice() {
        [plan] => format!("Plan {plan}"),
        several => format!("Plans {}", several.join(", ")),
    };
    let mut out = format!("{}\n", paint.bold(&what));
    out.push_str(&paint.dim(&format!("on {server}, up to {rows} rows a table, --seed {seed}\n\n")));
    out.push_str(&table(stages, paint));
    for release in releases {
        out.push_str(&format!("{}\n", traffic(release)));
    }
    if !promises.is_empty() {
        out.push_str(&format!("\n{}\n", paint.bold("Promises: what only the app can keep")));
        promises.iter().for_each(|promise| out.push_str(&format!("  {}\n", kept(promise))));
    }
    if !notes.is_empty() {
        out.push_str(&format!("\n{}\n", paint.bold("Notes")));
        notes.iter().for_each(|note| out.push_str(&format!("  {}\n", indented(note, 4))));
    }
    for failure in failures {
        out.push_str(&format!("\n{}", finding(failure, paint)));
    }
    out.push_str(&format!("\n{}\n", paint.bold(&summary(verdict))));
    out
}

fn summary(verdict: &Verdict) -> String {
    match verdict.failures.len() {
        0 => "The plan holds".to_owned(),
        1 => "The plan doesn't hold: 1 failure".to_owned(),
        count => format!("The plan doesn't hold: {count} failures"),
    }
}

/// A row for each migration; each column as wide as it must be.
fn table(stages: &[StageRow], paint: Paint) -> String {
    let head = [
        "migration",
        "alone",
        "beside traffic",
        "longest wait",
        "longest hold",
        "cut off",
        "locks that make queries wait",
    ];
    let rows: Vec<[String; 7]> = stages.iter().map(cells).collect();
    let mut widths = head.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; 7]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = format!("{}\n", paint.dim(&line(&head.map(str::to_owned))));
    rows.iter().for_each(|row| out.push_str(&format!("{}\n", line(row))));
    out + "\n"
}

fn cells(row: &StageRow) -> [String; 7] {
    let StageRow {
        name,
        plan: _,
        phase: _,
        predicted_wall: _,
        alone_ms,
        beside_ms,
        blocked_ms,
        predicted_locks,
        found_locks,
        predicted_holds: _,
        alone_holds,
        beside_holds,
        statements: _,
        survived,
        fits: _,
    } = row;
    let measured = |time: &Option<u64>| time.map_or_else(|| "-".to_owned(), milliseconds);
    let locks = match found_locks {
        Some(found) if found.is_empty() && predicted_locks.is_empty() => "none".to_owned(),
        Some(found) if found == predicted_locks => found.join(", "),
        Some(found) => format!("{} (said: {})", found.join(", "), predicted_locks.join(", ")),
        None if predicted_locks.is_empty() => "none, by the plan".to_owned(),
        None => format!("{}, by the plan", predicted_locks.join(", ")),
    };
    let survived = if *survived == 0 { "-".to_owned() } else { format!("{survived}x") };
    let hold = beside_holds.as_deref().or(alone_holds.as_deref()).map_or_else(|| "-".to_owned(), longest);
    [name.clone(), milliseconds(*alone_ms), measured(beside_ms), measured(blocked_ms), hold, survived, locks]
}

/// The longest that one of these locks was held.
fn longest(holds: &[HoldRow]) -> String {
    holds.iter().max_by_key(|hold| hold.most_ms).map_or_else(|| "-".to_owned(), HoldRow::words)
}

/// So many milliseconds, in seconds where that is easier to read.
pub(crate) fn milliseconds(time: u64) -> String {
    if time < 10_000 { format!("{time} ms") } else { format!("{}.{} s", time / 1_000, time % 1_000 / 100) }
}

fn traffic(row: &ReleaseRow) -> String {
    let ReleaseRow { name, ran, predicted, retried, longest_ms } = row;
    let mut text = format!("{name:<4} ran {ran} statements, the longest {longest_ms} ms");
    if *predicted > 0 {
        text.push_str(&format!("; {predicted} failed as the plan says"));
    }
    if *retried > 0 {
        text.push_str(&format!("; {retried} met another transaction and were tried again"));
    }
    text
}

fn kept(row: &PromiseRow) -> String {
    let PromiseRow { says, needed } = row;
    let end = match needed {
        Some(true) => "breaking it fails here",
        Some(false) => "breaking it does no harm here",
        None => "not tried",
    };
    indented(&format!("{says} ({end})"), 4)
}

fn finding(finding: &Finding, paint: Paint) -> String {
    let Finding { pass: _, stage, what, details } = finding;
    let place = stage.iter().map(|stage| format!("{stage}: ")).collect::<String>();
    let mut out = format!("{} {place}{what}\n", paint.colour("failure:", AnsiColor::Red));
    for detail in details.iter().take(MOST_DETAILS) {
        out.push_str(&format!("  {}\n", indented(detail, 4)));
    }
    if details.len() > MOST_DETAILS {
        out.push_str(&format!("  and {} more (--format json has them all)\n", details.len() - MOST_DETAILS));
    }
    out
}

const MOST_DETAILS: usize = 12;

/// Lines after the first, moved to the right.
fn indented(text: &str, width: usize) -> String {
    text.lines().collect::<Vec<_>>().join(&format!("\n{:width$}", ""))
}
