//! Random pairs of schemas on real servers: up from a populated database to what building the target directly gives, back, and up again.
//!
//! `SCHEMIG_SERVER_PAIRS` sets how many plans each server goes through; the count is printed.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schemig_tests::findings;
use schemig_tests::fixture::Product;
use schemig_tests::pair::Pair;
use schemig_tests::random_pair::pairs;
use schemig_tests::round_trip::{Ground, Trip, round_trip};
use schemig_tests::server::Server;

const ROWS: usize = 30;

fn wanted() -> u32 {
    std::env::var("SCHEMIG_SERVER_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// What became of a pair; `None` where there is nothing to do, or something to ask first.
fn travel(ground: &mut Ground, product: Product, pair: &Pair) -> Result<Option<Trip>, String> {
    let capabilities = Server::dialect(product).capabilities();
    // A start that the server at hand can't have.
    if !Pair::is_possible(&pair.before, capabilities) {
        return Ok(None);
    }
    match pair.plan(capabilities) {
        Err(_) | Ok(None) => Ok(None),
        Ok(Some(planned)) => round_trip(ground, pair, &planned, ROWS).map(Some),
    }
}

fn over_random_pairs(product: Product, overlap: bool, wanted: u32) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut ground = Ground::new(product);
    let strategy = pairs(product, overlap);
    let (mut whole, mut guarded, mut without) = (0, 0, 0);
    let mut faults = Vec::new();
    while whole + guarded < wanted {
        let mut tree = strategy.new_tree(&mut runner).expect("a pair");
        match travel(&mut ground, product, &tree.current()) {
            Ok(Some(Trip::Whole)) => whole += 1,
            Ok(Some(Trip::Guarded)) => guarded += 1,
            Ok(None) => without += 1,
            Err(fault) => {
                whole += 1;
                faults.push(shrunk(&mut tree, &mut ground, product, fault));
            }
        }
    }
    let name = format!("random_pairs_{product:?}_overlap_{overlap}").to_lowercase();
    findings::keep(
        &name,
        &format!(
            "{product:?}, overlap {overlap}: {whole} plans there and back, {guarded} past a guard; {without} pairs without a plan"
        ),
    );
    assert!(faults.is_empty(), "{} fail\n{}", faults.len(), faults.join("\n========\n"));
    assert!(whole > guarded, "most rows were made to fit");
}

/// The fault of a smaller pair that fails too.
fn shrunk(
    tree: &mut impl ValueTree<Value = Pair>,
    ground: &mut Ground,
    product: Product,
    fault: String,
) -> String {
    let mut smallest = fault;
    for _ in 0..40 {
        if !tree.simplify() {
            break;
        }
        while travel(ground, product, &tree.current()).map_err(|fault| smallest = fault).is_ok() {
            if !tree.complicate() {
                return smallest;
            }
        }
    }
    smallest
}

#[test]
fn postgres_with_both_releases_running() {
    over_random_pairs(Product::Postgres, true, wanted() * 4 / 5);
}

#[test]
fn postgres_with_the_old_release_stopped() {
    over_random_pairs(Product::Postgres, false, wanted() / 5);
}

#[test]
fn sqlite_with_the_old_release_stopped() {
    over_random_pairs(Product::Sqlite, false, wanted() * 4 / 5);
}

#[test]
fn sqlite_with_both_releases_running() {
    over_random_pairs(Product::Sqlite, true, wanted() / 5);
}
