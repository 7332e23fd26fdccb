//! The page of a verdict: what was measured beside what was predicted for as many rows.

use super::scale::at;
use super::{escape, framed, list};
use crate::report::Range;
use crate::verify::findings::Finding;
use crate::verify::verdict::{PromiseRow, ReleaseRow, StageRow, Verdict};

/// The page.
pub(crate) fn page(verdict: &Verdict) -> String {
    let Verdict { format: _, plans, server, rows, seed, stages, releases, promises, failures, notes } =
        verdict;
    let holds = match failures.len() {
        0 => "<p><span class=\"tag fits\">holds</span> The plan holds.</p>\n".to_owned(),
        count => format!("<p><span class=\"tag breaks\">doesn't hold</span> Failures: {count}</p>\n"),
    };
    let mut out = holds;
    out.push_str(&format!(
        "<p class=\"dim\">on {}, up to {rows} rows a table, --seed {seed}</p>\n",
        escape(server)
    ));
    failures.iter().for_each(|failure| out.push_str(&finding(failure)));
    out.push_str(&table(stages));
    out.push_str(&list("Releases", &releases.iter().map(fared).collect::<Vec<_>>()));
    out.push_str(&list(
        "Promises: what only the app can keep",
        &promises.iter().map(kept).collect::<Vec<_>>(),
    ));
    out.push_str(&list("Notes", notes));
    out.push_str("<h2>Statements</h2>\n");
    stages.iter().for_each(|stage| out.push_str(&statements(stage)));
    framed(&format!("Verdict on {}", plans.join(", ")), &out)
}

fn table(stages: &[StageRow]) -> String {
    let longest = |stage: &StageRow| {
        let predicted = stage.predicted_wall.map_or(0.0, |Range { low: _, high }| high);
        [stage.alone_ms, stage.beside_ms.unwrap_or(0)]
            .iter()
            .map(|ms| *ms as f64 / 1e3)
            .fold(predicted, f64::max)
    };
    let most = stages.iter().map(longest).fold(0.1, f64::max);
    let rows: String = stages.iter().map(|stage| row(stage, most)).collect();
    format!(
        "<h2>Migrations</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th>migration</th><th>predicted</th><th>alone</th>\
         <th>beside traffic</th><th>longest wait</th><th></th><th>locks that make queries wait</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n\
         <p class=\"dim small\">Predicted is the estimate for as many rows as the tables were filled with, not for production. The longest wait is of \
         the traffic for a lock, as it was sampled; how long each lock itself was held isn't measured. In the drawing the band is what was \
         predicted, the tall mark the time alone, the short one the time beside the traffic; it is logarithmic, from 1 ms to {}.</p>\n",
        escape(&seconds(most))
    )
}

fn row(stage: &StageRow, most: f64) -> String {
    let StageRow {
        name,
        phase,
        predicted_wall,
        alone_ms,
        beside_ms,
        blocked_ms,
        predicted_locks,
        found_locks,
        predicted_holds: _,
        alone_holds: _,
        beside_holds: _,
        statements: _,
        survived: _,
    } = stage;
    let measured =
        |ms: &Option<u64>| ms.map_or_else(|| "not measured".to_owned(), |ms| seconds(ms as f64 / 1e3));
    let predicted = match (predicted_wall, phase) {
        (Some(range), _) => range.words(),
        (None, Some(_)) => "unknown".to_owned(),
        (None, None) => "none, written by hand".to_owned(),
    };
    let words = |locks: &[String]| if locks.is_empty() { "none".to_owned() } else { locks.join(", ") };
    let locks = match found_locks {
        Some(found) if found == predicted_locks => words(found),
        Some(found) => format!("{} (predicted: {})", words(found), words(predicted_locks)),
        None => format!("{}, by the plan", words(predicted_locks)),
    };
    let cells = [&predicted, &seconds(*alone_ms as f64 / 1e3), &measured(beside_ms), &measured(blocked_ms)];
    let cells: String =
        cells.iter().map(|cell| format!("<td class=\"time\">{}</td>", escape(cell))).collect();
    let drawing = drawing(*predicted_wall, *alone_ms, *beside_ms, most);
    format!(
        "<tr><td class=\"name\">{}</td>{cells}<td>{drawing}</td><td>{}</td></tr>\n",
        escape(name),
        escape(&locks)
    )
}

/// The predicted range as a band, and marks where the measured times are.
fn drawing(predicted: Option<Range>, alone: u64, beside: Option<u64>, most: f64) -> String {
    const WIDTH: f64 = 140.0;
    let place =
        |seconds: f64| (seconds.max(1e-3) / 1e-3).log10() / (most / 1e-3).log10() * (WIDTH - 4.0) + 2.0;
    let band = predicted.map(|Range { low, high }| {
        let (from, to) = (place(low), place(high));
        format!("<rect x=\"{}\" y=\"6\" width=\"{}\" height=\"8\" rx=\"2\" fill=\"var(--none)\" opacity=\"0.5\"/>", at(from), at((to - from).max(2.0)))
    });
    let mark = |ms: u64, y: u32, height: u32| {
        let x = at(place(ms as f64 / 1e3) - 1.0);
        format!("<rect x=\"{x}\" y=\"{y}\" width=\"2\" height=\"{height}\" fill=\"var(--text)\"/>")
    };
    let marks = [Some(mark(alone, 1, 18)), beside.map(|ms| mark(ms, 6, 8))];
    let marks: String = marks.into_iter().flatten().collect();
    format!(
        "<svg width=\"{WIDTH}\" height=\"20\" aria-hidden=\"true\">{}{marks}</svg>",
        band.unwrap_or_default()
    )
}

fn seconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
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
    let one = |statement: &crate::verify::verdict::StatementRow| {
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
