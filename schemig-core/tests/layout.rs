//! A plan as migration directories, through a dialect that prints what it is asked.

use std::collections::BTreeMap;

use schemig_core::change::Change;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::sqlite::Sqlite;
use schemig_core::dialect::{CustomType, Dialect, Effect, LockMode, Printing, Rates, Rendered, Work};
use schemig_core::operation::Operation;
use schemig_core::plan::{Approval, Capabilities, Phase, Plan, PlanId, Promise, Seen, Step};
use schemig_core::safety::estimate::{Estimate, Given};
use schemig_core::schema::{Column, ColumnRef, Index, Schema, SqlType, State, Table};
use schemig_core::script::{Directory, Guard, LayoutError, Request, Versions, checksum, lay_out, preview};

/// Names each operation, and how many columns `users` has when it runs.
struct Printer;

impl Dialect for Printer {
    fn name(&self) -> &'static str {
        unreachable!("laying out asks for no name")
    }

    fn capabilities(&self) -> Capabilities {
        unreachable!("laying out asks for no abilities")
    }

    fn render(&self, operations: &[Operation], before: &State) -> Rendered {
        let columns = before.schema.tables[&"users".into()].columns.len();
        let sql = match operations {
            [] => "SELECT 1;".to_owned(),
            some => some.iter().map(|operation| format!("{operation} of {columns};")).collect(),
        };
        Rendered { sql, transactional: operations.iter().all(is_transactional) }
    }

    fn effect(&self, operation: &Operation, _before: &State) -> Effect {
        let destroys = if let Operation::DropColumn { table, column } = operation {
            Some(format!("column:{table}.{column}"))
        } else {
            None
        };
        Effect {
            locks: vec![(operation.table().clone(), LockMode::AccessExclusive)],
            work: Work::Instant,
            work_first: false,
            transactional: is_transactional(operation),
            destroys,
            rights: None,
        }
    }

    fn rates(&self) -> Rates {
        Postgres::default().rates()
    }

    fn type_name(&self, sql_type: &SqlType) -> String {
        sql_type.to_string()
    }

    fn default_schema(&self) -> Option<&str> {
        None
    }

    fn has_enums(&self) -> bool {
        false
    }

    fn has_partitions(&self) -> bool {
        true
    }

    fn custom_type(&self, _name: &str) -> Option<CustomType> {
        None
    }

    fn printing(&self) -> Printing {
        Printing { row_numbers: &[], keys_follow_columns: false, passes_by: &[], provided: &[] }
    }

    fn diesel_type(&self, _sql_type: &SqlType) -> Option<String> {
        None
    }
}

fn is_transactional(operation: &Operation) -> bool {
    !matches!(operation, Operation::CreateIndex { online: true, .. })
}

fn before() -> State {
    let users = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    State::at_rest(Schema::default().with_table("users", users))
}

fn add() -> Operation {
    Operation::AddColumn {
        table: "users".into(),
        column: "name".into(),
        definition: Column::optional(SqlType::Text),
    }
}

fn remove() -> Operation {
    Operation::DropColumn { table: "users".into(), column: "name".into() }
}

fn index() -> Operation {
    Operation::CreateIndex {
        table: "users".into(),
        index: "i".into(),
        definition: Index::on(["name"]),
        online: true,
    }
}

fn plan() -> Plan {
    let step = |phase, up, down| Step { phase, cause: 0, up, down };
    let unindex = Operation::DropIndex { table: "users".into(), index: "i".into(), online: false };
    Plan {
        id: PlanId("0001_name_users".to_owned()),
        parents: Vec::new(),
        overlap: true,
        tables: BTreeMap::new(),
        enums: BTreeMap::new(),
        changes: vec![Change::AddColumn {
            table: "users".into(),
            column: "name".into(),
            definition: Column::optional(SqlType::Text).with_default("'a\nb'"),
            backfill: None,
        }],
        steps: vec![
            step(Phase::Expand, vec![add()], vec![remove()]),
            step(Phase::Backfill, vec![index()], vec![unindex]),
            step(Phase::Contract, Vec::new(), Vec::new()),
        ],
        cancels: Vec::new(),
        promises: vec![Promise::WritesNoNull { at: ColumnRef::new(&"users".into(), &"name".into()) }],
        confirmed: false,
        approvals: Vec::new(),
    }
}

