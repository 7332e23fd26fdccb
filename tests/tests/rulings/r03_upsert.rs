//! A unique key is not mirrored under upserts: ON CONFLICT names one index, and its twin rejects the row.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::schema::{Column, ColumnRef, Hints, Index, SqlType, Table};

use crate::bench::Bench;
use crate::clients::{Turn, under_load};
use crate::models::{only, users};
use crate::planned::Planned;
use crate::watch::{pause, until};

/// The address becomes `address`, unique under either name.
fn renamed() -> Planned {
    let mut after = Table::keyed_by(["id"]);
    for (column, definition) in users().columns {
        let name = if column.as_str() == "email" { "address" } else { column.as_str() };
        after = after.with_column(name, definition);
    }
    let after = after.with_index("users_email_key", Index::unique_on(["address"]));
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"address".into());
    hints.column_renames.insert(at, Some("email".into()));
    Planned::new(&only(users()), &only(after), &hints)
}

/// Eight clients upsert one new key. All of them see that it isn't there, and only then go on to the indexes: an index whose
/// expression waits holds them up in between. What went wrong.
///
/// The indexes are made in this order, the twin last as a plan makes it: in this order the server writes to them.
fn race(bench: &mut Bench, twin: &str) -> Vec<String> {
    bench.sql(&format!(
        "CREATE FUNCTION public.wait_here(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
             BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN $1; END $$;
         DROP INDEX IF EXISTS public.users_email_key;
         CREATE INDEX users_wait ON public.users (public.wait_here(email));
         CREATE UNIQUE INDEX users_email_key ON public.users (email);
         {twin}"
    ));
    bench.sql("SELECT pg_advisory_lock(7)");
    let clients = bench.clients();
    std::thread::scope(|scope| {
        let upsert = |(client, mut connection): (usize, PgConnection)| {
            scope.spawn(move || {
                connection.batch_execute(&format!(
                    "INSERT INTO public.users (id, email) VALUES ({}, 'new')
                     ON CONFLICT (email) DO UPDATE SET seen = public.users.seen + 1",
                    100 + client
                ))
            })
        };
        let upserts: Vec<_> = clients.into_iter().enumerate().map(upsert).collect();
        let all_wait = "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted) = 8";
        until(&mut bench.connection, all_wait);
        bench.sql("SELECT pg_advisory_unlock(7)");
        let ended = upserts.into_iter().map(|upsert| upsert.join().expect("no panic"));
        ended.filter_map(|ended| ended.err().map(|error| error.to_string())).collect()
    })
}

const ROWS: &str = "INSERT INTO public.users (id, email) VALUES (1, 'u1'), (2, 'u2')";

#[test]
fn a_rename_of_a_unique_column_escalates_and_its_twin_rejects_upserts() {
    let planned = renamed();
    let escalation = planned.escalations.iter().find(|escalation| escalation.rule == "arbiter-twin");
    let escalation = escalation.expect("it escalates");
    assert!(escalation.workaround.contains("column_name"), "the mapping without DDL: {escalation:?}");

    let mut bench = Bench::new("r03_one", &planned, ROWS);
    assert_eq!(race(&mut bench, ""), Vec::<String>::new(), "one index: each upsert finds the row");
    assert_eq!(bench.ask("SELECT seen FROM public.users WHERE email = 'new'"), "7");

    let mut bench = Bench::new("r03_twin", &planned, ROWS);
    bench.up(&planned.before_contract());
    let twin = "DROP INDEX public.users_email_key_new;
        CREATE UNIQUE INDEX users_email_key_new ON public.users (address);";
    let failures = race(&mut bench, twin);
    assert!(!failures.is_empty(), "the escalation ignored, and nothing failed");
    for failure in failures {
        assert!(failure.contains("duplicate key value violates unique constraint"), "{failure}");
    }
}

/// What the workaround comes to, another change on the table: no twin, and upserts go on.
#[test]
fn where_the_name_is_kept_upserts_go_on() {
    let after = users().with_column("note", Column::optional(SqlType::Text));
    let planned = Planned::new(&only(users()), &only(after), &Hints::default());
    assert_eq!(planned.escalations, []);
    let mut bench = Bench::new("r03_kept", &planned, ROWS);
    let upsert = |connection: &mut PgConnection, turn: Turn| {
        connection.batch_execute(&format!(
            "INSERT INTO public.users (id, email) VALUES ({}, 'hot{}')
             ON CONFLICT (email) DO UPDATE SET seen = public.users.seen + 1",
            turn.fresh(),
            turn.turn % 50
        ))
    };
    under_load(bench.clients(), upsert, || {
        bench.up(&planned.files());
        pause(200);
    })
    .assert_clean();
}
