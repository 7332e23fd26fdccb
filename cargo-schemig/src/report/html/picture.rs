//! The rollout as a picture: phases against time, a row for each table that is locked, and a row for each release.

use super::escape;
use super::scale::{at, part, width};
use crate::report::timeline::{self, Column};
use crate::report::{Fare, Fares, LockRow, Report, StepRow};

/// The room for the names of rows.
const NAMES: f64 = 150.0;
/// The width of a deploy.
const DEPLOY: f64 = 76.0;
/// The height of a row.
const ROW: f64 = 26.0;
/// The height of a bar in it.
const BAR: f64 = 16.0;

/// Patterns beside colours: who doesn't see the colours sees those.
const PATTERNS: &str = "<defs>\
<pattern id=\"writes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"3.5\" height=\"6\" fill=\"var(--writes)\"/></pattern>\
<pattern id=\"if\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect width=\"4\" height=\"6\" fill=\"var(--if)\"/></pattern>\
<pattern id=\"unknown\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\"><circle cx=\"3.5\" cy=\"3.5\" r=\"1.6\" fill=\"var(--unknown)\"/></pattern>\
</defs>";

/// A step, where it is drawn.
struct Segment<'a> {
    row: &'a StepRow,
    x: f64,
    width: f64,
}

/// The picture with its legend; nothing where there are no steps.
pub(super) fn picture(report: &Report) -> String {
    let columns = timeline::columns(report);
    if columns.is_empty() {
        return String::new();
    }
    let mut x = NAMES;
    let (mut top, mut segments, mut marks) = (String::new(), Vec::new(), Vec::new());
    for column in &columns {
        let start = x;
        match column {
            Column::Event { says, .. } => {
                x += DEPLOY;
                marks.push((start, x));
                top.push_str(&text((start + x) / 2.0, 34.0, "middle", says));
            }
            Column::Phase { name, takes, steps } => {
                for row in *steps {
                    let width = width(row.figures.wall);
                    segments.push(Segment { row, x, width });
                    x += width + 2.0;
                }
                // A label may need more room than a short phase has.
                x = x.max(start + 8.0 * name.len().max(takes.len()) as f64) + 6.0;
                top.push_str(&phase(start, x - 6.0, name, takes));
            }
        }
    }
    let (end, mut y) = (x + 8.0, 52.0);
    let mut rows = steps(&segments, &mut y);
    rows.push_str(&locks(&segments, &mut y));
    rows.push_str(&releases(report, &columns, &segments, &marks, &mut y));
    let lines: String = marks.iter().map(|(x, end)| line((x + end) / 2.0, 40.0, y)).collect();
    let label = "The rollout: steps against time, the locks on each table, and which release may run";
    format!(
        "<h2>Rollout</h2>\n<div class=\"scroll\" tabindex=\"0\"><svg role=\"img\" aria-label=\"{label}\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n\
         {PATTERNS}\n{lines}{top}{rows}</svg></div>\n{2}",
        at(end),
        at(y + 6.0),
        legend()
    )
}

fn phase(x: f64, end: f64, name: &str, takes: &str) -> String {
    let rule = format!(
        "<line x1=\"{}\" y1=\"42\" x2=\"{}\" y2=\"42\" stroke=\"var(--dim)\" stroke-width=\"2\"/>\n",
        at(x),
        at(end)
    );
    let name = text(x, 18.0, "start", name);
    let takes = format!("<text class=\"dim\" x=\"{}\" y=\"34\">{}</text>\n", at(x), escape(takes));
    name + &takes + &rule
}

