//! What one release wrote another is held to read: a migration that forgets to keep them alike is found out.

use std::sync::Arc;

use cargo_schemig::verify::traffic::{Course, Fault, Ledger, Worker};
use schemig_core::operation::Operation;
use schemig_core::plan::Phase;
use schemig_core::schema::{Origin, State};
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::{Pair, Planned};
use schemig_tests::populate::populate;
use schemig_tests::release::{course, releases, worker};
use schemig_tests::server::{Server, Way};

/// A fixture with rows, up to where N is deployed.
struct Case {
    server: Server,
    pair: Pair,
    planned: Planned,
}

impl Case {
    fn of(name: &str) -> Self {
        let dialect = Server::dialect(Product::Postgres);
        let fixture = Fixture::all().into_iter().find(|fixture| fixture.name == name).expect("a fixture");
        let pair = fixture.pair(Product::Postgres, dialect.as_ref()).expect("models without mistakes");
        let planned = pair.plan(dialect.capabilities()).expect("nothing to ask").expect("something to do");
        let mut server = Server::new(Product::Postgres);
        server.stand_in([&pair.before, &pair.after]);
        server.build(&pair.before);
        populate(&mut server, dialect.as_ref(), &pair.before, Some(&planned), 60);
        let mut case = Self { server, pair, planned };
        let directories = case.planned.directories(dialect.as_ref());
        for directory in directories.iter().filter(|directory| directory.phase != Phase::Contract) {
            case.server.run(directory, Way::Up).expect("expand and backfill");
        }
        case
    }

    /// The state in which N is deployed.
    fn state(&self) -> &State {
        let steps = &self.planned.plan.steps;
        let contract = steps.iter().position(|step| step.phase == Phase::Contract);
        &self.planned.states[contract.unwrap_or(steps.len())]
    }

    /// Does what no plan would.
    fn spoil(&mut self, operation: &Operation) {
        let dialect = Server::dialect(Product::Postgres);
        let sql = dialect.render(std::slice::from_ref(operation), self.state()).sql;
        self.server.execute(&sql).expect("it may be undone");
    }

    /// What both releases find wrong in a while.
    fn faults(&self) -> Vec<String> {
        let dialect = Server::dialect(Product::Postgres);
        let releases = releases(&self.pair);
        let course = course(&releases, &self.planned, dialect.as_ref());
        let ledger = Arc::new(Ledger::default());
        let mut workers = [0, 1].map(|release| {
            let mut worker = worker(&course, release, &self.server, &ledger);
            worker.retain(|job| job.keeps(&self.planned.assessment.promises));
            worker
        });
        let mut faults = Vec::new();
        for _ in 0..20 {
            for worker in &mut workers {
                faults.extend(round(worker, &course));
            }
        }
        faults
    }
}

fn round(worker: &mut Worker, course: &Course<'_>) -> Vec<String> {
    worker.look_around(course).expect("it reads its tables");
    let jobs = worker.jobs().len();
    let run = |job| match worker.run(job) {
        Ok(_) => None,
        Err(fault @ Fault::Wrong(_)) => Some(fault.to_string()),
        Err(fault @ Fault::Failed(_)) => panic!("{fault}"),
    };
    (0..jobs).filter_map(run).collect()
}

#[test]
fn nothing_is_wrong_with_a_plan_as_it_is() {
    for name in ["add_foreign_key_column_from_source", "rename_column", "rename_table"] {
        assert_eq!(Case::of(name).faults(), [""; 0], "{name}");
    }
}

#[test]
fn without_a_follower_n_reads_what_was() {
    let mut case = Case::of("add_foreign_key_column_from_source");
    let follows = |operation: &&Operation| matches!(operation, Operation::Follow { .. });
    let steps = case.planned.plan.steps.iter().flat_map(|step| &step.up);
    let Some(Operation::Follow { table, column, source }) = steps.clone().find(follows).cloned() else {
        panic!("the plan keeps the column in step")
    };
    case.spoil(&Operation::StopFollowing { table, column, source });
    let faults = case.faults();
    assert!(faults.iter().any(|fault| fault.contains("is read as")), "{faults:?}");
}

#[test]
fn without_a_mirror_n_reads_what_n_minus_1_didnt_write() {
    let mut case = Case::of("rename_nullable_column");
    let mirrors = case.state().in_flight.mirrors.keys().next().cloned().expect("a mirror");
    case.spoil(&Operation::Unmirror { table: mirrors.table, new: mirrors.column });
    let faults = case.faults();
    assert!(faults.iter().any(|fault| fault.contains("is read as NULL; N-1 wrote")), "{faults:?}");
}

#[test]
fn a_filler_that_overrules_is_found_out_at_once() {
    let mut case = Case::of("drop_column_filled_by_expression");
    let filled = case.state().in_flight.fillers.keys().next().cloned().expect("a filler");
    let function = "CREATE FUNCTION overrule() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.{} := ''overruled''; RETURN NEW; END'";
    let trigger = "CREATE TRIGGER z BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION overrule()";
    case.server.execute(&function.replace("{}", filled.column.as_str())).expect("a function");
    case.server.execute(&trigger.replace("{}", &filled.table.name)).expect("a trigger");
    assert!(matches!(case.state().in_flight.fillers[&filled], Origin::Expression(_)));
    let faults = case.faults();
    assert!(faults.iter().any(|fault| fault.contains("is read as overruled; N-1 wrote")), "{faults:?}");
}
