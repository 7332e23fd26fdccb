//! Predicted times beside measured ones, class by class.
//!
//! `SCHEMIG_FULL=1 cargo test -p schemig-tests --test estimates -- predicted --nocapture` measures tables of 0.5 to 5 million rows of two widths on a
//! server that writes durably, and holds the ranges to what came out. Otherwise the tables are small, and only that it works is tested.

use std::fmt::Write as _;

use cargo_schemig::calibrate::{self, calibrate};
use cargo_schemig::database::{Connection, Url};
use cargo_schemig::sizes;
use diesel::connection::SimpleConnection as _;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::{Dialect, Pace};
use schemig_core::operation::Operation;
use schemig_core::safety::estimate::{Given, Known, Seconds, Timing, timings};
use schemig_tests::cluster::{Cluster, Database, Settings};
use schemig_tests::findings;
use schemig_tests::fixture::{Facts, Product, pair};

use crate::measure::{Took, run};

/// A class of work: how the models change, and what clears up behind it.
struct Class {
    name: &'static str,
    overlap: bool,
    from: &'static str,
    to: &'static str,
    /// Whether an operation is the one that is meant.
    is: fn(&Operation) -> bool,
    clear: &'static str,
}

const WIDE: &str = "wide";

const CLASSES: [Class; 5] = [
    Class {
        name: "validate",
        overlap: true,
        from: "pub score: i32,",
        to: "#[schemig(check(\"score >= 0\"))] pub score: i32,",
        is: |operation| matches!(operation, Operation::Validate { .. }),
        clear: "ALTER TABLE users DROP CONSTRAINT users_score_check",
    },
    Class {
        name: "index",
        overlap: false,
        from: "pub INDEXED,",
        to: "#[schemig(index)] pub INDEXED,",
        is: |operation| matches!(operation, Operation::CreateIndex { online: false, .. }),
        clear: "DROP INDEX users_COLUMN_idx",
    },
    Class {
        name: "index online",
        overlap: true,
        from: "pub INDEXED,",
        to: "#[schemig(index)] pub INDEXED,",
        is: |operation| matches!(operation, Operation::CreateIndex { online: true, .. }),
        clear: "DROP INDEX users_COLUMN_idx",
    },
    Class {
        name: "rewrite",
        overlap: false,
        from: "pub visits: i32,",
        to: "pub visits: i64,",
        is: |operation| matches!(operation, Operation::AlterType { .. }),
        clear: "SELECT 1",
    },
    // The last, for it leaves dead rows. The column before it is wider by then.
    Class {
        name: "backfill",
        overlap: true,
        from: "pub visits: i64,",
        to: "pub visits: i64, #[schemig(backfill = \"score + 1\")] pub level: Option<i32>,",
        is: |operation| matches!(operation, Operation::Backfill { batched: true, .. }),
        clear: "SELECT 1",
    },
];

/// A table to measure on.
#[derive(Clone, Copy)]
struct Case {
    rows: u64,
    /// About so many bytes a row.
    width: &'static str,
}

impl Case {
    /// Numbers are indexed in narrow rows, texts in wide ones.
    fn indexed(self) -> [&'static str; 2] {
        if self.width == WIDE { ["email: String", "email"] } else { ["number: i32", "number"] }
    }

    fn table(self) -> String {
        let rest = if self.width == WIDE { 240 } else { 1 };
        format!(
            "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, number int NOT NULL, score int NOT NULL,
                visits int NOT NULL, rest text NOT NULL);
            INSERT INTO users SELECT n, md5(n::text) || '@example.org', hashint4(n), n % 100, n % 1000, repeat('x', {rest})
                FROM generate_series(1, {}) AS n",
            self.rows
        )
    }

    /// The models before and after a class's change.
    fn models(self, class: &Class) -> [String; 2] {
        let visits = if class.from.contains("visits: i64") { "visits: i64" } else { "visits: i32" };
        let before = format!(
            "#[derive(Migratable)]\n#[diesel(table_name = users)]\npub struct User {{ pub id: i64, pub email: String, pub number: i32, \
             pub score: i32, pub {visits}, pub rest: String, }}"
        );
        let [from, to] = [class.from, class.to].map(|text| text.replace("INDEXED", self.indexed()[0]));
        assert!(before.contains(&from), "{from} isn't in {before}");
        let after = before.replace(&from, &to);
        [before, after]
    }
}

/// What was said and what it took.
struct Row {
    case: Case,
    class: &'static str,
    wall: Seconds,
    /// Where queries wait.
    hold: Option<Seconds>,
    took: Took,
}

impl Row {
    fn is_inside(&self) -> bool {
        let within = |range: Seconds, seconds: f64| range.low <= seconds && seconds <= range.high;
        within(self.wall, self.took.wall) && self.hold.is_none_or(|hold| within(hold, self.took.waited))
    }

