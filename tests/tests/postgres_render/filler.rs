//! A filler keeps up with its source, and never overrules the app (R1); whoever fires it (R14).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Origin, SqlType, Violation};

use crate::harness::{Live, add, ask, backfill, follow, keep_filled, organization_id, pause, source};

const OF: &str = "SELECT organization_id FROM public.users WHERE id =";

fn in_flight(stem: &str, otherwise: Option<&str>) -> Live {
    let mut live = Live::story(stem);
    let source = source(otherwise);
    live.up(&[organization_id()]);
    live.up(&[follow(&source)]);
    live.up(&[keep_filled(&source)]);
    live
}

#[test]
fn what_n_minus_1_writes_to_the_source_arrives() {
    let mut live = in_flight("follows", None);
    live.sql("UPDATE public.memberships SET organization_id = 2 WHERE user_id = 2");
    assert_eq!(live.ask(&format!("{OF} 2")), "2", "a move by UPDATE");
    live.sql("BEGIN; DELETE FROM public.memberships WHERE user_id = 3; INSERT INTO public.memberships VALUES (3, 1); COMMIT;");
    assert_eq!(live.ask(&format!("{OF} 3")), "1", "a move by DELETE and INSERT");
    live.sql("BEGIN; INSERT INTO public.users (id, email) VALUES (30, 'u30'); INSERT INTO public.memberships VALUES (30, 2); COMMIT;");
    assert_eq!(live.ask(&format!("{OF} 30")), "2", "a user before its membership");
    live.sql("UPDATE public.users SET seen = 1 WHERE id = 4");
    assert_eq!(live.ask(&format!("{OF} 4")), "1", "any write of a row that stands");
    live.sql("DELETE FROM public.memberships WHERE user_id = 2");
    assert_eq!(live.ask(&format!("{OF} 2")), "2", "without `otherwise` the last value stays");
    live.sql("UPDATE public.memberships SET user_id = 19 WHERE user_id = 3");
    assert_eq!(live.ask(&format!("{OF} 19")), "1", "a source row that goes to another user");
    assert_eq!(live.ask(&format!("{OF} 3")), "1");
}

#[test]
fn a_row_without_a_source_gets_what_the_model_says() {
    let mut live = in_flight("otherwise", Some("CASE WHEN users.email = 'u20' THEN -20 ELSE -1 END"));
    live.sql(
        "DELETE FROM public.memberships WHERE user_id = 2; UPDATE public.users SET seen = 1 WHERE id = 20",
    );
    assert_eq!(live.ask(&format!("{OF} 2")), "-1");
    assert_eq!(live.ask(&format!("{OF} 20")), "-20", "computed from the row itself");
    live.sql("INSERT INTO public.users (id, email) VALUES (31, 'u31')");
    assert_eq!(live.ask(&format!("{OF} 31")), "-1");
    live.sql(
        "ALTER TABLE public.memberships DROP CONSTRAINT memberships_pkey, ADD PRIMARY KEY (user_id) DEFERRABLE;
         UPDATE public.memberships SET user_id = 11 - user_id, organization_id = 3 - organization_id WHERE user_id IN (5, 6)",
    );
    assert_eq!(
        live.ask(&format!("{OF} 5")) + &live.ask(&format!("{OF} 6")),
        "21",
        "two rows that change places"
    );
}

#[test]
fn what_n_writes_is_never_undone() {
    let mut live = in_flight("respects", None);
    live.sql("UPDATE public.users SET organization_id = 2 WHERE id = 2");
    live.sql("UPDATE public.users SET seen = seen + 1 WHERE id = 2; UPDATE public.memberships SET organization_id = organization_id");
    assert_eq!(
        live.ask(&format!("{OF} 2")),
        "2",
        "neither by a write of the row nor by one that changes no source"
    );
    live.sql("INSERT INTO public.users (id, email, organization_id) VALUES (32, 'u32', 2)");
    assert_eq!(live.ask(&format!("{OF} 32")), "2");
}

