//! A plan on a project that was adopted is proved like any other: beside triggers, views, and a table that Diesel can't have.

use crate::harness::{Grown, On, migration};

const UP: &str = "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
    CREATE TABLE users (id BIGSERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL, changed TIMESTAMP NOT NULL DEFAULT now());
    CREATE TRIGGER stamped BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stamp();
    CREATE VIEW names AS SELECT name FROM users;
    CREATE TABLE log (at TIMESTAMPTZ, line TEXT);";

const MODELS: &str = "use crate::schema::*;\n\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = users)]\npub struct User {\n    pub id: i64,\n    pub name: String,\n}\n";

#[test]
fn a_plan_on_an_adopted_project_holds() {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    let grown = Grown::with(On::Postgres, &files, &[migration(0, "base", UP)]);
    let server = grown.url();
    let adopted =
        grown.schemig(&["init", "--from-migrations", "--database-url", &server]).expect_success("init");
    assert!(adopted.stdout.contains("log has no primary key"), "{}", adopted.printed());
    grown.schemig(&["diff"]).expect_success("the first diff");
    grown.write(
        "src/models.rs",
        &MODELS.replace("    pub name", "    pub nick: Option<String>,\n    pub name"),
    );
    grown.schemig(&["diff", "--rows", "users=1000"]).expect_success("diff");
    let verdict = grown.schemig(&["verify", "--database-url", &server, "--rows", "50"]);
    assert!(verdict.success(), "{}", verdict.printed());
    assert!(verdict.stdout.contains("users.changed isn't compared"), "{}", verdict.printed());
}
