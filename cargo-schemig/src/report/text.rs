//! The report for a person at a terminal.

use clap::builder::styling::{AnsiColor, Style};

use super::{EscalationRow, Fare, Fares, Report, StepRow};

/// Text, with colours or without.
pub(super) fn render(report: &Report, colour: bool, verbose: bool) -> String {
    let Report { summary, plan, changes, steps, promises, escalations, notes, written, next } = report;
    let paint = Paint { colour };
    let mut out = String::new();
    if let Some(plan) = plan {
        out.push_str(&format!("{}\n\n", paint.bold(&format!("Plan {plan}"))));
    }
    list(&mut out, paint, "Changes", changes);
    if !steps.is_empty() {
        out.push_str(&table(steps, paint, verbose));
    }
    list(&mut out, paint, "Promises: what only the app can keep", promises);
    for row in escalations {
        out.push_str(&escalation(row, paint));
    }
    list(&mut out, paint, "Notes", notes);
    list(&mut out, paint, "Written", &directories(written));
    out.push_str(&format!("{}\n", paint.bold(summary)));
    for (nth, line) in next.iter().enumerate() {
        let label = if nth == 0 { "Next:" } else { "     " };
        out.push_str(&format!("{label} {line}\n"));
    }
    out
}

fn list(out: &mut String, paint: Paint, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", paint.bold(title)));
    for line in lines {
        out.push_str(&format!("  {line}\n"));
    }
    out.push('\n');
}

/// One line per step: its phase, who fits once it has run, what it does; and below it what it locks.
fn table(steps: &[StepRow], paint: Paint, verbose: bool) -> String {
    let mut out = format!("{}\n", paint.bold("Step           N-1     N"));
    for row in steps {
        let StepRow { step, phase, what, lock, old, new, directory: _, sql } = row;
        let old = old.map_or("gone ".to_owned(), |old| marks(old, paint));
        let new = marks(*new, paint);
        out.push_str(&format!("{step:>4} {phase:<9} {old}   {new}   {what}\n"));
        out.push_str(&format!("{:31}{}\n", "", paint.dim(lock)));
        if verbose {
            for line in sql.lines().filter(|line| !line.starts_with("-- ")) {
                out.push_str(&format!("{:33}{line}\n", ""));
            }
        }
    }
    out.push_str(&paint.dim("     N-1 is any release that may be running, N the new one; r reads, w writes; ? if the promises are kept; - fails"));
    out.push_str("\n\n");
    out
}

/// Files, but a migration as one line.
fn directories(files: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for file in files {
        let of_migration =
            ["up.sql", "down.sql", "metadata.toml"].iter().find_map(|name| file.strip_suffix(name));
        let line = of_migration.unwrap_or(file).to_owned();
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines
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
    out.push_str(&format!("  effect: {effect}\n"));
    match approved {
        Some(reason) => out.push_str(&format!("  reason: {reason}\n\n")),
        None => out.push_str(&format!("  way out: {workaround}\n\n")),
    }
    out
}

/// Paints, or doesn't.
#[derive(Clone, Copy)]
struct Paint {
    colour: bool,
}

impl Paint {
    fn style(self, text: &str, style: Style) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.style(text, Style::new().bold())
    }

    fn dim(self, text: &str) -> String {
        self.style(text, Style::new().dimmed())
    }

    fn colour(self, text: &str, colour: AnsiColor) -> String {
        self.style(text, colour.on_default())
    }
}