fn directories(steps: &[usize]) -> Vec<Directory> {
    let (plan, before) = (plan(), before());
    let beside = [vec!["N-1 reads and writes".to_owned()]];
    let request = Request {
        plan: &plan,
        steps,
        before: &before,
        given: Given::of(&Printer),
        beside: &beside,
        guard: None,
    };
    let mut versions = Versions::after("2026-11-22-070000", &[]).unwrap();
    lay_out(&request, &mut versions).unwrap().0
}

#[test]
fn a_directory_says_what_it_does_and_what_it_loses() {
    let all = directories(&[0, 1, 2]);
    let timing = all[0].timing.clone();
    assert_eq!(timing.wall, Estimate::MOMENT);
    assert_eq!(
        all[0],
        Directory {
            place: 0,
            transactional: true,
            estimate: "held under 0.1 s; takes under 0.1 s".to_owned(),
            timing,
            lock: "ACCESS EXCLUSIVE on users (reads and writes wait); no scan, no rewrite".to_owned(),
            name: "2026-11-22-070000-0000_name_users_01_expand".to_owned(),
            up: "-- schemig: add users.name, nullable\n\
             -- why:      add column users.name text\n\
             -- phase:    expand, step 1 of 3; before release N is deployed\n\
             -- lock:     ACCESS EXCLUSIVE on users (reads and writes wait); no scan, no rewrite\n\
             -- estimate: held under 0.1 s; takes under 0.1 s\n\
             -- beside:   N-1 reads and writes\n\
             add users.name, nullable of 1;\n"
                .to_owned(),
            down: "-- schemig:down loss=column:users.name\n\
               -- Release N must be gone, and every later directory of this plan reverted.\n\
               drop users.name of 2;\n"
                .to_owned(),
            metadata: format!(
                "run_in_transaction = true\n\n[schemig]\nplan = \"0001_name_users\"\nstep = 1\nchecksums = {{ up = \"{}\", down = \"{}\" }}\n",
                checksum(&all[0].up),
                checksum(&all[0].down)
            ),
        }
    );
    assert!(all[1].up.contains("from here on release N may be deployed"), "{}", all[1].up);
    assert!(all[1].up.contains("-- promise:  until contract"), "{}", all[1].up);
    assert!(all[2].up.ends_with("SELECT 1;\n"), "{}", all[2].up);
}

#[test]
fn what_was_signed_off_stands_at_the_steps_that_it_is_about() {
    let seen = |rule: &str, condition: &str, steps: &[usize]| Seen {
        rule: rule.to_owned(),
        condition: condition.to_owned(),
        steps: steps.to_vec(),
    };
    let seen = vec![seen("data-destroyed", "drop it", &[1, 2]), seen("lossy-cast", "a\nb", &[2])];
    let rules = vec!["data-destroyed".to_owned(), "lossy-cast".to_owned()];
    let mut plan = plan();
    plan.approvals = vec![Approval { rules, reason: "nobody\nDROP TABLE users;".to_owned(), seen }];
    let before = before();
    let request = Request {
        plan: &plan,
        steps: &[0, 1, 2],
        before: &before,
        given: Given::of(&Printer),
        beside: &[],
        guard: None,
    };
    let (all, _) = preview(&request).unwrap();
    let approved = |place: usize| -> Vec<&str> {
        all[place].up.lines().filter(|line| line.starts_with("-- approved: ")).collect()
    };
    let first = "-- approved: data-destroyed, \"nobody DROP TABLE users;\" (drop it)";
    let second = "-- approved: lossy-cast, \"nobody DROP TABLE users;\" (a b)";
    assert_eq!([approved(0), approved(1), approved(2)], [vec![], vec![first], vec![first, second]]);
    assert!(all.iter().all(|directory| !directory.up.contains("\nDROP")), "a reason leaves its comment");
}

