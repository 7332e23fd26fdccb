//! An index that is built online is followed by a guard, whose message carries the command that repairs.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Hints, Index, SqlType};

use crate::bench::{Bench, refused, send};
use crate::clients::{Turn, under_load};
use crate::models::{only, users};
use crate::planned::{File, Planned};
use crate::watch::{process, until, waits};

/// A token that nobody knows twice, and a unique index on it that N upserts by: built before contract, for N-1 leaves it NULL.
fn tokens() -> Planned {
    let after = users()
        .with_column("token", Column::optional(SqlType::Text))
        .with_index("users_token_key", Index::unique_on(["token"]));
    Planned::new(&only(users()), &only(after), &Hints::default())
}

const ROWS: &str =
    "INSERT INTO public.users (id, email) SELECT n, 'u' || n FROM generate_series(1, 500) AS n";

const UPSERT: &str = "INSERT INTO public.users (id, email, token) VALUES (900, 'n', 't')
    ON CONFLICT (token) DO UPDATE SET seen = public.users.seen + 1";

fn builds(operation: &Operation) -> bool {
    matches!(operation, Operation::CreateIndex { .. })
}

/// The build is interrupted while it waits for a writer, and the migrations are run again.
fn interrupted(stem: &str, planned: &Planned) -> (Bench, Vec<File>) {
    let mut bench = Bench::new(stem, planned, ROWS);
    let files = planned.files();
    let at = files.iter().position(|file| file.operations.iter().any(builds)).expect("a build");
    bench.up(&files[..at]);
    let (mut writer, mut migrator) = (bench.client(), bench.client());
    writer.batch_execute("BEGIN; UPDATE public.users SET seen = 1 WHERE id = 1").expect("a write");
    let of_migrator = process(&mut migrator);
    std::thread::scope(|scope| {
        let up = &files[at].up;
        let build = scope.spawn(move || refused(&mut migrator, up));
        until(&mut bench.connection, &waits(&of_migrator));
        bench.sql(&format!("SELECT pg_cancel_backend({of_migrator})"));
        let message = build.join().expect("no panic");
        assert!(message.contains("canceling statement"), "{message}");
    });
    writer.batch_execute("COMMIT").expect("an end");
    (bench, files[at..].to_vec())
}

#[test]
fn an_interrupted_build_stops_at_the_guard_and_one_command_repairs_it() {
    let planned = tokens();
    let (mut bench, files) = interrupted("r07_guarded", &planned);
    let [build, guard] = files.as_slice() else { panic!("a build and a guard: {files:#?}") };
    send(&mut bench.connection, &build.up).expect("the server passes by what is there, valid or not");
    let message = refused(&mut bench.connection, &guard.up);
    let (_, command) = message.split_once("run: ").unwrap_or_else(|| panic!("a command in {message}"));
    assert_eq!(command, "REINDEX INDEX CONCURRENTLY public.users_token_key;");
    bench.sql(command);
    bench.up(std::slice::from_ref(guard));
    bench.sql(UPSERT);
}

#[test]
fn without_the_guard_the_run_ends_well_and_n_fails() {
    let planned = tokens().without(|operation| matches!(operation, Operation::GuardIndex { .. }));
    let (mut bench, files) = interrupted("r07_unguarded", &planned);
    bench.up(&files);
    let message = bench.refused(UPSERT);
    assert!(message.contains("no unique or exclusion constraint matching"), "{message}");
}

#[test]
fn eight_clients_upsert_while_it_is_built() {
    let planned = tokens();
    let mut bench = Bench::new("r07_load", &planned, ROWS);
    let write = |connection: &mut PgConnection, turn: Turn| {
        connection.batch_execute(&format!(
            "INSERT INTO public.users (id, email) VALUES ({}, 'hot{}')
             ON CONFLICT (email) DO UPDATE SET seen = public.users.seen + 1",
            turn.fresh(),
            turn.turn % 100
        ))
    };
    under_load(bench.clients(), write, || bench.up(&planned.files())).assert_clean();
}
