//! At rest nothing fails: whatever a schema has, the traffic's own values fit it.

use std::sync::Arc;

use cargo_schemig::database::Connection;
use cargo_schemig::verify::rows::{Filling, fill};
use cargo_schemig::verify::traffic::{Course, Ledger, Ran, Session, Who, Worker};
use schemig_core::schema::Schema;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::Pair;
use schemig_tests::server::Server;

use crate::rows::shop;

/// How often each worker does everything.
const ROUNDS: usize = 6;

/// Fills a database and lets workers loose on it; what was idle in every round.
fn at_rest(product: Product, schema: &Schema) -> Vec<String> {
    let dialect = Server::dialect(product);
    let mut server = Server::new(product);
    server.build(schema);
    let connection = server.connection();
    let spelling = connection.spelling();
    let filling = Filling {
        dialect: dialect.as_ref(),
        spelling,
        schema,
        demands: &[],
        lookups: &[],
        rows: 60,
        seed: 2,
    };
    fill(connection, &filling).expect("the server is there");
    let releases = [schema.clone()];
    let course = Course {
        dialect: dialect.as_ref(),
        spelling,
        releases: &releases,
        changes: Vec::new(),
        states: vec![schema],
        operations: Vec::new(),
        tables: None,
    };
    let ledger = Arc::new(Ledger::default());
    let worker = |place, connection| {
        let who = Who { name: format!("worker {place}"), release: 0, place, seed: 9 };
        Worker::new(&course, who, Session::new(connection), ledger.clone())
    };
    let mut workers: Vec<Worker> = match product {
        Product::Postgres => {
            let connect = || server.database().expect("a database on a cluster").connect();
            [0, 1].map(|place| worker(place, Connection::Postgres(Box::new(connect())))).into()
        }
        // Whoever writes there has the file to itself.
        Product::Sqlite => vec![worker(0, server.into_connection())],
    };
    idle_jobs(&course, &mut workers)
}

fn idle_jobs(course: &Course<'_>, workers: &mut [Worker]) -> Vec<String> {
    let jobs = workers[0].jobs().len();
    let mut done = vec![false; jobs];
    workers.iter_mut().for_each(|worker| worker.look_around(course).expect("it reads its tables"));
    for _ in 0..ROUNDS {
        for (job, done) in done.iter_mut().enumerate() {
            for worker in workers.iter_mut() {
                let ran = worker.run(job).unwrap_or_else(|fault| panic!("{}: {fault}", worker.jobs()[job]));
                *done |= ran == Ran::Done;
            }
        }
    }
    let idle = (0..jobs).filter(|job| !done[*job]);
    idle.map(|job| workers[0].jobs()[job].to_string()).collect()
}

#[test]
fn with_whatever_stands_in_a_rows_way() {
    for product in [Product::Postgres, Product::Sqlite] {
        assert_eq!(at_rest(product, &shop()), [""; 0], "{product:?}");
    }
}

/// A trigger that no model knows is nobody's fault: what it refuses is left out and said.
#[test]
fn but_for_what_a_trigger_refuses() {
    let dialect = Server::dialect(Product::Postgres);
    let schema = shop();
    let mut server = Server::new(Product::Postgres);
    server.build(&schema);
    server
        .execute(
            "INSERT INTO items VALUES ('a', 1, 11), ('b', 2, 12); \
             CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN RAISE EXCEPTION ''no second one''; END'; \
             CREATE TRIGGER refuse BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .expect("a trigger");
    let releases = [schema.clone()];
    let course = Course {
        dialect: dialect.as_ref(),
        spelling: server.connection().spelling(),
        releases: &releases,
        changes: Vec::new(),
        states: vec![&schema],
        operations: Vec::new(),
        tables: None,
    };
    let who = Who { name: "N-1".to_owned(), release: 0, place: 0, seed: 9 };
    let connection = server.database().expect("a database on a cluster").connect();
    let session = Session::new(Connection::Postgres(Box::new(connection)));
    let mut worker = Worker::new(&course, who, session, Arc::default());
    worker.look_around(&course).expect("it reads its tables");
    let all = worker.jobs().len();
    worker.rehearse().expect("the server is there");
    let told = worker.notes().iter().filter(|note| note.contains("no second one")).count();
    assert!(told > 0 && worker.jobs().len() == all - told, "{:?}", worker.notes());
    let items = worker.jobs().iter().filter(|job| job.to_string().ends_with(" of items"));
    let left: Vec<String> = items.map(ToString::to_string).collect();
    assert!(
        left.contains(&"update of items".to_owned()) && !left.contains(&"insert of items".to_owned()),
        "{left:?}"
    );
}

#[test]
fn with_each_fixture() {
    for product in [Product::Postgres, Product::Sqlite] {
        let dialect = Server::dialect(product);
        let mut seen: Vec<Schema> = Vec::new();
        for fixture in Fixture::all() {
            let Ok(pair) = fixture.pair(product, dialect.as_ref()) else { continue };
            let possible = Pair::is_possible(&pair.after, dialect.capabilities());
            if seen.contains(&pair.after) || !possible {
                continue;
            }
            seen.push(pair.after.clone());
            assert_eq!(at_rest(product, &pair.after), [""; 0], "{product:?} {}", fixture.name);
        }
    }
}
