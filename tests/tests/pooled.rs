//! Connections that are older than the migration, with prepared statements in Diesel's cache, held open through every step of every fixture.

use std::sync::Arc;

use cargo_schemig::database::Connection;
use cargo_schemig::verify::traffic::{
    Class, Course, Fault, Kind, Ledger, Ran, Release, Session, Side, Spelling, Value, Worker, statements,
};
use diesel::connection::SimpleConnection as _;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::plan::{Phase, Promise};
use schemig_core::safety::{self, Fit, Misfit, misfits};
use schemig_core::schema::{Column, Schema, SqlType, Table};
use schemig_tests::cluster::Cluster;
use schemig_tests::findings;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::Planned;
use schemig_tests::populate::populate;
use schemig_tests::release::{self, course, releases, worker};
use schemig_tests::server::{Server, Way};

/// A release on a connection of its own.
struct Running<'a> {
    course: &'a Course<'a>,
    worker: Worker,
    /// Whether it has rows at hand. N can't read its tables before they are as it knows them.
    looked: bool,
    /// Whether the release may run by now.
    deployed: bool,
    /// How many jobs were done where the judgement said that they fit.
    ran: usize,
    /// How many failed as a misfit foretold.
    foretold: usize,
}

impl Running<'_> {
    /// Runs everything. What fails where it was to fit is a fault, and so is what fails though no misfit foretells it.
    fn run(&mut self, fits: &[Fit; 2], met: &[Misfit], when: &str, faults: &mut Vec<String>) {
        self.looked = self.looked || self.worker.look_around(self.course).is_ok();
        for job in 0..self.worker.jobs().len() {
            // What doesn't fit is run all the same: it may be what spoils the connection.
            let result = self.worker.run(job);
            let what = &self.worker.jobs()[job];
            match result {
                Ok(ran) if what.has_to_work(fits) => self.ran += usize::from(ran == Ran::Done),
                Ok(_) => {}
                // What nobody has filled yet isn't read as it will be. Nobody is N then.
                Err(Fault::Wrong(_)) if !self.deployed => {}
                Err(fault)
                    if what.has_to_work(fits) || !met.iter().any(|misfit| what.predicted_by(misfit)) =>
                {
                    faults.push(self.failed(when, job, &fault));
                }
                Err(_) => self.foretold += 1,
            }
        }
    }

    fn failed(&self, when: &str, job: usize, fault: &Fault) -> String {
        format!("{when}: {} fails: {}: {fault}", self.worker.name(), self.worker.jobs()[job])
    }
}

/// What the server only notices at contract is left out.
fn sources(planned: &Planned) -> Vec<Promise> {
    let sources = planned.assessment.promises.iter().filter(|promise| {
        matches!(
            promise,
            Promise::WritesTheSourceToo { .. }
                | Promise::WritesBothInOneTransaction { .. }
                | Promise::WritesBothRows { .. }
        )
    });
    sources.cloned().collect()
}

