//! Every fixture's plan, verified as it would be in a project, on both products.

use schemig_tests::cluster::Cluster;
use schemig_tests::findings;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::server::Server;

use crate::bench::Crate;

/// What verify says of each fixture that has a plan.
fn verify_all(product: Product) {
    let only = std::env::var("SCHEMIG_FIXTURE").ok();
    let (mut held, mut faults) = (Vec::new(), Vec::new());
    let name = match product {
        Product::Postgres => "postgres",
        Product::Sqlite => "sqlite",
    };
    let fixtures = Fixture::all().into_iter();
    for fixture in fixtures.filter(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name)) {
        let models = |file: &str| std::fs::read_to_string(fixture.directory.join(file)).expect("models");
        // The server brings it from 13 on, and an empty scratch database has no other.
        let lacks = |models: &str| models.contains("gen_random_uuid") && product == Product::Postgres;
        if Cluster::shared().version() < 13 && (lacks(&models("before.rs")) || lacks(&models("after.rs"))) {
            continue;
        }
        // Models of types that the server hasn't are none of its business, before the change as after it.
        if fixture.pair(product, Server::dialect(product).as_ref()).is_err() {
            continue;
        }
        let overlap = fixture.facts.overlap.unwrap_or(product == Product::Postgres);
        let Some(planned) = Crate::planned(name, overlap, &models("before.rs"), &models("after.rs")) else {
            continue;
        };
        let verdict = planned.verify();
        let said = serde_json::to_string_pretty(&verdict.failures).expect("text");
        if verdict.holds() {
            held.push(fixture.name)
        } else {
            faults.push(format!("# {}\n{said}", fixture.name))
        }
    }
    findings::keep(&format!("verify_{name}"), &format!("verify: {} fixtures hold on {name}", held.len()));
    assert!(faults.is_empty(), "{} don't hold\n{}", faults.len(), faults.join("\n"));
    assert!(only.is_some() || held.len() > 50, "too few: {held:?}");
}

#[test]
fn every_fixture_holds_on_postgres() {
    verify_all(Product::Postgres);
}

#[test]
fn every_fixture_holds_on_sqlite() {
    verify_all(Product::Sqlite);
}
