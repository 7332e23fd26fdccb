//! A plan's steps as migration directories: up.sql, down.sql, metadata.toml.

use thiserror::Error;

use super::guard::{Guard, Guarded, guarded};
use super::{Versions, header, words};
use crate::dialect::{Dialect, Effect, Rendered};
use crate::operation::{Inapplicable, Operation};
use crate::plan::{Plan, PlanId, Step};
use crate::safety::estimate::{Given, Timing, timing};
use crate::schema::State;

/// A migration directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    /// The step's place in the plan.
    pub place: usize,
    /// Its name in `migrations/`.
    pub name: String,
    /// The text of up.sql.
    pub up: String,
    /// The text of down.sql.
    pub down: String,
    /// The text of metadata.toml.
    pub metadata: String,
    /// Whether Diesel is to run it in a transaction, up and down alike.
    pub transactional: bool,
    /// What its up locks and does, in words.
    pub lock: String,
    /// How long that takes, in words.
    pub estimate: String,
    /// The same in figures.
    pub timing: Timing,
}

impl Directory {
    /// Its files, by name.
    pub fn files(&self) -> [(&'static str, &str); 3] {
        [("up.sql", &self.up), ("down.sql", &self.down), ("metadata.toml", &self.metadata)]
    }
}

/// What is laid out.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The places of the steps that are wanted, in order.
    pub steps: &'a [usize],
    /// The state before the first of them.
    pub before: &'a State,
    /// Who renders and runs them, and what is known of the database.
    pub given: Given<'a>,
    /// Who may run beside each step of the plan, in words; by place. Steps that it doesn't reach have no such line.
    pub beside: &'a [Vec<String>],
    /// What the first of the steps asks before it runs, where they are a contract and are to be guarded.
    pub guard: Option<Guard<'a>>,
}

/// Why a plan can't be laid out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// Two directories of one version.
    #[error("migrations {first} and {second} have one version to Diesel, so only one of them runs")]
    Collision {
        /// One directory.
        first: String,
        /// The other.
        second: String,
    },
    /// A directory would run after the new ones on a fresh database.
    #[error(
        "migration {latest} sorts after {stamp}, so on a fresh database it would run after what is written now"
    )]
    Behind {
        /// The time that the new directories would be named after.
        stamp: String,
        /// The last directory.
        latest: String,
    },
    /// No name is left.
    #[error("no directory name is left under {stamp}: try again in a second")]
    Exhausted {
        /// The time.
        stamp: String,
    },
    /// A contract begins with a step that no guard can stand before.
    #[error(
        "contract_guard can't stand before step {step} of plan {plan}, which has to be alone in its file"
    )]
    Unguarded {
        /// The plan.
        plan: PlanId,
        /// The step, from 1.
        step: usize,
    },
    /// A step doesn't fit the state before it.
    #[error("step {step} of plan {plan} doesn't fit the state before it: {why}")]
    Inapplicable {
        /// The plan.
        plan: PlanId,
        /// The step, from 1.
        step: usize,
        /// Why.
        why: Inapplicable,
    },
}

/// The directories of the wanted steps, and the state after them.
///
/// # Errors
/// No name is left; a step doesn't fit.
pub fn lay_out(
    request: &Request<'_>,
    versions: &mut Versions<'_>,
) -> Result<(Vec<Directory>, State), LayoutError> {
    let stem = stem(&request.plan.id).to_owned();
    each(request, |place, phase| versions.name(&format!("{stem}_{:02}_{phase}", place + 1)))
}

/// The same, for reading: named by place and phase alone, so that the preview changes only with its SQL.
///
/// # Errors
/// A step doesn't fit.
pub fn preview(request: &Request<'_>) -> Result<(Vec<Directory>, State), LayoutError> {
    each(request, |place, phase| Ok(format!("{:02}_{phase}", place + 1)))
}

/// What the way up of a step locks and does, in words.
///
/// # Errors
/// It doesn't fit the state before it.
pub fn lock(dialect: &dyn Dialect, step: &Step, before: &State) -> Result<String, Inapplicable> {
    Ok(words::lock(&timing(step, before, Given::of(dialect))?, before))
}

/// A plan's name without its number.
fn stem(id: &PlanId) -> &str {
    id.0.split_once('_').map_or(id.0.as_str(), |(_, words)| words)
}

fn each(
    request: &Request<'_>,
    mut name: impl FnMut(usize, crate::plan::Phase) -> Result<String, LayoutError>,
) -> Result<(Vec<Directory>, State), LayoutError> {
    let mut state = request.before.clone();
    let mut directories = Vec::new();
    for (&place, back) in request.steps.iter().zip(ways_back(request)?) {
        let step = &request.plan.steps[place];
        let (sides, after) = render(request, place, step, &state, &back)?;
        let name = name(place, step.phase)?;
        let metadata = metadata(&request.plan.id, place, &sides);
        let Sides { up, down, lock, estimate, timing, transactional } = sides;
        directories.push(Directory {
            place,
            name,
            up,
            down,
            metadata,
            transactional,
            lock,
            estimate,
            timing,
        });
        state = after;
    }
    Ok((directories, state))
}

