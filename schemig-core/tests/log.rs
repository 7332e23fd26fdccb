//! The log of plans: what is running, what is open, what the database looks like.

use std::collections::BTreeMap;

use schemig_core::change::{Change, Fill};
use schemig_core::operation::{Inapplicable, Operation};
use schemig_core::plan::{Cancel, Delta, LogError, Phase, Plan, PlanId, PlanLog, Step, log};
use schemig_core::schema::{Column, ColumnRef, Expression, Origin, Schema, SqlType, State, Table};

fn id(text: &str) -> PlanId {
    PlanId(text.to_owned())
}

fn users(columns: &[&str]) -> Table {
    let table = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    columns.iter().fold(table, |table, column| table.with_column(column, Column::required(SqlType::Text)))
}

/// A plan that adds one required column: expand adds it nullable and fills it, contract makes it required.
fn adds(name: &str, parents: &[&str], before: &[&str], column: &str) -> Plan {
    let table = || "users".into();
    let at = || column.into();
    let step = |phase, up| Step { phase, cause: 0, up, down: Vec::new() };
    let origin = Origin::Expression(Expression::from("''"));
    let definition = Column::required(SqlType::Text);
    let after: Vec<&str> = before.iter().copied().chain([column]).collect();
    Plan {
        id: id(name),
        parents: parents.iter().map(|parent| id(parent)).collect(),
        overlap: true,
        enums: BTreeMap::new(),
        tables: BTreeMap::from([(
            table(),
            Delta { before: Some(users(before)), after: Some(users(&after)) },
        )]),
        changes: vec![Change::AddColumn {
            table: table(),
            column: at(),
            definition,
            backfill: Some(origin.clone()),
        }],
        steps: vec![
            step(
                Phase::Expand,
                vec![Operation::AddColumn {
                    table: table(),
                    column: at(),
                    definition: Column::optional(SqlType::Text),
                }],
            ),
            step(
                Phase::Expand,
                vec![Operation::KeepFilled { table: table(), column: at(), origin: origin.clone() }],
            ),
            step(
                Phase::Backfill,
                vec![Operation::Backfill { table: table(), column: at(), origin, batched: false }],
            ),
            step(
                Phase::Contract,
                vec![Operation::Guard {
                    table: table(),
                    against: schemig_core::schema::Violation::Null { column: at() },
                }],
            ),
            step(
                Phase::Contract,
                vec![
                    Operation::SetNotNull { table: table(), column: at(), proof: None },
                    Operation::StopFilling { table: table(), column: at() },
                ],
            ),
        ],
        cancels: Vec::new(),
        promises: Vec::new(),
        confirmed: false,
        approvals: Vec::new(),
    }
}

fn two() -> PlanLog {
    let plans = [adds("0001_a", &[], &[], "a"), adds("0002_b", &["0001_a"], &["a"], "b")];
    let plans = plans.into_iter().map(|plan| (plan.id.clone(), plan)).collect();
    PlanLog { plans, ..PlanLog::default() }
}

fn snapshot(columns: &[&str]) -> Schema {
    Schema::default().with_table("users", users(columns)).with_table("other", Table::keyed_by(["id"]))
}

fn is_nullable(state: &State, column: &str) -> bool {
    state.schema.column(&ColumnRef::new(&"users".into(), &column.into())).unwrap().nullable
}

fn names(plans: &[&Plan]) -> Vec<String> {
    plans.iter().map(|plan| plan.id.to_string()).collect()
}

#[test]
fn every_release_since_the_last_deployed_one_may_be_running() {
    let mut log = two();
    assert_eq!(log.running(&snapshot(&["a", "b"])), [snapshot(&[]), snapshot(&["a"])]);
    log.deployed.push(id("0001_a"));
    assert_eq!(log.running(&snapshot(&["a", "b"])), [snapshot(&["a"])]);
    log.deployed.push(id("0002_b"));
    assert!(log.running(&snapshot(&["a", "b"])).is_empty());
}

