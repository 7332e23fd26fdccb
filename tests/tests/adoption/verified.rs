//! A plan on a project that was adopted is proved like any other: beside triggers, views, functions that defaults call, checks over several
//! columns, and a table that Diesel can't have.

use diesel::connection::SimpleConnection as _;
use schemig_tests::run::Run;

use crate::harness::{Grown, On, migration};

const UP: &str = "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
    CREATE FUNCTION code() RETURNS text LANGUAGE sql AS $$ SELECT md5(random()::text) $$;
    CREATE TABLE users (id BIGSERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL, changed TIMESTAMP NOT NULL DEFAULT now(),
        code TEXT NOT NULL DEFAULT code(), joined DATE, through TEXT, CHECK ((joined IS NULL) = (through IS NULL)));
    CREATE TABLE follows (id BIGSERIAL PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users, since DATE, how TEXT,
        CHECK ((since IS NULL) = (how IS NULL)));
    CREATE TRIGGER stamped BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stamp();
    CREATE VIEW names AS SELECT name FROM users;
    CREATE TABLE log (at TIMESTAMPTZ, line TEXT);";

const MODELS: &str = "use crate::schema::*;\n\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                      #[diesel(table_name = users)]\npub struct User {\n    pub id: i64,\n    pub name: String,\n}\n";

/// Adopted from its migrations, with the first diff written.
fn adopted() -> Grown {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    let grown = Grown::with(On::Postgres, &files, &[migration(0, "base", UP)]);
    let server = grown.url();
    let adopted =
        grown.schemig(&["init", "--from-migrations", "--database-url", &server]).expect_success("init");
    assert!(adopted.stdout.contains("log has no primary key"), "{}", adopted.printed());
    grown.schemig(&["diff"]).expect_success("the first diff");
    grown
}

/// Changes the model so, and plans it.
fn planned(field: &str) -> Grown {
    let grown = adopted();
    grown.write("src/models.rs", &MODELS.replace("    pub name", &format!("    {field}\n    pub name")));
    grown.schemig(&["diff", "--rows", "users=1000"]).expect_success("diff");
    grown
}

fn verify(grown: &Grown) -> Run {
    grown.schemig(&["verify", "--database-url", &grown.url(), "--rows", "50"])
}

#[test]
fn a_plan_on_an_adopted_project_holds() {
    let verdict = verify(&planned("pub nick: Option<String>,"));
    assert!(verdict.success(), "{}", verdict.printed());
    assert!(verdict.stdout.contains("users.changed isn't compared"), "{}", verdict.printed());
    // What a check of before refuses is no plan's doing, whichever release meets it.
    assert!(verdict.stdout.contains("N-1 leaves out"), "{}", verdict.printed());
}

/// The backfill moves what the trigger writes, as the plan says. What else it might change is seen.
#[test]
fn a_backfill_beside_a_trigger_holds_and_a_fault_in_it_is_seen() {
    let grown = planned("#[schemig(backfill = \"lower(name)\")]\n    pub nick: String,");
    let verdict = verify(&grown);
    assert!(verdict.success(), "{}", verdict.printed());
    let mut files = grown.below("migrations").into_keys();
    let expand = files.find(|path| path.ends_with("up.sql") && path.to_string_lossy().contains("_01_expand"));
    let expand = expand.expect("the first step");
    let text = std::fs::read_to_string(&expand).expect("its text");
    std::fs::write(&expand, text + "\nUPDATE public.users SET name = 'spoilt';\n").expect("a fault");
    let verdict = verify(&grown);
    assert_eq!(verdict.code, Some(1), "{}", verdict.printed());
    assert!(verdict.stdout.contains("users.name"), "{}", verdict.printed());
}

/// The triggers of a plan under way are its own; one that somebody drops is missed.
#[test]
fn a_plan_under_way_is_no_drift() {
    let grown = planned("#[schemig(backfill = \"lower(name)\")]\n    pub nick: String,");
    grown.diesel(&["migration", "run"]).expect_success("expand and backfill");
    let url = grown.url();
    let status = || grown.schemig(&["status", "--check", "--database-url", &url]);
    status().expect_success("the plan as it made it");
    let own = "zz_schemig_users_nick_fill";
    grown.database().connect().batch_execute(&format!("DROP TRIGGER {own} ON users")).expect("a drop");
    let status = status();
    assert_eq!(status.code, Some(1), "{}", status.printed());
    assert!(status.stdout.contains(&format!("trigger {own}, which a plan")), "{}", status.printed());
}
