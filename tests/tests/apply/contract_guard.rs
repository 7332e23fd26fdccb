//! `contract_guard`: a database that skips a release, and so gets expand and contract in one go, stops between the two.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use schemig_core::dialect::sqlite::{LET_CONTRACT, Sqlite};
use schemig_core::dialect::{ContractGuard, Dialect as _, Rendered};
use schemig_core::plan::PlanId;
use schemig_core::schema::TableName;
use schemig_tests::cluster::Cluster;
use schemig_tests::diesel_cli::DieselCli;
use schemig_tests::project::Project;

use crate::stage::{PLAN, REQUIRED, STAMP, Stage};

const HOUR: &str = "contract_guard = \"1h\"\n";

/// The expand and the contract of the story are written, guarded.
fn story(stem: &str) -> Stage {
    Stage::with_settings(Cluster::shared(), stem, REQUIRED, HOUR).contracted()
}

/// What stands in the directories of the plan's phases, in order: name and up.sql.
fn written(project: &Project, phase: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(project.root().join("migrations")).expect("migrations").flatten();
    let mut found: Vec<(String, String)> = entries
        .map(|entry| (entry.file_name().into_string().expect("a name"), entry.path()))
        .filter(|(name, _)| {
            [STAMP, "2026-11-29"].iter().any(|stamp| name.starts_with(stamp)) && name.ends_with(phase)
        })
        .map(|(name, path)| (name, std::fs::read_to_string(path.join("up.sql")).expect("up.sql")))
        .collect();
    found.sort();
    found
}

/// The version of the last directory before the contract.
fn expand(stage: &Stage) -> String {
    let (name, _) = written(&stage.project, "_backfill").pop().expect("a backfill");
    schemig_core::script::normalise(&name)
}

impl Stage {
    /// How many directories of the contract ran.
    fn contracted_steps(&self) -> String {
        self.ask("SELECT count(*) FROM __diesel_schema_migrations WHERE version LIKE '20261129%'")
    }

    /// Makes the expand so much older than it is.
    fn grow_old(&self, by: &str) {
        let expand = expand(self);
        self.sql(&format!(
            "UPDATE __diesel_schema_migrations SET run_on = run_on - interval '{by}' WHERE version = '{expand}'"
        ));
    }
}

#[test]
fn one_go_stops_before_the_contract_and_says_how_to_pass() {
    let stage = story("guard_stops").filled_with(50);
    let run = stage.diesel().run();
    let said = run.printed();
    assert!(!run.success(), "{said}");
    let expand = expand(&stage);
    for words in [
        format!("the contract of plan {PLAN} came too early"),
        format!("migration {expand} has to have run 1 hour ago"),
        "there are rows in public.users".to_owned(),
        "has to run everywhere first".to_owned(),
        "PGOPTIONS='-c schemig.contract=on'".to_owned(),
    ] {
        assert!(said.contains(&words), "{words:?} isn't in:\n{said}");
    }
    let ran = format!("SELECT count(*) FROM __diesel_schema_migrations WHERE version = '{expand}'");
    assert_eq!([stage.ask(&ran), stage.contracted_steps()], ["1", "0"], "expand ran, the contract waits");
    // It is no lock that another attempt might get, and `apply` doesn't switch it off by itself.
    let applied = stage.apply(&[]);
    assert!(!applied.success() && applied.printed().contains("came too early"), "{}", applied.printed());
    assert!(!applied.printed().contains("trying again"), "{}", applied.printed());
    stage.diesel().with_options("-c schemig.contract=on").run().expect_success("whoever knows better");
    assert_ne!(stage.contracted_steps(), "0");
}

#[test]
fn an_empty_database_gets_all_of_it() {
    let stage = story("guard_empty");
    stage.diesel().run().expect_success("nobody runs on an empty database");
    assert_ne!(stage.contracted_steps(), "0");
}

#[test]
fn an_expand_that_ran_long_ago_is_not_asked_about() {
    let stage = story("guard_old").filled_with(50);
    assert!(!stage.diesel().run().success(), "it is young");
    stage.grow_old("59 minutes");
    assert!(!stage.diesel().run().success(), "it is young still");
    stage.grow_old("1 minute");
    stage.diesel().run().expect_success("it is an hour old");
    assert_ne!(stage.contracted_steps(), "0");
}

#[test]
fn an_expand_that_is_not_recorded_lets_nothing_through() {
    let stage = story("guard_lost").filled_with(50);
    assert!(!stage.diesel().run().success(), "it is young");
    stage.sql(&format!("DELETE FROM __diesel_schema_migrations WHERE version = '{}'", expand(&stage)));
    let (_, up) = written(&stage.project, "_contract").remove(0);
    let refused = stage.database.connect().batch_execute(&up).expect_err("nothing is known").to_string();
    assert!(refused.contains("it is not recorded"), "{refused}");
}

