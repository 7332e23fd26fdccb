//! What stands beside the tables: rights, publications, row security, what is made for a type. Each is listed, and said where a plan meets it.

use diesel::connection::SimpleConnection as _;
use schemig_tests::run::Run;

use crate::harness::{Grown, On, migration};

const UP: &str = "CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TABLE users (id BIGSERIAL PRIMARY KEY, email TEXT NOT NULL, note TEXT, feels mood);
    CREATE TABLE posts (id BIGSERIAL PRIMARY KEY, title TEXT NOT NULL);
    CREATE TABLE keys (id BIGSERIAL PRIMARY KEY, secret TEXT NOT NULL);
    GRANT SELECT, INSERT ON users, posts TO ROLE;
    GRANT SELECT (id) ON keys TO ROLE;
    ALTER DEFAULT PRIVILEGES GRANT INSERT, SELECT ON TABLES TO ROLE;
    ALTER TABLE posts ENABLE ROW LEVEL SECURITY; ALTER TABLE posts FORCE ROW LEVEL SECURITY;
    CREATE PUBLICATION everything FOR ALL TABLES;
    CREATE PUBLICATION part FOR TABLE users (id, email) WHERE (id > 5), posts;
    CREATE PUBLICATION \"of it\" FOR TABLES IN SCHEMA public;
    CREATE FUNCTION feeling(mood) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE CAST (mood AS int) WITH FUNCTION feeling(mood);
    CREATE OPERATOR ### (FUNCTION = feeling, RIGHTARG = mood);
    CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER notice ON ddl_command_end EXECUTE FUNCTION noticed();";

const MODELS: &str = "use crate::schema::*;\n\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = users)]\npub struct User {\n    pub id: i64,\n    pub email: String,\n    \
                      pub note: Option<String>,\n    pub feels: Option<Mood>,\n}\n\n#[derive(schemig::MigratableEnum)]\n\
                      pub enum Mood {\n    Glad,\n    Sad,\n}\n\n\
                      #[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = keys)]\npub struct Key {\n    pub id: i64,\n    pub secret: String,\n}\n";

/// A database with one of everything, adopted; the role that has rights is given back.
fn adopted() -> (Grown, String) {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    let grown = Grown::with(On::Postgres, &files, &[]);
    let role = format!("app_{}", grown.database().name());
    grown.database().connect().batch_execute(&format!("CREATE ROLE {role}")).expect("a role");
    let (name, up) = migration(0, "base", &UP.replace("ROLE", &role));
    grown.write(&format!("migrations/{name}/up.sql"), &up);
    grown.write(&format!("migrations/{name}/down.sql"), "SELECT 1;\n");
    let grown = grown.migrated();
    grown.schemig(&["init", "--database-url", &grown.url()]).expect_success("init");
    grown.schemig(&["diff"]).expect_success("the first diff");
    (grown, role)
}

fn diff(grown: &Grown, words: &[&str], from: &str, to: &str) -> Run {
    let text = grown.read("src/models.rs");
    assert_eq!(text.matches(from).count(), 1, "{from:?} stands once");
    grown.write("src/models.rs", &text.replace(from, to));
    let words = [&["diff", "--dry-run", "--rows", "users=10", "--rows", "keys=10"], words].concat();
    let run = grown.schemig(&words);
    grown.write("src/models.rs", &text);
    run
}