#[test]
fn a_release_older_than_one_that_runs_everywhere_is_gone() {
    let mut log = two();
    log.live.insert(id("0001_a"));
    assert_eq!(log.running(&snapshot(&["a", "b"])), [snapshot(&["a"])]);
    let state = log.state(&snapshot(&["a", "b"])).unwrap();
    assert!(is_nullable(&state, "a"), "its contract isn't written");
    log.live.insert(id("0002_b"));
    assert!(log.running(&snapshot(&["a", "b"])).is_empty());
}

#[test]
fn what_was_deployed_after_a_plan_that_is_taken_back_stands() {
    let mut log = two();
    let mut back = adds("0003_back", &["0002_b"], &["a", "b"], "c");
    back.cancels = vec![Cancel { plan: id("0001_a"), change: 0 }];
    log.plans.insert(id("0003_back"), back);
    log.deployed = vec![id("0001_a"), id("0002_b")];
    let state = log.state(&snapshot(&["a", "b", "c"])).unwrap();
    assert!(is_nullable(&state, "a"), "its contract is never written");
    assert!(!is_nullable(&state, "b"), "the plan between is over, and what it made is there");
    assert!(is_nullable(&state, "c"));
}

#[test]
fn the_state_is_that_of_the_written_migrations() {
    let state = two().state(&snapshot(&["a", "b"])).unwrap();
    assert!(is_nullable(&state, "a") && is_nullable(&state, "b"));
    assert_eq!(state.in_flight.fillers.len(), 2);
    assert!(state.in_flight.unfilled.is_empty());
    assert!(
        state.schema.tables.contains_key(&"other".into()),
        "what no plan touches comes from the snapshot"
    );
}

#[test]
fn a_log_without_open_plans_is_at_rest() {
    let mut log = two();
    log.deployed = vec![id("0001_a"), id("0002_b")];
    assert_eq!(log.state(&snapshot(&["a", "b"])), Ok(State::at_rest(snapshot(&["a", "b"]))));
    log.plans.clear();
    assert_eq!(log.state(&snapshot(&["a", "b"])), Ok(State::at_rest(snapshot(&["a", "b"]))));
    assert_eq!(log.heads(), [id("0002_b")]);
}

#[test]
fn a_release_that_may_be_running_may_have_written_rows() {
    let mut log = two();
    let first = log.plans.get_mut(&id("0001_a")).unwrap();
    first.tables.get_mut(&"users".into()).unwrap().before = None;
    first.steps = vec![Step {
        phase: Phase::Expand,
        cause: 0,
        up: vec![Operation::CreateTable { table: "users".into(), definition: users(&["a"]) }],
        down: Vec::new(),
    }];
    let state = log.state(&snapshot(&["a", "b"])).unwrap();
    assert!(state.empty.is_empty() && state.null_free.is_empty());
}

#[test]
fn a_column_stays_free_of_null_until_a_release_may_write_one() {
    let mut log = two();
    let at = ColumnRef::new(&"users".into(), &"a".into());
    let first = log.plans.get_mut(&id("0001_a")).unwrap();
    let counts = Operation::Guard {
        table: "users".into(),
        against: schemig_core::schema::Violation::Null { column: "a".into() },
    };
    first.steps[2].up.push(counts);
    assert!(log.state(&snapshot(&["a", "b"])).unwrap().null_free.contains(&at));
    let second = log.plans.get_mut(&id("0002_b")).unwrap().tables.get_mut(&"users".into()).unwrap();
    second.after.as_mut().unwrap().columns.get_mut(&at.column).unwrap().nullable = true;
    assert!(log.state(&snapshot(&["a", "b"])).unwrap().null_free.contains(&at), "the filler sees to it");
    log.plans.get_mut(&id("0001_a")).unwrap().steps[1].up.clear();
    assert!(!log.state(&snapshot(&["a", "b"])).unwrap().null_free.contains(&at));
}

