//! Ten tables with two open contracts each, many of them about one column; contracted one by one, or several at a time.

use cargo_schemig::exit::Exit;
use diesel::connection::SimpleConnection as _;
use schemig_tests::cluster::Cluster;

use crate::app::{App, read};

const TABLES: usize = 10;

/// What changes first in a table, what then, and what both come to: two changes of its fields, while the first waits.
const FIELDS: [[&str; 3]; 5] = [
    [
        "pub a: String,",
        "pub a: String, #[schemig(backfill = \"id * 2\")] pub rank: i64,",
        "pub a: String, #[schemig(index, check(\"rank >= 0\"), comment = \"doubled\", backfill = \"id * 2\")] pub rank: i64,",
    ],
    [
        "pub a: String,",
        "pub a: Option<String>,",
        "#[schemig(index, check(\"a <> 'x'\"))] pub a: Option<String>,",
    ],
    ["#[schemig(default = \"0\")] pub c: i64,", "", "pub e: Option<String>,"],
    [
        "#[schemig(default = \"0\")] pub c: i64,",
        "#[schemig(default = \"1\")] pub c: i64,",
        "#[schemig(default = \"1\", index, references(parents))] pub c: i64,",
    ],
    [
        "pub d: i64,",
        "#[schemig(unique)] pub d: i64,",
        "#[schemig(unique, default = \"7\", check(\"d <> 3\"))] pub d: i64,",
    ],
];

/// The models, with so many changes made: first the first one of each table, then the second ones.
fn models(changes: usize) -> String {
    let table = |place: usize| {
        let stage = changes / TABLES + usize::from(place < changes % TABLES);
        let fields = FIELDS[place % FIELDS.len()][stage];
        format!(
            "#[derive(Migratable)]\n#[diesel(table_name = t{place})]\npub struct T{place} {{ #[schemig(identity)] pub id: i64, pub kept: i64, {fields} }}\n"
        )
    };
    let parents = "#[derive(Migratable)]\npub struct Parent { pub id: i64 }\n";
    parents.to_owned() + &(0..TABLES).map(table).collect::<String>()
}

/// Makes all plans, applies what may be, ends the contracts as `next` says, and gives back what the database holds.
fn contracted(next: impl Fn(&[String]) -> usize) {
    let database = Cluster::shared().database("many");
    let mut connection = database.connect();
    let mut app = App::new();
    for changes in 0..=2 * TABLES {
        app.write("src/lib.rs", &models(changes));
        let planned = app.diff();
        assert!(matches!(planned, Ok(Exit::Done)), "{changes} changes: {planned:#?}");
        app.migrate(&mut connection);
        if changes == 0 {
            let rows = (0..TABLES).filter(|place| ![0, 1].contains(&(place % 5))).map(|place| {
                let column = if place % 5 == 4 { "d" } else { "c" };
                format!(
                    "INSERT INTO t{place} (kept, {column}) SELECT n, n + 10 FROM generate_series(1, 20) AS n;"
                )
            });
            let text = (0..TABLES).filter(|place| [0, 1].contains(&(place % 5))).map(|place| {
                format!("INSERT INTO t{place} (kept, a) SELECT n, 'a' || n FROM generate_series(1, 20) AS n;")
            });
            let parents = "INSERT INTO parents SELECT n FROM generate_series(1, 50) AS n;".to_owned();
            let all: String = std::iter::once(parents).chain(rows).chain(text).collect();
            connection.batch_execute(&all).expect("rows");
        }
    }
    assert!(app.open().len() > 2 * TABLES, "{:?}", app.open());
    loop {
        let open = app.open();
        if open.is_empty() {
            break;
        }
        app.contract(&open[next(&open)]);
        app.migrate(&mut connection);
    }
    let mut direct = App::new();
    direct.write("src/lib.rs", &models(2 * TABLES));
    direct.diff().expect("a plan for an empty database");
    let beside = Cluster::shared().database("many_direct");
    let mut fresh = beside.connect();
    direct.migrate(&mut fresh);
    assert_eq!(read(&mut connection), read(&mut fresh));
    let check = app.run(&["diff", "--check"]);
    assert!(matches!(check, Ok(Exit::Done)), "{check:?}");
}

#[test]
fn dozens_of_contracts_end_one_by_one() {
    contracted(|_| 0);
}

#[test]
fn dozens_of_contracts_end_several_at_a_time() {
    contracted(|open| (open.len() - 1).min(6));
}
