//! `downtime_tolerance`: the direct way where its time is tolerated, the way beside the running release everywhere else.

use crate::bad_input::{done, notes, refused, shipped_on_postgres};
use crate::support::Crate;

const BEFORE: &str = "pub visits: i32,";

/// A crate that tolerates so much, whose notes get other fields; what `diff` prints then.
fn changed(tolerance: &str, fields: &str, rows: &str) -> (Crate, String) {
    let home = shipped_on_postgres(&notes(BEFORE));
    home.write("schemig.toml", &format!("downtime_tolerance = \"{tolerance}\"\n"));
    home.write("src/lib.rs", &notes(fields));
    let typed = ["diff", "--now", "2026-11-22-070000", "--rows", rows, "--approve", "nobody looks"];
    let text = done(&home, &typed);
    // Lines are broken anywhere.
    (home, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The SQL of the migrations that were written.
fn written(home: &Crate) -> Vec<String> {
    let names = home.names("migrations").into_iter().filter(|name| name.starts_with("2026-11-22"));
    names.map(|name| home.read(&format!("migrations/{name}/up.sql"))).collect()
}

#[test]
fn an_index_is_built_at_once_where_writes_may_wait_for_it() {
    let indexed = "#[schemig(index)]\npub visits: i32,";
    let (home, text) = changed("5s", indexed, "notes=1000");
    assert!(text.contains("the release that runs goes on"), "{text}");
    let [sql] = &written(&home)[..] else { panic!("one migration: {text}") };
    assert!(sql.contains("CREATE INDEX") && !sql.contains("CONCURRENTLY"), "{sql}");
    assert!(!text.contains("stop the release"), "{text}");
    for (tolerance, rows) in [("0s", "notes=1000"), ("5s", "notes=100M")] {
        let (home, text) = changed(tolerance, indexed, rows);
        assert!(written(&home).iter().any(|sql| sql.contains("CONCURRENTLY")), "{text}");
    }
}

#[test]
fn a_small_table_is_rewritten_while_the_release_is_stopped() {
    let wider = "pub visits: i64,";
    let (home, text) = changed("5s", wider, "notes=1000");
    assert!(text.contains("the release before this one can't run meanwhile"), "{text}");
    assert!(
        text.contains("Next: stop the release that runs") && text.contains("start the new release"),
        "{text}"
    );
    let [sql] = &written(&home)[..] else { panic!("one migration: {text}") };
    assert!(sql.contains("ALTER COLUMN visits TYPE bigint"), "{sql}");
    // Nobody is asked for more than was tolerated.
    let (_, text) = changed("5s", wider, "notes=100M");
    assert!(!text.contains("taken directly"), "{text}");
}

#[test]
fn what_costs_nothing_beside_the_release_is_done_beside_it() {
    let (_, text) = changed("5s", "pub visits: i32,\npub mood: Option<String>,", "notes=1000");
    assert!(!text.contains("taken directly") && text.contains("deploy the new release"), "{text}");
}

#[test]
fn what_nobody_knows_the_time_of_is_not_tolerated() {
    let home = shipped_on_postgres(&notes(BEFORE));
    std::fs::remove_file(home.path("schemig/statistics.toml")).unwrap();
    home.write("schemig.toml", "downtime_tolerance = \"1h\"\n");
    home.write("src/lib.rs", &notes("#[schemig(index)]\npub visits: i32,"));
    let text = done(&home, &["diff", "--now", "2026-11-22-070000"]);
    assert!(!text.contains("taken directly"), "{text}");
    assert!(written(&home).iter().any(|sql| sql.contains("CONCURRENTLY")), "{text}");
}

#[test]
fn a_time_that_is_none() {
    let home = shipped_on_postgres(&notes(BEFORE));
    home.write("schemig.toml", "downtime_tolerance = \"soon\"\n");
    refused(&home, &["diff"], 2, &["schemig.toml:1", "`soon` is no time", "30s"]);
    home.write("schemig.toml", "overlap = true\ncontract_guard = \"an hour\"\n");
    refused(&home, &["diff"], 2, &["schemig.toml:2", "`an hour` is no time", "\"1h\""]);
    home.write("schemig.toml", "contract_guard = \"9000h\"\n");
    refused(&home, &["diff"], 2, &["schemig.toml:1", "`9000h` is too long", "a year at most"]);
    home.write("schemig.toml", "[thresholds]\nbackfill_rows = \"many\"\n");
    refused(&home, &["diff"], 2, &["schemig.toml:2", "`many` is no number of rows", "10M"]);
}
