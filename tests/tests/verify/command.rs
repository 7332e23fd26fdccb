//! The command as a user types it: what it prints, how it ends, what it leaves behind.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use schemig_tests::cluster::Cluster;
use schemig_tests::project::{Project, binary};

/// The quickstart with a note that can be pinned.
fn pinned() -> Project {
    let project = Project::copy("quickstart");
    project.replace(
        "src/models.rs",
        "    pub colour: String,",
        "    pub colour: String,\n    #[schemig(default = \"false\")]\n    pub pinned: bool,",
    );
    project.schemig(&["diff", "pin_notes"]).expect_success("diff");
    project
}

/// The organizations, on PostgreSQL, with a column that is added.
fn nicknamed() -> Project {
    let project = Project::copy("organizations");
    project.replace(
        "src/models.rs",
        "    pub full_name: Option<String>,",
        "    pub full_name: Option<String>,\n    pub nick: Option<String>,",
    );
    project.schemig(&["diff", "nick"]).expect_success("diff");
    project
}

fn git(project: &Project, words: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]).args(words);
    let output = git.current_dir(project.root()).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_verdict_is_data_too() {
    let verify = pinned().schemig(&["verify", "--rows", "20", "--format", "json"]).expect_success("verify");
    let verdict: serde_json::Value = serde_json::from_str(&verify.stdout).expect("JSON");
    assert_eq!(verdict["format"], 1);
    assert_eq!(verdict["failures"].as_array().map(Vec::len), Some(0), "{verdict}");
    assert_eq!(verdict["releases"][0]["name"], "N");
    assert!(verdict["releases"][1]["ran"].as_u64().is_some_and(|ran| ran > 20), "{verdict}");
    assert!(verdict["server"].as_str().is_some_and(|server| server.starts_with("SQLite 3.")), "{verdict}");
}

#[test]
fn a_plan_that_does_not_hold_ends_with_1() {
    let project = pinned();
    let migrations = project.root().join("migrations");
    let pending = std::fs::read_dir(migrations).expect("migrations").flatten();
    let pending =
        pending.map(|entry| entry.path()).find(|path| path.display().to_string().contains("pin_notes"));
    std::fs::write(pending.expect("a migration").join("down.sql"), "SELECT 1;\n").expect("a file");
    let verify = project.schemig(&["verify", "--rows", "20"]);
    assert_eq!(verify.code, Some(1), "{}", verify.printed());
    assert!(verify.stdout.contains("down doesn't give back what was"), "{}", verify.stdout);
    assert!(verify.stdout.contains("too much: notes: [columns] pinned"), "{}", verify.stdout);
}

#[test]
fn what_cannot_be_verified_is_said() {
    let fresh = Project::copy("quickstart");
    std::fs::remove_dir_all(fresh.root().join("schemig")).expect("the captured models");
    let verify = fresh.schemig(&["verify"]);
    assert_eq!(verify.code, Some(2), "{}", verify.printed());
    assert!(verify.stderr.contains("cargo schemig init"), "{}", verify.stderr);
    let server = pinned().schemig(&["verify", "--database-url", "postgres://u:s3cret@127.0.0.1:1/d"]);
    assert_eq!(server.code, Some(2), "{}", server.printed());
    let project = pinned();
    let pending = project.root().join("migrations");
    for entry in std::fs::read_dir(pending).expect("migrations").flatten() {
        if entry.file_name().to_string_lossy().contains("pin_notes") {
            std::fs::remove_dir_all(entry.path()).expect("a migration");
        }
    }
    let verify = project.schemig(&["verify"]);
    assert_eq!(verify.code, Some(2), "{}", verify.printed());
    assert!(verify.stderr.contains("restore migrations/"), "{}", verify.stderr);
}

#[test]
fn a_server_that_does_not_answer_is_named_without_its_password() {
    let project = nicknamed();
    let verify = project.schemig(&["verify", "--database-url", "postgres://u:s3cret@127.0.0.1:1/d"]);
    assert_eq!(verify.code, Some(4), "{}", verify.printed());
    assert!(
        verify.stderr.contains("127.0.0.1:1") && !verify.printed().contains("s3cret"),
        "{}",
        verify.stderr
    );
}

#[test]
fn the_release_at_a_git_ref_is_the_one_that_runs() {
    let project = pinned();
    git(&project, &["init", "-q"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "pinned"]);
    let text = std::fs::read_to_string(project.root().join("src/models.rs")).expect("models");
    let text = text.replace("    pub pinned: bool,", "    pub pinned: bool,\n    pub due: Option<String>,");
    std::fs::write(project.root().join("src/models.rs"), text).expect("models");
    project.schemig(&["diff", "due_notes"]).expect_success("diff");
    let all = project.schemig(&["verify", "--rows", "10"]).expect_success("verify");
    assert!(all.stdout.contains("N-2"), "{}", all.stdout);
    let since = project.schemig(&["verify", "--rows", "10", "--base", "HEAD"]).expect_success("verify");
    assert!(since.stdout.contains("The plan holds"), "{}", since.stdout);
    let unknown = project.schemig(&["verify", "--base", "nowhere"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.printed());
    assert!(unknown.stderr.contains("nowhere"), "{}", unknown.stderr);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many scratch databases stand on the server.
fn scratch(connection: &mut PgConnection) -> i64 {
    let query = "SELECT count(*) AS count FROM pg_database WHERE datname LIKE 'schemig\\_verify\\_%'";
    diesel::sql_query(query).get_result::<Count>(connection).expect("a count").count
}

#[test]
fn ctrl_c_leaves_no_database_behind() {
    // A cluster of its own: the neighbours make scratch databases too.
    let cluster = Cluster::start(&schemig_tests::cluster::Settings::default());
    let project = nicknamed();
    let mut connection = PgConnection::establish(&cluster.administrator()).expect("the server answers");
    let mut verify = Command::new(binary());
    verify.args(["schemig", "verify", "--rows", "5000", "--database-url", &cluster.administrator()]);
    let mut verify = verify
        .current_dir(project.root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let started = Instant::now();
    while scratch(&mut connection) < 2 && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(scratch(&mut connection) >= 2, "verify has made no database yet");
    let pid = verify.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let status = verify.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert_eq!(scratch(&mut connection), 0, "databases are left behind");
}
