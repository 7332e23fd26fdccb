//! Plans in whatever order people make, take back, deploy and contract them: the migrations, applied through Diesel, always end where a
//! database made from the models directly begins.

mod walk;

use cargo_schemig::introspect::{self, Introspected};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use crate::bad_input::schemig;
use crate::support::Crate;

/// A crate and its database.
struct App {
    home: Crate,
    database: SqliteConnection,
    day: u32,
}

impl App {
    fn new(fields: &[&str]) -> Self {
        let home = Crate::new();
        home.write("schemig.toml", "overlap = true\n");
        let mut app = Self { home, database: SqliteConnection::establish(":memory:").unwrap(), day: 0 };
        app.says(&["init"], 0);
        app.home.say_sizes();
        app.models(fields);
        app.diff();
        app.migrate();
        sql_query("INSERT INTO notes (title) VALUES ('milk'), ('tea')").execute(&mut app.database).unwrap();
        app
    }

    /// The models are these now.
    fn models(&mut self, fields: &[&str]) {
        let lines: String = fields.iter().map(|field| format!("    {field}\n")).collect();
        let text = format!(
            "#[derive(Migratable)]\npub struct Note {{\n    pub id: i32,\n    pub title: String,\n{lines}}}\n"
        );
        self.home.write("src/lib.rs", &text);
    }

    fn says(&self, typed: &[&str], exit: i32) -> String {
        let (code, text) = schemig(&self.home, typed);
        assert_eq!(code, exit, "{typed:?}: {text}");
        text
    }

    /// A time after all before.
    fn now(&mut self) -> String {
        self.day += 1;
        format!("2026-{:02}-{:02}-070000", 1 + self.day / 28, 1 + self.day % 28)
    }

    fn try_diff(&mut self) -> (i32, String) {
        let now = self.now();
        schemig(&self.home, &["diff", "--now", &now, "--approve", "tried"])
    }

    fn diff(&mut self) {
        let (code, text) = self.try_diff();
        assert_eq!(code, 0, "{text}");
    }

    fn contract(&mut self, plan: &str) -> String {
        let now = self.now();
        self.says(&["contract", plan, "--confirm", "--now", &now], 0)
    }

    fn migrate(&mut self) {
        let source = FileBasedMigrations::from_path(self.home.path("migrations")).unwrap();
        self.database.run_pending_migrations(source).unwrap();
    }

    fn plans(&self) -> Vec<String> {
        let names = self.home.names("schemig/plans");
        names.iter().map(|name| name.trim_end_matches(".toml").to_owned()).collect()
    }

    fn read(&mut self) -> Introspected {
        introspect::sqlite(&mut self.database).unwrap()
    }

    fn count(&mut self, condition: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let query = sql_query(format!("SELECT count(*) AS count FROM notes WHERE {condition}"));
        query.get_result::<Count>(&mut self.database).unwrap().count
    }

    /// All is contracted and applied: the database is what the models say, and nothing is left to do.
    fn ends_as_its_models(&mut self) {
        self.migrate();
        let mut direct = Self::bare();
        direct.home.write("src/lib.rs", &self.home.read("src/lib.rs"));
        direct.diff();
        direct.migrate();
        assert_eq!(self.read(), direct.read());
        assert!(self.home.names("schemig/contracts").is_empty());
        let text = self.says(&["diff", "--check"], 0);
        assert!(text.contains("nothing to do"), "{text}");
        assert!(self.says(&["status"], 0).contains("0 open"));
        assert_eq!(self.count("title IN ('milk', 'tea')"), 2, "the rows are still there");
    }

    fn bare() -> Self {
        let home = Crate::new();
        let app = Self { home, database: SqliteConnection::establish(":memory:").unwrap(), day: 0 };
        app.says(&["init"], 0);
        app.home.say_sizes();
        app
    }
}

