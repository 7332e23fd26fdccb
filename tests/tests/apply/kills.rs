//! A backfill that is killed again and again, each time at another moment: nothing is lost, and no committed row is written twice.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use schemig_tests::cluster::Cluster;

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

/// Whoever holds the run's lock works on the backfill.
const BACKEND: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) \
    WHERE datname = current_database() AND application_name = 'migration' AND locktype = 'advisory'";

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
    // On a busy machine many are killed before they have begun a batch: those show less.
    while kills.hit < 100 || (kills.continued <= 50 && kills.hit < 300) {
        let mut child = stage.start(&["--until", "backfill", "--batch-time", "5ms", "--log", "json"]);
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let begins = |line: &String| line.contains("\"event\":\"start\"");
        lines.by_ref().map_while(Result::ok).find(begins).expect("it begins the backfill");
        std::thread::sleep(moments.next(most));
        if kills.hit.is_multiple_of(2) {
            child.kill().expect("a process to kill");
        }
        while child.try_wait().expect("its state").is_none() {
            stage.sql(BACKEND);
        }
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        let run = finish(child);
        assert!(
            !run.success(),
            "the backfill ended after {} kills: more rows, or shorter moments",
            kills.hit
        );
        kills.hit += 1;
        kills.continued += u32::from(rest.iter().any(|line| line.contains("\"event\":\"continued\"")));
    }
    kills
}

#[test]
fn a_hundred_kills_lose_nothing_and_write_nothing_twice() {
    let users = users();
    let stage = Stage::new("kills").filled_with(users);
    stage.count_updates();
    let kills = kill_a_hundred_times(&stage, if users > 500_000 { 200 } else { 30 });
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
fn what_stays_null_is_written_once_too() {
    let label = "    #[schemig(backfill = \"nullif(full_name, '')\")]\n    pub label: Option<String>,\n";
    let stage = Stage::with_fields(Cluster::shared(), "null", label);
    stage.apply(&["--until", "expand"]).expect_success("expand");
    stage.sql("INSERT INTO users (id, email) SELECT n, 'user' || n FROM generate_series(1, 20000) AS n");
    stage.count_updates();
    let mut child = stage.start(&["--batch-time", "2ms"]);
    stage.until_passed(2_000);
    child.kill().expect("a process to kill");
    finish(child);
    let run = stage.apply(&["--log", "json"]).expect_success("the rest");
    assert_eq!(migrations_of(&run, "continued").len(), 1, "{}", run.printed());
    assert_eq!(stage.ask("SELECT count(*) FROM updates"), "20000");
    assert_eq!(stage.ask("SELECT count(DISTINCT id) FROM updates"), "20000");
}
