//! Errors that Diesel has no kind for are told by the servers' own words; here the servers say them.

use cargo_schemig::verify::traffic::Class;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use schemig_tests::cluster::Cluster;

fn class(result: QueryResult<()>) -> Class {
    Class::of(&result.expect_err("it is refused"))
}

#[test]
fn transactions_in_each_others_way_on_postgres() {
    let database = Cluster::shared().database("classes");
    let (mut one, mut other) = (database.connect(), database.connect());
    one.batch_execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)").expect("a table");
    one.batch_execute("BEGIN; UPDATE t SET id = id WHERE id = 1").expect("a lock");
    let waits = other.batch_execute("SET lock_timeout = '30ms'; UPDATE t SET id = id WHERE id = 1");
    assert_eq!(class(waits), Class::Contention, "a lock that wasn't had in time");
    other
        .batch_execute(
            "SET lock_timeout = 0; SET deadlock_timeout = '50ms'; BEGIN; UPDATE t SET id = id WHERE id = 2",
        )
        .expect("a lock");
    let deadlocked = std::thread::scope(|scope| {
        // Whoever waits last finds the circle; the other goes on then.
        let first = scope.spawn(move || one.batch_execute("UPDATE t SET id = id WHERE id = 2"));
        std::thread::sleep(std::time::Duration::from_millis(200));
        let second = other.batch_execute("UPDATE t SET id = id WHERE id = 1");
        drop(other);
        [first.join().expect("no panic"), second]
    });
    let classes: Vec<Class> = deadlocked.into_iter().filter(Result::is_err).map(class).collect();
    assert_eq!(classes, [Class::Contention], "a deadlock");
    let mut pair = [database.connect(), database.connect()];
    for connection in &mut pair {
        connection.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM t").expect("a snapshot");
    }
    let [one, other] = &mut pair;
    one.batch_execute("UPDATE t SET id = 10 WHERE id = 1; COMMIT").expect("the first");
    assert_eq!(class(other.batch_execute("UPDATE t SET id = 11 WHERE id = 1")), Class::Contention);
}

#[test]
fn transactions_in_each_others_way_on_sqlite() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("db").to_string_lossy().into_owned();
    let connect = || SqliteConnection::establish(&file).expect("a file");
    let (mut one, mut other) = (connect(), connect());
    one.batch_execute("CREATE TABLE t (id INTEGER PRIMARY KEY); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
        .expect("a lock");
    assert_eq!(class(other.batch_execute("INSERT INTO t VALUES (2)")), Class::Contention);
}

#[test]
fn a_connection_that_is_gone() {
    let database = Cluster::shared().database("gone");
    let mut connection = database.connect();
    let mut by_hand = database.connect();
    by_hand
        .batch_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        .expect("a superuser may");
    assert_eq!(class(connection.batch_execute("SELECT 1")), Class::Connection);
    assert_eq!(class(connection.batch_execute("SELECT 1")), Class::Connection);
}