#[test]
fn no_time_zone_lets_a_young_expand_through_and_none_keeps_an_old_one_back() {
    let stage = story("guard_zones").filled_with(50);
    assert!(!stage.diesel().run().success(), "it is young");
    let (_, up) = written(&stage.project, "_contract").remove(0);
    let (expand, up) = (expand(&stage), guard_of(&up));
    let ask = |up: &str, session: &str, recorded: &str, minutes: u32| {
        stage.sql(&format!(
            "UPDATE __diesel_schema_migrations
             SET run_on = (now() AT TIME ZONE '{recorded}') - interval '{minutes} minutes' WHERE version = '{expand}'"
        ));
        stage.database.connect().batch_execute(&format!("SET TIME ZONE '{session}'; {up}")).is_ok()
    };
    let asked = |session: &str, recorded: &str, minutes| ask(&up, session, recorded, minutes);
    let [utc, west, east] = ["UTC", "America/New_York", "Pacific/Auckland"];
    // As Diesel records it and as an app does that has changed its connection.
    for (session, recorded) in [(utc, utc), (west, utc), (east, utc), (west, west), (east, east)] {
        for minutes in [0, 4, 59] {
            assert!(!asked(session, recorded, minutes), "{session} {recorded} {minutes}");
        }
    }
    for (session, recorded) in [(utc, utc), (west, utc), (east, utc), (west, west), (east, east)] {
        assert!(asked(session, recorded, 61), "{session} {recorded}");
    }
    // One clock alone wouldn't do.
    let (by_utc, by_session) = (
        up.replace("(localtimestamp), ", ""),
        up.replace(", (now() AT TIME ZONE 'UTC')) AS clocks", ") AS clocks"),
    );
    assert!(by_utc != up && by_session != up, "{up}");
    assert!(ask(&by_utc, west, west, 0), "it looks five hours old");
    assert!(ask(&by_session, east, utc, 0), "it looks twelve hours old");
}

/// The guard alone: what stands before the first empty line.
fn guard_of(up: &str) -> String {
    let (guard, _) = up.split_once("\n\n").expect("a guard and what it guards");
    assert!(guard.contains("schemig_age"), "{guard}");
    guard.to_owned()
}

#[test]
fn rows_that_a_policy_hides_count() {
    let stage = story("guard_policy").filled_with(50);
    assert!(!stage.diesel().run().success(), "it is young");
    let (_, up) = written(&stage.project, "_contract").remove(0);
    let role = "guard_policy_migrator";
    stage.sql(&format!(
        "CREATE ROLE {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
        ALTER TABLE users ENABLE ROW LEVEL SECURITY"
    ));
    let session = format!("SET ROLE {role}; SELECT 1 / (SELECT 1 - sign(count(*))::int FROM users);");
    let mut connection = stage.database.connect();
    connection.batch_execute(&session).expect("it sees no row");
    let (guard, any) = (guard_of(&up), "row_security_active('public.users') OR ");
    let refused = connection.batch_execute(&guard);
    assert!(guard.contains(any), "{guard}");
    connection.batch_execute(&guard.replace(any, "")).expect("a look at rows alone sees none");
    stage.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert!(refused.is_err(), "rows that nobody sees are let through");
}

#[test]
fn without_it_nothing_is_written() {
    let plain = Stage::with_contract("guard_off").filled_with(50);
    plain.diesel().run().expect_success("nothing stops it");
    assert_ne!(plain.contracted_steps(), "0");
    let all = written(&plain.project, "");
    assert!(all.iter().all(|(_, up)| !up.contains("schemig.contract")), "nobody asked for it");
    // And with it, only in the first directory, as it was previewed.
    let guarded = Stage::with_settings(Cluster::shared(), "guard_on", REQUIRED, HOUR);
    let previews = guarded.project.root().join("schemig/contracts").join(PLAN);
    let mut names: Vec<_> = std::fs::read_dir(&previews).expect("previews").flatten().collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    let preview = std::fs::read_to_string(names[0].path().join("up.sql")).expect("a preview");
    let guarded = guarded.contracted();
    let contract = written(&guarded.project, "_contract");
    assert_eq!(contract[0].1, preview, "it is as it was previewed");
    let having = contract.iter().filter(|(_, up)| up.contains("schemig.contract")).count();
    assert_eq!(having, 1, "one directory asks for all");
    let same = |phase| written(&plain.project, phase) == written(&guarded.project, phase);
    assert!(same("_expand") && same("_backfill"), "what comes before is as it was");
    assert!(contract[1..] == written(&plain.project, "_contract")[1..], "and so is the rest");
}

