//! What all steps of a plan take together.

use serde::Serialize;

use super::StepRow;
use super::figures::Range;

/// What all steps take together, in seconds; `None` where a size is unknown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// By phase, in their order.
    pub phases: Vec<PhaseRow>,
    /// All of it.
    pub wall: Option<Range>,
    /// The longest that a query waits behind a lock.
    pub longest_wait: Option<Range>,
}

/// What the steps of a phase take.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhaseRow {
    /// The phase.
    pub phase: String,
    /// All of its steps.
    pub wall: Option<Range>,
}

impl Totals {
    /// The sums over steps; `None` where there are none.
    pub fn of(steps: &[StepRow]) -> Option<Self> {
        let wall = |steps: &[StepRow]| sum(steps.iter().map(|step| step.figures.wall));
        let phases = steps.chunk_by(|step, next| step.phase == next.phase);
        let phases = phases.map(|steps| PhaseRow { phase: steps[0].phase.clone(), wall: wall(steps) });
        (!steps.is_empty()).then(|| Self {
            phases: phases.collect(),
            wall: wall(steps),
            longest_wait: longest(steps),
        })
    }

    /// In words, a line.
    pub fn words(&self) -> String {
        let Self { phases, wall, longest_wait } = self;
        let said = |range: &Option<Range>| range.map_or_else(|| "unknown".to_owned(), Range::words);
        let each: String =
            phases.iter().map(|PhaseRow { phase, wall }| format!("{phase} {}, ", said(wall))).collect();
        let each = if phases.len() > 1 { each } else { String::new() };
        let wait = match longest_wait {
            None => "how long queries wait is unknown".to_owned(),
            Some(Range::NONE) => "no query waits for a lock".to_owned(),
            Some(range) => format!("no query waits longer than {} for a lock", range.upper_words()),
        };
        format!("{each}all of it {}; {wait}", said(wall))
    }
}

fn sum(ranges: impl Iterator<Item = Option<Range>>) -> Option<Range> {
    ranges.sum::<Option<Range>>()
}

/// The longest hold of a lock that blocks queries; nothing is waited for where there is none.
fn longest(steps: &[StepRow]) -> Option<Range> {
    let blocking = steps.iter().flat_map(|step| &step.figures.locks).filter(|lock| lock.blocks_writes);
    let mut longest = Range::NONE;
    for lock in blocking {
        let holds = lock.holds?;
        if holds.high > longest.high {
            longest = holds;
        }
    }
    Some(longest)
}
