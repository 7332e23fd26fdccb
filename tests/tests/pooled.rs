//! Connections that are older than the migration, with prepared statements in Diesel's cache, held open through every step of every fixture.

use diesel::connection::SimpleConnection as _;
use diesel::{PgConnection, QueryResult, RunQueryDsl as _};
use schemig_core::plan::Promise;
use schemig_core::safety::{Fit, StateFit};
use schemig_core::schema::{Schema, TableName};
use schemig_tests::cluster::Cluster;
use schemig_tests::findings;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::Planned;
use schemig_tests::populate::populate;
use schemig_tests::release::{Cached, NEEDS, Nulls, Statement, statements};
use schemig_tests::server::{Server, Way};

/// A release on a connection of its own.
struct Session {
    name: &'static str,
    connection: PgConnection,
    statements: Vec<Statement>,
    /// How many statements ran where the judgement said that they fit.
    ran: usize,
}

impl Session {
    /// Runs everything. What fails where it was to fit is a fault.
    fn run(&mut self, fits: &[Fit; 2], when: &str, faults: &mut Vec<String>) {
        for statement in &self.statements {
            // What doesn't fit is run all the same: it may be what spoils the connection.
            let result = statement.run(&mut self.connection);
            if statement.has_to_work(fits) {
                match result {
                    Ok(()) => self.ran += 1,
                    Err(error) => {
                        faults.push(format!("{when}: {} fails: {error}\n  {}", self.name, statement.sql))
                    }
                }
            }
        }
    }
}

/// What a release does, but for what would break a promise of the kind that the server only notices at contract.
fn written(release: &Schema, planned: &Planned, fixture: &Fixture) -> Vec<Statement> {
    let sources = planned.assessment.promises.iter().filter(|promise| {
        matches!(promise, Promise::WritesTheSourceToo { .. } | Promise::WritesBothInOneTransaction { .. })
    });
    let sources: Vec<Promise> = sources.cloned().collect();
    let unwritten = |table: &TableName| fixture.facts.unwritten.contains_key(&table.name);
    let all = statements(release, planned, unwritten);
    all.into_iter().filter(|statement| statement.keeps(&sources)).collect()
}

fn after_each_step(
    fixture: &Fixture,
    planned: &Planned,
    server: &mut Server,
    sessions: &mut [Session; 2],
) -> Vec<String> {
    let dialect = Server::dialect(Product::Postgres);
    let mut faults = Vec::new();
    let mut run = |state: &StateFit, faults: &mut Vec<String>| {
        let when = match state.step {
            None => format!("{} at the start", fixture.name),
            Some(step) => format!("{} after step {step:02}", fixture.name),
        };
        let [old, new] = sessions;
        if let [fits] = state.before.as_slice() {
            old.run(fits, &when, faults);
        }
        new.run(&state.after, &when, faults);
    };
    run(&planned.assessment.states[0], &mut faults);
    for (directory, state) in
        planned.directories(dialect.as_ref()).iter().zip(&planned.assessment.states[1..])
    {
        if let Err(error) = server.run(directory, Way::Up) {
            faults.push(format!("{} {}: {error}", fixture.name, directory.name()));
            break;
        }
        run(state, &mut faults);
    }
    faults
}

#[test]
fn statements_prepared_before_the_migration_go_on_where_the_judgement_says_so() {
    let dialect = Server::dialect(Product::Postgres);
    let only = std::env::var("SCHEMIG_FIXTURE").ok();
    let mut server = Server::new(Product::Postgres);
    let (mut faults, mut ran) = (Vec::new(), [0, 0]);
    for fixture in
        Fixture::all().into_iter().filter(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name))
    {
        let pair = fixture.pair(Product::Postgres, dialect.as_ref()).expect("PostgreSQL has all types");
        let Ok(Some(planned)) = pair.plan(dialect.capabilities()) else { continue };
        server.build(&pair.before);
        populate(&mut server, dialect.as_ref(), &pair.before, Some(&planned), 60);
        server.execute(NEEDS).expect("a sequence");
        let database = server.database().expect("a database on a cluster");
        let session = |name, release| Session {
            name,
            connection: database.connect(),
            statements: written(release, &planned, &fixture),
            ran: 0,
        };
        let mut sessions = [session("N-1", &pair.before), session("N", &pair.after)];
        faults.extend(after_each_step(&fixture, &planned, &mut server, &mut sessions));
        for (ran, session) in ran.iter_mut().zip(&sessions) {
            *ran += session.ran;
        }
    }
    let finding =
        format!("N-1 ran {} statements and N {} on connections older than the change", ran[0], ran[1]);
    findings::keep("pooled", &finding);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(only.is_some() || ran.iter().all(|ran| *ran > 1_000), "too few: {ran:?}");
}

/// The driver itself: it must see what a typed query of Diesel sees (DOCTRINE, Measured).
#[test]
fn a_column_that_is_widened_by_hand_breaks_what_was_prepared() {
    let database = Cluster::shared().database("widened");
    let (mut by_hand, mut old) = (database.connect(), database.connect());
    by_hand
        .batch_execute(
            "CREATE TABLE users (id int8 PRIMARY KEY, name varchar(10)); INSERT INTO users VALUES (1, 'a')",
        )
        .expect("a table");
    let run = |connection: &mut PgConnection| {
        let rows: QueryResult<Vec<Nulls>> = Cached("SELECT id, name FROM users".to_owned()).load(connection);
        rows.map(|rows| rows.len()).map_err(|error| error.to_string())
    };
    assert_eq!(run(&mut old), Ok(1));
    by_hand.batch_execute("ALTER TABLE users ADD COLUMN more text").expect("a column");
    assert_eq!(run(&mut old), Ok(1), "a new column is nobody's");
    by_hand.batch_execute("ALTER TABLE users ALTER COLUMN name TYPE varchar(20)").expect("a wider column");
    for _ in 0..2 {
        let error = run(&mut old).expect_err("the statement was prepared for the narrow one");
        assert!(error.contains("cached plan must not change result type"), "{error}");
    }
    assert_eq!(run(&mut database.connect()), Ok(1), "a new connection prepares it anew");
}