#[test]
fn another_role_with_another_search_path_fires_it() {
    let mut live = in_flight("roles", None);
    let role = format!("app_{}", live.database.name());
    live.sql(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; CREATE SCHEMA elsewhere;
         GRANT SELECT, INSERT, UPDATE ON public.users, public.memberships TO {role}; GRANT SELECT ON public.organizations TO {role}"
    ));
    let mut app =
        PgConnection::establish(&live.database.url_for(&role, "secret")).expect("the role may connect");
    app.batch_execute(
        "SET search_path = elsewhere; UPDATE public.memberships SET organization_id = 1 WHERE user_id = 7;
         INSERT INTO public.users (id, email) VALUES (33, 'u33'); INSERT INTO public.memberships VALUES (33, 2)",
    )
    .expect("the triggers find their tables");
    assert_eq!(ask(&mut app, &format!("{OF} 7")) + &ask(&mut app, &format!("{OF} 33")), "12");
    live.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn an_expression_is_computed_from_the_row() {
    let mut live = Live::story("expression");
    live.up(&[add("users", "old", Column::optional(SqlType::Text))]);
    let origin = Origin::Expression("lower(users.email) || ' <' || \"full_name\" || '>'".into());
    live.up(&[Operation::KeepFilled { table: "users".into(), column: "old".into(), origin }]);
    live.sql("INSERT INTO public.users (id, email, full_name) VALUES (40, 'A@B', 'Ab')");
    assert_eq!(live.ask("SELECT old FROM public.users WHERE id = 40"), "a@b <Ab>");
    live.sql("UPDATE public.users SET old = 'mine' WHERE id = 40");
    assert_eq!(live.ask("SELECT old FROM public.users WHERE id = 40"), "mine");
}

/// Eight clients move, sign up, update and delete while the triggers and the backfill go in.
#[test]
fn nothing_is_stale_after_a_backfill_under_load() {
    let mut live = Live::story("load");
    live.sql(
        "INSERT INTO public.users (id, email) SELECT n, 'u' || n FROM generate_series(100, 20099) AS n;
         INSERT INTO public.memberships SELECT n, 1 + n % 2 FROM generate_series(100, 20099) AS n",
    );
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let database = &live.database;
    let connections: Vec<PgConnection> = (0..8).map(|_| database.connect()).collect();
    let source = source(None);
    let mut operations = vec![organization_id(), follow(&source), keep_filled(&source)];
    operations.push(backfill("users", "organization_id", Origin::Source(source.clone())));
    let (state, dialect) = (&mut live.state, &live.dialect);
    let mut migrator = database.connect();
    std::thread::scope(|scope| {
        for (number, connection) in connections.into_iter().enumerate() {
            let (stop, done) = (&stop, &done);
            scope.spawn(move || write_until(connection, number, stop, done));
        }
        for operation in &operations {
            let rendered =
                schemig_core::dialect::Dialect::render(dialect, std::slice::from_ref(operation), state);
            crate::harness::send(&mut migrator, &rendered)
                .unwrap_or_else(|error| panic!("{error}\nin {}", rendered.sql));
            state.apply(operation).expect("it fits");
        }
        pause(300);
        stop.store(true, Ordering::Relaxed);
    });
    assert!(done.load(Ordering::Relaxed) > 500, "the clients got on: {done:?}");
    live.up(&[Operation::Guard {
        table: "users".into(),
        against: Violation::Stale { column: "organization_id".into(), source },
    }]);
    assert_eq!(
        live.ask("SELECT count(*) FROM public.users u JOIN public.memberships m ON m.user_id = u.id WHERE u.organization_id IS NULL"),
        "0"
    );
}

fn write_until(mut connection: PgConnection, number: usize, stop: &AtomicBool, done: &AtomicUsize) {
    let mut turn = 0;
    while !stop.load(Ordering::Relaxed) {
        turn += 1;
        let id = 100 + (turn * 7919 + number * 2503) % 20_000;
        let new = 1_000_000 + number * 100_000 + turn;
        let sql = match turn % 4 {
            0 => format!(
                "UPDATE public.memberships SET organization_id = 3 - organization_id WHERE user_id = {id}"
            ),
            1 => format!(
                "BEGIN; INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}');
                 INSERT INTO public.memberships VALUES ({new}, {}); COMMIT",
                1 + turn % 2
            ),
            2 => format!("UPDATE public.users SET seen = seen + 1 WHERE id = {id}"),
            _ => format!(
                "BEGIN; DELETE FROM public.memberships WHERE user_id = {id};
                 INSERT INTO public.memberships SELECT id, {} FROM public.users WHERE id = {id}
                    ON CONFLICT (user_id) DO UPDATE SET organization_id = excluded.organization_id; COMMIT",
                1 + turn / 4 % 2
            ),
        };
        match connection.batch_execute(&sql) {
            Ok(()) => drop(done.fetch_add(1, Ordering::Relaxed)),
            // The promise that is printed: whoever writes both retries a deadlock.
            Err(error) if error.to_string().contains("deadlock") => {
                connection.batch_execute("ROLLBACK").expect("a rollback");
            }
            Err(error) => panic!("{error}\nin {sql}"),
        }
    }
}
