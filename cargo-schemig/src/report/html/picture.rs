//! The rollout as a picture: phases against time, a row for each table that is locked, and a row for each release. What was measured stands
//! in a row of its own below what is predicted.

use super::legend::legend;
use super::scale::{Scale, at};
use super::scene::{Held, Part, Run, Scene, Stand, Step};
use super::shapes::{BAR, Bar, dim, line, name, text};
use crate::report::{Fare, Fares, LockRow, Range};

/// The room for the names of rows.
const NAMES: f64 = 150.0;
/// The width of a deploy.
const DEPLOY: f64 = 76.0;
/// The height of a row.
const ROW: f64 = 26.0;
/// The height of one of two bars in a row.
const HALF: f64 = 7.0;

/// Patterns beside colours: who doesn't see the colours sees those.
const PATTERNS: &str = "<defs>\
<pattern id=\"writes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"3.5\" height=\"6\" fill=\"var(--writes)\"/></pattern>\
<pattern id=\"if\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect width=\"4\" height=\"6\" fill=\"var(--if)\"/></pattern>\
<pattern id=\"unknown\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\"><circle cx=\"3.5\" cy=\"3.5\" r=\"1.6\" fill=\"var(--unknown)\"/></pattern>\
</defs>";

/// A step, where it is drawn.
struct Segment<'a> {
    step: &'a Step,
    x: f64,
    width: f64,
}

/// Something that happens between steps, where it is drawn.
struct Mark<'a> {
    stands: &'a [Option<Stand>],
    x: f64,
    end: f64,
}

/// The picture with its legend; nothing where there are no steps.
pub(super) fn picture(scene: &Scene) -> String {
    let Scene { parts, releases, scale, words, measured } = scene;
    if parts.is_empty() {
        return String::new();
    }
    let mut x = NAMES;
    let (mut top, mut segments, mut marks) = (String::new(), Vec::new(), Vec::new());
    for part in parts {
        let start = x;
        match part {
            Part::Event { says, stands } => {
                x += DEPLOY;
                marks.push(Mark { stands, x: start, end: x });
                top.push_str(&text((start + x) / 2.0, 34.0, "middle", says));
            }
            Part::Phase { name, takes, steps } => {
                for step in steps {
                    let width = width(step, *scale);
                    segments.push(Segment { step, x, width });
                    x += width + 2.0;
                }
                // A label may need more room than a short phase has.
                x = x.max(start + 8.0 * name.len().max(takes.len()) as f64) + 6.0;
                top.push_str(&phase(start, x - 6.0, name, takes));
            }
        }
    }
    let (end, mut y) = (x + 8.0, 52.0);
    let mut rows = steps(&segments, *scale, &mut y);
    rows.push_str(&tables(&segments, *scale, *words, &mut y));
    for (place, release) in releases.iter().enumerate() {
        rows.push_str(&stands(place, release, &segments, &marks, &mut y));
    }
    let lines: String = marks.iter().map(|mark| line((mark.x + mark.end) / 2.0, 40.0, y)).collect();
    let label = "The rollout: steps against time, the locks on each table, and which release may run";
    format!(
        "<h2>Rollout</h2>\n<div class=\"scroll\" tabindex=\"0\"><svg role=\"img\" aria-label=\"{label}\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n\
         {PATTERNS}\n{lines}{top}{rows}</svg></div>\n{2}",
        at(end),
        at(y + 6.0),
        legend(*measured)
    )
}

/// The room for a step: what is predicted and what was measured both fit in.
fn width(step: &Step, scale: Scale) -> f64 {
    step.runs.iter().map(|run| scale.seconds(run.seconds)).fold(scale.width(step.wall), f64::max)
}

fn phase(x: f64, end: f64, name: &str, takes: &str) -> String {
    let rule = format!(
        "<line x1=\"{}\" y1=\"42\" x2=\"{}\" y2=\"42\" stroke=\"var(--dim)\" stroke-width=\"2\"/>\n",
        at(x),
        at(end)
    );
    text(x, 18.0, "start", name) + &dim(x, 34.0, takes) + &rule
}

