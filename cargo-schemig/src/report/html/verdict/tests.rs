//! The page says what was measured beside what was predicted, and nothing of a user becomes markup.

use super::page;
use crate::report::html::escape;
use crate::report::{Fare, Fares, LockRow, Range, Version};
use crate::verify::findings::{Finding, Pass};
use crate::verify::verdict::{
    FitRow, HoldRow, PromiseRow, ReleaseRow, Seen, StageRow, StatementRow, Verdict,
};

const NASTY: &str = "<b>\"x\" & 'y'</b>";

fn fit(release: &str) -> FitRow {
    let expected = Fares { reads: Fare::Fits, writes: Fare::FitsIf };
    FitRow { release: release.to_owned(), expected, failed: false }
}

/// A migration that locks `users`, was predicted to hold that for 10 ms, and held it for so long; these may run once it is over.
fn stage(plan: &str, phase: &str, held_ms: u64, running: &[&str]) -> StageRow {
    let range = Some(Range { low: 0.002, high: 0.01 });
    let hold = |most_ms| HoldRow {
        table: "users".to_owned(),
        mode: "ACCESS EXCLUSIVE".to_owned(),
        blocks_reads: true,
        least_ms: 1,
        most_ms,
        seen: Seen::Meanwhile,
    };
    StageRow {
        name: format!("{plan} {phase}"),
        plan: Some(plan.to_owned()),
        phase: Some(phase.to_owned()),
        predicted_wall: range,
        alone_ms: held_ms + 1,
        beside_ms: Some(held_ms + 1),
        blocked_ms: Some(2),
        predicted_holds: vec![LockRow {
            table: "users".to_owned(),
            mode: "ACCESS EXCLUSIVE".to_owned(),
            blocks_reads: true,
            blocks_writes: true,
            holds: range,
        }],
        alone_holds: Some(vec![hold(held_ms)]),
        beside_holds: Some(vec![hold(held_ms * 10)]),
        fits: running.iter().map(|release| fit(release)).collect(),
        ..StageRow::default()
    }
}

fn verdict(stages: Vec<StageRow>, before: &[&str], releases: &[&str]) -> Verdict {
    let released = |name: &&str| ReleaseRow { name: (*name).to_owned(), ..ReleaseRow::default() };
    let mut plans: Vec<String> = stages.iter().filter_map(|stage| stage.plan.clone()).collect();
    plans.dedup();
    Verdict {
        format: Version::default(),
        plans,
        server: "PostgreSQL 17".to_owned(),
        rows: 100,
        seed: 1,
        fits_before: before.iter().map(|release| fit(release)).collect(),
        stages,
        releases: releases.iter().map(released).collect(),
        promises: Vec::new(),
        failures: Vec::new(),
        notes: Vec::new(),
    }
}

/// The width of the bar that says this.
fn width(page: &str, says: &str) -> f64 {
    let end = page.find(says).unwrap_or_else(|| panic!("no bar says {says:?}: {page}"));
    let bar = &page[page[..end].rfind("<rect").expect("a bar")..end];
    let width = bar.split("width=\"").nth(1).and_then(|rest| rest.split('"').next());
    width.and_then(|width| width.parse().ok()).expect("a number")
}

#[test]
fn what_was_measured_stands_below_what_was_predicted_on_the_same_scale() {
    let plan = |held| verdict(vec![stage("0002_a", "expand", held, &["N-1", "N"])], &["N-1"], &["N", "N-1"]);
    let said = "Step 1: ACCESS EXCLUSIVE on users, reads and writes wait, held 2 ms to 10 ms";
    let alone = "Step 1: ACCESS EXCLUSIVE on users, held 1 ms to 10 ms with nobody beside it";
    let beside = "Step 1: ACCESS EXCLUSIVE on users, held 1 ms to 100 ms beside the traffic";
    let page = page(&plan(10));
    assert_eq!(width(&page, said), width(&page, alone), "as long as predicted is as wide");
    assert_eq!(width(&page, beside) - width(&page, alone), 30.0, "ten times as long");
    assert_eq!(page.matches(">measured</text>").count(), 2, "below the steps, and below the table");
    let longer = super::page(&plan(100));
    let alone = "held 1 ms to 100 ms with nobody beside it";
    assert_eq!(width(&longer, alone) - width(&longer, said), 30.0, "longer than predicted shows");
    assert!(longer.contains("<td>1 ms to 100 ms on users</td>"), "{longer}");
}

