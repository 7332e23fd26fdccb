//! Random walks through the commands on PostgreSQL: models change, plans are made, applied and contracted in any order that the commands
//! allow; the database always ends where one made from the models directly begins.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_schemig::arguments::{Cargo, Command, Schemig};
use cargo_schemig::commands::{self, Outcome};
use cargo_schemig::exit::{Exit, Stop};
use cargo_schemig::{capture, introspect};
use clap::Parser;
use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use schemig_tests::cluster::Cluster;
use tempfile::TempDir;

/// How many walks, and how many steps each.
const WALKS: u64 = 8;
const STEPS: u32 = 8;

/// A column: as the model has it, and what the struct says when it is gone.
const COLUMNS: [(&str, &str); 5] = [
    ("pub body: Option<String>,", ""),
    ("#[schemig(backfill = \"id * 2\")] pub rank: i32,", "#[schemig(dropped(\"rank\", fill = \"0\"))]"),
    ("#[schemig(default = \"'yellow'\")] pub colour: String,", ""),
    (
        "#[schemig(index, backfill(from = \"members\", key = \"user_id\", value = \"org_id\", otherwise = \"0\"))] pub org_id: i64,",
        "#[schemig(dropped(\"org_id\", fill = \"0\"))]",
    ),
    ("#[schemig(unique)] pub email: Option<Vec<u8>>,", ""),
];

