//! A backfill that is killed again and again, each time at another moment: nothing is lost, and no committed row is written twice.

use std::time::Duration;

use crate::stage::{Stage, finish, migrations_of};

/// Pauses that differ and are the same in each run of the test: a linear congruence, as in every textbook.
struct Moments(u64);

impl Moments {
    fn next(&mut self, most: u64) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((self.0 >> 33) % most)
    }
}

fn users() -> u32 {
    if std::env::var_os("SCHEMIG_FULL").is_some() { 1_000_000 } else { 150_000 }
}

const BACKEND: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND application_name = 'migration' AND query LIKE '%schemig_low%'";

/// How a hundred kills went.
#[derive(Default)]
struct Kills {
    /// Runs that were ended before their end.
    hit: u32,
    /// Runs that went on behind what an earlier one had done.
    continued: u32,
}

/// Starts it and ends it, by its process or by the server's, as long as there is something left to do.
fn kill_a_hundred_times(stage: &Stage, most: u64) -> Kills {
    let mut moments = Moments(2026);
    let mut kills = Kills::default();
    while kills.hit < 100 {
        let mut child = stage.start(&["--until", "backfill", "--batch-time", "5ms", "--log", "json"]);
        // The time until the first batch isn't worth a kill.
        std::thread::sleep(Duration::from_millis(40) + moments.next(most));
        if kills.hit.is_multiple_of(2) {
            child.kill().expect("a process to kill");
        } else {
            stage.sql(BACKEND);
        }
        let run = finish(child);
        if run.success() {
            panic!("the backfill ended after {} kills: more rows, or shorter moments", kills.hit);
        }
        kills.hit += 1;
        kills.continued += u32::from(!migrations_of(&run, "continued").is_empty());
    }
    kills
}

#[test]
fn a_hundred_kills_lose_nothing_and_write_nothing_twice() {
    let users = users();
    let stage = Stage::new("kills").filled_with(users);
    stage.count_updates();
    let kills = kill_a_hundred_times(&stage, if users > 500_000 { 160 } else { 20 });
    let done = stage.ask("SELECT count(*) FROM users WHERE organization_id IS NOT NULL");
    println!(
        "{} of {users} rows after {} kills; {} runs went on behind an earlier one",
        done, kills.hit, kills.continued
    );
    assert!(kills.continued > 50, "only {} runs went on", kills.continued);
    stage.apply(&["--until", "backfill"]).expect_success("the last one");
    stage.assert_filled_once(users);
}

/// The place is what keeps a row from being written twice where its value doesn't show that it was: an expression that gives NULL.
#[test]
fn what_stays_null_is_passed_once_too() {
    let stage = Stage::new("null").filled_with(20_000);
    stage.sql("DELETE FROM org_memberships WHERE user_id <= 15000");
    stage.count_updates();
    let mut child = stage.start(&["--until", "backfill", "--batch-time", "2ms"]);
    stage.until_passed(2_000);
    child.kill().expect("a process to kill");
    finish(child);
    let run = stage.apply(&["--until", "backfill", "--log", "json"]);
    assert_eq!(run.code, Some(4), "rows without a source stop the count: {}", run.printed());
    assert_eq!(migrations_of(&run, "continued").len(), 1, "{}", run.printed());
    assert_eq!(stage.ask("SELECT count(*) FROM updates"), "5000");
}