fn after_each_step(
    fixture: &Fixture,
    planned: &Planned,
    server: &mut Server,
    sessions: &mut [Running<'_>; 2],
) -> Vec<String> {
    let dialect = Server::dialect(Product::Postgres);
    let mut faults = Vec::new();
    let schemas = [&sessions[0].course.releases[0], &sessions[0].course.releases[1]];
    let mut run = |place: usize, server: &Server, faults: &mut Vec<String>| {
        let state = &planned.assessment.states[place];
        let when = match state.step {
            None => format!("{} at the start", fixture.name),
            Some(step) => format!("{} after step {step:02}", fixture.name),
        };
        let met = |schema| {
            let before = &planned.states[place.saturating_sub(1)];
            let release = safety::Release { schema, beside: &schemas };
            misfits(release, before, &planned.states[place], safety::Session::Pooled)
        };
        let [old, new] = sessions;
        if let [fits] = state.before.as_slice() {
            old.run(fits, &met(schemas[0]), &when, faults);
        }
        let to_come = &planned.plan.steps[place..];
        if !planned.plan.overlap && !new.deployed {
            // No release runs on a state that a plan without overlap passes through.
            return;
        }
        if !new.deployed {
            // Nobody was N before this step, so no connection of N is older.
            *new.worker.session() = release::session(server);
        }
        new.deployed = to_come.iter().all(|step| step.phase == Phase::Contract);
        new.run(&state.after, &met(schemas[1]), &when, faults);
    };
    run(0, server, &mut faults);
    for (place, directory) in planned.directories(dialect.as_ref()).iter().enumerate() {
        if let Err(error) = server.run(directory, Way::Up) {
            faults.push(format!("{} {}: {error}", fixture.name, directory.name()));
            break;
        }
        run(place + 1, server, &mut faults);
    }
    faults
}

#[test]
fn statements_prepared_before_the_migration_go_on_where_the_judgement_says_so() {
    let dialect = Server::dialect(Product::Postgres);
    let only = std::env::var("SCHEMIG_FIXTURE").ok();
    let mut server = Server::new(Product::Postgres);
    let (mut faults, mut ran, mut foretold) = (Vec::new(), [0, 0], 0);
    for fixture in
        Fixture::all().into_iter().filter(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name))
    {
        // A server that hasn't the types of a fixture has nothing to show for it.
        let Ok(pair) = fixture.pair(Product::Postgres, dialect.as_ref()) else { continue };
        let Ok(Some(planned)) = pair.plan(dialect.capabilities()) else { continue };
        server.stand_in([&pair.before, &pair.after]);
        server.build(&pair.before);
        populate(&mut server, dialect.as_ref(), &pair.before, Some(&planned), 60);
        let releases = releases(&pair);
        let course = course(&releases, &planned, dialect.as_ref());
        let (ledger, sources) = (Arc::new(Ledger::default()), sources(&planned));
        let session = |release| {
            let mut worker = worker(&course, release, &server, &ledger);
            worker.retain(|job| job.keeps(&sources));
            Running { course: &course, worker, looked: false, deployed: release == 0, ran: 0, foretold: 0 }
        };
        let mut sessions = [session(0), session(1)];
        faults.extend(after_each_step(&fixture, &planned, &mut server, &mut sessions));
        for (ran, session) in ran.iter_mut().zip(&sessions) {
            *ran += session.ran;
            foretold += session.foretold;
        }
    }
    let finding = format!(
        "N-1 did {} jobs and N {} on connections older than the change; {foretold} failed as foretold",
        ran[0], ran[1]
    );
    findings::keep("pooled", &finding);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(only.is_some() || ran.iter().all(|ran| *ran > 1_000), "too few: {ran:?}");
}

/// The driver itself: it must see what a typed query of Diesel sees (DOCTRINE, Measured).
#[test]
fn a_column_that_is_widened_by_hand_breaks_what_was_prepared() {
    let database = Cluster::shared().database("widened");
    let connect = || Session::new(Connection::Postgres(Box::new(database.connect())));
    let (mut by_hand, mut old) = (database.connect(), connect());
    by_hand
        .batch_execute(
            "CREATE TABLE users (id int8 PRIMARY KEY, name varchar(10)); INSERT INTO users VALUES (1, 'a')",
        )
        .expect("a table");
    let users = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("name", Column::optional(SqlType::Varchar(Some(10))));
    let schema = Schema::default().with_table("users", users);
    let dialect = Postgres::default();
    let release =
        Release { schema: &schema, side: Side::Oldest, dialect: &dialect, spelling: Spelling::POSTGRES };
    let statements = statements(release);
    let select = statements.iter().find(|one| one.kind == Kind::Select).expect("every table is read");
    let run = |session: &mut Session| {
        let rows = session.run(select, &[Value::Integer(10)]);
        rows.map(|rows| rows.len()).map_err(|failure| (failure.class, failure.text))
    };
    assert_eq!(run(&mut old), Ok(1));
    by_hand.batch_execute("ALTER TABLE users ADD COLUMN more text").expect("a column");
    assert_eq!(run(&mut old), Ok(1), "a new column is nobody's");
    by_hand.batch_execute("ALTER TABLE users ALTER COLUMN name TYPE varchar(20)").expect("a wider column");
    for _ in 0..2 {
        let (class, text) = run(&mut old).expect_err("the statement was prepared for the narrow one");
        assert_eq!((class, text.as_str()), (Class::CachedPlan, "cached plan must not change result type"));
    }
    assert_eq!(run(&mut connect()), Ok(1), "a new connection prepares it anew");
}
