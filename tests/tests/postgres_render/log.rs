//! What each kind of work writes to the write-ahead log: `docs/operations.md` says so of every operation.

use schemig_core::dialect::{Dialect as _, Work};
use schemig_core::operation::Operation;
use schemig_core::schema::{Conversion, Index, Origin, SqlType};

use crate::harness::Live;

const ROWS: u32 = 20_000;

/// Bytes that anything but the operation may write meanwhile, and the catalog's rows.
const LITTLE: i64 = 200_000;

/// Does it to users, of whom there are many; the bytes that it logs, and those of the table before.
fn logged(work: Work, operations: &[Operation]) -> (i64, i64) {
    let mut live = Live::story("log");
    live.sql(&format!(
        "INSERT INTO public.users (id, email, settings)
             SELECT n, 'user' || n || '@example.org', '{{}}' FROM generate_series(100, {ROWS} + 99) AS n"
    ));
    live.sql("VACUUM ANALYZE public.users");
    let (last, setup) = operations.split_last().expect("an operation");
    setup.iter().for_each(|operation| live.up(std::slice::from_ref(operation)));
    assert_eq!(live.dialect.effect(last, &live.state).work, work, "{last}");
    let size = live.ask("pg_relation_size('public.users')").parse().expect("bytes");
    let place = live.ask("pg_current_wal_insert_lsn()");
    live.up(std::slice::from_ref(last));
    let bytes = live.ask(&format!("pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{place}')::bigint"));
    (bytes.parse().expect("bytes"), size)
}

fn index(online: bool) -> Operation {
    let (table, index, definition) = ("users".into(), "users_email_new".into(), Index::on(["email"]));
    Operation::CreateIndex { table, index, definition, online }
}

fn alter(to: SqlType) -> Operation {
    let column = "seen".into();
    Operation::AlterType { table: "users".into(), column, to, conversion: Conversion::default() }
}

#[test]
fn what_is_read_or_only_changes_the_catalog_logs_little() {
    let unproved = Operation::SetNotNull { table: "users".into(), column: "email".into(), proof: None };
    let relaxed = Operation::DropNotNull { table: "users".into(), column: "email".into() };
    let (scanned, size) = logged(Work::ScansTable, &[relaxed.clone(), unproved]);
    assert!(scanned < LITTLE && size > 3 * LITTLE, "{scanned} bytes for a table of {size}");
    let (instant, _) = logged(Work::Instant, &[relaxed]);
    assert!(instant < LITTLE, "{instant} bytes");
}

#[test]
fn an_index_is_logged_whichever_way_it_is_built() {
    for online in [false, true] {
        let (bytes, size) = logged(Work::BuildsIndex, &[index(online)]);
        assert!(bytes > LITTLE && bytes < 2 * size, "{bytes} bytes for a table of {size}, online: {online}");
    }
}

#[test]
fn a_rewrite_is_logged_whole() {
    let (bytes, size) = logged(Work::RewritesTable, &[alter(SqlType::BigInt)]);
    assert!(bytes > size / 2, "{bytes} bytes for a table of {size}");
}

#[test]
fn rows_that_are_written_are_logged() {
    let backfill = Operation::Backfill {
        table: "users".into(),
        column: "full_name".into(),
        origin: Origin::Expression("lower(email)".into()),
        batched: false,
    };
    let (bytes, size) = logged(Work::WritesRows { batched: false }, &[backfill]);
    assert!(bytes > size / 2, "{bytes} bytes for a table of {size}");
}
