//! The migrations one by one: what was predicted and what was measured of each, in numbers.

use super::{predicted, range};
use crate::report::LockRow;
use crate::report::html::escape;
use crate::verify::verdict::{HoldRow, StageRow, milliseconds};

/// A table with a row for each migration.
pub(super) fn table(stages: &[StageRow]) -> String {
    let rows: String = stages.iter().enumerate().map(|(place, stage)| row(place + 1, stage)).collect();
    format!(
        "<h2>Migrations</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th></th><th>migration</th><th>predicted</th><th>alone</th>\
         <th>beside traffic</th><th>longest wait</th><th>locks that make queries wait</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n\
         <p class=\"dim small\">Predicted is the estimate for as many rows as the tables were filled with, not for production. The longest wait is of \
         the traffic for a lock, as it was sampled. How long a lock was held lies between two ends, for another session looks at it every few \
         milliseconds.</p>\n"
    )
}

fn row(number: usize, stage: &StageRow) -> String {
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
        predicted_holds,
        alone_holds,
        beside_holds,
        statements: _,
        survived: _,
        fits: _,
    } = stage;
    let measured = |ms: &Option<u64>| ms.map_or_else(|| "not measured".to_owned(), milliseconds);
    let cells = [predicted(stage), milliseconds(*alone_ms), measured(beside_ms), measured(blocked_ms)];
    let cells: String =
        cells.iter().map(|cell| format!("<td class=\"time\">{}</td>", escape(cell))).collect();
    let words = |locks: &[String]| if locks.is_empty() { "none".to_owned() } else { locks.join(", ") };
    let locks = match found_locks {
        Some(found) if found == predicted_locks => words(found),
        Some(found) => format!("{} (predicted: {})", words(found), words(predicted_locks)),
        None => format!("{}, by the plan", words(predicted_locks)),
    };
    let holds =
        holds(predicted_holds, [alone_holds, beside_holds].map(|holds| holds.as_deref().unwrap_or_default()));
    let holds: String =
        holds.iter().map(|line| format!("<br><span class=\"dim\">{}</span>", escape(line))).collect();
    format!(
        "<tr><td>{number}</td><td class=\"name\">{}</td>{cells}<td>{}{holds}</td></tr>\n",
        escape(name),
        escape(&locks)
    )
}

/// How long each table is locked, a line each.
fn holds(said: &[LockRow], runs: [&[HoldRow]; 2]) -> Vec<String> {
    let mut tables: Vec<&str> = Vec::new();
    let held = runs.iter().copied().flatten().map(|hold| hold.table.as_str());
    for table in said.iter().map(|lock| lock.table.as_str()).chain(held) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    let line = |table: &str| {
        let said = said.iter().find(|lock| lock.table == table).map(|lock| match lock.holds {
            Some(holds) => format!("predicted {}", range(holds)),
            None => "predicted: unknown".to_owned(),
        });
        let measured = runs.iter().zip(["alone", "beside traffic"]).filter_map(|(holds, when)| {
            let hold = holds.iter().find(|hold| hold.table == table)?;
            Some(format!("{} {when}", hold.words()))
        });
        let parts: Vec<String> = said.into_iter().chain(measured).collect();
        format!("{table} held: {}", parts.join("; "))
    };
    tables.into_iter().map(line).collect()
}
