//! `examples/organizations` under live traffic: a required `organization_id` comes and goes, and no query of either release
//! fails, reads NULL, or reads what isn't so.

use std::path::PathBuf;
use std::time::Duration;

use schemig_tests::cluster::{Cluster, Settings};
use schemig_tests::diesel_cli::target_directory;
use schemig_tests::story::Story;

/// Whether the documented command for the full size runs this.
fn full() -> bool {
    std::env::var_os("SCHEMIG_FULL").is_some()
}

fn users() -> u64 {
    let chosen =
        std::env::var("SCHEMIG_USERS").ok().map(|users| users.parse().expect("SCHEMIG_USERS is a number"));
    chosen.unwrap_or(if full() { 5_000_000 } else { 100_000 })
}

/// Tells the story with the migrations in two directories, and keeps the report in the target directory.
fn tell(name: &str, migrations: PathBuf, contracts: PathBuf) {
    let shared_buffers = if full() { 1024 } else { 256 };
    let cluster = Cluster::start(&Settings { fsync: full(), shared_buffers, ..Settings::default() });
    let database = cluster.database("organizations");
    let pause = Duration::from_secs(if full() { 10 } else { 2 });
    let report = Story { database: &database, migrations, contracts, users: users(), pause }.tell();
    let reports = target_directory().join("story");
    std::fs::create_dir_all(&reports).expect("a directory for the report");
    std::fs::write(reports.join(format!("{name}.md")), report.to_string()).expect("the report is kept");
    println!("{report}");
    report.assert_clean();
}

/// Any migrations, hand-written ones above all: what the tool's own are measured against.
#[test]
#[ignore = "needs SCHEMIG_STORY_MIGRATIONS and SCHEMIG_STORY_CONTRACTS, directories of migrations"]
fn given_migrations_under_live_traffic() {
    let directory = |variable: &str| PathBuf::from(std::env::var_os(variable).expect(variable));
    tell("given", directory("SCHEMIG_STORY_MIGRATIONS"), directory("SCHEMIG_STORY_CONTRACTS"));
}
