//! No password is ever printed, whatever goes wrong.

use std::process::Command;

use diesel::connection::SimpleConnection as _;
use schemig_tests::run::Run;

use crate::stage::{Stage, binary, finish};

const SECRET: &str = "s3cr3t-w0rd";

fn with_url(stage: &Stage, url: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(binary());
    command.args(["schemig", "apply"]).args(arguments).current_dir(stage.project.root());
    Run::of(command.env("DATABASE_URL", url))
}

#[test]
fn no_error_of_a_connection_holds_it() {
    let stage = Stage::new("secret");
    let real = stage.database.url();
    // By the network, where the server asks for the password.
    let wrong = stage.database.url_for("schemig", SECRET);
    let place = wrong.split_once('@').expect("a place").1.to_owned();
    for url in [
        format!("postgres://schemig:{SECRET}@{place}"),
        format!("postgres://nobody:{SECRET}@{place}"),
        format!("postgres://schemig:{SECRET}@127.0.0.1:1/x"),
        format!("postgres://schemig:{SECRET}@no-such-host.invalid/x"),
        format!("postgres://schemig:{SECRET}@{place}_missing"),
        format!("postgres://schemig:{SECRET}/more@{place}"),
        format!("postgres://schemig:{SECRET}@more@{place}"),
        format!("postgres://schemig:{SECRET}%2@{place}"),
        format!("postgres://schemig@{place}?password={SECRET}"),
        format!("postgres://schemig@{place}?password={SECRET}&passwor=x"),
        format!("postgres://schemig@{place}?passwrd={SECRET}%"),
        format!("postgres://schemig:{SECRET}"),
        format!("host=127.0.0.1 user=schemig password={SECRET}"),
        format!("mysql://root:{SECRET}@127.0.0.1/x"),
    ] {
        for arguments in [&[][..], &["--dry-run", "--log", "json"]] {
            let run = with_url(&stage, &url, arguments);
            assert!(matches!(run.code, Some(2 | 4)), "{url}: {}", run.printed());
            assert!(!run.printed().contains(SECRET), "{url}: {}", run.printed());
            assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        }
        let given = with_url(&stage, &real, &["--database-url", &url]);
        assert!(!given.printed().contains(SECRET), "{}", given.printed());
    }
}

/// The password as the server may say it: in an error's text, its details and its hint, and in the query of somebody in the way.
#[test]
fn no_message_of_the_server_holds_it() {
    let stage = Stage::new("said");
    let role = format!("CREATE ROLE said_{0} SUPERUSER LOGIN PASSWORD '{SECRET}'", stage.database.name());
    stage.sql(&role);
    let url = stage.database.url_for(&format!("said_{}", stage.database.name()), SECRET);
    with_url(&stage, &url, &[]).expect_success("what there is");
    let directory = stage.project.root().join("migrations/2026-12-01-000000_loud");
    std::fs::create_dir(&directory).expect("a directory");
    let up = format!(
        "DO $$ BEGIN RAISE EXCEPTION 'text {SECRET}' USING DETAIL = 'detail {SECRET}', HINT = 'hint {SECRET}'; END $$;"
    );
    std::fs::write(directory.join("up.sql"), up).expect("up.sql");
    for form in ["text", "json"] {
        let run = with_url(&stage, &url, &["--log", form]);
        assert_eq!(run.code, Some(4), "{}", run.printed());
        assert!(!run.printed().contains(SECRET), "{}", run.printed());
        for words in ["text ***", "detail ***", "hint ***"] {
            assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        }
    }
    std::fs::write(directory.join("up.sql"), "ALTER TABLE users ADD COLUMN note text;").expect("up.sql");
    let mut holder = stage.database.connect();
    let held = "BEGIN; LOCK TABLE users IN SHARE MODE; SELECT 1 /* ALTER ROLE x PASSWORD 'an0ther' */";
    holder.batch_execute(held).expect("a lock");
    let run = with_url(&stage, &url, &["--lock-attempts", "2", "--lock-timeout", "300ms"]);
    assert!(run.stderr.contains("a statement about a password"), "{}", run.printed());
    assert!(!run.printed().contains("an0ther"), "{}", run.printed());
    drop(holder);
    stage.sql(&format!("REASSIGN OWNED BY said_{0} TO schemig; DROP ROLE said_{0}", stage.database.name()));
}

/// From .env, as Diesel's CLI reads it.
#[test]
fn a_url_from_a_file_is_found_and_not_shown() {
    let stage = Stage::new("dotenv");
    let root = stage.project.root();
    std::fs::write(root.join(".env"), format!("DATABASE_URL=\"{}\"\n", stage.database.url())).expect(".env");
    let mut command = Command::new(binary());
    command
        .args(["schemig", "apply", "--until", "expand"])
        .current_dir(root.join("src"))
        .env_remove("DATABASE_URL");
    Run::of(&mut command).expect_success("with .env");
    assert_eq!(stage.recorded(), 6);
    std::fs::write(root.join(".env"), format!("DATABASE_URL='postgres://u:{SECRET}@h/d\n")).expect(".env");
    let run = Run::of(&mut command);
    assert_eq!(run.code, Some(2), "{}", run.printed());
    assert!(!run.printed().contains(SECRET), "{}", run.printed());
    std::fs::remove_file(root.join(".env")).expect(".env");
    let run = Run::of(&mut command);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--database-url"), "{}", run.stderr);
    drop(finish(stage.start(&["--dry-run"])));
}