/// The state that each wanted step's way back meets. That isn't the state that its way up leaves where a step exists for its
/// way back: such steps, run last first, build on each other.
fn ways_back(request: &Request<'_>) -> Result<Vec<State>, LayoutError> {
    let mut after = Vec::new();
    let mut state = request.before.clone();
    for &place in request.steps {
        state = applied(request, place, &request.plan.steps[place].up, &state)?;
        after.push(state.clone());
    }
    let mut met = Vec::new();
    for (&place, left) in request.steps.iter().zip(after).rev() {
        let down = &request.plan.steps[place].down;
        // After values were lost a later way back may not fit any more, and then each is taken by itself.
        let meets = if applied(request, place, down, &state).is_ok() { state } else { left };
        state = applied(request, place, down, &meets)?;
        met.push(meets);
    }
    met.reverse();
    Ok(met)
}

/// The state after these operations of a step. Those that don't fit are a fault of the plan, on the way back as on the way up.
fn applied(
    request: &Request<'_>,
    place: usize,
    operations: &[Operation],
    before: &State,
) -> Result<State, LayoutError> {
    let mut state = before.clone();
    operations
        .iter()
        .try_for_each(|operation| state.apply(operation))
        .map(|()| state)
        .map_err(|why| inapplicable(request, place, why))
}

fn inapplicable(request: &Request<'_>, place: usize, why: Inapplicable) -> LayoutError {
    LayoutError::Inapplicable { plan: request.plan.id.clone(), step: place + 1, why }
}

struct Sides {
    up: String,
    down: String,
    lock: String,
    estimate: String,
    timing: Timing,
    transactional: bool,
}

/// Both directions of a step, and the state after its up. Its way back meets the state `back`.
fn render(
    request: &Request<'_>,
    place: usize,
    step: &Step,
    before: &State,
    back: &State,
) -> Result<(Sides, State), LayoutError> {
    let Request { plan, steps, before: _, given, beside, guard } = *request;
    let dialect = given.dialect;
    let (up_effects, after) =
        effects(dialect, &step.up, before).map_err(|why| inapplicable(request, place, why))?;
    let (down_effects, _) =
        effects(dialect, &step.down, back).map_err(|why| inapplicable(request, place, why))?;
    let up = dialect.render(&step.up, before);
    let down = dialect.render_back(&step.down, back);
    let transactional = up.transactional && down.transactional;
    let guarded = match guard.filter(|_| steps.first() == Some(&place)) {
        Some(guard) => guarded(request, guard, before, (&up, transactional))?,
        None => None,
    };
    let Guarded { words: guard, sql: asked } = guarded.unwrap_or_default();
    let side = |rendered: Rendered, operations: &[Operation]| {
        let alone = !transactional && rendered.transactional && !operations.is_empty();
        if alone { in_transaction(&rendered.sql) } else { closed(rendered.sql) }
    };
    let timing = timing(step, before, given).map_err(|why| inapplicable(request, place, why))?;
    let lock = words::lock(&timing, before);
    let beside = beside.get(place).map_or(&[][..], Vec::as_slice);
    let estimate = words::estimate(&timing);
    let basis = words::basis(std::iter::once(&timing), given.known);
    let words = header::Words {
        plan,
        place,
        lock: &lock,
        estimate: &estimate,
        basis: &basis,
        guard: guard.as_deref(),
        beside,
    };
    let sides = Sides {
        up: header::up(&words) + &asked + &side(up, &step.up),
        down: header::down(plan, place, &up_effects, &down_effects) + &side(down, &step.down),
        lock,
        estimate,
        timing,
        transactional,
    };
    Ok((sides, after))
}

/// The effects of operations, each in the state that the ones before it leave; and the state after all.
fn effects(
    dialect: &dyn Dialect,
    operations: &[Operation],
    before: &State,
) -> Result<(Vec<Effect>, State), Inapplicable> {
    let mut state = before.clone();
    let mut effects = Vec::new();
    for operation in operations {
        effects.push(dialect.effect(operation, &state));
        state.apply(operation)?;
    }
    Ok((effects, state))
}

/// `run_in_transaction` holds for both directions. Where the other direction can't be in a transaction, this one brings its own.
fn in_transaction(sql: &str) -> String {
    format!("BEGIN;\n{}COMMIT;\n", closed(sql.to_owned()))
}

/// The text with a line break at its end.
fn closed(mut sql: String) -> String {
    if !sql.ends_with('\n') {
        sql.push('\n');
    }
    sql
}

/// `run_in_transaction` is always said: without it Diesel turns transactions off.
fn metadata(plan: &PlanId, place: usize, sides: &Sides) -> String {
    let (plan, step) = (crate::schema::format::inline(plan), place + 1);
    let (up, down) = (checksum(&sides.up), checksum(&sides.down));
    format!(
        "run_in_transaction = {}\n\n[schemig]\nplan = {plan}\nstep = {step}\nchecksums = {{ up = \"{up}\", down = \"{down}\" }}\n",
        sides.transactional
    )
}

/// What tells whether an up.sql or a down.sql was edited: Diesel keeps none. Line endings make no difference, for version control may
/// change them.
pub fn checksum(text: &str) -> String {
    crate::schema::format::hash(&text.replace("\r\n", "\n"))
}