/// The output on one line, as it is wrapped otherwise.
fn flat(run: &Run) -> String {
    run.printed().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn everything_beside_the_tables_is_listed_and_said() {
    let (grown, role) = adopted();
    let listed = grown.read("schemig/dependants.toml");
    for entry in [
        format!("kind = \"grants\"\nname = \"{role} (INSERT, SELECT)\"\ntables = [\"posts\", \"users\"]"),
        format!("kind = \"column_grants\"\nname = \"{role} (SELECT)\"\ntables = [\"keys\"]"),
        format!("makes: {role} (INSERT, SELECT)"),
        "kind = \"row_security\"\nname = \"forced\"\ntables = [\"posts\"]".to_owned(),
        "kind = \"publication\"\nname = \"part\"\ntables = [\"posts\", \"users\"]".to_owned(),
        "name = \"everything of all tables\"".to_owned(),
        "name = '\"of it\" of all in schema public'".to_owned(),
        "kind = \"cast\"\nname = \"mood AS integer\"\nenums = [\"mood\"]".to_owned(),
        "kind = \"operator\"\nname = \"###(NONE,mood)\"\nenums = [\"mood\"]".to_owned(),
        "name = \"feeling(mood)\"\nenums = [\"mood\"]".to_owned(),
        "kind = \"event_trigger\"\nname = \"notice on ddl_command_end\"".to_owned(),
    ] {
        assert!(listed.contains(&entry), "{entry} isn't listed:\n{listed}");
    }
    // A column of a table of which a role reads single columns, and that is sent to subscribers.
    let run = diff(
        &grown,
        &[],
        "    pub secret: String,",
        "    pub secret: String,\n    pub hint: Option<String>,",
    );
    let said = flat(&run.expect_success("diff"));
    assert!(said.contains(&format!("(GRANT SELECT (hint) ON keys TO {role})")), "{said}");
    assert!(said.contains("publication everything of all tables sends keys.hint too"), "{said}");
    // A new table.
    let new = "#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\npub struct Session {\n    pub id: i64,\n}\n\n#[derive(schemig::MigratableEnum)]";
    let said = flat(&diff(&grown, &[], "#[derive(schemig::MigratableEnum)]", new).expect_success("diff"));
    assert!(said.contains(&format!("(GRANT INSERT, SELECT ON sessions TO {role}); it does where")), "{said}");
}

/// Where the server refuses, a person is asked; and it does refuse.
#[test]
fn what_the_server_refuses_is_asked_about() {
    let (grown, _) = adopted();
    let mut connection = grown.database().connect();
    for sql in ["ALTER TABLE users DROP COLUMN email", "ALTER TABLE users ALTER email TYPE varchar(90)"] {
        connection.batch_execute(sql).expect_err("it is published");
    }
    let gone = "    pub email: String,\n";
    let dropped = "#[schemig(dropped(\"email\", fill = \"''\"))]\npub struct User";
    let text = grown.read("src/models.rs");
    grown.write("src/models.rs", &text.replace("pub struct User", dropped));
    let asked = diff(&grown, &[], gone, "");
    assert_eq!(asked.code, Some(2), "{}", asked.printed());
    assert!(flat(&asked).contains("the database has what reads it: publication part"), "{}", asked.printed());
    grown.write("src/models.rs", &text);
    let asked = diff(&grown, &["--no-overlap", "--approve", "x"], "    Sad,\n", "");
    assert_eq!(asked.code, Some(2), "{}", asked.printed());
    let all = "enum mood is made anew, and the database has what reads it: function feeling(mood), cast mood AS integer, operator ###(NONE,mood)";
    assert!(flat(&asked).contains(all), "{}", asked.printed());
}

/// What default privileges give on a table that a plan makes is no drift, nor is what goes with a table; what somebody grants is.
#[test]
fn grants_that_come_with_a_table_are_no_drift() {
    let (grown, role) = adopted();
    let url = grown.url();
    let check = || grown.schemig(&["status", "--database-url", &url, "--check"]);
    check().expect_success("status");
    let text = grown.read("src/models.rs");
    let more = "\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\npub struct Session {\n    pub id: i64,\n}\n";
    grown.write("src/models.rs", &format!("{text}{more}"));
    grown.schemig(&["diff"]).expect_success("diff");
    grown.diesel(&["migration", "run"]).expect_success("diesel migration run");
    check().expect_success("status with the new table");
    let by_hand = format!("GRANT DELETE ON posts TO {role}");
    grown.database().connect().batch_execute(&by_hand).expect("a grant");
    let seen = check();
    assert_eq!(seen.code, Some(1), "{}", seen.printed());
    assert!(
        flat(&seen).contains(&format!("grants to {role} (DELETE, INSERT, SELECT) is new")),
        "{}",
        seen.printed()
    );
}
