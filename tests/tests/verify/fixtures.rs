//! Every fixture's plan, verified as it would be in a project, on both products.

use std::sync::atomic::{AtomicUsize, Ordering};

use schemig_tests::cluster::Cluster;
use schemig_tests::findings;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::server::Server;

use crate::bench::Crate;

/// At once: most of the time a server is waited for.
const WORKERS: usize = 3;

/// What verify says of each fixture that has a plan.
fn verify_all(product: Product) {
    let only = std::env::var("SCHEMIG_FIXTURE").ok();
    let name = match product {
        Product::Postgres => "postgres",
        Product::Sqlite => "sqlite",
    };
    let mut fixtures = Fixture::all();
    fixtures.retain(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name));
    let next = AtomicUsize::new(0);
    let work = || std::iter::from_fn(|| fixtures.get(next.fetch_add(1, Ordering::Relaxed)));
    let (mut held, mut faults) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let one =
            || work().filter_map(|fixture| Some((&fixture.name, said(fixture, product, name)?))).collect();
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(one)).collect();
        for (fixture, verdict) in
            workers.into_iter().flat_map(|worker| -> Vec<_> { worker.join().expect("a worker") })
        {
            match verdict {
                Ok(()) => held.push(fixture),
                Err(said) => faults.push(format!("# {fixture}\n{said}")),
            }
        }
    });
    findings::keep(&format!("verify_{name}"), &format!("verify: {} fixtures hold on {name}", held.len()));
    assert!(faults.is_empty(), "{} don't hold\n{}", faults.len(), faults.join("\n"));
    assert!(only.is_some() || held.len() > 50, "too few: {held:?}");
}

/// Whether a fixture's plan holds; `None` where it has none on this product or server.
fn said(fixture: &Fixture, product: Product, name: &'static str) -> Option<Result<(), String>> {
    let models = |file: &str| std::fs::read_to_string(fixture.directory.join(file)).expect("models");
    // The server brings it from 13 on, and an empty scratch database has no other.
    let lacks = |models: &str| models.contains("gen_random_uuid") && product == Product::Postgres;
    if Cluster::shared().version() < 13 && (lacks(&models("before.rs")) || lacks(&models("after.rs"))) {
        return None;
    }
    // Models of types that the server hasn't are none of its business, before the change as after it.
    if fixture.pair(product, Server::dialect(product).as_ref()).is_err() {
        return None;
    }
    let overlap = fixture.facts.overlap.unwrap_or(product == Product::Postgres);
    let planned = Crate::planned(name, overlap, &models("before.rs"), &models("after.rs"))?;
    let verdict = planned.verify();
    let failures = || serde_json::to_string_pretty(&verdict.failures).expect("text");
    Some(if verdict.holds() { Ok(()) } else { Err(failures()) })
}

#[test]
fn every_fixture_holds_on_postgres() {
    verify_all(Product::Postgres);
}

#[test]
fn every_fixture_holds_on_sqlite() {
    verify_all(Product::Sqlite);
}
