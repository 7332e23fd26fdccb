//! The page of a verdict: the rollout as a picture, what was measured beside what was predicted for as many rows; then the details.

mod scene;
mod table;
mod totals;

use super::picture::picture;
use super::{escape, framed, list};
use crate::report::Range;
use crate::verify::findings::Finding;
use crate::verify::verdict::{PromiseRow, ReleaseRow, StageRow, StatementRow, Verdict, milliseconds};

/// The page.
pub(crate) fn page(verdict: &Verdict) -> String {
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
    let holds = match failures.len() {
        0 => "<p><span class=\"tag fits\">holds</span> The plan holds.</p>\n".to_owned(),
        count => format!("<p><span class=\"tag breaks\">doesn't hold</span> Failures: {count}</p>\n"),
    };
    let mut out = holds;
    out.push_str(&format!(
        "<p class=\"dim\">on {}, up to {rows} rows a table, --seed {seed}</p>\n",
        escape(server)
    ));
    out.push_str(&picture(&scene::scene(verdict)));
    out.push_str(&totals::totals(verdict));
    if !failures.is_empty() {
        out.push_str("<h2>Failures</h2>\n");
        failures.iter().for_each(|failure| out.push_str(&finding(failure)));
    }
    if !stages.is_empty() {
        out.push_str(&table::table(stages));
    }
    out.push_str(&list("Releases", &releases.iter().map(fared).collect::<Vec<_>>()));
    out.push_str(&list(
        "Promises: what only the app can keep",
        &promises.iter().map(kept).collect::<Vec<_>>(),
    ));
    out.push_str(&list("Notes", notes));
    if !stages.is_empty() {
        out.push_str("<h2>Statements</h2>\n");
        stages.iter().for_each(|stage| out.push_str(&statements(stage)));
    }
    framed(&format!("Verdict on {}", plans.join(", ")), &out)
}

/// What the estimate says of a migration.
fn predicted(stage: &StageRow) -> String {
    match (stage.predicted_wall, &stage.phase) {
        (Some(wall), _) => range(wall),
        (None, Some(_)) => "unknown".to_owned(),
        (None, None) => "none, written by hand".to_owned(),
    }
}

/// A range as what was measured beside it is said: in milliseconds where it is short.
fn range(range: Range) -> String {
    let Range { low, high } = range;
    match [low, high].map(|seconds| (seconds * 1e3).round() as u64) {
        [_, 0] => "under 1 ms".to_owned(),
        [0, high] => format!("up to {}", milliseconds(high)),
        [low, high] if low == high => milliseconds(high),
        [low, high] => format!("{} to {}", milliseconds(low), milliseconds(high)),
    }
}

fn fared(row: &ReleaseRow) -> String {
    let ReleaseRow { name, ran, predicted, retried, longest_ms } = row;
    format!(
        "{name} ran {ran} statements, the longest {longest_ms} ms; {predicted} failed as the plan says; {retried} met another \
         transaction and were tried again"
    )
}

fn kept(row: &PromiseRow) -> String {
    let PromiseRow { says, needed } = row;
    let end = match needed {
        Some(true) => "breaking it fails here",
        Some(false) => "breaking it does no harm here",
        None => "not tried",
    };
    format!("{says} ({end})")
}

fn finding(finding: &Finding) -> String {
    let Finding { pass: _, stage, what, details } = finding;
    let place = stage.iter().map(|stage| format!("{stage}: ")).collect::<String>();
    format!(
        "<section class=\"card needs\"><h3>{}{}</h3>\n<pre>{}</pre></section>\n",
        escape(&place),
        escape(what),
        escape(&details.join("\n"))
    )
}

fn statements(stage: &StageRow) -> String {
    if stage.statements.is_empty() {
        return format!("<p>{}: <span class=\"dim\">not sent one by one</span></p>\n", escape(&stage.name));
    }
    let one = |statement: &StatementRow| {
        let locks = if statement.locks.is_empty() {
            "no lock that makes a query wait".to_owned()
        } else {
            statement.locks.join(", ")
        };
        format!("-- {locks}\n{}\n", statement.sql.trim())
    };
    let all: String = stage.statements.iter().map(one).collect();
    format!("<details><summary>{}</summary>\n<pre>{}</pre></details>\n", escape(&stage.name), escape(&all))
}

#[cfg(test)]
mod tests;
