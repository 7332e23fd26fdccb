//! NOT NULL comes last: filler, backfill, count, check, proof, NOT NULL.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, ColumnName, ColumnRef, Hints, Origin, SqlType};

use crate::bench::{Bench, refused, send};
use crate::clients::{Turn, under_load};
use crate::models::{nicknamed, only, users};
use crate::planned::{File, Planned};

/// `nickname` becomes required; what N-1 leaves out is computed from the address.
fn required() -> Planned {
    let mut after = users();
    after.columns[&ColumnName::from("nickname")] = Column::required(SqlType::Text);
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"nickname".into());
    hints.backfills.insert(at, Origin::Expression("'of ' || email".into()));
    Planned::new(&only(users()), &only(after), &hints)
}

fn adds_check(operation: &Operation) -> bool {
    matches!(operation, Operation::AddCheck { .. })
}

const EMPTY: &str = "SELECT count(*) FROM public.users WHERE nickname IS NULL";

fn old_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (id, new) = (1 + turn.pick(12_000), turn.fresh());
    connection.batch_execute(&match turn.turn % 4 {
        0 => format!("INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}')"),
        1 => format!("UPDATE public.users SET nickname = NULL WHERE id = {id}"),
        2 => format!("UPDATE public.users SET seen = seen + 1 WHERE id = {id}"),
        _ => format!(
            "INSERT INTO public.users (id, email) VALUES ({new}, 'hot{}')
             ON CONFLICT (email) DO UPDATE SET nickname = NULL",
            turn.turn % 40
        ),
    })
}

fn new_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (id, new) = (1 + turn.pick(12_000), turn.fresh());
    connection.batch_execute(&match turn.turn % 2 {
        0 => format!("INSERT INTO public.users (id, email, nickname) VALUES ({new}, 'n{new}', 'mine')"),
        _ => format!("UPDATE public.users SET seen = seen + 1, nickname = 'n' WHERE id = {id}"),
    })
}

#[test]
fn n_1_goes_on_leaving_it_out_and_n_reads_no_null() {
    let planned = required();
    let mut bench = Bench::new("r04_load", &planned, &nicknamed(12_000));
    under_load(bench.clients(), old_release, || bench.up(&planned.before_contract())).assert_clean();
    assert_eq!(bench.ask(EMPTY), "0");
    under_load(bench.clients(), new_release, || bench.up(&planned.contract())).assert_clean();
    let refuses = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = 'nickname'";
    assert_eq!(bench.ask(refuses), "true");
    assert_eq!(
        bench.ask(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = 'public.users'::regclass AND contype = 'c'"
        ),
        "0"
    );
}

#[test]
fn a_check_before_the_rows_satisfy_it_rejects_every_update_of_an_old_row() {
    let planned = required();
    let mut bench = Bench::new("r04_early", &planned, &nicknamed(9));
    let early = planned.file(adds_check).cut("DO $schemig$", "\n$schemig$;");
    send(&mut bench.connection, &early.up).expect("it is NOT VALID: no row is looked at");
    let message = bench.refused("UPDATE public.users SET seen = 1 WHERE id = 3");
    assert!(message.contains("violates check constraint"), "{message}");
    bench.sql("UPDATE public.users SET seen = 1 WHERE id = 1");
}

/// A row that slipped by: written while the filler was switched off.
fn slipped(planned: &Planned, stem: &str) -> Bench {
    let mut bench = Bench::new(stem, planned, &nicknamed(9));
    bench.up(&planned.before_contract());
    bench.sql(
        "ALTER TABLE public.users DISABLE TRIGGER USER; UPDATE public.users SET nickname = NULL WHERE id = 4;
         ALTER TABLE public.users ENABLE TRIGGER USER",
    );
    bench
}

#[test]
fn the_count_stops_with_the_number_and_the_query_before_anything_is_held_to_it() {
    let planned = required();
    let mut bench = slipped(&planned, "r04_count");
    let message = refused(&mut bench.connection, &planned.contract()[0].up);
    assert!(message.contains("nickname is NULL: 1"), "{message}");
    let (_, query) = message.split_once("see them: ").expect("a query");
    assert_eq!(bench.ask(&format!("SELECT id FROM ({}) AS rows", query.trim_end_matches(';'))), "4");
    let checks =
        "SELECT count(*) FROM pg_constraint WHERE conrelid = 'public.users'::regclass AND contype = 'c'";
    assert_eq!(bench.ask(checks), "0", "nothing stands");
    bench.sql("UPDATE public.users SET seen = 1 WHERE id = 4");
    bench.up(&planned.contract());

    let planned = planned.without(|operation| matches!(operation, Operation::Guard { .. }));
    let mut bench = slipped(&planned, "r04_uncounted");
    let contract = planned.contract();
    bench.up(&contract[..1]);
    let message = refused(&mut bench.connection, &contract[1].up);
    assert!(message.contains("violated by some row") && !message.contains("SELECT"), "{message}");
}

/// How often SET NOT NULL read the whole table.
fn scans(bench: &mut Bench, file: &File) -> i64 {
    let scans = "SELECT coalesce(seq_scan, 0) FROM pg_stat_all_tables WHERE relid = 'public.users'::regclass";
    bench.sql("SELECT pg_stat_reset_single_table_counters('public.users'::regclass)");
    let mut migrator = bench.database.connect();
    send(&mut migrator, &file.up).expect("NOT NULL");
    // What a session counted is there for others when it has ended.
    drop(migrator);
    crate::watch::pause(700);
    bench.ask(scans).parse().expect("a number")
}

#[test]
fn a_proved_check_spares_the_scan_under_an_exclusive_lock() {
    let planned = required();
    let sets = |operation: &Operation| matches!(operation, Operation::SetNotNull { .. });
    let prove = |bench: &mut Bench| {
        bench.up(&planned.before_contract());
        bench.up(&planned.contract()[..2]);
    };
    let mut bench = Bench::new("r04_proved", &planned, &nicknamed(9));
    prove(&mut bench);
    assert_eq!(scans(&mut bench, &planned.file(sets)), 0);
    // In one ALTER, as it reads naturally, the check is gone before it can prove anything.
    let mut bench = Bench::new("r04_one_alter", &planned, &nicknamed(9));
    prove(&mut bench);
    let naive = planned.file(sets).replaced(
        "ALTER COLUMN nickname SET NOT NULL;",
        "ALTER COLUMN nickname SET NOT NULL, DROP CONSTRAINT users_nickname_not_null;",
    );
    assert!(scans(&mut bench, &naive) > 0);
}
