//! Random walks through the commands on PostgreSQL: models change, plans are made, applied and contracted in any order that the commands
//! allow; the database always ends where one made from the models directly begins.

use cargo_schemig::exit::Exit;
use diesel::connection::SimpleConnection as _;
use schemig_tests::cluster::Cluster;

use crate::app::{App, names, read};

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