fn steps(segments: &[Segment<'_>], scale: Scale, y: &mut f64) -> String {
    let mut out = name("step", *y);
    for Segment { step, x, width } in segments {
        let known = step.wall.is_some();
        let wide = scale.width(step.wall);
        let x = x + width - wide;
        let fill = if known { "var(--line)" } else { "url(#unknown)" };
        let bar = Bar { x, y: *y, width: wide, height: BAR, paint: (fill, "var(--dim)") };
        out.push_str(&bar.draw(&step.says));
        let label = if known { step.number.to_string() } else { format!("{} ?", step.number) };
        out.push_str(&text(x + wide / 2.0, *y + 12.5, "middle", &label));
    }
    *y += ROW;
    let runs = |run: &Run| Some(vec![(run.seconds, ("var(--dim)", "var(--dim)"), run.says.clone())]);
    out + &measured(segments, scale, runs, y)
}

/// A bar of a measured row: seconds, the paint, and words.
type Measured = (f64, (&'static str, &'static str), String);

/// A row of what was measured: for each step its runs, one above the other. Nothing where no run could be.
fn measured(
    segments: &[Segment<'_>],
    scale: Scale,
    bars: impl Fn(&Run) -> Option<Vec<Measured>>,
    y: &mut f64,
) -> String {
    if segments.iter().flat_map(|segment| &segment.step.runs).all(|run| bars(run).is_none()) {
        return String::new();
    }
    // Close to what it is held against.
    *y -= ROW - BAR - 4.0;
    let mut out = dim(20.0, *y + 12.5, "measured");
    for Segment { step, x, width } in segments {
        for (place, run) in step.runs.iter().enumerate() {
            for (seconds, paint, says) in bars(run).into_iter().flatten() {
                let wide = scale.seconds(seconds);
                let y = *y + (HALF + 2.0) * place as f64;
                out.push_str(&Bar { x: x + width - wide, y, width: wide, height: HALF, paint }.draw(&says));
            }
        }
    }
    *y += ROW;
    out
}

/// A row for each table, in the order in which they are first locked.
fn tables(segments: &[Segment<'_>], scale: Scale, words: fn(Range) -> String, y: &mut f64) -> String {
    let mut tables: Vec<&str> = Vec::new();
    for Segment { step, .. } in segments {
        let held = step.runs.iter().filter_map(|run| run.holds.as_ref()).flatten().map(|held| &held.table);
        for table in step.locks.iter().map(|lock| &lock.table).chain(held) {
            if !tables.contains(&table.as_str()) {
                tables.push(table);
            }
        }
    }
    tables.into_iter().map(|table| locks(table, segments, scale, words, y)).collect()
}

fn locks(
    table: &str,
    segments: &[Segment<'_>],
    scale: Scale,
    words: fn(Range) -> String,
    y: &mut f64,
) -> String {
    let mut out = name(table, *y);
    for Segment { step, x, width } in segments {
        for lock in step.locks.iter().filter(|lock| lock.table == table) {
            let wide = scale.lock(lock.holds, step.wall);
            let paint = paint(lock.blocks_reads, lock.blocks_writes);
            let bar = Bar { x: x + width - wide, y: *y, width: wide, height: BAR, paint };
            out.push_str(&bar.draw(&held(step, lock, words)));
            if lock.holds.is_none() {
                out.push_str(&text(x + width - wide / 2.0, *y + 12.5, "middle", "?"));
            }
        }
    }
    *y += ROW;
    let holds = |run: &Run| {
        let of_table = run.holds.as_ref()?.iter().filter(|held| held.table == table);
        let bar = |held: &Held| (held.seconds, paint(held.blocks_reads, true), held.says.clone());
        Some(of_table.map(bar).collect())
    };
    out + &measured(segments, scale, holds, y)
}

fn paint(blocks_reads: bool, blocks_writes: bool) -> (&'static str, &'static str) {
    match (blocks_reads, blocks_writes) {
        (true, _) => ("var(--reads)", "var(--reads)"),
        (false, true) => ("url(#writes)", "var(--writes)"),
        (false, false) => ("none", "var(--none)"),
    }
}

fn held(step: &Step, lock: &LockRow, words: fn(Range) -> String) -> String {
    let LockRow { table, mode, blocks_reads, blocks_writes, holds } = lock;
    let blocks = match (blocks_reads, blocks_writes) {
        (true, _) => "reads and writes wait",
        (false, true) => "writes wait",
        (false, false) => "blocks no query",
    };
    let holds = holds.map_or_else(|| "an unknown time".to_owned(), words);
    format!("Step {}: {mode} on {table}, {blocks}, held {holds}", step.number)
}

/// The two rows of a release.
fn stands(place: usize, release: &str, segments: &[Segment<'_>], marks: &[Mark<'_>], y: &mut f64) -> String {
    let mut out = String::new();
    for (label, writes) in [("reads", false), ("writes", true)] {
        let row = format!("{release} {label}");
        out.push_str(&name(&row, *y));
        for Segment { step, x, width } in segments {
            let says = format!("{row} once step {} has run: ", step.number);
            out.push_str(&stand(*x, *y, *width, step.stands[place], writes, &says));
        }
        for Mark { stands, x, end } in marks {
            // The old release is replaced bit by bit, so both run for as long as it takes.
            let says = format!("{row} during the deploy: ");
            out.push_str(&stand(x + 4.0, *y, end - x - 8.0, stands[place], writes, &says));
        }
        *y += ROW - 6.0;
    }
    *y += 6.0;
    out
}

fn stand(x: f64, y: f64, width: f64, stand: Option<Stand>, writes: bool, says: &str) -> String {
    let Some(Stand { fares: Fares { reads, writes: wrote }, failed }) = stand else { return String::new() };
    let (paint, word) = match if writes { wrote } else { reads } {
        _ if failed => (("var(--breaks)", "var(--breaks)"), "it failed, see below"),
        Fare::Fits => (("var(--fits)", "var(--fits)"), "yes"),
        Fare::FitsIf => (("url(#if)", "var(--if)"), "if the promises are kept"),
        Fare::Breaks => (("none", "var(--breaks)"), "no"),
    };
    let crossed = paint.1 == "var(--breaks)";
    let cross = if crossed { text(x + width / 2.0, y + 12.5, "middle", "×") } else { String::new() };
    Bar { x, y, width, height: BAR, paint }.draw(&format!("{says}{word}")) + &cross
}