#[test]
fn each_release_has_its_rows_and_comes_and_goes_where_it_may() {
    let stages = vec![
        stage("0001_a", "expand", 1, &["N-2", "N-1"]),
        stage("0002_b", "expand", 1, &["N-2", "N-1", "N"]),
        stage("0001_a", "contract", 1, &["N-1", "N"]),
        stage("0002_b", "contract", 1, &["N"]),
    ];
    let page = page(&verdict(stages, &["N-2"], &["N", "N-1", "N-2"]));
    let place = |says: &str| page.find(says).unwrap_or_else(|| panic!("no {says:?}: {page}"));
    let order = [
        ">expand 0001</text>",
        ">deploy N-1</text>",
        ">expand 0002</text>",
        ">deploy N</text>",
        ">contract 0001</text>",
        ">contract 0002</text>",
    ];
    assert!(order.map(place).is_sorted(), "{page}");
    assert!(!page.contains(">stop "), "a contract waits for that anyway");
    assert!(page.contains("<th scope=\"row\">contract 0002</th><td>2 ms to 10 ms</td><td>2 ms</td>"));
    assert!(page.contains("N-2 writes once step 2 has run: if the promises are kept"));
    assert!(!page.contains("N-2 writes once step 3 has run"), "it is gone by then");
    assert!(!page.contains("N reads once step 2 has run") && page.contains("N reads once step 3 has run"));
}

#[test]
fn who_is_stopped_is_replaced_by_nobody() {
    let stages = vec![stage("0001_a", "expand", 1, &[]), stage("0001_a", "contract", 1, &["N"])];
    let page = page(&verdict(stages, &["N-1"], &["N", "N-1"]));
    assert!(page.contains(">stop N-1</text>") && page.contains(">start N</text>"), "{page}");
    assert!(!page.contains(">deploy "), "{page}");
}

#[test]
fn what_failed_is_told_from_what_was_expected_to() {
    let mut stages = vec![stage("0001_a", "expand", 1, &["N-1", "N"])];
    stages[0].fits[0].failed = true;
    stages[0].fits[1].expected.reads = Fare::Breaks;
    let page = page(&verdict(stages, &["N-1", "N"], &["N", "N-1"]));
    assert!(page.contains("N-1 reads once step 1 has run: it failed"), "{page}");
    assert!(page.contains("N reads once step 1 has run: no<"), "{page}");
}

#[test]
fn a_migration_by_hand_has_no_prediction() {
    let mut by_hand = stage("", "", 5, &["N-1"]);
    (by_hand.plan, by_hand.phase, by_hand.predicted_wall) = (None, None, None);
    by_hand.predicted_holds.clear();
    let page = page(&verdict(vec![by_hand], &["N-1"], &["N", "N-1"]));
    for words in [">by hand</text>", ">1 ?</text>", "none, written by hand", "users held: 1 ms to 5 ms alone"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn nothing_of_a_user_becomes_markup() {
    let nasty = || NASTY.to_owned();
    let mut first = stage(NASTY, NASTY, 5, &[NASTY]);
    first.name = nasty();
    first.predicted_locks = vec![nasty()];
    first.statements = vec![StatementRow { sql: nasty(), locks: vec![nasty()] }];
    for hold in [&mut first.alone_holds, &mut first.beside_holds].into_iter().flatten().flatten() {
        (hold.table, hold.mode) = (nasty(), nasty());
    }
    let second = stage("other", NASTY, 5, &[NASTY]);
    let mut verdict = verdict(vec![first, second], &[], &[NASTY]);
    verdict.server = nasty();
    verdict.promises = vec![PromiseRow { says: nasty(), needed: None }];
    verdict.notes = vec![nasty()];
    verdict.failures =
        vec![Finding { pass: Pass::Walk, stage: Some(nasty()), what: nasty(), details: vec![nasty()] }];
    let page = page(&verdict);
    assert!(!page.contains("<b>") && !page.contains("\"x\"") && !page.contains("'y'"), "{page}");
    assert!(page.matches(&escape(NASTY)).count() > 20, "it is shown, though: {page}");
}

#[test]
fn where_no_locks_are_listed_no_row_is_empty() {
    let mut unseen = stage("0001_a", "expand", 5, &["N-1", "N"]);
    (unseen.alone_holds, unseen.beside_holds) = (None, None);
    let page = page(&verdict(vec![unseen], &["N-1"], &["N", "N-1"]));
    assert_eq!(page.matches(">measured</text>").count(), 1, "below the steps only");
    assert!(
        page.contains("<td>2 ms to 10 ms on users</td><td>not measured</td><td>not measured</td>"),
        "{page}"
    );
}

#[test]
fn a_plan_that_never_began_has_no_picture() {
    let page = page(&verdict(Vec::new(), &["N-1"], &["N", "N-1"]));
    assert!(!page.contains("<svg") && !page.contains("<table"), "{page}");
}
