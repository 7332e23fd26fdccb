//! Two schemas and the way between them: the plan, the judgement on it, and its migration directories.

use std::path::Path;

use cargo_schemig::verify::renames::Renames;
use schemig_core::change::{Question, diff};
use schemig_core::dialect::{Dialect, Rendered};
use schemig_core::operation::{Inapplicable, Operation};
use schemig_core::plan::{Capabilities, Phase, Plan, PlanId, Request, plan};
use schemig_core::safety::{Assessment, Case, Escalation, assess, escalations};
use schemig_core::schema::{ColumnName, Hints, Schema, State, TableName};

/// What release N-1 knows, what release N knows, and what the models say about the way.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Release N-1.
    pub before: Schema,
    /// Release N.
    pub after: Schema,
    /// What `after`'s models say about the way.
    pub hints: Hints,
    /// Whether N-1 goes on running.
    pub overlap: bool,
}

/// A plan and what is judged of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Who fits where.
    pub assessment: Assessment,
    /// What a person must sign off.
    pub escalations: Vec<Escalation>,
    /// The state after each step's up; the first is the start.
    pub states: Vec<State>,
    /// The state after all downs; or why they can't go through while there are rows: values are lost that a column must have.
    pub back: Result<State, Inapplicable>,
}

/// A migration directory.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Its step's place in the plan.
    pub place: usize,
    /// Its step's phase.
    pub phase: Phase,
    /// up.sql and down.sql.
    pub files: [String; 2],
    /// What metadata.toml says.
    pub run_in_transaction: bool,
}

impl Pair {
    /// Whether a server can have such tables at all, as schemig has it: it would ask about them otherwise.
    pub fn is_possible(schema: &Schema, capabilities: Capabilities) -> bool {
        let made = Self {
            before: Schema::default(),
            after: schema.clone(),
            hints: Hints::default(),
            overlap: false,
        };
        made.plan(capabilities).is_ok()
    }

    /// Plans it and judges the plan; `None` when the schemas are equal.
    ///
    /// # Errors
    /// What only a person can decide.
    ///
    /// # Panics
    /// When a plan doesn't hold in memory: the steps don't fit, don't lead to the target or back, or planning again isn't empty.
    pub fn plan(&self, capabilities: Capabilities) -> Result<Option<Planned>, Vec<Question>> {
        let Self { before, after, hints, overlap } = self;
        let difference = diff(before, after, hints, &[], *overlap)?;
        if difference.changes.is_empty() {
            return Ok(None);
        }
        let start = State::at_rest(before.clone());
        let request = Request {
            id: PlanId("0001_fixture".into()),
            parents: Vec::new(),
            physical: &start,
            from: before,
            to: after,
            difference: &difference,
            open: &[],
            overlap: *overlap,
            capabilities,
        };
        let plan = plan(&request)?;
        let running: Vec<&Schema> = if *overlap { vec![before] } else { Vec::new() };
        let assessment =
            assess(&plan, &start, &running, after).expect("each step fits the state that it meets");
        let again = diff(after, after, hints, &[], *overlap).expect("planning again asks nothing");
        assert!(again.changes.is_empty(), "planning again isn't empty: {:?}", again.changes);
        assert!(assessment.end.schema == *after, "the end isn't the target");
        assert!(assessment.end.in_flight.is_empty(), "left in flight: {:?}", assessment.end.in_flight);
        let (states, back) = states(&plan, start);
        let escalations = escalations(&Case::bare(&plan, &assessment));
        Ok(Some(Planned { plan, assessment, escalations, states, back }))
    }
}

/// The state after each step up, the start first, and the state after all downs.
fn states(plan: &Plan, start: State) -> (Vec<State>, Result<State, Inapplicable>) {
    let apply = |state: &State, operations: &[Operation]| {
        let mut state = state.clone();
        operations.iter().try_for_each(|operation| state.apply(operation)).map(|()| state)
    };
    let mut states = vec![start];
    for step in &plan.steps {
        let next = apply(&states[states.len() - 1], &step.up);
        states.push(next.unwrap_or_else(|fault| panic!("{fault}")));
    }
    let end = states[states.len() - 1].clone();
    let back = plan.steps.iter().rev().try_fold(end, |state, step| apply(&state, &step.down));
    (states, back)
}

impl Planned {
    /// The migration directories, in order.
    pub fn directories(&self, dialect: &dyn Dialect) -> Vec<Directory> {
        let steps = self.plan.steps.iter().zip(&self.states).zip(self.ways_back()).enumerate();
        steps
            .map(|(place, ((step, before), back))| {
                let up = dialect.render(&step.up, before);
                let down = dialect.render_back(&step.down, &back);
                let run_in_transaction = up.transactional && down.transactional;
                let Rendered { sql: up, transactional: _ } = up;
                let Rendered { sql: down, transactional: _ } = down;
                Directory { place, phase: step.phase, files: [up, down], run_in_transaction }
            })
            .collect()
    }

    /// The state that each step's down meets: that which the downs of later steps leave.
    fn ways_back(&self) -> Vec<State> {
        let mut met = Vec::new();
        let mut state = self.states[self.states.len() - 1].clone();
        for (step, left) in self.plan.steps.iter().zip(&self.states[1..]).rev() {
            let down = |from: &State| {
                let mut state = from.clone();
                step.down.iter().try_for_each(|operation| state.apply(operation)).ok().map(|()| state)
            };
            // After values were lost a later one may not fit any more, and then each is taken by itself.
            let meets = if down(&state).is_some() { state } else { left.clone() };
            state = down(&meets).unwrap_or_else(|| meets.clone());
            met.push(meets);
        }
        met.reverse();
        met
    }

    /// A column of `before` as `after` calls it; `None` when it goes.
    pub fn successor(&self, table: &TableName, column: &ColumnName) -> Option<(TableName, ColumnName)> {
        Renames(&self.plan.changes).column(table, column)
    }

    /// A table of `before` as `after` calls it; `None` when it goes.
    pub fn renamed(&self, table: &TableName) -> Option<TableName> {
        Renames(&self.plan.changes).table(table)
    }

    /// The plan as a person reads it.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for change in &self.plan.changes {
            text += &format!("! {change}\n");
        }
        for (place, step) in self.plan.steps.iter().enumerate() {
            let join = |operations: &[Operation]| {
                operations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
            };
            text +=
                &format!("{place:02} {} up: {}  down: {}\n", step.phase, join(&step.up), join(&step.down));
        }
        text
    }
}

impl Directory {
    /// Writes it below `root`, as Diesel wants it.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn write(&self, root: &Path) {
        let directory = root.join(self.name());
        std::fs::create_dir(&directory).expect("a new directory");
        let [up, down] = &self.files;
        std::fs::write(directory.join("up.sql"), up).expect("up.sql");
        std::fs::write(directory.join("down.sql"), down).expect("down.sql");
        let metadata = format!("run_in_transaction = {}\n", self.run_in_transaction);
        std::fs::write(directory.join("metadata.toml"), metadata).expect("metadata.toml");
    }

    /// Its name on disk.
    pub fn name(&self) -> String {
        format!("2026-01-01-000000-{:04x}_{:02}_{}", self.place + 1, self.place + 1, self.phase)
    }
}
