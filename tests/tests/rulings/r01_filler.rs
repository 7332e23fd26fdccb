//! A filler keeps up with its source, and never overrules the app.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::dialect::{Dialect as _, Rendered};
use schemig_core::operation::Operation;

use crate::bench::{Bench, refused, send};
use crate::clients::{Turn, under_load};
use crate::models::{belonging, members};
use crate::planned::{File, Planned};
use crate::watch::{pause, process, until, waits, within};

const USERS: usize = 12_000;

const STALE: &str = "SELECT count(*) FROM public.users u JOIN public.memberships m ON m.user_id = u.id
    WHERE u.organization_id IS DISTINCT FROM m.organization_id";

const EMPTY: &str = "SELECT count(*) FROM public.users WHERE organization_id IS NULL";

fn follows(operation: &Operation) -> bool {
    matches!(operation, Operation::Follow { .. } | Operation::StopFollowing { .. })
}

fn fills(operation: &Operation) -> bool {
    matches!(operation, Operation::KeepFilled { .. } | Operation::StopFilling { .. })
}

/// Release N-1: moves by UPDATE and by DELETE and INSERT, signs up, upserts, sees, deletes. Each tenth user may go, so nobody
/// gives one of those a membership.
fn old_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (any, new, to) = (1 + turn.pick(USERS), turn.fresh(), 1 + turn.turn % 3);
    let (id, gone) = (any - usize::from(any % 10 == 0), any - any % 10);
    let sql = match turn.turn % 6 {
        0 => format!("UPDATE public.memberships SET organization_id = {to} WHERE user_id = {any}"),
        1 => format!(
            "BEGIN; DELETE FROM public.memberships WHERE user_id = {id}; {}; COMMIT",
            join(&format!("id = {id}"), to)
        ),
        2 => format!(
            "BEGIN; INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}');
             INSERT INTO public.memberships VALUES ({new}, {to}); COMMIT"
        ),
        3 => {
            let email = format!("hot{}", turn.turn % 40);
            format!(
                "BEGIN; INSERT INTO public.users (id, email) VALUES ({new}, '{email}')
                 ON CONFLICT (email) DO UPDATE SET seen = public.users.seen + 1; {}; COMMIT",
                join(&format!("email = '{email}'"), to)
            )
        }
        4 => format!("UPDATE public.users SET seen = seen + 1, nickname = 'n' WHERE id = {any}"),
        _ => format!("DELETE FROM public.users WHERE id = {gone}"),
    };
    connection.batch_execute(&sql)
}

fn join(user: &str, organization: usize) -> String {
    format!(
        "INSERT INTO public.memberships SELECT id, {organization} FROM public.users WHERE {user}
         ON CONFLICT (user_id) DO UPDATE SET organization_id = excluded.organization_id"
    )
}

/// Release N: writes both sides, the source first; updates other columns of rows that N-1 moves meanwhile.
fn new_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (id, new, to) = (1 + turn.pick(USERS), turn.fresh() + 10_000_000, 1 + turn.turn % 3);
    let sql = match turn.turn % 3 {
        0 => format!(
            "BEGIN; UPDATE public.memberships SET organization_id = {to} WHERE user_id = {id};
             UPDATE public.users SET organization_id = {to} WHERE id = {id}
                AND EXISTS (SELECT FROM public.memberships WHERE user_id = {id}); COMMIT"
        ),
        1 => format!(
            "BEGIN; INSERT INTO public.users (id, email, organization_id) VALUES ({new}, 'n{new}', {to});
             INSERT INTO public.memberships VALUES ({new}, {to}); COMMIT"
        ),
        _ => format!("UPDATE public.users SET seen = seen + 1 WHERE id = {id}"),
    };
    connection.batch_execute(&sql)
}

fn both_releases(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    if turn.client % 2 == 1 { new_release(connection, turn) } else { old_release(connection, turn) }
}

#[test]
fn nobody_fails_and_nothing_is_stale_from_expand_to_contract() {
    let planned = belonging(None);
    let mut bench = Bench::new("r01_load", &planned, &members(USERS));
    under_load(bench.clients(), old_release, || bench.up(&planned.before_contract())).assert_clean();
    assert_eq!((bench.ask(STALE), bench.ask(EMPTY)), ("0".into(), "0".into()), "N-1 alone");
    under_load(bench.clients(), both_releases, || pause(500)).assert_clean();
    assert_eq!((bench.ask(STALE), bench.ask(EMPTY)), ("0".into(), "0".into()), "both releases");
    under_load(bench.clients(), new_release, || bench.up(&planned.contract())).assert_clean();
    assert_eq!((bench.ask(STALE), bench.ask(EMPTY)), ("0".into(), "0".into()), "N alone");
}