#[test]
fn plans_without_overlap_are_written_whole() {
    let mut log = two();
    log.plans.get_mut(&id("0001_a")).unwrap().overlap = false;
    let state = log.state(&snapshot(&["a", "b"])).unwrap();
    assert!(!is_nullable(&state, "a"));
}

#[test]
fn branches_meet() {
    let mut log = two();
    let other = adds("0002_c", &["0001_a"], &["a"], "c");
    log.plans.insert(other.id.clone(), other);
    assert_eq!(log.heads(), [id("0002_b"), id("0002_c")]);
    let early = adds("0000_merge", &["0002_b", "0002_c"], &["a", "b", "c"], "d");
    log.plans.insert(early.id.clone(), early);
    assert_eq!(log.heads(), [id("0000_merge")]);
    assert_eq!(names(&log.undeployed()), ["0001_a", "0002_b", "0002_c", "0000_merge"]);
}

#[test]
fn what_a_later_plan_takes_back_never_runs() {
    let mut log = two();
    let mut back = adds("0003_back", &["0002_b"], &["a", "b"], "z");
    back.cancels = vec![Cancel { plan: id("0001_a"), change: 0 }];
    back.changes =
        vec![Change::DropColumn { table: "users".into(), column: "a".into(), fill: Fill::Unneeded }];
    back.tables.get_mut(&"users".into()).unwrap().after = Some(users(&["b"]));
    back.steps.clear();
    log.plans.insert(back.id.clone(), back);
    assert!(log.waiting(&log.plans[&id("0001_a")]).is_empty());
    assert_eq!(log.waiting(&log.plans[&id("0002_b")]).len(), 2);
    let open: Vec<(String, bool)> =
        log.open_changes().into_iter().map(|open| (open.plan.to_string(), open.waits)).collect();
    let expected = [("0002_b", true), ("0003_back", false), ("0003_back", true)];
    assert_eq!(open, expected.map(|(plan, waits)| (plan.to_owned(), waits)), "what is taken back waits, too");

    // Deployed, the first plan stays open: what its expand began is still in flight.
    log.deployed.push(id("0001_a"));
    assert_eq!(names(&log.open()), ["0001_a", "0002_b", "0003_back"]);
    let state = log.state(&snapshot(&["b"])).unwrap();
    assert!(state.in_flight.fillers.contains_key(&ColumnRef::new(&"users".into(), &"a".into())));
}

#[test]
fn a_log_that_does_not_hold_together_is_refused() {
    let mut log = two();
    log.plans.get_mut(&id("0002_b")).unwrap().steps.remove(0);
    assert_eq!(
        log.state(&snapshot(&["a", "b"])),
        Err(LogError::Inapplicable {
            plan: id("0002_b"),
            step: 1,
            why: Inapplicable::Missing("column users.b".to_owned())
        })
    );
    let mut log = two();
    log.plans.get_mut(&id("0001_a")).unwrap().parents.push(id("0002_b"));
    assert!(matches!(log.state(&snapshot(&["a", "b"])), Err(LogError::Circle(_))));
}

#[test]
fn an_edited_table_is_noticed() {
    let text = schemig_core::plan::file::write(&two().plans[&id("0002_b")]);
    let edited = text.replace("b = { type = \"text\" }", "b = { type = \"varchar\" }");
    assert_ne!(edited, text);
    let error = schemig_core::plan::file::read(&edited).unwrap_err();
    assert!(error.to_string().contains("table users after the plan"), "{error}");
}

#[test]
fn the_list_of_deployed_plans_allows_comments() {
    let listed = [id("0001_a"), id("0002_b")];
    assert_eq!(log::read_deployed(&log::write_deployed(&listed)), listed);
    assert_eq!(log::read_deployed("# one\n\n 0001_a # shipped on Monday\n0002_b"), listed);
}
