//! The tests' own ground: clusters that leave nothing behind, and the real Diesel CLI.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;
use schemig_tests::cluster::{Cluster, Settings};
use schemig_tests::diesel_cli::DieselCli;
use schemig_tests::project::Project;
use schemig_tests::run::Run;

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = Text)]
    value: String,
}

fn show(connection: &mut PgConnection, setting: &str) -> String {
    let query = diesel::sql_query(format!("SELECT current_setting('{setting}') AS value"));
    query.get_result::<Shown>(connection).expect("a setting").value
}

#[test]
fn databases_of_one_cluster_are_apart() {
    let cluster = Cluster::shared();
    let (one, other) = (cluster.database("apart"), cluster.database("apart"));
    diesel::sql_query("CREATE TABLE t (id int)").execute(&mut one.connect()).expect("a table");
    assert_ne!(one.name(), other.name());
    assert!(diesel::sql_query("SELECT * FROM t").execute(&mut other.connect()).is_err());
    assert_eq!(show(&mut one.connect(), "TimeZone"), "UTC");
    assert!(show(&mut one.connect(), "server_version").starts_with(&cluster.version().to_string()));
}

#[test]
fn settings_reach_the_server() {
    let cluster = Cluster::start(&Settings { fsync: true, max_connections: 20, shared_buffers: 16 });
    let database = cluster.database("settings");
    let mut connection = database.connect();
    let values = ["fsync", "max_connections", "shared_buffers"].map(|name| show(&mut connection, name));
    assert_eq!(values, ["on", "20", "16MB"]);
}

/// Where a cluster's files are, and its postmaster's number.
fn traces(connection: &mut PgConnection) -> (String, String) {
    let directory = show(connection, "data_directory");
    let note = std::fs::read_to_string(Path::new(&directory).join("postmaster.pid")).expect("postmaster.pid");
    (directory, note.lines().next().expect("its first line").to_owned())
}

fn alive(pid: &str) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-0", pid]).stderr(Stdio::null()).status().expect("kill runs").success()
}

#[test]
fn a_dropped_cluster_leaves_nothing_behind() {
    let cluster = Cluster::start(&Settings::default());
    let (directory, pid) = traces(&mut cluster.database("dropped").connect());
    assert!(alive(&pid));
    drop(cluster);
    assert!(!alive(&pid), "the server still runs");
    assert!(!Path::new(&directory).exists(), "{directory} is still there");
}

/// Not a test by itself: what the next one runs in a process that it kills.
#[test]
#[ignore = "run by a_killed_test_leaves_nothing_behind"]
fn hold_a_cluster_until_killed() {
    let (directory, pid) = traces(&mut Cluster::shared().database("held").connect());
    println!("holding {pid} {directory}");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_killed_test_leaves_nothing_behind() {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["hold_a_cluster_until_killed", "--ignored", "--nocapture", "--exact"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test starts again");
    let output = std::io::BufReader::new(child.stdout.take().expect("its output"));
    let line = std::io::BufRead::lines(output)
        .map_while(Result::ok)
        .find_map(|line| line.split_once("holding ").map(|(_, rest)| rest.to_owned()))
        .expect("a cluster is held");
    let (pid, directory) = line.split_once(' ').expect("a number and a directory");
    assert!(alive(pid));
    child.kill().expect("kill");
    child.wait().expect("its end");
    let killed = Instant::now();
    while alive(pid) || Path::new(directory).exists() {
        assert!(killed.elapsed() < Duration::from_secs(20), "{line} outlived its test");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_real_diesel_applies_reverts_and_reports() {
    let database = Cluster::shared().database("cli");
    let home = tempfile::tempdir().expect("a directory");
    let migration = home.path().join("migrations/2026-01-01-000000-0000_t");
    std::fs::create_dir_all(&migration).expect("directories");
    std::fs::write(migration.join("up.sql"), "CREATE TABLE t (id int PRIMARY KEY);").expect("up.sql");
    std::fs::write(migration.join("down.sql"), "DROP TABLE t;").expect("down.sql");
    std::fs::write(migration.join("metadata.toml"), "run_in_transaction = true\n").expect("metadata.toml");
    let diesel = DieselCli::new(&database.url(), &home.path().join("migrations"));
    let mut connection = database.connect();
    let mut exists = || diesel::sql_query("SELECT id FROM t").execute(&mut connection).is_ok();

    diesel.run().expect_success("run");
    assert!(exists());
    diesel.redo().expect_success("redo");
    assert!(exists());
    diesel.revert().expect_success("revert");
    assert!(!exists());
    std::fs::write(migration.join("up.sql"), "CREATE TABLE t (id nonsense);").expect("up.sql");
    let failed = diesel.run();
    assert!(!failed.success());
    assert!(failed.printed().contains("nonsense"), "{}", failed.printed());
}

#[test]
fn a_copied_example_is_a_crate_of_its_own() {
    for name in ["organizations", "quickstart"] {
        let project = Project::copy(name);
        project.replace("Cargo.toml", &format!("name = \"{name}\""), "name = \"copied\"");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(project.root());
        let metadata = Run::of(&mut cargo).expect_success("cargo metadata").stdout;
        assert!(metadata.contains(r#""name":"copied""#), "{metadata}");
        assert!(!metadata.contains("schemig-core"), "the workspace's members aren't the copy's: {metadata}");
    }
}
