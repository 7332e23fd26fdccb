//! A plan from one schema to another, as the files that Diesel would send; and the same plan with something taken out of it.

use schemig_core::change::{Difference, Question, diff};
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::{Dialect, Rendered};
use schemig_core::operation::Operation;
use schemig_core::plan::{Phase, Plan, PlanId, Request, plan};
use schemig_core::safety::estimate::Given;
use schemig_core::safety::{Case, Escalation, assess, escalations};
use schemig_core::schema::{Hints, Schema, State};
use schemig_core::script::{Request as Layout, preview};
use schemig_tests::cluster::Cluster;

/// A plan, and the database that it starts from.
#[derive(Clone)]
pub struct Planned {
    pub plan: Plan,
    pub start: State,
    pub dialect: Postgres,
    pub escalations: Vec<Escalation>,
}

/// A migration directory: what Diesel sends in one string each.
#[derive(Clone, Debug)]
pub struct File {
    pub phase: Phase,
    pub operations: Vec<Operation>,
    pub up: Rendered,
    pub down: Rendered,
}

impl Planned {
    /// What schemig plans, with its promises.
    pub fn new(before: &Schema, after: &Schema, hints: &Hints) -> Self {
        let dialect = Postgres { version: Cluster::shared().version(), ..Postgres::default() };
        let difference = diff(before, after, hints, &[], true).expect("no questions");
        let start = State::at_rest(before.clone());
        let request = request(&start, before, after, &difference, &dialect);
        let mut plan = plan(&request).expect("a plan");
        let assessment = assess(&plan, &start, &[before], after).expect("steps that fit");
        plan.promises = assessment.promises.clone();
        let escalations = escalations(&Case::bare(&plan, &assessment));
        Self { plan, start, dialect, escalations }
    }

    /// What schemig asks instead of planning.
    pub fn questions(before: &Schema, after: &Schema, hints: &Hints) -> Vec<Question> {
        let difference = match diff(before, after, hints, &[], true) {
            Ok(difference) => difference,
            Err(questions) => return questions,
        };
        let start = State::at_rest(before.clone());
        let dialect = Postgres::default();
        plan(&request(&start, before, after, &difference, &dialect)).expect_err("a question")
    }

    /// All directories, in order.
    pub fn files(&self) -> Vec<File> {
        let steps: Vec<usize> = (0..self.plan.steps.len()).collect();
        let layout = Layout {
            plan: &self.plan,
            steps: &steps,
            before: &self.start,
            given: Given::of(&self.dialect),
            beside: &[],
            guard: None,
        };
        let (directories, _) = preview(&layout).expect("a layout");
        let file = |directory: schemig_core::script::Directory| {
            let step = &self.plan.steps[directory.place];
            let transactional = directory.metadata.contains("run_in_transaction = true");
            File {
                phase: step.phase,
                operations: step.up.clone(),
                up: Rendered { sql: directory.up, transactional },
                down: Rendered { sql: directory.down, transactional },
            }
        };
        directories.into_iter().map(file).collect()
    }

    /// The directories of expand and backfill.
    pub fn before_contract(&self) -> Vec<File> {
        self.files().into_iter().filter(|file| file.phase != Phase::Contract).collect()
    }

    /// The directories that wait until N-1 is gone.
    pub fn contract(&self) -> Vec<File> {
        self.files().into_iter().filter(|file| file.phase == Phase::Contract).collect()
    }

    /// The one directory whose way up has such an operation.
    pub fn file(&self, is_wanted: impl Fn(&Operation) -> bool) -> File {
        let mut wanted: Vec<File> =
            self.files().into_iter().filter(|file| file.operations.iter().any(&is_wanted)).collect();
        assert_eq!(wanted.len(), 1, "one directory is wanted: {:#?}", self.plan.steps);
        wanted.remove(0)
    }

    /// The state after the first steps.
    pub fn state_after(&self, steps: usize) -> State {
        let mut state = self.start.clone();
        for operation in self.plan.steps[..steps].iter().flat_map(|step| &step.up) {
            state.apply(operation).expect("it fits");
        }
        state
    }

    /// The same plan without some operations, on either way.
    pub fn without(&self, is_ruled: impl Fn(&Operation) -> bool) -> Self {
        let mut plan = self.plan.clone();
        let mut taken = 0;
        for step in &mut plan.steps {
            let all = step.up.len() + step.down.len();
            step.up.retain(|operation| !is_ruled(operation));
            step.down.retain(|operation| !is_ruled(operation));
            taken += all - step.up.len() - step.down.len();
        }
        assert!(taken > 0, "there is nothing to take out of {:#?}", self.plan.steps);
        Self { plan, ..self.clone() }
    }

    /// Whether the plan prints a promise that says this.
    pub fn promises(&self, says: &str) -> bool {
        self.plan.promises.iter().any(|promise| promise.to_string().contains(says))
    }
}

fn request<'a>(
    start: &'a State,
    before: &'a Schema,
    after: &'a Schema,
    difference: &'a Difference,
    dialect: &Postgres,
) -> Request<'a> {
    Request {
        id: PlanId("0001_ruling".to_owned()),
        parents: Vec::new(),
        physical: start,
        from: before,
        to: after,
        difference,
        open: &[],
        overlap: true,
        capabilities: dialect.capabilities(),
    }
}

impl File {
    /// The file with a part of its way up replaced, each time that it stands there.
    pub fn replaced(&self, part: &str, by: &str) -> Self {
        Self { up: replaced(&self.up, part, by), ..self.clone() }
    }

    /// The file without what stands between two marks in its way up, the marks included.
    pub fn cut(&self, from: &str, to: &str) -> Self {
        let sql = &self.up.sql;
        let start = sql.find(from).unwrap_or_else(|| panic!("{from} in {sql}"));
        let end = sql[start..].find(to).unwrap_or_else(|| panic!("{to} in {sql}")) + start + to.len();
        let sql = format!("{}{}", &sql[..start], &sql[end..]);
        Self { up: Rendered { sql, ..self.up.clone() }, ..self.clone() }
    }
}

/// SQL with a part replaced, each time that it stands there. What isn't there can't be taken out: that is a fault of the test.
pub fn replaced(rendered: &Rendered, part: &str, by: &str) -> Rendered {
    let Rendered { sql, transactional } = rendered;
    assert!(sql.contains(part), "{part} isn't in {sql}");
    Rendered { sql: sql.replace(part, by), transactional: *transactional }
}
