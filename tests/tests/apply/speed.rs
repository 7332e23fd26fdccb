//! What `apply`'s backfill costs beside one plain UPDATE of the same rows, and how long it makes others wait.
//!
//! `SCHEMIG_FULL=1 cargo test -p schemig-tests --test apply speed -- --nocapture` measures 1,000,000 rows, three times each, in turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_tests::findings;
use schemig_tests::story::LockWatch;

use crate::stage::{STALE, Stage};

const PLAIN: &str = "UPDATE users SET organization_id = source.organization_id FROM org_memberships AS source \
    WHERE source.user_id = users.id AND users.organization_id IS DISTINCT FROM source.organization_id";

/// Back to the start: the same rows, in the same places, in a table as compact.
fn reset(stage: &Stage, users: u32) {
    stage.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    stage.apply(&["--until", "expand"]).expect_success("expand");
    stage.sql(&format!(
        "ALTER TABLE users DISABLE TRIGGER USER; ALTER TABLE org_memberships DISABLE TRIGGER USER;
        INSERT INTO organizations (id, name) SELECT n, 'org ' || n FROM generate_series(1, 100) AS n;
        INSERT INTO users (id, email) SELECT n, 'user' || n || '@example.org' FROM generate_series(1, {users}) AS n;
        INSERT INTO org_memberships SELECT n, 1 + n % 100 FROM generate_series(1, {users}) AS n;
        ALTER TABLE users ENABLE TRIGGER USER; ALTER TABLE org_memberships ENABLE TRIGGER USER"
    ));
    stage.sql("VACUUM ANALYZE");
    stage.sql("CHECKPOINT");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A release that writes users and moves them, all the time.
fn traffic(stage: &Stage, users: u32) -> (Arc<AtomicBool>, std::thread::JoinHandle<u32>) {
    let stop = Arc::new(AtomicBool::new(false));
    let (ended, url) = (Arc::clone(&stop), stage.database.url_as("before"));
    let writer = std::thread::spawn(move || {
        let mut connection =
            <diesel::PgConnection as diesel::Connection>::establish(&url).expect("the database answers");
        let mut done: u32 = 0;
        while !ended.load(Ordering::Relaxed) {
            let id = 1 + done.wrapping_mul(7_919) % users;
            let move_it = format!(
                "UPDATE org_memberships SET organization_id = 1 + (organization_id + 1) % 100 WHERE user_id = {id};
                UPDATE users SET full_name = 'n' WHERE id = {}",
                1 + (id + users / 2) % users
            );
            connection.batch_execute(&move_it).expect("N-1 writes");
            done += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
        done
    });
    (stop, writer)
}

#[test]
fn speed_beside_a_plain_update() {
    let full = std::env::var_os("SCHEMIG_FULL").is_some();
    let users = if full { 1_000_000 } else { 100_000 };
    let stage = Stage::new("speed");
    let (mut plain, mut batched) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        reset(&stage, users);
        let started = Instant::now();
        stage.sql(PLAIN);
        plain.push(started.elapsed());
        reset(&stage, users);
        batched.push(backfill(&stage));
        assert_eq!(stage.ask(STALE), "0");
    }
    reset(&stage, users);
    let watch = LockWatch::start(&stage.database.url_as("lock_watch"));
    let (stop, writer) = traffic(&stage, users);
    let beside = backfill(&stage);
    stop.store(true, Ordering::Relaxed);
    let writes = writer.join().expect("N-1 never fails");
    let longest = watch.stop();
    assert_eq!(stage.ask(STALE), "0");
    let ratio = median(batched.clone()).as_secs_f64() / median(plain.clone()).as_secs_f64();
    let finding = format!(
        "A backfill of {users} rows by `apply`: {batched:.1?}, one plain UPDATE: {plain:.1?}; {ratio:.2} times as long (medians).\n\
         Beside N-1, which wrote {writes} times: {beside:.1?}, its longest wait for a lock {longest:.0?}."
    );
    findings::keep("apply_speed", &finding);
    assert!(longest < Duration::from_secs(1), "a query waited {longest:?} for a lock");
    // Few rows say little on a machine that does other things too.
    assert!(ratio < if full { 1.5 } else { 4.0 }, "{finding}");
}

/// The time of the backfill alone, the process's start and the other directories left out.
fn backfill(stage: &Stage) -> Duration {
    let run = stage.apply(&["--until", "backfill", "--log", "json"]).expect_success("backfill");
    let line = run
        .stdout
        .lines()
        .find(|line| line.contains("\"event\":\"applied\"") && line.contains("_04_backfill"));
    let line = line.unwrap_or_else(|| panic!("no backfill: {}", run.stdout));
    let seconds = line.split_once("\"seconds\":").expect("a time").1;
    let seconds: f64 = seconds.split([',', '}']).next().expect("a number").parse().expect("a number");
    Duration::from_secs_f64(seconds)
}
