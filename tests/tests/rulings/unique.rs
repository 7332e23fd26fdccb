//! R3: a unique key is not mirrored under upserts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_core::plan::Phase;

use crate::case::Case;

/// Eight clients of `releases` upsert a few keys, which are deleted again and again. How many upserts failed, of how many.
fn upserts(case: &Case, columns: &[&str], until_failed: bool) -> (usize, usize) {
    let (failed, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (failed_ref, ran_ref) = (&failed, &ran);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..8 {
            let mut connection = case.connect();
            let column = columns[client % columns.len()];
            scope.spawn(move || {
                let mut turn = client * 1_000_000;
                while started.elapsed() < Duration::from_secs(if until_failed { 30 } else { 4 }) {
                    turn += 1;
                    let key = turn % 2;
                    let upsert = format!(
                        "INSERT INTO users (id, {column}) VALUES (1000 + {turn}, 'hot{key}') \
                         ON CONFLICT ({column}) DO UPDATE SET {column} = excluded.{column}"
                    );
                    if connection.batch_execute(&upsert).is_err() {
                        failed_ref.fetch_add(1, Ordering::Relaxed);
                    }
                    ran_ref.fetch_add(1, Ordering::Relaxed);
                    let _ =
                        connection.batch_execute(&format!("DELETE FROM users WHERE {column} = 'hot{key}'"));
                    if until_failed && failed_ref.load(Ordering::Relaxed) > 0 {
                        break;
                    }
                }
            });
        }
    });
    (failed.into_inner(), ran.into_inner())
}

#[test]
fn upserts_by_a_key_and_its_mirrored_twin_fail_so_a_person_signs_it_off() {
    let mut case = Case::of("rename_unique_column");
    let rules: Vec<&str> = case.planned.escalations.iter().map(|escalation| escalation.rule).collect();
    assert!(rules.contains(&"arbiter-twin"), "{rules:?}");
    case.run(Phase::Expand).expect("expand");
    case.run(Phase::Backfill).expect("backfill");
    let (failed, ran) = upserts(&case, &["email", "mail"], true);
    assert!(failed > 0, "{ran} upserts, and none met the twin: then nothing need be signed off");
}

#[test]
fn upserts_by_a_key_that_keeps_its_name_never_fail() {
    let case = Case::of("rename_unique_column");
    let (failed, ran) = upserts(&case, &["email"], false);
    assert_eq!(failed, 0, "of {ran}");
    assert!(ran > 100, "only {ran}");
}
