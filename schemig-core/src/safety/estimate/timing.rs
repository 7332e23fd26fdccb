//! What a step of a plan holds, for how long, and how long it takes.

use std::collections::BTreeMap;

use super::backfill::Strategy;
use super::model::Model;
use super::seconds::Estimate;
use super::size::{Known, Size};
use crate::dialect::{Dialect, Effect, LockMode, Queue, Rates, Work};
use crate::operation::Inapplicable;
use crate::plan::{Phase, Plan, Step};
use crate::schema::{State, Table, TableName};

/// The judgement on a step's way up.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// The strongest lock on each table that somebody uses, in the order in which they are taken.
    pub holds: Vec<Hold>,
    /// Whether it also locks what nobody uses yet.
    pub locks_new: bool,
    /// How long each lock that blocks queries is waited for, and how often; `None` where it takes none.
    pub queue: Option<Queue>,
    /// What it does before it takes a lock that blocks queries, and what it does from then on.
    pub works: [Vec<Work>; 2],
    /// All of it, waits for locks aside.
    pub wall: Estimate,
    /// How rows are backfilled, where they are.
    pub backfill: Option<Strategy>,
    /// The sizes that the times are based on.
    pub sizes: BTreeMap<TableName, Size>,
    /// What whoever runs it may have to be given first, in words.
    pub rights: Vec<String>,
}

/// A lock on a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// The table.
    pub table: TableName,
    /// The strongest mode.
    pub mode: LockMode,
    /// From the moment it is there until the commit.
    pub seconds: Estimate,
}

impl Hold {
    /// Whether queries wait for its end.
    pub fn blocks(&self) -> bool {
        self.mode.blocks_writes()
    }
}

/// What estimates come from.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// Who runs the steps.
    pub dialect: &'a dyn Dialect,
    /// What is known of the tables and of the server.
    pub known: &'a Known,
}

impl<'a> Given<'a> {
    /// A dialect, and nothing known of its server.
    pub fn of(dialect: &'a dyn Dialect) -> Self {
        Self { dialect, known: Known::NOTHING }
    }

    /// How fast the server is.
    pub(super) fn rates(&self) -> Rates {
        self.dialect.rates().at(self.known.pace.unwrap_or_default())
    }
}

/// The timings of a plan's steps, in order.
///
/// # Errors
/// When a step doesn't fit the state that it meets.
pub fn timings(plan: &Plan, start: &State, given: Given<'_>) -> Result<Vec<Timing>, Inapplicable> {
    let mut state = start.clone();
    plan.steps
        .iter()
        .map(|step| {
            let (timing, after) = timed(step, &state, given)?;
            state = after;
            Ok(timing)
        })
        .collect()
}

/// The timing of one step.
///
/// # Errors
/// When it doesn't fit the state before it.
pub fn timing(step: &Step, before: &State, given: Given<'_>) -> Result<Timing, Inapplicable> {
    timed(step, before, given).map(|(timing, _)| timing)
}

/// The same, with the state after the step.
fn timed(step: &Step, before: &State, given: Given<'_>) -> Result<(Timing, State), Inapplicable> {
    let Given { dialect, known } = given;
    let mut model = Model::new(known, given.rates());
    let mut state = before.clone();
    let mut parts = Vec::new();
    for operation in &step.up {
        let effect = dialect.effect(operation, &state);
        let time = model.time(operation, &effect, &state);
        parts.push(Part { effect, time });
        state.apply(operation)?;
    }
    let (holds, locks_new) = holds(&parts, before, step.phase);
    let blocks = holds.iter().any(Hold::blocks);
    let timing = Timing {
        locks_new,
        queue: dialect.queue().filter(|_| blocks),
        works: works(&parts),
        wall: wall(&parts),
        backfill: step.up.iter().find_map(|operation| Strategy::of(operation, before, given)),
        rights: parts.iter().filter_map(|part| part.effect.rights.clone()).collect(),
        sizes: model.used(),
        holds,
    };
    Ok((timing, state))
}

/// An operation of a step.
struct Part {
    effect: Effect,
    time: Estimate,
}

impl Part {
    fn blocks(&self) -> bool {
        self.effect.locks.iter().any(|(_, mode)| mode.blocks_writes())
    }
}

/// One commit, and what was said of each operation without it.
fn wall(parts: &[Part]) -> Estimate {
    parts.iter().fold(Estimate::NOTHING, |sum, part| sum + part.time.clone())
}

/// A table that wasn't there before has no users yet, and one that its plan made has none until its release is deployed: their locks block
/// nobody. Who uses a table uses its partitions.
fn is_used(table: &TableName, before: &State, phase: Phase) -> bool {
    let holds = |known: &Table| known.partition_by.iter().any(|by| by.known().contains(table));
    // A partition is no table of the schema: what is one needn't be looked for in others.
    let is_part = !before.schema.tables.contains_key(table);
    let whole = is_part.then(|| before.schema.tables.iter().find(|(_, known)| holds(known))).flatten();
    let table = whole.map_or(table, |(whole, _)| whole);
    before.in_flight.views.contains_key(table)
        || (before.schema.tables.contains_key(table)
            && (phase == Phase::Contract || !before.empty.contains(table)))
}

/// A lock is held from the operation that takes it until the commit; the work that an operation does before its locks isn't under them.
fn holds(parts: &[Part], before: &State, phase: Phase) -> (Vec<Hold>, bool) {
    let mut holds: Vec<Hold> = Vec::new();
    let mut locks_new = false;
    for (place, part) in parts.iter().enumerate() {
        for (table, mode) in &part.effect.locks {
            if !is_used(table, before, phase) {
                locks_new = true;
                continue;
            }
            let seconds = held(&parts[place..]);
            match holds.iter_mut().find(|hold| hold.table == *table) {
                None => holds.push(Hold { table: table.clone(), mode: *mode, seconds }),
                // Whom it blocks counts from when it does.
                Some(hold) if *mode > hold.mode => {
                    let still = hold.blocks();
                    hold.mode = *mode;
                    if !still {
                        hold.seconds = seconds;
                    }
                }
                Some(_) => {}
            }
        }
    }
    (holds, locks_new)
}

/// From the first of these operations' locks until the commit.
fn held(parts: &[Part]) -> Estimate {
    let Some((first, rest)) = parts.split_first() else { return Estimate::NOTHING };
    let own = if first.effect.work_first { Estimate::MOMENT } else { first.time.clone() };
    own + wall(rest)
}

/// What is done before the first lock that blocks queries, and from then on. What changes the catalog alone is only said where nothing else is.
fn works(parts: &[Part]) -> [Vec<Work>; 2] {
    let first = parts.iter().position(Part::blocks).unwrap_or(0);
    let mut works = [Vec::new(), Vec::new()];
    for (place, part) in parts.iter().enumerate() {
        let before = place < first || part.effect.work_first;
        works[usize::from(!before)].push(part.effect.work);
        if part.effect.work_first {
            works[1].push(Work::Instant);
        }
    }
    for works in &mut works {
        if works.iter().any(|work| *work != Work::Instant) {
            works.retain(|work| *work != Work::Instant);
        }
        works.dedup();
    }
    works[0].retain(|work| *work != Work::Instant);
    works
}
