//! The report for a pull request.

use super::figures::BackfillRow;
use super::totals::Totals;
use super::{EscalationRow, Fare, Fares, ModelRow, Report, StepRow, directories};

/// Markdown.
pub(super) fn render(report: &Report, verbose: bool) -> String {
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
    let mut out = String::new();
    if let Some(plan) = plan {
        out.push_str(&format!("## Plan `{plan}`\n\n"));
    }
    out.push_str(&format!("{}\n\n", escape(summary)));
    list(&mut out, "Changes", changes);
    if !steps.is_empty() {
        out.push_str("| step | phase | what | lock | estimate | N-1 reads / writes | N reads / writes |\n|--:|---|---|---|---|---|---|\n");
        steps.iter().for_each(|row| out.push_str(&line(row)));
        out.push('\n');
    }
    let takes: Vec<String> = totals.iter().map(Totals::words).collect();
    list(&mut out, "Takes", &takes);
    list(&mut out, "By", basis);
    let backfills = steps.iter().filter_map(|step| step.figures.backfill.as_ref());
    list(&mut out, "Backfills", &backfills.map(BackfillRow::words).collect::<Vec<_>>());
    if verbose {
        for row in steps {
            out.push_str(&format!(
                "<details><summary>{}</summary>\n\n```sql\n{}```\n\n</details>\n\n",
                row.directory, row.sql
            ));
        }
    }
    list(&mut out, "Promises: what only the app can keep", promises);
    for row in escalations {
        let EscalationRow { rule, condition, effect, workaround, approved } = row;
        let end = match approved {
            Some(reason) => format!("approved: {}", escape(reason)),
            None => format!("**needs approval**; {}", escape(workaround)),
        };
        out.push_str(&format!("- `{rule}`: {}; {}; {}\n\n", escape(condition), escape(effect), end));
    }
    if !models.is_empty() {
        out.push_str("**Models**\n\n");
        for (head, below) in models.iter().map(ModelRow::lines) {
            out.push_str(&format!("- {}\n", escape(&head)));
            below.iter().for_each(|line| out.push_str(&format!("  - {}\n", escape(line))));
        }
        out.push('\n');
    }
    if let Some(patch) = patch {
        out.push_str(&format!("```diff\n{patch}```\n\n"));
    }
    list(&mut out, "Notes", notes);
    for sql in statements.iter().filter(|_| verbose) {
        out.push_str(&format!("**What would mend the database**\n\n```sql\n{}\n```\n\n", sql.trim_end()));
    }
    let [wrote, took] = if *dry_run { ["Would write", "Would remove"] } else { ["Written", "Removed"] };
    list_files(&mut out, wrote, &directories(written, verbose));
    list_files(&mut out, took, &directories(removed, verbose));
    list(&mut out, "Next", next);
    out
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("**{title}**\n\n"));
        lines.iter().for_each(|line| out.push_str(&format!("- {}\n", escape(line))));
        out.push('\n');
    }
}

fn list_files(out: &mut String, title: &str, files: &[String]) {
    if !files.is_empty() {
        out.push_str(&format!("**{title}**\n\n"));
        files.iter().for_each(|file| out.push_str(&format!("- `{file}`\n")));
        out.push('\n');
    }
}

fn line(row: &StepRow) -> String {
    let StepRow { step, phase, what, lock, estimate, figures: _, old, new, directory: _, sql: _ } = row;
    format!(
        "| {step} | {phase} | {} | {} | {} | {} | {} |\n",
        escape(what),
        escape(lock),
        escape(estimate),
        old.map_or("gone".to_owned(), words),
        words(*new)
    )
}

fn words(fares: Fares) -> String {
    let word = |fare| match fare {
        Fare::Fits => "yes",
        Fare::FitsIf => "if promised",
        Fare::Breaks => "**no**",
    };
    format!("{} / {}", word(fares.reads), word(fares.writes))
}

/// Text that Markdown shows as it is, in a table too.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '|' | '<' | '[' | ']' | '#' => out.extend(['\\', c]),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