fn steps(segments: &[Segment<'_>], y: &mut f64) -> String {
    let mut out = name("step", *y);
    for Segment { row, x, width } in segments {
        let says = format!("Step {}: {}; {}", row.step, row.what, row.estimate);
        let fill = if row.figures.wall.is_some() { "var(--line)" } else { "url(#unknown)" };
        out.push_str(&bar(*x, *y, *width, fill, "var(--dim)", &says));
        let label = if row.figures.wall.is_some() { row.step.to_string() } else { format!("{} ?", row.step) };
        out.push_str(&text(x + width / 2.0, *y + 12.5, "middle", &label));
    }
    *y += ROW;
    out
}

/// A row for each table, in the order in which they are first locked.
fn locks(segments: &[Segment<'_>], y: &mut f64) -> String {
    let mut tables: Vec<&str> = Vec::new();
    for lock in segments.iter().flat_map(|segment| &segment.row.figures.locks) {
        if !tables.contains(&lock.table.as_str()) {
            tables.push(&lock.table);
        }
    }
    let mut out = String::new();
    for table in tables {
        out.push_str(&name(table, *y));
        for Segment { row, x, width } in segments {
            for lock in row.figures.locks.iter().filter(|lock| lock.table == table) {
                let part = part(lock.holds, row.figures.wall) * width;
                let (fill, stroke) = paint(lock);
                out.push_str(&bar(x + width - part, *y, part, fill, stroke, &held(row, lock)));
                if lock.holds.is_none() {
                    out.push_str(&text(x + width / 2.0, *y + 12.5, "middle", "?"));
                }
            }
        }
        *y += ROW;
    }
    out
}

fn paint(lock: &LockRow) -> (&'static str, &'static str) {
    match (lock.blocks_reads, lock.blocks_writes) {
        (true, _) => ("var(--reads)", "var(--reads)"),
        (false, true) => ("url(#writes)", "var(--writes)"),
        (false, false) => ("none", "var(--none)"),
    }
}

fn held(row: &StepRow, lock: &LockRow) -> String {
    let LockRow { table, mode, blocks_reads, blocks_writes, holds } = lock;
    let blocks = match (blocks_reads, blocks_writes) {
        (true, _) => "reads and writes wait",
        (false, true) => "writes wait",
        (false, false) => "blocks no query",
    };
    let holds = holds.map_or_else(|| "an unknown time".to_owned(), |holds| holds.words());
    format!("Step {}: {mode} on {table}, {blocks}, held {holds}", row.step)
}

fn releases(
    report: &Report,
    columns: &[Column<'_>],
    segments: &[Segment<'_>],
    marks: &[(f64, f64)],
    y: &mut f64,
) -> String {
    let mut out = String::new();
    for old in [true, false] {
        let called = if old { "N-1" } else { "N" };
        for (label, writes) in [("reads", false), ("writes", true)] {
            out.push_str(&name(&format!("{called} {label}"), *y));
            for Segment { row, x, width } in segments {
                let deployed = timeline::is_deployed(report.rollout, row);
                let fares = if old { row.old } else { deployed.then_some(row.new) };
                let says = format!("{called} {label} once step {} has run: ", row.step);
                out.push_str(&fare(*x, *y, *width, fares, writes, &says));
            }
            let events = columns.iter().filter_map(Column::event);
            for ((x, end), [before, after]) in marks.iter().zip(events) {
                let fares = if old { before } else { after };
                let says = format!("{called} {label} during the deploy: ");
                let half = (end - x) / 2.0;
                // The old release is replaced bit by bit, so both run for as long as it takes.
                out.push_str(&fare(x + 4.0, *y, 2.0 * half - 8.0, fares, writes, &says));
            }
            *y += ROW - 6.0;
        }
        *y += 6.0;
    }
    out
}

fn fare(x: f64, y: f64, width: f64, fares: Option<Fares>, writes: bool, says: &str) -> String {
    let Some(Fares { reads, writes: wrote }) = fares else { return String::new() };
    let (fill, stroke, word) = match if writes { wrote } else { reads } {
        Fare::Fits => ("var(--fits)", "var(--fits)", "yes"),
        Fare::FitsIf => ("url(#if)", "var(--if)", "if the promises are kept"),
        Fare::Breaks => ("none", "var(--breaks)", "no"),
    };
    let cross = if word == "no" { text(x + width / 2.0, y + 12.5, "middle", "×") } else { String::new() };
    bar(x, y, width, fill, stroke, &format!("{says}{word}")) + &cross
}

fn bar(x: f64, y: f64, width: f64, fill: &str, stroke: &str, says: &str) -> String {
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{BAR}\" rx=\"2\" fill=\"{fill}\" stroke=\"{stroke}\"><title>{}</title></rect>\n",
        at(x),
        at(y),
        at(width),
        escape(says)
    )
}

fn text(x: f64, y: f64, anchor: &str, says: &str) -> String {
    format!("<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>\n", at(x), at(y), escape(says))
}

fn line(x: f64, y: f64, end: f64) -> String {
    let x = at(x);
    format!(
        "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{}\" stroke=\"var(--dim)\" stroke-dasharray=\"4 3\"/>\n",
        at(y),
        at(end)
    )
}

/// The name of a row, cut where it is too long; whole when it is pointed at.
fn name(says: &str, y: f64) -> String {
    const MOST: usize = 20;
    let shown: String = if says.chars().count() > MOST {
        says.chars().take(MOST - 1).chain(['…']).collect()
    } else {
        says.to_owned()
    };
    format!("<text x=\"8\" y=\"{}\"><title>{}</title>{}</text>\n", at(y + 12.5), escape(says), escape(&shown))
}

fn legend() -> String {
    let entries = [
        ("var(--reads)", "var(--reads)", "lock: reads and writes wait"),
        ("url(#writes)", "var(--writes)", "lock: writes wait, reads go on"),
        ("none", "var(--none)", "lock: no query waits, other migrations do"),
        (
            "url(#unknown)",
            "var(--unknown)",
            "? how long is unknown, as nobody has said how large the table is",
        ),
        ("var(--fits)", "var(--fits)", "the release runs"),
        ("url(#if)", "var(--if)", "it runs if the promises are kept"),
        ("none", "var(--breaks)", "× it fails"),
    ];
    let entry = |(fill, stroke, says): (&str, &str, &str)| {
        format!(
            "<li><svg width=\"22\" height=\"14\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"20\" height=\"12\" rx=\"2\" fill=\"{fill}\" stroke=\"{stroke}\"/></svg>{says}</li>\n"
        )
    };
    let entries: String = entries.into_iter().map(entry).collect();
    format!(
        "<ul class=\"legend\">\n{entries}</ul>\n<p class=\"dim small\">N-1 is any release that may be running, N the new one. Widths grow with the logarithm \
         of the upper end of the estimate; a deploy takes as long as it takes. A lock is drawn at the end of its step, where it is held.</p>\n"
    )
}
