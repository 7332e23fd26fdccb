//! A column that gets another numbering gives no number twice, whoever draws one while the change waits for its lock.

use diesel::connection::SimpleConnection as _;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Identity, SqlType, Table};

use crate::harness::{Live, ask, create, pause, send};

const WAITS: &str =
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public.tickets'::regclass";

/// An insert stands while the change begins, and another is made in the same transaction while it waits.
fn none_twice(from: Option<Identity>, to: Identity, insert: &str) {
    let mut live = Live::empty("number");
    let id = Column { identity: from, ..Column::required(SqlType::BigInt) };
    let tickets =
        Table::keyed_by(["id"]).with_column("id", id).with_column("of", Column::optional(SqlType::Text));
    live.up(&[create("tickets", tickets)]);
    live.sql(insert);
    let number = Operation::Number { table: "tickets".into(), column: "id".into(), identity: Some(to) };
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
