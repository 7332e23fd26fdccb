//! How long it takes to judge a plan beside making it: `cargo bench -p schemig-core --bench judge`.
//!
//! The plans change each of 1,000 tables in one diff. Making the steps, making files of them and judging them take turns; medians are printed,
//! with the ratios of the last to the first and to both. At most twice the time is wanted.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::thread;
use std::time::Instant;

use schemig_core::change::{Difference, diff};
use schemig_core::dialect::Dialect as _;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::plan::{Plan, PlanId, Request, plan};
use schemig_core::safety::estimate::{Basis, Given, Known, Size, timings};
use schemig_core::safety::{Case, Limits, assess, escalations};
use schemig_core::schema::{
    Action, Check, Column, ColumnRef, Deferral, ForeignKey, Hints, Index, Origin, Provenance, Schema,
    SqlType, State, Table,
};
use schemig_core::script::{self, preview};

/// As in `cargo schemig`.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLES: usize = 1_000;
const RUNS: usize = 7;
const MOST_TIMES_PLANNING: f64 = 2.0;

fn main() {
    let nullable = Column::optional(SqlType::Text);
    measure("each gets a nullable column", &nullable, None);
    let required = Column::required(SqlType::Text);
    measure("each gets a column that is backfilled", &required, Some("title"));
    println!("at most {MOST_TIMES_PLANNING} times planning is wanted");
}

/// Both schemas, and how the column that comes is filled.
struct Models {
    before: Schema,
    after: Schema,
    hints: Hints,
    known: Known,
}

fn measure(name: &str, comes: &Column, filled_from: Option<&str>) {
    let models = models(comes, filled_from);
    let dialect = Postgres::default();
    let start = State::at_rest(models.before.clone());
    let (mut planning, mut writing, mut judging) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let began = Instant::now();
        let plan = make(&models, &start, &dialect);
        planning.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        lay_out(&models, &start, &plan, &dialect);
        writing.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        judge(&models, &start, &plan, &dialect);
        judging.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let [planning, writing, judging] = [planning, writing, judging].map(median);
    println!(
        "{TABLES} tables, {name:<40} planned in {planning:.1} ms, made files of in {writing:.1} ms, judged in {judging:.1} ms: {:.2} and {:.2} times that",
        judging / planning,
        judging / (planning + writing)
    );
}

/// What `diff` does to get a plan.
fn make(models: &Models, start: &State, dialect: &Postgres) -> Plan {
    let Models { before, after, hints, known: _ } = models;
    let difference: Difference = diff(before, after, hints, &[], true).expect("nothing to ask");
    let request = Request {
        id: PlanId("0001_all".into()),
        parents: Vec::new(),
        physical: start,
        from: before,
        to: after,
        difference: &difference,
        open: &[],
        overlap: true,
        capabilities: dialect.capabilities(),
    };
    plan(&request).expect("a plan")
}

/// What it does to make files of it.
fn lay_out(models: &Models, start: &State, plan: &Plan, dialect: &Postgres) {
    let steps: Vec<usize> = (0..plan.steps.len()).collect();
    let beside = vec![Vec::new(); steps.len()];
    let given = Given { dialect, known: &models.known };
    let request = script::Request { plan, steps: &steps, before: start, given, beside: &beside, guard: None };
    assert_eq!(black_box(preview(&request).expect("the steps fit").0).len(), plan.steps.len());
}

/// What it does to judge one, on as many threads: who fits when, what is locked for how long, and what a person has to decide.
fn judge(models: &Models, start: &State, plan: &Plan, dialect: &Postgres) {
    let Models { before, after, hints: _, known } = models;
    let (assessment, timings) = thread::scope(|scope| {
        let timings = scope.spawn(|| timings(plan, start, Given { dialect, known }));
        (assess(plan, start, &[before], after), timings.join().expect("estimating doesn't panic"))
    });
    let (assessment, timings) = (assessment.expect("the steps fit"), timings.expect("the steps fit"));
    assert!(assessment.breaks.is_empty());
    let found = escalations(&Case {
        plan,
        assessment: &assessment,
        timings: &timings,
        limits: Limits::default(),
        services: &BTreeMap::new(),
    });
    assert!(black_box(found).is_empty());
}

fn models(comes: &Column, filled_from: Option<&str>) -> Models {
    let (mut before, mut after) = (Schema::default(), Schema::default());
    let (mut hints, mut known) = (Hints::default(), Known::default());
    for number in 0..TABLES {
        let (name, table) = (name(number), table(number));
        after = after.with_table(&name, table.clone().with_column("label", comes.clone()));
        before = before.with_table(&name, table);
        if let Some(column) = filled_from {
            let to = ColumnRef { table: name.as_str().into(), column: "label".into() };
            hints.backfills.insert(to, Origin::Expression(column.into()));
        }
        let size = Size { rows: 100_000, bytes: None, basis: Basis::Typed };
        known.tables.insert(name.as_str().into(), size);
    }
    Models { before, after, hints, known }
}

/// An ordinary table of ten columns, which refers to the one before it.
fn table(number: usize) -> Table {
    let parent = ForeignKey {
        columns: vec!["parent_id".into()],
        references: name(number.saturating_sub(1)).as_str().into(),
        key: vec!["id".into()],
        on_delete: Action::Cascade,
        on_update: Action::default(),
        deferral: Deferral::default(),
        provenance: Provenance::Declared,
    };
    let named = |what: &str| format!("{}_{what}", name(number));
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("tenant_id", Column::required(SqlType::BigInt))
        .with_column("parent_id", Column::optional(SqlType::BigInt))
        .with_column("slug", Column::required(SqlType::Text))
        .with_column("title", Column::required(SqlType::Text))
        .with_column("body", Column::optional(SqlType::Text))
        .with_column("position", Column::required(SqlType::Integer).with_default("0"))
        .with_column("archived", Column::required(SqlType::Boolean).with_default("false"))
        .with_column("created_at", Column::required(SqlType::Timestamptz).with_default("now()"))
        .with_column("updated_at", Column::optional(SqlType::Timestamptz))
        .with_foreign_key(&named("parent_id_fkey"), parent)
        .with_check(&named("position_check"), Check::on("position >= 0"))
        .with_index(&named("slug_key"), Index::unique_on(["slug"]))
}

fn name(number: usize) -> String {
    format!("document_{number:04}s")
}

fn median(mut milliseconds: Vec<f64>) -> f64 {
    milliseconds.sort_by(f64::total_cmp);
    milliseconds[milliseconds.len() / 2]
}
