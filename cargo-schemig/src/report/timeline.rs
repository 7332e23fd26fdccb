//! The rollout in order: phases, and the deploy between them; as rows of characters for a terminal.

use super::{Fare, Fares, PhaseRow, Range, Report, Rollout, StepRow};

/// A part of the rollout.
pub(super) enum Column<'a> {
    /// A phase: its name, how long it takes, in words, and its steps.
    Phase { name: &'a str, takes: String, steps: &'a [StepRow] },
    /// A release comes or goes: what happens, and how N-1 and N fare meanwhile; `None` for who doesn't run.
    Event { says: &'static str, fares: [Option<Fares>; 2] },
}

/// The rollout in order; empty where there are no steps.
pub(super) fn columns<'a>(report: &'a Report) -> Vec<Column<'a>> {
    let phases = report.totals.iter().flat_map(|totals| &totals.phases);
    let groups = report.steps.chunk_by(|step, next| step.phase == next.phase);
    let phase = |(steps, PhaseRow { phase, wall }): (_, &'a PhaseRow)| Column::Phase {
        name: phase,
        takes: wall.map_or_else(|| "time unknown".to_owned(), Range::words),
        steps,
    };
    let mut columns: Vec<Column<'_>> = groups.zip(phases).map(phase).collect();
    if columns.is_empty() {
        return columns;
    }
    match report.rollout {
        None => {}
        Some(Rollout::Overlap { old, new }) => {
            let waits = |column: &Column<'_>| match column {
                Column::Phase { name, .. } => *name == "contract",
                Column::Event { .. } => false,
            };
            let place = columns.iter().position(waits).unwrap_or(columns.len());
            columns.insert(place, Column::Event { says: "deploy N", fares: [old, Some(new)] });
        }
        Some(Rollout::Stopped) => {
            let starts = report.steps.last().map(|step| step.new);
            columns.insert(0, Column::Event { says: "stop N-1", fares: [None, None] });
            columns.push(Column::Event { says: "start N", fares: [None, starts] });
        }
    }
    columns
}

/// Whether release N runs beside a step: where it is deployed before the contract, and where it ran everywhere before.
pub(super) fn is_deployed(rollout: Option<Rollout>, step: &StepRow) -> bool {
    match rollout {
        None => true,
        Some(Rollout::Overlap { .. }) => step.phase == "contract",
        Some(Rollout::Stopped) => false,
    }
}

/// What each character of [`lines`] stands for.
pub(super) const LEGEND: &str = "= runs; ~ runs if the promises are kept; r reads only; x fails";

/// Four lines: what happens, how long it takes, and whether N-1 and N run meanwhile. Empty where there are no steps.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let columns = columns(report);
    let mut lines = if columns.is_empty() {
        Vec::new()
    } else {
        ["Rollout", "", "N-1", "N"].map(|name| format!("{name:<9}")).to_vec()
    };
    for column in &columns {
        let parts = match column {
            Column::Phase { name, takes, steps } => {
                let width = name.len().max(takes.chars().count()) + 3;
                let rule = "─".repeat(width - name.len() - 1);
                let old = steps.iter().map(|step| step.old).reduce(worst).flatten();
                let new = |step: &StepRow| is_deployed(report.rollout, step).then_some(step.new);
                let new = steps.iter().map(new).reduce(worst).flatten();
                [
                    format!("{name} {rule}"),
                    format!("{takes:<width$}"),
                    stretch(old, width),
                    stretch(new, width),
                ]
            }
            Column::Event { says, fares: [old, new] } => {
                let width = says.len() + 4;
                let nothing = " ".repeat(says.len());
                let bars = |says: &str| format!("│ {says} │");
                [bars(says), bars(&nothing), stretch(*old, width), stretch(*new, width)]
            }
        };
        for (line, part) in lines.iter_mut().zip(&parts) {
            line.push_str(part);
            line.push(' ');
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// A row of one character: how a release fares for so long.
fn stretch(fares: Option<Fares>, width: usize) -> String {
    let mark = match fares.map(|Fares { reads, writes }| (reads, writes)) {
        None => " ",
        Some((Fare::Fits, Fare::Fits)) => "=",
        Some((Fare::Fits | Fare::FitsIf, Fare::Fits | Fare::FitsIf)) => "~",
        Some((Fare::Fits | Fare::FitsIf, Fare::Breaks)) => "r",
        Some((Fare::Breaks, Fare::Fits | Fare::FitsIf | Fare::Breaks)) => "x",
    };
    mark.repeat(width)
}

/// The worse of two; whoever is missing in one of them doesn't run throughout.
fn worst(one: Option<Fares>, other: Option<Fares>) -> Option<Fares> {
    let (one, other) = (one?, other?);
    Some(Fares { reads: one.reads.max(other.reads), writes: one.writes.max(other.writes) })
}
