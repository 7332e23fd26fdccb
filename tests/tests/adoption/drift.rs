//! What somebody changes by hand is seen, undone by the statements that are shown, or taken into the snapshot.

use diesel::connection::SimpleConnection as _;

use crate::harness::{Grown, On, migration};

const MODELS: &str = "use crate::schema::*;\n\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = users)]\npub struct User {\n    pub id: i32,\n    pub name: String,\n    \
                      #[schemig(check(\"age >= 0 AND age IN (1, 2, 3)\"), default = \"1 + 1\")]\n    pub age: i32,\n}\n";

fn adopted(up: &str) -> Grown {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    let grown = Grown::with(On::Postgres, &files, &[migration(0, "base", up)]).migrated();
    grown.schemig(&["init", "--database-url", &grown.url()]).expect_success("init");
    grown
}

const UP: &str =
    "CREATE TABLE users (id INT PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', age INT NOT NULL DEFAULT 2);
    CREATE INDEX users_name ON users (name);";

#[test]
fn what_a_server_words_otherwise_is_no_drift() {
    let grown = adopted(UP);
    grown
        .schemig(&["diff", "--no-overlap", "--approve", "a test", "--rows", "users=1"])
        .expect_success("diff");
    grown.diesel(&["migration", "run"]).expect_success("diesel migration run");
    grown.schemig(&["status", "--database-url", &grown.url(), "--check"]).expect_success("status");
}

#[test]
fn changes_by_hand_are_seen_and_undone_by_the_statements() {
    let grown = adopted(UP);
    let url = grown.url();
    grown.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status before");
    for by_hand in [
        "ALTER TABLE users ADD COLUMN hand INT",
        "DROP INDEX users_name",
        "CREATE UNIQUE INDEX by_hand ON users (age)",
        "ALTER TABLE users ALTER name DROP NOT NULL",
        "ALTER TABLE users ALTER name SET DEFAULT 'y'",
        "ALTER TABLE users ALTER age DROP DEFAULT",
        "ALTER TABLE users ADD CHECK (age < 9)",
        "CREATE TABLE more (id INT PRIMARY KEY)",
    ] {
        let mut connection = grown.database().connect();
        connection.batch_execute(by_hand).expect(by_hand);
        let run = grown.schemig(&["status", "--database-url", &url, "--check", "--format", "json"]);
        assert_eq!(run.code, Some(1), "{by_hand}: {}", run.printed());
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        let sql = report["statements"][0].as_str().unwrap_or_else(|| panic!("{by_hand}: {report:#}"));
        connection
            .batch_execute(&format!("BEGIN; {sql}; COMMIT"))
            .unwrap_or_else(|error| panic!("{by_hand}: {error}\n{sql}"));
        let after = grown.schemig(&["status", "--database-url", &url, "--check"]);
        assert!(after.success(), "{by_hand}, undone by\n{sql}\n{}", after.printed());
    }
}

#[test]
fn changes_by_hand_are_taken_into_the_snapshot() {
    let grown = adopted(UP);
    let url = grown.url();
    let by_hand = "ALTER TABLE users ADD COLUMN hand INT DEFAULT 3; CREATE INDEX by_hand ON users (age); CREATE VIEW names AS SELECT name FROM users";
    grown.database().connect().batch_execute(by_hand).expect("what somebody did");
    let seen = grown.schemig(&["status", "--database-url", &url]).expect_success("status").stdout;
    assert!(
        seen.contains("hand") && seen.contains("by_hand") && seen.contains("view names is new"),
        "{seen}"
    );
    grown.schemig(&["status", "--database-url", &url, "--accept"]).expect_success("accept");
    grown.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status after");
    let snapshot = grown.read("schemig/snapshot/users.toml");
    assert!(
        snapshot.contains(
            "hand = { type = \"integer\", nullable = true, default = \"3\", provenance = \"observed\" }"
        ),
        "{snapshot}"
    );
    let print = grown.diesel(&["print-schema"]).expect_success("print-schema").stdout;
    assert_eq!(grown.schemig(&["schema"]).expect_success("schema").stdout, print);
}

#[test]
fn a_migration_that_was_edited_after_it_ran() {
    let grown = adopted(UP);
    let url = grown.url();
    let name = "migrations/2021-01-01-000000_base/up.sql";
    let text = grown.read(name);
    grown.write(name, &text.replace('\n', "\r\n"));
    grown.schemig(&["status", "--check"]).expect_success("line endings");
    grown.write(name, &format!("{text}\n-- more\n"));
    let run = grown.schemig(&["status", "--check", "--database-url", &url]);
    assert_eq!(run.code, Some(1), "{}", run.printed());
    assert!(run.stdout.contains("was edited since it was written (up.sql)"), "{}", run.printed());
}
