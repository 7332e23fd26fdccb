//! How long locks are held, as verify measures it: beside what was predicted, alone and beside the traffic; and a page that shows it.

use cargo_schemig::report::Fare;
use cargo_schemig::verify::verdict::{FitRow, HoldRow, Seen, StageRow, Verdict};
use schemig_tests::cluster::Cluster;

use crate::bench::Crate;
use crate::faults::{NICK, SHOP, shop};

/// Users get a column, and an index on another that is built online.
fn indexed() -> Crate {
    let more = "    #[schemig(index)]\n    pub nick: Option<String>,\n    pub seen: Option<i32>,\n";
    Crate::changed("postgres", SHOP, &shop(NICK, more))
}

const COLUMN: &str = "ADD COLUMN IF NOT EXISTS seen integer;";
const ONLINE: &str = "CREATE INDEX CONCURRENTLY IF NOT EXISTS users_nick_idx ON public.users (nick);";

fn stage<'a>(verdict: &'a Verdict, what: &str) -> &'a StageRow {
    let has = |stage: &&StageRow| stage.statements.iter().any(|statement| statement.sql.contains(what));
    verdict.stages.iter().find(has).unwrap_or_else(|| panic!("no stage does {what:?}: {verdict:#?}"))
}

/// The holds of a stage, alone and beside the traffic.
fn both(stage: &StageRow) -> [&[HoldRow]; 2] {
    [&stage.alone_holds, &stage.beside_holds].map(|holds| holds.as_deref().expect("PostgreSQL lists locks"))
}

fn fits_in_its_run(hold: &HoldRow, run_ms: u64) {
    assert!(hold.least_ms <= hold.most_ms && hold.most_ms <= run_ms + 1, "{hold:?} in {run_ms} ms");
}

#[test]
fn a_lock_is_held_as_long_as_its_transaction_goes_on() {
    let crate_of = indexed();
    let plain = crate_of.verify();
    let found = stage(&plain, COLUMN);
    let predicted = &found.predicted_holds;
    assert!(predicted.len() == 1 && predicted[0].mode == "ACCESS EXCLUSIVE", "{predicted:?}");
    let beside = found.beside_ms.expect("it went up beside the traffic");
    for (holds, run) in both(found).into_iter().zip([found.alone_ms, beside]) {
        let [hold] = holds else { panic!("one table is locked: {holds:?}") };
        assert_eq!(
            (hold.table.as_str(), hold.mode.as_str(), hold.blocks_reads),
            ("users", "ACCESS EXCLUSIVE", true)
        );
        fits_in_its_run(hold, run);
    }

    // Somebody lets it sleep while it holds the lock, 400 ms.
    crate_of.spoil("seen", "up.sql", COLUMN, &format!("{COLUMN} PERFORM pg_sleep(0.4);"));
    let slow = crate_of.verify();
    for hold in both(stage(&slow, COLUMN)).map(|holds| &holds[0]) {
        // The looks may be some time apart on a machine that others use.
        assert!(hold.least_ms >= 200 && hold.most_ms >= 400 && hold.seen == Seen::Meanwhile, "{hold:?}");
    }
    let page = page(&crate_of);
    let bar = |says: &str| width(&page, says).unwrap_or_else(|| panic!("no bar says {says:?}: {page}"));
    let said = bar("Step 1: ACCESS EXCLUSIVE on users, reads and writes wait");
    for when in ["with nobody beside it", "beside the traffic"] {
        assert!(bar(when) > said, "{when}, longer than predicted");
    }
}

/// The width of the bar of the lock on `users` in the first step that says this, too.
fn width(page: &str, says: &str) -> Option<f64> {
    let bars = page.split("<rect").filter(|bar| bar.contains("Step 1: ACCESS EXCLUSIVE on users, "));
    let bar = bars.into_iter().find(|bar| bar.contains(says))?;
    bar.split("width=\"").nth(1)?.split('"').next()?.parse().ok()
}

#[test]
fn who_fails_is_shown_where_it_fails() {
    let crate_of = indexed();
    let fits = |verdict: &Verdict, place: usize| {
        let of = |row: &FitRow| (row.release.clone(), row.expected.reads, row.failed);
        verdict.stages[place].fits.iter().map(of).collect::<Vec<_>>()
    };
    let row = |release: &str, failed| (release.to_owned(), Fare::Fits, failed);
    let plain = crate_of.verify();
    assert_eq!(plain.fits_before.len(), 1, "{:?}", plain.fits_before);
    assert_eq!(fits(&plain, 0), [row("N-1", false)]);
    let last = plain.stages.len() - 1;
    assert_eq!(fits(&plain, last), [row("N-1", false), row("N", false)]);
    let rejects =
        "ADD COLUMN IF NOT EXISTS seen integer, ADD CONSTRAINT nobody CHECK (id IS NULL) NOT VALID;";
    crate_of.spoil("seen", "up.sql", COLUMN, rejects);
    let broken = crate_of.verify();
    assert!(!broken.holds());
    assert_eq!(fits(&broken, 0), [row("N-1", true)]);
}

#[test]
fn a_lock_is_seen_where_no_transaction_can_be_asked() {
    let crate_of = indexed();
    let index = |verdict: &Verdict| {
        let named = |stage: &&StageRow| stage.alone_holds.iter().flatten().any(|hold| hold.mode == "SHARE");
        verdict.stages.iter().find(named).cloned()
    };
    assert_eq!(index(&crate_of.verify()), None, "online, no query waits");
    let plainly = format!("{} SELECT pg_sleep(0.4);", ONLINE.replace("CONCURRENTLY ", ""));
    crate_of.spoil("users_nick_idx", "up.sql", ONLINE, &plainly);
    let found = index(&crate_of.verify()).expect("a plain build is seen");
    for holds in both(&found) {
        let hold = holds.iter().find(|hold| hold.mode == "SHARE").expect("a lock");
        assert!(!hold.blocks_reads && hold.most_ms >= 400 && hold.seen == Seen::Meanwhile, "{hold:?}");
    }
}

#[test]
fn where_no_locks_are_listed_none_were_measured() {
    let notes = |more: &str| {
        format!(
            "#[derive(schemig::Migratable)]\n#[diesel(table_name = notes)]\npub struct Note {{\n    pub id: i64,\n{more}}}\n"
        )
    };
    let verdict = Crate::changed("sqlite", &notes(""), &notes("    pub title: Option<String>,\n")).verify();
    let stages = &verdict.stages;
    assert!(
        !stages.is_empty()
            && stages.iter().all(|stage| stage.alone_holds.is_none() && stage.beside_holds.is_none())
    );
}

/// The page that `--report` writes.
fn page(crate_of: &Crate) -> String {
    let path = crate_of.path("page.html").display().to_string();
    crate_of.schemig(&[
        "verify",
        "--rows",
        "50",
        "--database-url",
        &Cluster::shared().administrator(),
        "--report",
        &path,
    ]);
    std::fs::read_to_string(path).expect("a page")
}
