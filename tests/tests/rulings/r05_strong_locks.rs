//! Strong locks are taken in short attempts: behind a lock that waits, everybody waits.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_core::dialect::Rendered;
use schemig_core::schema::{Column, Hints, SqlType};

use crate::bench::{Bench, ask, send};
use crate::clients::under_load;
use crate::models::{nicknamed, only, users};
use crate::planned::Planned;
use crate::watch::{pause, process, until, waits};

fn widened() -> Planned {
    let after = users().with_column("note", Column::optional(SqlType::Text));
    Planned::new(&only(users()), &only(after), &Hints::default())
}

/// Someone reads the table in a transaction of 1.5 s; the migration comes, and then others read. The longest of their waits.
fn longest_read(bench: &Bench, file: &Rendered) -> Duration {
    let (mut holder, mut reader, mut watch) = (bench.client(), bench.client(), bench.client());
    let mut migrator = bench.client();
    let of_migrator = process(&mut migrator);
    holder.batch_execute("BEGIN; SELECT count(*) FROM public.users").expect("a read");
    std::thread::scope(|scope| {
        let migration = scope.spawn(move || send(&mut migrator, file));
        until(&mut watch, &waits(&of_migrator));
        scope.spawn(move || {
            pause(1_500);
            holder.batch_execute("COMMIT").expect("an end");
        });
        let mut longest = Duration::ZERO;
        while !migration.is_finished() {
            let asked = Instant::now();
            ask(&mut reader, "SELECT count(*) FROM public.users").expect("a read");
            longest = longest.max(asked.elapsed());
        }
        migration.join().expect("no panic").expect("it gets through in the end");
        longest
    })
}

#[test]
fn a_reader_behind_a_plain_alter_waits_for_whoever_it_waits_for() {
    let planned = widened();
    let file = planned.files().remove(0).up;
    let ruled = longest_read(&Bench::new("r05_attempts", &planned, &nicknamed(9)), &file);
    assert!(ruled < Duration::from_millis(700), "a reader waited {ruled:?}");
    let sql = "SET LOCAL lock_timeout = '2s'; ALTER TABLE public.users ADD COLUMN IF NOT EXISTS note text;";
    let plain = Rendered { sql: sql.to_owned(), transactional: true };
    let plain = longest_read(&Bench::new("r05_plain", &planned, &nicknamed(9)), &plain);
    assert!(plain > Duration::from_millis(1_000), "a reader waited only {plain:?}");
}

/// The one attempt of the plain form gives up beside a transaction that lasts longer than it may wait.
#[test]
fn one_short_attempt_gives_up_where_several_get_through() {
    let planned = widened();
    let file = planned.files().remove(0);
    let bench = Bench::new("r05_gives_up", &planned, &nicknamed(9));
    let mut holder = bench.client();
    holder.batch_execute("BEGIN; SELECT count(*) FROM public.users").expect("a read");
    let once = file.replaced("IN 1..60 LOOP", "IN 1..1 LOOP");
    let message = crate::bench::refused(&mut bench.client(), &once.up);
    assert!(message.contains("stayed locked") && message.contains("FROM pg_locks"), "{message}");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            pause(800);
            holder.batch_execute("COMMIT").expect("an end");
        });
        send(&mut bench.client(), &file.up).expect("sixty attempts do");
    });
}

#[test]
fn eight_clients_go_on_while_it_is_added() {
    let planned = widened();
    let mut bench = Bench::new("r05_load", &planned, &nicknamed(3_000));
    let write = |connection: &mut diesel::PgConnection, turn: crate::clients::Turn| {
        connection.batch_execute(&format!(
            "BEGIN; UPDATE public.users SET seen = seen + 1 WHERE id = {}; SELECT pg_sleep(0.005); COMMIT",
            1 + turn.client + 8 * turn.pick(300)
        ))
    };
    under_load(bench.clients(), write, || {
        bench.up(&planned.files());
        pause(200);
    })
    .assert_clean();
}
