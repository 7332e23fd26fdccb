//! `cargo schemig stats --calibrate` on a PostgreSQL server.

use schemig_core::dialect::Pace;
use schemig_tests::cluster::{Cluster, Settings, can_replicate};

use crate::stats::Stage;

const SIZES: &str =
    "CREATE TABLE users (id bigint PRIMARY KEY); INSERT INTO users SELECT generate_series(1, 12345); ANALYZE";

#[test]
fn the_pace_is_measured_and_nothing_is_left_behind() {
    let stage = Stage::new(SIZES);
    stage.stats(&[]);
    let sizes = stage.file().tables;
    let left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'schemig%'";
    let run = stage.stats(&["--calibrate"]);
    let Pace { scan, index, text_index, rewrite, update } = stage.file().pace.expect("a pace");
    for times in [scan, index, text_index, rewrite, update] {
        assert!((0.05..100.0).contains(&times), "{times}");
    }
    assert!(run.stdout.contains("to update the rows: "), "{}", run.stdout);
    assert_eq!(stage.ask(left), "0");
    assert_eq!(stage.file().tables, sizes, "the sizes are those of another server");
    stage.stats(&[]);
    assert_eq!(
        stage.file().pace,
        Some(Pace { scan, index, text_index, rewrite, update }),
        "it wasn't measured again"
    );
}

#[test]
fn what_can_not_be_written_to_is_not_measured() {
    let stage = Stage::new(SIZES);
    let read_only =
        format!("{}&options=-c%20default_transaction_read_only%3Don", stage.database.url_as("read"));
    refused(&stage, &read_only, "is read-only, and the probes make temporary tables");
    let nameless = stage.project.schemig(&["stats", "--calibrate"]);
    assert_eq!(nameless.code, Some(2), "DATABASE_URL is nobody's word for this: {}", nameless.printed());
    assert!(nameless.stderr.contains("--database-url"), "{}", nameless.stderr);
    if can_replicate() {
        let cluster = Cluster::start(&Settings::default());
        let replica = cluster.replica("");
        refused(&stage, replica.url(), "is a replica, and the probes make temporary tables");
    }
}

fn refused(stage: &Stage, url: &str, words: &str) {
    let run = stage.project.schemig(&["stats", "--calibrate", "--database-url", url]);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    for words in [words, "help: name a server of the same kind"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    assert!(!stage.project.root().join("schemig/statistics.toml").exists());
}

/// Somebody else's mistake is said as the server says it, and nothing is written.
#[test]
fn who_may_make_no_temporary_table_is_told_so() {
    let stage = Stage::new(
        "CREATE ROLE probe_reader LOGIN;
        DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$",
    );
    let url = format!("{}&options=-c%20role%3Dprobe_reader", stage.database.url_as("probe"));
    let run = stage.project.schemig(&["stats", "--calibrate", "--database-url", &url]);
    assert_eq!(run.code, Some(4), "{}", run.printed());
    assert!(run.stderr.contains("the server can't be measured: permission denied"), "{}", run.stderr);
    assert!(!stage.project.root().join("schemig/statistics.toml").exists());
}
