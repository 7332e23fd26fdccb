//! A role that may not do what is pending is told before it fails half-way.

use diesel::connection::SimpleConnection as _;
use schemig_tests::run::Run;

use crate::harness::{Grown, On, migration};

const MODELS: &str = "use crate::schema::*;\n\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = users)]\npub struct User {\n    pub id: i32,\n    pub name: String,\n}\n";

const UP: &str = "CREATE TABLE users (id INT PRIMARY KEY, name TEXT NOT NULL);";

fn flat(run: &Run) -> String {
    run.printed().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_role_that_owns_nothing_is_told() {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    let grown = Grown::with(On::Postgres, &files, &[migration(0, "base", UP)]).migrated();
    grown.schemig(&["init", "--database-url", &grown.url()]).expect_success("init");
    grown.schemig(&["diff"]).expect_success("the first diff");
    let role = format!(
        "mover_{}",
        grown.url().rsplit('/').next().expect("a name").split('?').next().expect("a name")
    );
    let mut connection = grown.database().connect();
    connection
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT ON users, __diesel_schema_migrations TO {role};"
        ))
        .expect("a role");
    let url = grown.database().url_for(&role, "x");
    let both = |says: &[&str]| {
        for words in [
            ["status", "--database-url", &url, "-v"].as_slice(),
            &["apply", "--dry-run", "--database-url", &url],
        ] {
            let run = grown.schemig(words).expect_success("a look");
            for line in says {
                assert!(flat(&run).contains(line), "{line:?} isn't said: {}", run.printed());
            }
            assert_eq!(flat(&run).matches("is pending would").count(), says.len(), "{}", run.printed());
        }
    };
    both(&[]);
    let more = "\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\npub struct Session {\n    pub id: i64,\n}\n";
    let text =
        MODELS.replace("    pub name: String,", "    pub name: String,\n    pub nick: Option<String>,");
    grown.write("src/models.rs", &format!("{text}{more}"));
    grown.schemig(&["diff", "--rows", "users=10"]).expect_success("diff");
    let owner = "public.users belongs to schemig, and only its owner may change it";
    let space = "it may make no table in schema public; GRANT CREATE ON SCHEMA public TO";
    both(&[owner, space]);
    connection.batch_execute(&format!("GRANT CREATE ON SCHEMA public TO {role}")).expect("a grant");
    both(&[owner]);
    // One that owns it, and is held to its policies.
    let owned = format!(
        "ALTER TABLE users OWNER TO {role}; ALTER TABLE users ENABLE ROW LEVEL SECURITY; ALTER TABLE users FORCE ROW LEVEL SECURITY"
    );
    connection.batch_execute(&owned).expect("an owner");
    both(&["row security hides rows of public.users from"]);
    connection.batch_execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY").expect("an owner");
    both(&[]);
    let gone = format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}");
    connection.batch_execute(&gone).expect("no role");
}