#[test]
fn rows_without_a_source_have_otherwise_while_sources_come_and_go() {
    let planned = belonging(Some("3"));
    let mut bench = Bench::new("r01_otherwise", &planned, &members(2_000));
    bench.sql("DELETE FROM public.memberships WHERE user_id % 5 = 0");
    let write = |connection: &mut PgConnection, turn: Turn| {
        let (id, new) = (1 + turn.pick(2_000), turn.fresh());
        connection.batch_execute(&match turn.turn % 3 {
            0 => format!("DELETE FROM public.memberships WHERE user_id = {id}"),
            1 => join(&format!("id = {id}"), 1 + turn.turn % 2),
            _ => format!("INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}')"),
        })
    };
    let wrong = "SELECT count(*) FROM public.users u LEFT JOIN public.memberships m ON m.user_id = u.id
        WHERE u.organization_id IS DISTINCT FROM coalesce(m.organization_id, 3)";
    under_load(bench.clients(), write, || bench.up(&planned.before_contract())).assert_clean();
    assert_eq!(bench.ask(wrong), "0");
    // Without the filler, a user that N-1 signs up without a membership stays NULL, and N can't read it.
    let planned = planned.without(fills);
    let mut bench = Bench::new("r01_otherwise_out", &planned, &members(100));
    bench.up(&planned.before_contract());
    bench.sql("INSERT INTO public.users (id, email) VALUES (101, 'new')");
    assert_eq!(bench.ask(EMPTY), "1", "without the filler");
}

#[test]
fn a_missing_source_stops_the_count_with_its_number_and_the_query_that_shows_it() {
    let planned = belonging(None);
    let mut bench = Bench::new("r01_missing", &planned, &members(100));
    bench.sql("DELETE FROM public.memberships WHERE user_id IN (7, 8)");
    let mut files = planned.before_contract();
    let count = files.pop().expect("the count comes last");
    bench.up(&files);
    let message = refused(&mut bench.connection, &count.up);
    assert!(message.contains("organization_id is NULL: 2"), "{message}");
    let (_, query) = message.split_once("see them: ").expect("a query");
    let shown = format!("SELECT string_agg(id::text, ' ') FROM ({}) AS rows", query.trim_end_matches(';'));
    assert_eq!(bench.ask(&shown), "7 8", "the query as it stands shows the rows");
    assert!(planned.promises("in one transaction, and leave none without one"));
}

/// N-1 moves a user after the backfill.
fn moved(planned: &Planned, stem: &str) -> Bench {
    let mut bench = Bench::new(stem, planned, &members(100));
    bench.up(&planned.before_contract());
    bench.sql("UPDATE public.memberships SET organization_id = 3 WHERE user_id = 5");
    bench
}

#[test]
fn without_a_follower_n_reads_what_was() {
    let planned = belonging(None);
    assert_eq!(moved(&planned, "r01_followed").ask(STALE), "0");
    let mut bench = moved(&planned.without(follows), "r01_unfollowed");
    assert_eq!(bench.ask(STALE), "1");
    assert!(
        refused(&mut bench.connection, &planned.contract()[0].up)
            .contains("is not what public.memberships says: 1")
    );
}

/// N moves a user and then sees it; what N reads of it in the end.
fn own_update(planned: &Planned, files: &[File], stem: &str) -> String {
    let mut bench = Bench::new(stem, planned, &members(100));
    bench.up(files);
    bench.sql("UPDATE public.users SET organization_id = 3 WHERE id = 5");
    bench.sql("UPDATE public.users SET seen = seen + 1 WHERE id = 5; UPDATE public.memberships SET organization_id = organization_id");
    bench.ask("SELECT organization_id FROM public.users WHERE id = 5")
}

#[test]
fn a_filler_that_looks_up_each_time_undoes_what_n_wrote() {
    let planned = belonging(None);
    let mut files = planned.before_contract();
    assert_eq!(own_update(&planned, &files, "r01_own"), "3");
    for file in files.iter_mut().filter(|file| file.operations.iter().any(fills)) {
        *file = file.replaced(" WHEN (NEW.organization_id IS NULL)", "");
    }
    assert_eq!(own_update(&planned, &files, "r01_undone"), "2");
}

/// A sign-up that has written its user when the triggers come, and then writes the membership: whether it ever waits for a
/// migration that itself waits for the user's table.
fn waits_in_circle(planned: &Planned, files: &[Rendered], stem: &str) -> bool {
    let bench = Bench::new(stem, planned, &members(100));
    let (mut app, mut watch, mut migrator) = (bench.client(), bench.client(), bench.client());
    send(&mut migrator, &planned.files()[0].up).expect("the column");
    app.batch_execute("BEGIN; INSERT INTO public.users (id, email) VALUES (101, 'new')").expect("a user");
    let (of_app, of_migrator) = (process(&mut app), process(&mut migrator));
    std::thread::scope(|scope| {
        let migration = scope.spawn(move || files.iter().try_for_each(|file| send(&mut migrator, file)));
        until(&mut watch, &waits(&of_migrator));
        let sign_up = scope.spawn(move || {
            app.batch_execute("INSERT INTO public.memberships VALUES (101, 1); COMMIT")
                .expect("a membership");
        });
        let waited = within(&mut watch, &waits(&of_app), Duration::from_millis(400));
        sign_up.join().expect("no panic");
        migration.join().expect("no panic").expect("it gets through in the end");
        waited
    })
}

#[test]
fn triggers_in_one_transaction_hold_one_table_while_they_wait_for_the_other() {
    let planned = belonging(None);
    let files = [
        planned.file(|operation| matches!(operation, Operation::Follow { .. })),
        planned.file(|operation| matches!(operation, Operation::KeepFilled { .. })),
    ];
    let apart = files.clone().map(|file| file.up);
    assert!(!waits_in_circle(&planned, &apart, "r01_apart"), "a sign-up waited");
    let state = planned.state_after(1);
    let both = files.map(|file| file.operations).concat();
    let together = planned.dialect.render(&both, &state);
    assert!(waits_in_circle(&planned, &[together], "r01_together"), "nobody waited: the case is no case");
}
