//! A backfill one batch at a time, as `apply` asks for it: whatever the key, whoever goes on with it.

use diesel::connection::SimpleConnection as _;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use schemig_core::dialect::{Batches, CURSORS, Cursor, Dialect as _};
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Expression, Origin, SqlType, Table};

use crate::harness::{Live, backfill, create, pause};

const CURSOR: &str = "0001_fill";

/// A table with these key columns, and rows in it.
fn keyed(stem: &str, keys: &[(&str, SqlType)], rows: &str) -> Live {
    let mut live = Live::empty(stem);
    let mut table = Table::keyed_by(keys.iter().map(|(name, _)| *name))
        .with_column("value", Column::required(SqlType::Integer))
        .with_column("filled", Column::optional(SqlType::Integer));
    for (name, sql_type) in keys {
        table = table.with_column(name, Column::required(sql_type.clone()));
    }
    live.up(&[create("things", table)]);
    live.state.empty.clear();
    live.sql(&format!("INSERT INTO public.things (value, {rows}"));
    live.sql(CREATE_MIGRATIONS_TABLE);
    live
}

fn batches(live: &Live, expression: &str) -> Batches {
    let fill = backfill("things", "filled", Origin::Expression(Expression::from(expression)));
    let cursor = Cursor { plan: CURSOR.to_owned(), step: 2 };
    live.dialect.batches(&fill, &live.state, &cursor).expect("a table with a key has batches")
}

fn outcome(live: &mut Live, batches: &Batches) -> String {
    live.ask(&format!("SELECT outcome FROM ({}) AS found", batches.outcome))
}

/// Fills everything in batches of 700, each by a session with other settings than the last; what the batches wrote, each in a
/// transaction of its own.
fn walks(live: &mut Live, rows: usize) {
    let batches = batches(live, "things.value + 1");
    for nth in 0.. {
        live.connection = live.database.connect();
        let style = ["ISO, MDY", "SQL, DMY", "German, DMY", "Postgres, MDY"][nth % 4];
        live.sql(&format!(
            "SET datestyle = '{style}'; SET timezone = 'Asia/Kolkata'; SET bytea_output = 'escape'"
        ));
        live.sql(&batches.begin);
        live.sql(&batches.batch(700));
        match outcome(live, &batches).as_str() {
            "done" => assert!(nth <= rows, "it never ends"),
            other => {
                assert_eq!((other, nth), ("end", rows.div_ceil(700)));
                break;
            }
        }
    }
    assert_eq!(live.ask("SELECT count(*) FROM public.things WHERE filled = value + 1"), rows.to_string());
    let commits = live.ask("SELECT count(DISTINCT xmin::text) FROM public.things");
    assert_eq!(commits, rows.div_ceil(700).to_string());
    let figures =
        format!("SELECT passed || ' ' || written FROM {CURSORS} WHERE plan = '{CURSOR}' AND step = 2");
    assert_eq!(live.ask(&figures), format!("{rows} {rows}"));
    assert_eq!(live.ask(&format!("SELECT rows FROM ({}) AS found", batches.count)), rows.to_string());
    live.sql(&batches.end);
    assert_eq!(live.ask(&format!("SELECT to_regclass('{CURSORS}') IS NULL")), "true");
}

#[test]
fn sparse_and_negative_numbers() {
    let rows = "id) SELECT n, (n - 1000)::bigint * 1000000007 FROM generate_series(1, 2000) AS n";
    walks(&mut keyed("batches_sparse", &[("id", SqlType::BigInt)], rows), 2_000);
}

#[test]
fn uuids_words_and_bytes() {
    for (stem, sql_type, value) in [
        ("batches_uuid", SqlType::Uuid, "md5(n::text)::uuid"),
        ("batches_word", SqlType::Text, "md5(n::text) || '''\\,{}\"%'"),
        ("batches_bytes", SqlType::Binary, "decode(md5(n::text), 'hex')"),
        ("batches_double", SqlType::Double, "random() + n"),
    ] {
        let rows = format!("key) SELECT n, {value} FROM generate_series(1, 1500) AS n");
        walks(&mut keyed(stem, &[("key", sql_type)], &rows), 1_500);
    }
}

#[test]
fn times_whatever_the_session_calls_them() {
    for (stem, sql_type, value) in [
        ("batches_date", SqlType::Date, "'2001-02-03'::date + n * 11"),
        (
            "batches_timestamp",
            SqlType::Timestamp,
            "'2001-02-03 04:05:06.789012'::timestamp + n * interval '1 day 1 s'",
        ),
        (
            "batches_timestamptz",
            SqlType::Timestamptz,
            "'2001-02-03 04:05:06+00'::timestamptz + n * interval '11 h'",
        ),
    ] {
        let rows = format!("at) SELECT n, {value} FROM generate_series(1, 1500) AS n");
        walks(&mut keyed(stem, &[("at", sql_type)], &rows), 1_500);
    }
}

#[test]
fn keys_of_several_columns() {
    let keys = [("order", SqlType::Integer), ("Name", SqlType::Text), ("at", SqlType::Date)];
    let rows = "\"order\", \"Name\", \"at\") SELECT n, n % 7, (n % 11)::text, '2020-01-01'::date + n FROM generate_series(1, 2000) AS n";
    walks(&mut keyed("batches_several", &keys, rows), 2_000);
}

#[test]
fn a_table_without_rows() {
    walks(&mut keyed("batches_none", &[("id", SqlType::BigInt)], "id) SELECT 1, 1 WHERE false"), 0);
}

#[test]
fn a_locked_row_leaves_the_batch_and_its_place_as_they_were() {
    let rows = "id) SELECT n, n FROM generate_series(1, 1000) AS n";
    let mut live = keyed("batches_locked", &[("id", SqlType::BigInt)], rows);
    let batches = batches(&live, "things.value + 1");
    live.sql(&batches.begin);
    live.sql(&batches.batch(400));
    let mut holder = live.session();
    let holds = std::thread::spawn(move || {
        holder
            .batch_execute(
                "BEGIN; SELECT FROM public.things WHERE id = 500 FOR UPDATE; SELECT pg_sleep(1); COMMIT",
            )
            .expect("a lock");
    });
    pause(300);
    live.sql(&batches.batch(400));
    assert_eq!(outcome(&mut live, &batches), "locked");
    assert_eq!(live.ask("SELECT count(*) FROM public.things WHERE filled IS NOT NULL"), "400");
    assert_eq!(live.ask(&format!("SELECT passed FROM {CURSORS}")), "400");
    assert_eq!(live.ask("SELECT current_setting('lock_timeout')"), "0", "the short wait is the batch's own");
    holds.join().expect("no panic");
    for wanted in ["done", "done", "end"] {
        live.sql(&batches.batch(400));
        assert_eq!(outcome(&mut live, &batches), wanted);
    }
    assert_eq!(live.ask("SELECT count(*) FROM public.things WHERE filled = value + 1"), "1000");
}

#[test]
fn only_batched_backfills_of_keyed_tables_have_batches() {
    let live = keyed("batches_other", &[("id", SqlType::BigInt)], "id) SELECT 1, 1");
    let cursor = Cursor { plan: CURSOR.to_owned(), step: 2 };
    let at_once = Operation::Backfill {
        table: "things".into(),
        column: "filled".into(),
        origin: Origin::Column("value".into()),
        batched: false,
    };
    assert_eq!(live.dialect.batches(&at_once, &live.state, &cursor), None);
    let elsewhere = backfill("nowhere", "filled", Origin::Column("value".into()));
    assert_eq!(live.dialect.batches(&elsewhere, &live.state, &cursor), None);
}