/// The column that is always there, under either name.
const NAMES: [&str; 2] = [
    "#[schemig(renamed_from = \"title\")] pub name: String,",
    "#[schemig(renamed_from = \"name\")] pub title: String,",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

struct App {
    home: TempDir,
    day: u32,
}

impl App {
    fn new() -> Self {
        let app = Self { home: tempfile::tempdir().expect("a directory"), day: 0 };
        app.write("Cargo.toml", "[package]\nname = \"app\"\nedition = \"2024\"\n[dependencies]\ndiesel = { version = \"2.3\", features = [\"postgres\"] }\n");
        let server = Cluster::shared().version();
        app.write("schemig.toml", &format!("overlap = true\nserver = \"{server}\"\n"));
        app.write("src/lib.rs", "");
        app.run(&["init"]).expect("a started project");
        app
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is below home")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn models(&self) -> String {
        fs::read_to_string(self.path("src/lib.rs")).expect("the models")
    }

    fn run(&self, typed: &[&str]) -> Result<Exit, Stop> {
        let manifest = self.path("Cargo.toml");
        let manifest = manifest.to_str().expect("a path that is text");
        let all = ["cargo", "schemig"].iter().chain(typed).copied().chain(["--manifest-path", manifest]);
        let Cargo { command: Schemig::Schemig(arguments) } = Cargo::try_parse_from(all).expect("arguments");
        let outcome = match &arguments.command {
            Command::Init(common) => commands::init::run(common),
            Command::Diff(diff) => commands::diff::run(diff, &capture::read),
            Command::Contract(contract) => commands::contract::run(contract),
            Command::Apply(apply) => commands::apply::run(apply),
            Command::Status(common) => commands::status::run(common),
            Command::Schema(common) => commands::schema::run(common),
            Command::Verify(verify) => commands::verify::run(verify),
        }?;
        Ok(match outcome {
            Outcome::Report { exit, .. } | Outcome::Verdict { exit, .. } => exit,
            Outcome::Text(_) => Exit::Done,
        })
    }

    fn now(&mut self) -> String {
        self.day += 1;
        format!("2026-01-{:02}-{:02}0000", 1 + self.day / 24, self.day % 24)
    }

    fn diff(&mut self) -> Result<Exit, Stop> {
        let now = self.now();
        self.run(&["diff", "--now", &now, "--approve", "tried"])
    }

    fn contract(&mut self, plan: &str) {
        let now = self.now();
        let exit = self.run(&["contract", plan, "--confirm", "--now", &now]);
        assert!(matches!(exit, Ok(Exit::Done)), "contract {plan}: {exit:?}");
    }

    fn migrate(&self, database: &mut PgConnection) {
        let directory = self.path("migrations");
        let source = FileBasedMigrations::from_path(&directory).expect("migrations");
        if let Err(error) = database.run_pending_migrations(source) {
            panic!("{error}; in {:?}", names(&directory));
        }
    }

    /// The plans that aren't contracted.
    fn open(&self) -> Vec<String> {
        let deployed = fs::read_to_string(self.path("schemig/deployed")).expect("the list");
        let plans = names(&self.path("schemig/plans"));
        let plans = plans.iter().map(|name| name.trim_end_matches(".toml").to_owned());
        plans.filter(|plan| !deployed.lines().any(|line| line == plan)).collect()
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Models with some of the columns.
fn models(dice: &mut Dice) -> String {
    let mut fields = String::new();
    let mut drops = String::new();
    for (field, gone) in COLUMNS {
        if dice.below(2) == 0 {
            fields.push_str(&format!("    {field}\n"));
        } else {
            drops.push_str(gone);
        }
    }
    let name = NAMES[usize::from(dice.below(3) == 0)];
    with(&drops, &format!("    {name}\n{fields}"))
}

fn with(drops: &str, fields: &str) -> String {
    format!(
        "#[derive(Migratable)]\n{drops}\npub struct User {{\n    #[schemig(identity)] pub id: i64,\n{fields}}}\n\
         #[derive(Migratable)]\n#[diesel(primary_key(user_id))]\npub struct Member {{ pub user_id: i64, pub org_id: i64 }}\n"
    )
}

/// Other models. What meets a change that waits is refused, and then they are as before.
fn change(app: &mut App, text: &str) {
    let before = app.models();
    app.write("src/lib.rs", text);
    match app.diff() {
        Ok(exit) => assert_eq!(exit, Exit::Done),
        Err(stop) => {
            assert!(
                stop.diagnostics.iter().all(|found| found.message.contains("isn't ended here")),
                "{stop:#?}\n{text}"
            );
            app.write("src/lib.rs", &before);
        }
    }
}

fn walk(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let database = Cluster::shared().database("walk");
    let mut connection = database.connect();
    let mut app = App::new();
    change(&mut app, &with("", "    pub name: String,\n"));
    app.migrate(&mut connection);
    let rows = "INSERT INTO users (name) SELECT 'n' || n FROM generate_series(1, 20) AS n; INSERT INTO members SELECT n, n FROM generate_series(1, 20) AS n WHERE n % 3 > 0";
    connection.batch_execute(rows).expect("rows of the source");
    for _ in 0..STEPS {
        match dice.below(6) {
            0..=2 => change(&mut app, &models(&mut dice)),
            3 | 4 => app.migrate(&mut connection),
            _ => {
                let open = app.open();
                if !open.is_empty() {
                    let nth = usize::try_from(dice.below(open.len() as u64)).expect("a small number");
                    app.contract(&open[nth]);
                }
            }
        }
    }
    if let Some(last) = app.open().pop() {
        app.contract(&last);
    }
    app.migrate(&mut connection);
    let mut direct = App::new();
    // A table that is new has no column to rename.
    let models = NAMES.iter().fold(app.models(), |text, name| {
        text.replace(name, name.rsplit_once(")] ").map_or(name, |(_, bare)| bare))
    });
    direct.write("src/lib.rs", &models);
    direct.diff().expect("a plan for an empty database");
    let beside = Cluster::shared().database("direct");
    let mut fresh = beside.connect();
    direct.migrate(&mut fresh);
    let read = |connection: &mut PgConnection| {
        introspect::postgres(connection, "public").expect("a database that can be read")
    };
    assert_eq!(read(&mut connection), read(&mut fresh), "walk {seed}");
    assert!(names(&app.path("schemig/contracts")).is_empty(), "walk {seed}");
    let check = app.run(&["diff", "--check"]);
    assert!(matches!(check, Ok(Exit::Done)), "walk {seed}: {check:?}");
}

#[test]
fn every_walk_ends_where_its_models_are() {
    for seed in 1..=WALKS {
        eprintln!("walk {seed}");
        walk(seed);
    }
}
