//! `examples/organizations` under live traffic: a required `organization_id` comes and goes, and no query of either release
//! fails, reads NULL, or reads what isn't so.

use std::path::PathBuf;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use schemig_tests::cluster::{Cluster, Settings};
use schemig_tests::diesel_cli::DieselCli;
use schemig_tests::findings;
use schemig_tests::programs;
use schemig_tests::project::Project;
use schemig_tests::story::{LockWatch, Release, Story, example};

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
    findings::keep(name, &report.to_string());
    report.assert_clean();
}

/// What the field says is all that a developer writes; the rest of the story is the tool's.
const REQUIRED: &str = r#"    pub updated_at: DateTime<Utc>,
    #[schemig(index, references(organizations(id)))]
    #[schemig(backfill(from = "org_memberships", key = "user_id", value = "organization_id"))]
    pub organization_id: i64,
}"#;

/// The reference story with the migrations that schemig writes.
#[test]
fn a_required_organization_under_live_traffic() {
    let mut project = Project::copy("organizations");
    project.replace("src/models.rs", "    pub updated_at: DateTime<Utc>,\n}", REQUIRED);
    let server = format!("server = \"{}\"\n", Cluster::shared().version());
    std::fs::write(project.root().join("schemig.toml"), server).expect("a file in the copy");
    let diff = project.schemig(&["diff", "add_users_organization_id", "--now", "2026-11-22-070000"]);
    println!("{}", diff.expect_success("diff").stdout);
    let migrations = project.take_new_migrations("expand");
    let contract = project.schemig(&["contract", "--confirm", "--now", "2026-11-29-090000"]);
    println!("{}", contract.expect_success("contract").stdout);
    let contracts = project.take_new_migrations("contract");
    tell("organizations", migrations, contracts);
}

/// The story's witnesses, on a database where everything is wrong that may be: a column that nothing keeps in step, a lock that
/// is held, and a column that goes while it is read.
#[test]
fn the_releases_see_what_is_wrong() {
    let database = Cluster::shared().database("wrong");
    DieselCli::new(&database.url(), &example().join("migrations")).run().expect_success("the base");
    let programs = programs::build();
    programs.run("seed", &database.url(), &["1000"]);
    let mut connection = database.connect();
    let mut execute =
        |sql: &str| connection.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    execute("ALTER TABLE users ADD COLUMN organization_id bigint");
    execute("UPDATE users SET organization_id = 1");

    let mut before = Release::start(&programs.path("release_before"), &database.url_as("before"));
    let mut after = Release::start(&programs.path("release_after"), &database.url_as("after"));
    std::thread::sleep(Duration::from_secs(1));
    let (seen_before, seen_after) = (before.tick(), after.tick());
    assert!(seen_before.is_clean(), "N-1 can't know: {seen_before:?}");
    assert!(seen_after.stale > 0, "moves that N doesn't see: {seen_after:?}");
    assert!(seen_after.null > 0, "sign-ups that N can't read: {seen_after:?}");

    let watch = LockWatch::start(&database.url_as("lock_watch"));
    execute("BEGIN; LOCK TABLE users; SELECT pg_sleep(0.5); COMMIT");
    let waited = watch.stop();
    assert!(waited > Duration::from_millis(300), "half a second's lock was seen as {waited:?}");
    assert!(before.tick().longest > Duration::from_millis(300), "a query waited for it");

    execute("ALTER TABLE users DROP COLUMN organization_id");
    after.tick();
    std::thread::sleep(Duration::from_millis(300));
    let failed = after.tick();
    assert!(failed.failed > 0, "a column is gone: {failed:?}");
    assert!(failed.faults.iter().any(|fault| fault.contains("organization_id")), "{failed:?}");
    assert!(before.stop().is_clean(), "N-1 never knew the column");
}