const COLOUR: &str = "#[schemig(default = \"'yellow'\", renamed_from = none)] pub colour: String,";
const PINNED: &str = "#[schemig(default = \"false\", renamed_from = none)] pub pinned: bool,";
const RANK: &str = "#[schemig(index, renamed_from = none)] pub rank: Option<i32>,";

#[test]
fn two_plans_before_a_deploy_are_contracted_together() {
    let mut app = App::new(&[COLOUR, RANK]);
    app.contract("0001_create_notes");
    app.models(&[PINNED, RANK]);
    app.diff();
    app.models(&[PINNED]);
    app.diff();
    let [_, first, second] = <[String; 3]>::try_from(app.plans()).unwrap();
    assert_eq!(app.home.names("schemig/contracts"), [first.as_str(), second.as_str()]);
    app.migrate();
    app.contract(&second);
    let text = app.home.read("schemig/deployed");
    assert!(text.ends_with(&format!("{first}\n{second}\n")), "{text}");
    app.ends_as_its_models();
}

#[test]
fn two_plans_are_contracted_one_by_one() {
    let mut app = App::new(&[COLOUR, RANK]);
    app.models(&[PINNED, RANK]);
    app.diff();
    app.models(&[PINNED]);
    app.diff();
    let [_, first, second] = <[String; 3]>::try_from(app.plans()).unwrap();
    app.contract(&first);
    assert_eq!(app.home.names("schemig/contracts"), [second.as_str()]);
    app.migrate();
    assert_eq!(app.count("pinned"), 0, "the new column is there, and its default");
    app.contract(&second);
    app.ends_as_its_models();
}

#[test]
fn a_plan_is_taken_back_wholly() {
    let mut app = App::new(&[COLOUR]);
    app.models(&[PINNED]);
    app.diff();
    app.migrate();
    app.models(&[COLOUR]);
    app.diff();
    let back = app.plans().pop().unwrap();
    assert_eq!(app.home.names("schemig/contracts"), [back.as_str()], "what waited of the first is cancelled");
    app.migrate();
    assert_eq!(app.count("colour = 'yellow' AND NOT pinned"), 2, "both releases can still read");
    let text = app.contract(&back);
    assert!(text.contains("drop notes.pinned") && text.contains("(taken back)"), "{text}");
    app.ends_as_its_models();
}

#[test]
fn a_plan_is_taken_back_in_part() {
    let mut app = App::new(&[COLOUR]);
    app.models(&[PINNED]);
    app.diff();
    app.migrate();
    app.models(&[COLOUR, PINNED]);
    app.diff();
    let back = app.plans().pop().unwrap();
    assert!(app.home.names("schemig/contracts").is_empty(), "nothing is dropped any more");
    app.contract(&back);
    app.ends_as_its_models();
}

#[test]
fn a_plan_is_taken_back_before_it_was_applied_anywhere() {
    let mut app = App::new(&[COLOUR]);
    app.models(&[PINNED, RANK]);
    app.diff();
    app.models(&[COLOUR]);
    app.diff();
    let back = app.plans().pop().unwrap();
    app.contract(&back);
    app.ends_as_its_models();
}

#[test]
fn a_preview_stays_while_its_sql_does_and_goes_with_its_contract() {
    let mut app = App::new(&[COLOUR, RANK]);
    app.models(&[RANK]);
    app.diff();
    let plan = app.plans().pop().unwrap();
    let up = format!("schemig/contracts/{plan}/01_contract/up.sql");
    let before = app.home.read(&up);
    app.models(&[RANK, PINNED]);
    app.diff();
    assert_eq!(app.home.read(&up), before, "a later plan doesn't touch it");
    app.contract(&plan);
    let name = app.home.names("migrations").pop().unwrap();
    assert_eq!(app.home.read(&format!("migrations/{name}/up.sql")), before, "what was reviewed is what runs");
    assert!(app.home.names("schemig/contracts").is_empty());
    app.contract(&app.plans().pop().unwrap());
    app.ends_as_its_models();
}
