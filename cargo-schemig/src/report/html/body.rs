//! What stands below the title: the picture, then all that the text has.

use schemig_core::safety::rules::RULES;

use super::picture::picture;
use super::scene::Scene;
use super::{escape, list};
use crate::report::figures::BackfillRow;
use crate::report::timeline::is_deployed;
use crate::report::{EscalationRow, Fare, Fares, Report, StepRow, Totals, directories};

/// The body of a report's page.
pub(super) fn body(report: &Report) -> String {
    let Report {
        format: _,
        summary,
        plan: _,
        changes,
        steps,
        totals,
        rollout: _,
        basis,
        promises,
        escalations,
        // No command with a page has them.
        models: _,
        patch: _,
        notes,
        statements: _,
        dry_run,
        written,
        removed,
        next,
    } = report;
    let mut out = format!("<p>{}</p>\n", escape(summary));
    out.push_str(&list("Changes", changes));
    out.push_str(&picture(&Scene::of(report)));
    out.push_str(&list("Takes", &totals.iter().map(Totals::words).collect::<Vec<_>>()));
    out.push_str(&list("Estimated from", basis));
    if !escalations.is_empty() {
        out.push_str("<h2>To be signed off</h2>\n");
        escalations.iter().for_each(|row| out.push_str(&escalation(row)));
    }
    out.push_str(&list("Promises: what only the app can keep", promises));
    if !steps.is_empty() {
        out.push_str("<h2>Steps</h2>\n");
        steps.iter().for_each(|row| out.push_str(&step(row, is_deployed(report.rollout, row))));
    }
    out.push_str(&list("Notes", notes));
    let [wrote, took] = if *dry_run { ["Would write", "Would remove"] } else { ["Written", "Removed"] };
    out.push_str(&list(wrote, &directories(written, false)));
    out.push_str(&list(took, &directories(removed, false)));
    out.push_str(&list("Next", next));
    out
}

/// A step; whether N runs by then decides how bad it is when it doesn't fit yet.
fn step(row: &StepRow, deployed: bool) -> String {
    let StepRow { step, phase, what, lock, estimate, figures, old, new, directory, sql } = row;
    let old = old.map_or_else(|| "<span class=\"tag dim\">N-1 gone</span>".to_owned(), |old| tag("N-1", old));
    let early = !deployed && new.reads.max(new.writes) == Fare::Breaks;
    let new = if early { "<span class=\"tag dim\">N not yet</span>".to_owned() } else { tag("N", *new) };
    let backfill = figures.backfill.as_ref().map(BackfillRow::words);
    let backfill =
        backfill.map(|words| format!("<p class=\"small\">{}</p>\n", escape(&words))).unwrap_or_default();
    format!(
        "<section class=\"card\">\n<header><h3>{step} {}: {}</h3><span>{old} {}</span></header>\n\
         <p class=\"small\">Lock: {}</p>\n<p class=\"small\">Estimate: {}</p>\n{backfill}\
         <details><summary>SQL of {}</summary>\n<pre>{}</pre></details>\n</section>\n",
        escape(phase),
        escape(what),
        new,
        escape(lock),
        escape(estimate),
        escape(directory),
        escape(sql)
    )
}

/// How a release fares once the step has run, in words and a colour.
fn tag(release: &str, Fares { reads, writes }: Fares) -> String {
    let (class, says) = match (reads, writes) {
        (Fare::Fits, Fare::Fits) => ("fits", "reads and writes"),
        (Fare::Fits | Fare::FitsIf, Fare::Fits | Fare::FitsIf) => ("if", "reads and writes, if promised"),
        (Fare::Fits, Fare::Breaks) => ("breaks", "only reads"),
        (Fare::FitsIf, Fare::Breaks) => ("breaks", "only reads, if promised"),
        (Fare::Breaks, Fare::Fits | Fare::FitsIf | Fare::Breaks) => ("breaks", "fails"),
    };
    format!("<span class=\"tag {class}\">{release} {says}</span>")
}

fn escalation(row: &EscalationRow) -> String {
    let EscalationRow { rule, condition, effect, workaround, approved } = row;
    let (class, tag, end) = match approved {
        Some(reason) => ("approved", "<span class=\"tag fits\">approved</span>", ("Reason", reason)),
        None => ("needs", "<span class=\"tag breaks\">needs approval</span>", ("Way out", workaround)),
    };
    let page = RULES.iter().find(|known| known.id == rule).map(|known| {
        format!(
            "<details><summary>About {}</summary>\n<pre class=\"page\">{}</pre></details>\n",
            escape(rule),
            escape(known.page)
        )
    });
    format!(
        "<section class=\"card {class}\">\n<header><h3>{}: {}</h3>{tag}</header>\n<p>Effect: {}</p>\n<p>{}: {}</p>\n{}</section>\n",
        escape(rule),
        escape(condition),
        escape(effect),
        end.0,
        escape(end.1),
        page.unwrap_or_default()
    )
}