/// What only drops has nothing before its contract whose time Diesel could record.
#[test]
fn what_only_drops_gets_a_step_whose_time_is_recorded() {
    let stage = Stage::with_settings(Cluster::shared(), "guard_drop", "", HOUR);
    stage.project.replace("src/models.rs", "    pub full_name: Option<String>,\n", "");
    let drop = ["diff", "drop_name", "--now", STAMP, "--approve", "a test"];
    stage.schemig(&drop).expect_success("diff");
    let [(name, up)] = &written(&stage.project, "_expand")[..] else { panic!("one step") };
    assert!(up.contains("Diesel records when it ran") && up.ends_with("SELECT 1;\n"), "{up}");
    assert!(name.contains("_01_expand"), "{name}");
    let verified =
        stage.schemig(&["verify", "--rows", "20", "--database-url", &Cluster::shared().administrator()]);
    verified.expect_success("verify runs both in one go");
    let stage = stage.contracted();
    stage.apply(&["--until", "backfill"]).expect_success("the step that does nothing");
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'a@example.org')");
    let run = stage.diesel().run();
    assert!(!run.success() && run.printed().contains("came too early"), "{}", run.printed());
    assert_eq!(stage.contracted_steps(), "0");
}

#[test]
fn a_plan_from_before_the_setting_is_told_of() {
    let stage = Stage::with_settings(Cluster::shared(), "guard_late", "", "");
    stage.project.replace("src/models.rs", "    pub full_name: Option<String>,\n", "");
    let drop = ["diff", "drop_name", "--now", STAMP, "--approve", "a test"];
    stage.schemig(&drop).expect_success("diff");
    std::fs::write(stage.project.root().join("schemig.toml"), HOUR).expect("a file");
    let contract = stage.schemig(&["contract", "--confirm", "--now", "2026-11-29-090000"]);
    let said = contract.expect_success("contract").printed();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the contract of plan 0002_drop_name has no guard"), "{said}");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The quickstart beside a running release, a column less: a CHECK refuses there.
#[test]
fn sqlite_asks_too() {
    let project = Project::copy("quickstart");
    std::fs::write(project.root().join("schemig.toml"), format!("overlap = true\n{HOUR}")).expect("a file");
    project.replace("src/models.rs", "    pub body: Option<String>,\n    #[", "    #[");
    project.schemig(&["diff", "drop", "--now", STAMP, "--approve", "a test"]).expect_success("diff");
    project.schemig(&["verify", "--rows", "20"]).expect_success("verify runs both in one go");
    let path = project.root().join("notes.db").display().to_string();
    let diesel = DieselCli::new(&path, &project.root().join("migrations"));
    diesel.run().expect_success("expand");
    let contract = ["contract", "--confirm", "--now", "2026-11-29-090000"];
    project.schemig(&contract).expect_success("contract");
    let mut connection = SqliteConnection::establish(&path).expect("a database");
    let mut sql = |sql: &str| connection.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    sql("INSERT INTO notes (title, body) VALUES ('a', 'b')");
    let run = diesel.run();
    let said = run.printed();
    assert!(!run.success() && said.contains("came too early"), "{said}");
    assert!(said.contains("there are rows in") && said.contains("CREATE TABLE __schemig_contract"), "{said}");
    sql("CREATE TABLE __schemig_contract (n INTEGER)");
    diesel.run().expect_success("whoever knows better");
    diesel.revert().expect_success("back");
    sql("DROP TABLE __schemig_contract");
    assert!(!diesel.run().success(), "it is young again");
    sql("UPDATE __diesel_schema_migrations SET run_on = datetime(run_on, '-61 minutes')");
    diesel.run().expect_success("it is an hour old");
    let left = "SELECT count(*) AS count FROM sqlite_schema WHERE name LIKE '\\_\\_schemig%' ESCAPE '\\'";
    let left: Count = diesel::sql_query(left).get_result(&mut connection).expect("a count");
    assert_eq!(left.count, 0);
}

/// Files that bring a transaction of their own: the guard stands before it, in one that leaves nothing behind.
#[test]
fn sqlite_asks_again_on_the_same_connection() {
    let (plan, tables) = (PlanId("0001_a".to_owned()), [TableName::from("notes")]);
    let guard = ContractGuard { plan: &plan, expand: "1", seconds: 3600, tables: &tables };
    let up = Rendered { sql: String::new(), transactional: false };
    let asked = Sqlite { version: (3, 35) }.guard_contract(&guard, &up, false).expect("a guard");
    let mut connection = SqliteConnection::establish(":memory:").expect("a database");
    let mut sql = |sql: &str| connection.batch_execute(sql).map_err(|error| error.to_string());
    sql("CREATE TABLE notes (id INTEGER PRIMARY KEY);
        CREATE TABLE __diesel_schema_migrations (version TEXT PRIMARY KEY, run_on TEXT DEFAULT CURRENT_TIMESTAMP)")
        .expect("tables");
    sql(&asked).expect("nothing is in the table");
    sql("INSERT INTO notes VALUES (1); INSERT INTO __diesel_schema_migrations (version) VALUES ('1')")
        .expect("rows");
    for _ in 0..2 {
        let refused = sql(&asked).expect_err("it is young");
        assert!(refused.contains("the contract of plan 0001_a came too early"), "{refused}");
    }
    sql("BEGIN; ROLLBACK").expect("no transaction is left open");
    sql(&format!("BEGIN; {LET_CONTRACT}; COMMIT; {asked}")).expect("it is let through");
}
