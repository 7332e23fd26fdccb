//! The report for a person at a terminal.

use clap::builder::styling::AnsiColor;

use super::figures::BackfillRow;
use super::paint::Paint;
use super::timeline;
use super::totals::Totals;
use super::{EscalationRow, Fare, Fares, ModelRow, Report, StepRow, directories};

/// Text, with colours or without.
pub(super) fn render(report: &Report, colour: bool, verbose: bool) -> String {
    let Report {
        format: _,
        summary,
        plan,
        changes,
        steps,
        totals,
        rollout: _,
        basis,
        promises,
        escalations,
        models,
        patch,
        notes,
        statements,
        dry_run,
        written,
        removed,
        next,
    } = report;
    let paint = Paint { colour };
    // First and as it is, so that what is printed can be piped into `git apply`, which passes over the rest.
    let mut out = patch.as_ref().map(|patch| format!("{patch}\n")).unwrap_or_default();
    if let Some(plan) = plan {
        out.push_str(&format!("{}\n\n", paint.bold(&format!("Plan {plan}"))));
    }
    list(&mut out, paint, "Changes", changes);
    if !steps.is_empty() {
        out.push_str(&table(steps, paint, verbose));
    }
    let rollout = timeline::lines(report);
    if !rollout.is_empty() {
        out.push_str(&picture(&rollout, paint));
    }
    let takes: Vec<String> = totals.iter().map(Totals::words).collect();
    list(&mut out, paint, "Takes", &takes);
    list(&mut out, paint, "By", basis);
    let backfills = steps.iter().filter_map(|step| step.figures.backfill.as_ref());
    list(&mut out, paint, "Backfills", &backfills.map(BackfillRow::words).collect::<Vec<_>>());
    list(&mut out, paint, "Promises: what only the app can keep", promises);
    for row in escalations {
        out.push_str(&escalation(row, paint));
    }
    out.push_str(&self::models(models, paint));
    list(&mut out, paint, "Notes", notes);
    for sql in statements.iter().filter(|_| verbose) {
        out.push_str(&format!(
            "{}\n{}\n",
            paint.bold("What would mend the database"),
            paint.dim(sql.trim_end())
        ));
        out.push('\n');
    }
    let [wrote, took] = if *dry_run { ["Would write", "Would remove"] } else { ["Written", "Removed"] };
    list(&mut out, paint, wrote, &directories(written, verbose));
    list(&mut out, paint, took, &directories(removed, verbose));
    out.push_str(&format!("{}\n", paint.bold(summary)));
    for (nth, line) in next.iter().enumerate() {
        let label = if nth == 0 { "Next:" } else { "     " };
        out.push_str(&format!("{label} {line}\n"));
    }
    out
}

/// The rollout in a few lines: which release may run when.
fn picture(lines: &[String], paint: Paint) -> String {
    let mut out = String::new();
    for (nth, line) in lines.iter().enumerate() {
        let line = if nth == 0 { paint.bold(line) } else { line.clone() };
        out.push_str(&format!("{line}\n"));
    }
    out + &format!("{:9}{}\n\n", "", paint.dim(timeline::LEGEND))
}

fn list(out: &mut String, paint: Paint, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", paint.bold(title)));
    for line in lines {
        out.push_str(&format!("  {}\n", wrapped(line, 4)));
    }
    out.push('\n');
}

/// A line for each table, and below it what belongs to that.
fn models(rows: &[ModelRow], paint: Paint) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("{}\n", paint.bold("Models"));
    for row in rows {
        let (head, below) = row.lines();
        out.push_str(&format!("  {}\n", wrapped(&head, 4)));
        below.iter().for_each(|line| out.push_str(&format!("      {}\n", paint.dim(&wrapped(line, 8)))));
    }
    out + "\n"
}

/// How wide a report is at most, where words allow it: what is piped into a file looks as it does on a terminal.
const WIDTH: usize = 100;

/// The words, broken into lines; those after the first are indented.
fn wrapped(words: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut room = WIDTH.saturating_sub(indent);
    for (nth, word) in words.split(' ').enumerate() {
        let length = word.chars().count() + 1;
        if nth > 0 && length > room {
            out.push_str(&format!("\n{:indent$}", ""));
            room = WIDTH.saturating_sub(indent);
        } else if nth > 0 {
            out.push(' ');
        }
        room = room.saturating_sub(length);
        out.push_str(word);
    }
    out
}

const LEGEND: [&str; 2] = [
    "N-1: any release that may be running; N: the new one",
    "r reads, w writes; ? if the promises are kept; - fails",
];

/// One line per step: its phase, who fits once it has run, what it does; and below it what it locks. Steps that say the same are one line.
fn table(steps: &[StepRow], paint: Paint, verbose: bool) -> String {
    let mut out = format!("{}\n", paint.bold("Step           N-1     N"));
    for alike in steps.chunk_by(|row, next| !verbose && is_like(row, next)) {
        let (first, last) = (&alike[0], &alike[alike.len() - 1]);
        let place =
            if alike.len() == 1 { first.step.to_string() } else { format!("{}-{}", first.step, last.step) };
        let StepRow { step: _, phase, what, lock, estimate, figures: _, old, new, directory: _, sql } = first;
        let old = old.map_or("gone ".to_owned(), |old| marks(old, paint));
        let new = marks(*new, paint);
        let place = format!("{place:>4} {phase}");
        out.push_str(&format!("{place:<14} {old}   {new}   {}\n", wrapped(what, 33)));
        for line in [lock, estimate]
            .iter()
            .flat_map(|words| wrapped(words, 33).lines().map(str::to_owned).collect::<Vec<_>>())
        {
            out.push_str(&format!("{:33}{}\n", "", paint.dim(line.trim_start())));
        }
        if verbose {
            for line in sql.lines().filter(|line| !line.starts_with("-- ")) {
                out.push_str(&format!("{:33}{line}\n", ""));
            }
        }
    }
    for line in LEGEND {
        out.push_str(&format!("     {}\n", paint.dim(line)));
    }
    out.push('\n');
    out
}

/// Whether two steps are one line to a reader.
fn is_like(row: &StepRow, other: &StepRow) -> bool {
    let said = |row: &StepRow| {
        let StepRow { step: _, phase, what, lock, estimate, figures: _, old, new, directory: _, sql: _ } =
            row;
        (phase.clone(), what.clone(), lock.clone(), estimate.clone(), *old, *new)
    };
    said(row) == said(other)
}

fn marks(fares: Fares, paint: Paint) -> String {
    let mark = |letter: &str, fare: Fare| match fare {
        Fare::Fits => paint.colour(&format!("{letter} "), AnsiColor::Green),
        Fare::FitsIf => paint.colour(&format!("{letter}?"), AnsiColor::Yellow),
        Fare::Breaks => paint.colour("- ", AnsiColor::Red),
    };
    format!("{} {}", mark("r", fares.reads), mark("w", fares.writes))
}

fn escalation(row: &EscalationRow, paint: Paint) -> String {
    let EscalationRow { rule, condition, effect, workaround, approved } = row;
    let (verdict, colour) = match approved {
        Some(_) => ("approved", AnsiColor::Green),
        None => ("needs approval", AnsiColor::Red),
    };
    let mut out = format!("{} {}\n", paint.colour(&format!("{verdict} ({rule}):"), colour), condition);
    out.push_str(&format!("  effect: {}\n", wrapped(effect, 10)));
    match approved {
        Some(reason) => out.push_str(&format!("  reason: {}\n\n", wrapped(reason, 10))),
        None => out.push_str(&format!("  way out: {}\n\n", wrapped(workaround, 11))),
    }
    out
}