#[test]
fn a_direction_beside_one_that_takes_no_transaction_brings_its_own() {
    let all = directories(&[0, 1, 2]);
    assert!(all[1].metadata.starts_with("run_in_transaction = false\n"));
    assert!(all[1].up.ends_with("\nbuild index i on users of 2;\n"), "{}", all[1].up);
    assert!(all[1].down.ends_with("\nBEGIN;\ndrop index i of users of 2;\nCOMMIT;\n"), "{}", all[1].down);
}

#[test]
fn a_preview_has_no_time_in_it() {
    let (plan, before) = (plan(), before());
    let request = Request {
        plan: &plan,
        steps: &[0],
        before: &before,
        given: Given::of(&Printer),
        beside: &[],
        guard: None,
    };
    let (shown, after) = preview(&request).unwrap();
    assert_eq!(shown[0].name, "01_expand");
    assert_eq!(after.schema.tables[&"users".into()].columns.len(), 2);
}

#[test]
fn a_step_that_does_not_fit_is_named() {
    let (plan, before) = (plan(), before());
    let request = Request {
        plan: &plan,
        steps: &[1],
        before: &before,
        given: Given::of(&Printer),
        beside: &[],
        guard: None,
    };
    assert!(matches!(preview(&request), Err(LayoutError::Inapplicable { step: 2, .. })));
}

/// What the text of a step's file is with a guard, and without.
fn guarded(dialect: &dyn Dialect, first: Vec<Operation>) -> Result<[Vec<Directory>; 2], LayoutError> {
    let (mut plan, before) = (plan(), before());
    plan.steps =
        [first, vec![add()]].map(|up| Step { phase: Phase::Contract, cause: 0, up, down: Vec::new() }).into();
    let guard = Some(Guard { expand: "202611220700000001", seconds: 5400 });
    let laid = |guard| {
        let given = Given::of(dialect);
        let request = Request { plan: &plan, steps: &[0, 1], before: &before, given, beside: &[], guard };
        preview(&request).map(|(directories, _)| directories)
    };
    Ok([laid(guard)?, laid(None)?])
}

#[test]
fn the_first_directory_of_a_contract_asks_for_all() {
    let [asking, plain] = guarded(&Postgres::default(), Vec::new()).unwrap();
    let words = "-- guard:    stops while there are rows in users and migration 202611220700000001 hasn't run 90 minutes ago\n";
    assert!(asking[0].up.contains(words), "{}", asking[0].up);
    assert!(asking[0].up.contains("EXISTS (SELECT FROM public.users)"), "{}", asking[0].up);
    assert_eq!(asking[1], plain[1], "what stands behind it");
    assert_eq!(asking[0].down, plain[0].down);
    let checked = |directory: &Directory| directory.metadata.replace(&checksum(&directory.up), "");
    assert_eq!(checked(&asking[0]), checked(&plain[0]), "but for what tells whether up.sql was edited");
    let [asking, plain] = guarded(&Sqlite { version: (3, 35) }, Vec::new()).unwrap();
    assert!(asking[0].up.contains("datetime('now', '-5400 seconds')"), "{}", asking[0].up);
    assert_eq!(asking[1], plain[1]);
}

#[test]
fn what_no_guard_can_stand_before_is_an_error() {
    let unguarded = LayoutError::Unguarded { plan: plan().id, step: 1 };
    let build = Operation::CreateIndex {
        table: "users".into(),
        index: "i".into(),
        definition: Index::on(["id"]),
        online: true,
    };
    assert_eq!(guarded(&Postgres::default(), vec![build]), Err(unguarded.clone()));
    assert_eq!(guarded(&Printer, Vec::new()), Err(unguarded), "a server that can't ask");
}
