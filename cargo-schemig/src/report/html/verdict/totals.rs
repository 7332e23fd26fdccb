//! What all migrations take together, predicted beside measured.

use super::scene::phase;
use crate::report::Range;
use crate::report::html::escape;
use crate::verify::verdict::{HoldRow, StageRow, Verdict, milliseconds};

/// A table: phases, all of it, the longest hold and the longest wait. Nothing where nothing was run.
pub(super) fn totals(verdict: &Verdict) -> String {
    let stages = verdict.stages.as_slice();
    if stages.is_empty() {
        return String::new();
    }
    let phases = stages.chunk_by(|stage, next| (&stage.plan, &stage.phase) == (&next.plan, &next.phase));
    let mut rows: Vec<[String; 4]> =
        phases.map(|stages| taken(&phase(verdict, &stages[0]), stages)).collect();
    rows.push(taken("all of it", stages));
    rows.push(longest(stages));
    let waits = stages.iter().map(|stage| stage.blocked_ms).max().flatten();
    let waits = waits.map_or_else(|| "not measured".to_owned(), milliseconds);
    rows.push(["longest wait".to_owned(), String::new(), String::new(), waits]);
    let row = |[what, cells @ ..]: &[String; 4]| {
        let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escape(what))
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<h2>Takes</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th></th><th>predicted</th><th>alone</th><th>beside traffic</th>\
         </tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n<p class=\"dim small\">The longest hold is of one table's lock that makes queries wait, \
         the longest wait of a statement of the traffic.</p>\n"
    )
}

/// How long these stages take. What nobody has predicted, or run, leaves the sum unknown.
fn taken(what: &str, stages: &[StageRow]) -> [String; 4] {
    let predicted: Option<Range> = stages.iter().map(|stage| stage.predicted_wall).sum();
    let beside: Option<u64> = stages.iter().map(|stage| stage.beside_ms).sum();
    [
        what.to_owned(),
        predicted.map_or_else(|| "unknown".to_owned(), super::range),
        milliseconds(stages.iter().map(|stage| stage.alone_ms).sum()),
        beside.map_or_else(|| "not measured".to_owned(), milliseconds),
    ]
}

/// The longest that a lock which makes queries wait is held.
fn longest(stages: &[StageRow]) -> [String; 4] {
    let measured = |holds: &dyn Fn(&StageRow) -> &Option<Vec<HoldRow>>| {
        let known: Option<Vec<&Vec<HoldRow>>> = stages.iter().map(|stage| holds(stage).as_ref()).collect();
        let Some(known) = known else { return "not measured".to_owned() };
        let longest = known.into_iter().flatten().max_by_key(|hold| hold.most_ms);
        longest.map_or_else(|| "no lock".to_owned(), |hold| format!("{} on {}", hold.words(), hold.table))
    };
    [
        "longest hold".to_owned(),
        predicted(stages),
        measured(&|stage| &stage.alone_holds),
        measured(&|stage| &stage.beside_holds),
    ]
}

fn predicted(stages: &[StageRow]) -> String {
    let mut longest: Option<(Range, &str)> = None;
    for lock in stages.iter().flat_map(|stage| &stage.predicted_holds) {
        let Some(holds) = lock.holds else { return "unknown".to_owned() };
        if longest.is_none_or(|(known, _)| holds.high > known.high) {
            longest = Some((holds, &lock.table));
        }
    }
    longest
        .map_or_else(|| "no lock".to_owned(), |(holds, table)| format!("{} on {table}", super::range(holds)))
}
