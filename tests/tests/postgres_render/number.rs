//! A column that gets another numbering gives no number twice, whoever draws one while the change waits for its lock.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Identity, SqlType, Table};

use crate::harness::{Live, ask, create, pause, send};

const WAITS: &str =
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public.tickets'::regclass";

fn tickets(identity: Option<Identity>) -> Operation {
    let id = Column { identity, ..Column::required(SqlType::BigInt) };
    let table =
        Table::keyed_by(["id"]).with_column("id", id).with_column("of", Column::optional(SqlType::Text));
    create("tickets", table)
}

fn number(to: Identity) -> Operation {
    Operation::Number { table: "tickets".into(), column: "id".into(), identity: Some(to) }
}

/// An insert stands while the change begins, and another is made in the same transaction while it waits.
fn none_twice(from: Option<Identity>, to: Identity, insert: &str) {
    let mut live = Live::empty("number");
    let id = Column { identity: from, ..Column::required(SqlType::BigInt) };
    let tickets =
        Table::keyed_by(["id"]).with_column("id", id).with_column("of", Column::optional(SqlType::Text));
    live.up(&[create("tickets", tickets)]);
    live.sql(insert);
    let number = number(to);
    let rendered = live.render(std::slice::from_ref(&number));
    let mut writer = live.session();
    writer.batch_execute(&format!("BEGIN; {insert}")).expect("the insert before");
    let mut migrator = live.session();
    std::thread::scope(|scope| {
        let migration = scope.spawn(|| send(&mut migrator, &rendered));
        let waits = (0..2000).any(|_| {
            pause(5);
            live.ask(WAITS) == "1"
        });
        writer.batch_execute(&format!("{insert}; COMMIT")).expect("the insert meanwhile");
        migration.join().expect("the migration ends").expect("and gets through");
        assert!(waits, "the change never waited");
    });
    live.advance(&[number]);
    live.sql("INSERT INTO public.tickets (of) VALUES ('after')");
    assert_eq!(ask(&mut writer, "SELECT count(*) FROM public.tickets"), "4", "{from:?} to {to:?}");
}

#[test]
fn none_is_given_twice() {
    let drawn = "INSERT INTO public.tickets (of) VALUES ('drawn')";
    none_twice(Some(Identity::Serial), Identity::ByDefault, drawn);
    none_twice(Some(Identity::ByDefault), Identity::Serial, drawn);
    let given = "INSERT INTO public.tickets (id) SELECT coalesce(max(id), 0) + 1 FROM public.tickets";
    none_twice(None, Identity::ByDefault, given);
    none_twice(None, Identity::Serial, given);
}

#[test]
fn other_roles_go_on_inserting() {
    let mut live = Live::empty("draw");
    let name = live.database.name().to_owned();
    let (writer, clerk) = (format!("writer_{name}"), format!("clerk_{name}"));
    live.up(&[tickets(Some(Identity::Serial))]);
    live.sql(&format!(
        "CREATE ROLE {writer} LOGIN PASSWORD 'secret'; CREATE ROLE {clerk} LOGIN PASSWORD 'secret';
         GRANT INSERT ON public.tickets TO {writer}; GRANT INSERT (of) ON public.tickets TO {clerk};
         GRANT USAGE ON SEQUENCE public.tickets_id_seq TO {writer}, {clerk}"
    ));
    let mut roles = [&writer, &clerk].map(|role| {
        PgConnection::establish(&live.database.url_for(role, "secret")).expect("the role may connect")
    });
    for form in [Identity::ByDefault, Identity::Serial] {
        live.up(&[number(form)]);
        for role in &mut roles {
            role.batch_execute("INSERT INTO public.tickets (of) VALUES ('x')")
                .unwrap_or_else(|error| panic!("{form:?}: {error}"));
        }
    }
    assert_eq!(live.ask("SELECT string_agg(id::text, ' ' ORDER BY id) FROM public.tickets"), "1 2 3 4");
    live.sql(&format!("DROP OWNED BY {writer}, {clerk}; DROP ROLE {writer}, {clerk}"));
}