    fn line(&self) -> String {
        let Self { case: Case { rows, width }, class, wall, hold, took } = self;
        let range = |Seconds { low, high }: Seconds| format!("{low:.3} to {high:.3}");
        let hold = hold.map_or_else(
            || "no query waits |".to_owned(),
            |hold| format!("{} | {:.3}", range(hold), took.waited),
        );
        let end = if self.is_inside() { "inside" } else { "OUTSIDE" };
        format!("| {class} | {rows} | {width} | {} | {:.3} | {hold} | {end} |", range(*wall), took.wall)
    }
}

/// Plans a class's change, runs all of its steps, and gives the one that is meant.
fn measure(class: &Class, case: Case, database: &Database<'_>, pace: Pace) -> Row {
    let dialect = Postgres { version: Cluster::shared().version(), ..Postgres::default() };
    let [before, after] = case.models(class);
    let facts = Facts { overlap: Some(class.overlap), ..Facts::default() };
    let pair = pair([&before, &after], &facts, Product::Postgres, &dialect).expect("models");
    let planned = pair.plan(dialect.capabilities()).expect("no question").expect("a change");
    database.connect().batch_execute("ANALYZE users").expect("statistics");
    let known = known(database, &dialect, pace);
    let given = Given { dialect: &dialect, known: &known };
    let timings = timings(&planned.plan, &planned.states[0], given).expect("each step fits");
    let mut row = None;
    for directory in planned.directories(&dialect) {
        let took = run(&directory, &database.url_as("accuracy"), "users");
        if planned.plan.steps[directory.place].up.iter().any(class.is) {
            let Timing { wall, holds, .. } = &timings[directory.place];
            let hold = holds.iter().find(|hold| hold.blocks()).and_then(|hold| hold.seconds.known());
            let wall = wall.known().expect("the size is known");
            row = Some(Row { case, class: class.name, wall, hold, took });
        }
    }
    let clear = class.clear.replace("COLUMN", case.indexed()[1]);
    database.connect().batch_execute(&clear).unwrap_or_else(|error| panic!("{clear}: {error}"));
    row.unwrap_or_else(|| panic!("no step of {} does it:\n{}", class.name, planned.lines()))
}

fn known(database: &Database<'_>, dialect: &dyn Dialect, pace: Pace) -> Known {
    let mut connection = Connection::Postgres(Box::new(database.connect()));
    let found = sizes::of_server(&mut connection, dialect).expect("the catalog");
    assert!(found.uncounted.is_empty(), "{found:?}");
    Known { tables: found.counted, pace: Some(pace) }
}

fn cases(sizes: &[u64]) -> Vec<Case> {
    sizes.iter().flat_map(|rows| ["narrow", WIDE].map(|width| Case { rows: *rows, width })).collect()
}

fn all(cluster: &Cluster, sizes: &[u64], probe: u64) -> (String, Vec<Row>) {
    let rates = Postgres::default().rates();
    let mut rows = Vec::new();
    let database = cluster.database("pace");
    let url = Url::parse(&database.url_as("pace")).expect("a URL");
    let calibration = calibrate(&rates, &url, probe).unwrap_or_else(|stop| panic!("{stop:?}"));
    let mut text = calibration.lines().join("\n");
    text += "\n\n| class | rows | width | predicted, s | took | predicted hold, s | writers waited | |\n|---|--:|---|---|--:|---|--:|---|\n";
    println!("{text}");
    for case in cases(sizes) {
        let database = cluster.database("accuracy");
        database.connect().batch_execute(&case.table()).expect("a table");
        for settle in ["VACUUM ANALYZE users", "CHECKPOINT"] {
            database.connect().batch_execute(settle).expect(settle);
        }
        for class in &CLASSES {
            let row = measure(class, case, &database, calibration.pace);
            println!("{}", row.line());
            let _ = writeln!(text, "{}", row.line());
            rows.push(row);
        }
    }
    (text, rows)
}

#[test]
fn predicted_beside_measured() {
    let full = std::env::var_os("SCHEMIG_FULL").is_some();
    let (text, rows) = if full {
        let cluster = Cluster::start(&Settings { fsync: true, ..Settings::default() });
        all(&cluster, &[500_000, 1_000_000, 3_000_000, 5_000_000], calibrate::ROWS)
    } else {
        all(Cluster::shared(), &[20_000], 5_000)
    };
    findings::keep("estimates", &text);
    for Row { wall, hold, took, .. } in &rows {
        for Seconds { low, high } in hold.iter().chain([wall]) {
            assert!(0.0 < *low && low < high && *high <= 4.01 * low, "{low} to {high}");
        }
        // What takes two milliseconds may fall between two of the other session's writes.
        assert!(0.0 < took.wall && (!full || 0.0 < took.waited), "{took:?}");
    }
    for class in &CLASSES {
        let of_class: Vec<&Row> = rows.iter().filter(|row| row.class == class.name).collect();
        assert_eq!(of_class.len(), if full { 8 } else { 2 }, "{}", class.name);
        let inside = of_class.iter().filter(|row| row.is_inside()).count();
        // Few rows say little.
        assert!(!full || inside >= 7, "{}: {inside} of 8 are inside\n{text}", class.name);
    }
}
