//! What can't be adopted says so, and leaves everything as it was.

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use schemig_tests::run::Run;

use crate::harness::{Grown, On, migration};

const MODELS: &str = "use crate::schema::*;\n\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = users)]\npub struct User {\n    pub id: i32,\n    pub name: String,\n}\n";

const UP: &str = "CREATE TABLE users (id INT PRIMARY KEY, name TEXT NOT NULL);";

fn small() -> Grown {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    Grown::with(On::Postgres, &files, &[migration(0, "base", UP)])
}

/// Runs it, expects that exit code and those words, and nothing written.
fn must_refuse(grown: &Grown, words: &[&str], code: i32, says: &str) -> Run {
    let before = grown.tree();
    let run = grown.schemig(words);
    assert_eq!(run.code, Some(code), "{}", run.printed());
    assert!(run.stderr.contains(says), "{says:?} isn't said:\n{}", run.printed());
    assert_eq!(grown.tree(), before, "something was written");
    run
}

#[test]
fn servers_that_refuse_or_do_not_answer() {
    let grown = small().migrated();
    let wrong = grown.database().url_for("nobody", "secret");
    let run = must_refuse(&grown, &["init", "--database-url", &wrong], 4, "can't connect to");
    assert!(!run.stderr.contains("secret"), "{}", run.printed());
    must_refuse(&grown, &["init", "--database-url", "postgres://localhost:1/x"], 4, "can't connect to");
    must_refuse(&grown, &["init", "--database-url", "app.sqlite"], 2, "is a database of sqlite");
    must_refuse(&grown, &["init"], 2, "already holds");
}

#[test]
fn migrations_that_have_not_run() {
    let grown = small();
    let url = grown.url();
    must_refuse(
        &grown,
        &["init", "--database-url", &url],
        2,
        "1 of the migrations haven't run on this database",
    );
    // One stopped half-way: Diesel hasn't recorded it.
    let grown = small().migrated();
    grown.write("migrations/2022-01-01-000000_half/metadata.toml", "run_in_transaction = false\n");
    let half = "CREATE TABLE halves (id INT PRIMARY KEY);\nCREATE TABLE users (id INT PRIMARY KEY);\n";
    grown.write("migrations/2022-01-01-000000_half/up.sql", half);
    assert!(!grown.diesel(&["migration", "run"]).success(), "this stops half-way");
    let url = grown.url();
    must_refuse(&grown, &["init", "--database-url", &url], 2, "the first is 2022-01-01-000000_half");
    must_refuse(
        &grown,
        &["init", "--from-migrations", "--database-url", &url],
        4,
        "doesn't run on an empty database",
    );
}

/// Roles are a server's, so a migration that grants something runs where they are.
#[test]
fn a_role_that_a_new_server_has_not() {
    let grown = small();
    let role = "reads_what_is_adopted";
    grown.write("migrations/2022-01-01-000000_grant/up.sql", &format!("GRANT SELECT ON users TO {role};"));
    must_refuse(&grown, &["init", "--from-migrations"], 4, "name one that has it: add --database-url");
    let mut connection = grown.database().connect();
    connection.batch_execute(&format!("CREATE ROLE {role}")).expect("a role");
    let url = grown.url();
    grown.schemig(&["init", "--from-migrations", "--database-url", &url]).expect_success("init");
    let listed = grown.read("schemig/dependants.toml");
    assert!(listed.contains(&format!("name = \"{role} (SELECT)\"")), "{listed}");
    connection.batch_execute(&format!("DROP ROLE {role}")).expect("no role");
}

#[test]
fn an_index_whose_build_stopped() {
    let grown = small().migrated();
    let mut connection = grown.database().connect();
    connection.batch_execute("INSERT INTO users VALUES (1, 'x'), (2, 'x')").expect("rows");
    connection
        .batch_execute("CREATE UNIQUE INDEX CONCURRENTLY once ON users (name)")
        .expect_err("two are alike");
    let url = grown.url();
    must_refuse(&grown, &["init", "--database-url", &url], 2, "index once of users isn't valid");
}

/// A role that may only read, with a search path of its own; tables without a key, in schemas, with odd names, with 1,600 columns.
#[test]
fn odd_databases_are_adopted_by_a_role_that_only_reads() {
    let grown = small().migrated();
    let columns: Vec<String> = (0..1_599).map(|number| format!("c{number} INT")).collect();
    let mut connection = grown.database().connect();
    connection
        .batch_execute(&format!(
            "CREATE SCHEMA \"Odd one\";
             CREATE TABLE \"Odd one\".\"it's \"\"q\"\"\" (\"a b\" INT PRIMARY KEY, \"select\" TEXT);
             CREATE TABLE keyless (at TIMESTAMPTZ, line TEXT);
             CREATE TABLE wide (id INT PRIMARY KEY, {});
             CREATE ROLE adopter LOGIN PASSWORD 'only reads'; GRANT USAGE ON SCHEMA public TO adopter;
             GRANT SELECT ON __diesel_schema_migrations TO adopter;
             ALTER ROLE adopter SET search_path = \"Odd one\", pg_catalog;
             ALTER ROLE adopter SET default_transaction_read_only = on;",
            columns.join(", ")
        ))
        .expect("odd things");
    let url = grown.database().url_for("adopter", "only%20reads");
    // Diesel's table is looked for by the role's search path, as Diesel does.
    must_refuse(&grown, &["init", "--database-url", &url], 2, "haven't run on this database");
    connection.batch_execute("ALTER ROLE adopter RESET search_path").expect("a setting");
    let run = grown.schemig(&["init", "--database-url", &url]).expect_success("init");
    assert!(run.stdout.contains("keyless has no primary key"), "{}", run.printed());
    assert!(grown.read("schemig/snapshot/wide.toml").contains("c1598 = { type = \"integer\""));
    assert!(grown.below("schemig/snapshot").len() == 4, "{:?}", grown.below("schemig/snapshot").keys());
    let first = grown.schemig(&["diff"]).expect_success("diff");
    assert!(!first.printed().contains("Plan "), "{}", first.printed());
    grown.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status");
    connection
        .batch_execute(
            "REVOKE USAGE ON SCHEMA public FROM adopter, public; DROP OWNED BY adopter; DROP ROLE adopter",
        )
        .expect("no role");
}

/// Plans for a newer server would stop half-way on this one.
#[test]
fn a_server_that_is_older_than_plans_are_written_for() {
    let grown = small().migrated();
    let url = grown.url();
    let told = |words: &[&str]| {
        let printed = grown.schemig(words).expect_success("a look").stdout;
        printed.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    grown.write("schemig.toml", "server = \"18\"\n");
    let is_older = told(&["init", "--database-url", &url]).contains("and plans are written for 18 on");
    assert_eq!(is_older, told(&["status", "--database-url", &url]).contains("so some steps don't run here"));
    let mut connection = grown.database().connect();
    let version: i32 = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>(
        "current_setting('server_version_num')::int",
    ))
    .get_result(&mut connection)
    .expect("a version");
    assert_eq!(is_older, version < 180_000, "{version}");
}
