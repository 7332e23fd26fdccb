//! Plans that `downtime_tolerance` chose: one that goes beside the running release with its queries waiting, and one that stops it.

use crate::bench::Crate;

const BEFORE: &str = "    pub visits: i32,\n    pub mood: Option<String>,\n";

/// People and their notes, with these fields, and what stands on the table of notes.
fn models(table: &str, fields: &str) -> String {
    format!(
        "use schemig::Migratable;
#[derive(Migratable)]
#[diesel(table_name = people)]
pub struct Person {{
    pub id: i64,
}}
#[derive(Migratable)]
#[diesel(table_name = notes)]
{table}pub struct Note {{
    pub id: i64,
{fields}}}
"
    )
}

/// A crate that tolerates five seconds, on a small table that changes from the one to the other, given as attributes and fields.
fn tolerating(before: (&str, &str), after: (&str, &str)) -> Crate {
    let settings = "overlap = true\ndowntime_tolerance = \"5s\"\n";
    let home = Crate::shipped("postgres", settings, &models(before.0, before.1)).expect("models");
    home.write(
        "schemig/statistics.toml",
        "format = 1\n\n[tables.notes]\nrows = 100\n\n[tables.people]\nrows = 100\n",
    );
    assert!(home.changes_to(&models(after.0, after.1)), "there is a plan");
    home
}

/// What the plan says of those that run meanwhile, and the SQL of all that was written for it.
fn plan(home: &Crate) -> (bool, String) {
    let file =
        std::fs::read_dir(home.path("schemig/plans")).expect("plans").flatten().map(|entry| entry.path());
    let file = file.max().expect("a plan");
    let overlap = std::fs::read_to_string(file).expect("a file").contains("\noverlap = true\n");
    let mut sql = String::new();
    for entry in std::fs::read_dir(home.path("migrations")).expect("migrations").flatten() {
        if entry.file_name().to_string_lossy().starts_with("2026-11-22") {
            sql += &std::fs::read_to_string(entry.path().join("up.sql")).expect("up.sql");
        }
    }
    (overlap, sql)
}

#[test]
fn what_goes_beside_the_release_holds_under_its_traffic() {
    let index = "    #[schemig(index)]\n    pub visits: i32,\n    pub mood: Option<String>,\n";
    let other = "    pub visits: i32,\n    #[schemig(index)]\n    pub mood: Option<String>,\n";
    for (before, after, words) in
        [(BEFORE, index, "CREATE INDEX"), (index, other, "CREATE INDEX"), (index, BEFORE, "DROP INDEX")]
    {
        let home = tolerating(("", before), ("", after));
        let (overlap, sql) = plan(&home);
        assert!(overlap && sql.contains(words) && !sql.contains("CONCURRENTLY"), "{overlap}: {sql}");
        let verdict = home.verify();
        let said = serde_json::to_string_pretty(&verdict.failures).expect("text");
        assert!(verdict.holds(), "{sql}\n{said}");
        let ran: Vec<usize> = verdict.releases.iter().map(|release| release.ran).collect();
        assert!(ran.len() == 2 && ran.iter().all(|ran| *ran > 10), "both releases were at work: {ran:?}");
    }
}

#[test]
fn what_stops_the_release_holds_too() {
    let required = "    pub visits: i32,\n    #[schemig(backfill = \"coalesce(mood, '')\")]\n    pub feeling: String,\n    pub mood: Option<String>,\n";
    for (table, after, words) in [
        ("", "    pub visits: i64,\n    pub mood: Option<String>,\n", "TYPE bigint"),
        (
            "",
            "    #[schemig(renamed_from = \"visits\")]\n    pub calls: i32,\n    pub mood: Option<String>,\n",
            "RENAME COLUMN",
        ),
        ("", "    pub visits: i32,\n", "DROP COLUMN"),
        ("", required, "SET NOT NULL"),
        ("", "    #[schemig(unique)]\n    pub visits: i32,\n    pub mood: Option<String>,\n", "UNIQUE INDEX"),
    ] {
        let home = tolerating(("", BEFORE), (table, after));
        let (overlap, sql) = plan(&home);
        assert!(!overlap && sql.contains(words), "{overlap}: {sql}");
        let verdict = home.verify();
        let said = serde_json::to_string_pretty(&verdict.failures).expect("text");
        assert!(verdict.holds(), "{sql}\n{said}");
    }
}

/// Verify isn't blind to such a plan: the release that goes on is stopped by a lock that nobody gives back, or by what it can't write.
#[test]
fn a_fault_in_a_plan_beside_the_release_is_seen() {
    let index = "    #[schemig(index)]\n    pub visits: i32,\n    pub mood: Option<String>,\n";
    let home = tolerating(("", BEFORE), ("", index));
    home.spoil("build index", "up.sql", "CREATE INDEX", "CREATE UNIQUE INDEX");
    home.assert_seen(&["notes"]);
}
