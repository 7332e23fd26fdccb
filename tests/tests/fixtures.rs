//! Every folder of `tests/fixtures`: what is planned for it, and that plan on real servers. `SCHEMIG_FIXTURE` names one to run alone.

use schemig_core::operation::Operation;
use schemig_tests::findings;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::round_trip::{Ground, round_trip};
use schemig_tests::server::Server;
use schemig_tests::snapshot::snapshot;

#[test]
fn every_plan_reads_as_its_snapshot_says() {
    insta::with_settings!({
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for fixture in Fixture::all() {
            println!("{}", fixture.name);
            for (product, name) in [(Product::Postgres, "postgres"), (Product::Sqlite, "sqlite")] {
                let text = snapshot(&fixture, product);
                assert_eq!(text, snapshot(&fixture, product), "{}: two runs differ", fixture.name);
                insta::with_settings!({ snapshot_path => &fixture.directory }, {
                    insta::assert_snapshot!(name, text);
                });
            }
        }
    });
}

#[test]
fn every_folder_says_what_it_is_about() {
    for fixture in Fixture::all() {
        let text = std::fs::read_to_string(fixture.directory.join("README.md")).unwrap_or_default();
        assert!(text.split(". ").count() >= 2, "{}/README.md: two or three sentences", fixture.name);
    }
}

/// Sends every fixture that gets a plan to a server.
fn every_fixture_on(product: Product) {
    let only = std::env::var("SCHEMIG_FIXTURE").ok();
    let dialect = Server::dialect(product);
    let mut ground = Ground::new(product);
    let (mut gone, mut faults) = (0, Vec::new());
    for fixture in
        Fixture::all().into_iter().filter(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name))
    {
        let Ok(pair) = fixture.pair(product, dialect.as_ref()) else { continue };
        let Ok(Some(planned)) = pair.plan(dialect.capabilities()) else { continue };
        match round_trip(&mut ground, &pair, &planned, 200) {
            Ok(trip) if trip.is_expected(&pair, &planned) => gone += 1,
            Ok(trip) => faults.push(format!("# {}: {trip:?}", fixture.name)),
            Err(fault) => faults.push(format!("# {}: {fault}", fixture.name)),
        }
    }
    assert!(faults.is_empty(), "{} of {} fail\n{}", faults.len(), faults.len() + gone, faults.join("\n"));
    assert!(gone > 0, "no fixture has a plan");
    let finding = format!("{gone} fixtures went up, down and up on {product:?}");
    findings::keep(&format!("fixtures_{product:?}").to_lowercase(), &finding);
}

#[test]
fn every_plan_goes_up_down_and_up_on_postgres() {
    every_fixture_on(Product::Postgres);
}

#[test]
fn every_plan_goes_up_down_and_up_on_sqlite() {
    every_fixture_on(Product::Sqlite);
}

/// What compares must see a difference: each way of each step left out, one at a time, on a plan of each kind of step.
#[test]
fn a_step_that_is_left_out_is_missed() {
    let dialect = Server::dialect(Product::Postgres);
    let mut ground = Ground::new(Product::Postgres);
    let fixture =
        Fixture::all().into_iter().find(|fixture| fixture.name == "require_column").expect("a fixture");
    let pair = fixture.pair(Product::Postgres, dialect.as_ref()).expect("PostgreSQL has all types");
    let Ok(Some(planned)) = pair.plan(dialect.capabilities()) else { panic!("require_column has a plan") };
    round_trip(&mut ground, &pair, &planned, 60).expect("nothing is left out yet");
    let mut missed = 0;
    for place in 0..planned.plan.steps.len() {
        for up in [true, false] {
            let mut planted = planned.clone();
            let step = &mut planted.plan.steps[place];
            let left_out = if up { &mut step.up } else { &mut step.down };
            // A count and a proof change nothing, and what a filler does only a writer beside it sees: `concurrent` has those.
            let unseen = left_out.iter().all(|operation| {
                matches!(
                    operation,
                    Operation::Guard { .. } | Operation::Validate { .. } | Operation::KeepFilled { .. }
                )
            });
            if unseen {
                continue;
            }
            left_out.clear();
            missed += 1;
            let way = if up { "up" } else { "down" };
            let trip = round_trip(&mut ground, &pair, &planted, 60);
            let passed = trip.is_ok_and(|trip| trip.is_expected(&pair, &planted));
            assert!(!passed, "nobody misses {way} of step {place}");
        }
    }
    assert!(missed >= 5, "only {missed} ways were left out");
}
