//! The old name of a table lives on as a view: in the transaction of the rename, with owner and grants.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::dialect::Rendered;
use schemig_core::operation::Operation;
use schemig_core::schema::{ColumnName, Hints, Schema};

use crate::bench::{Bench, send};
use crate::clients::{Turn, under_load};
use crate::models::{nicknamed, only, users};
use crate::planned::{File, Planned};
use crate::watch::{pause, until};

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        seen -> Integer,
    }
}

fn renamed() -> Planned {
    let mut hints = Hints::default();
    hints.table_renames.insert("people".into(), Some("users".into()));
    Planned::new(&only(users()), &Schema::default().with_table("people", users()), &hints)
}

/// A role of its own, with grants on the table and on columns, and eight of its connections.
struct Role {
    name: String,
    clients: Vec<PgConnection>,
}

impl Role {
    fn new(bench: &mut Bench) -> Self {
        let name = format!("app_{}", bench.database.name());
        bench.sql(&format!(
            "CREATE ROLE {name} LOGIN PASSWORD 'secret';
             GRANT SELECT, INSERT, DELETE ON public.users TO {name}; GRANT UPDATE (seen, email) ON public.users TO {name}"
        ));
        let url = bench.database.url_for(&name, "secret");
        let clients = (0..8).map(|_| PgConnection::establish(&url).expect("the role may connect")).collect();
        Self { name, clients }
    }

    fn drop(name: &str, bench: &mut Bench) {
        bench.sql(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
    }
}

/// Release N-1 with Diesel's prepared statements: reads FOR UPDATE, upserts, inserts with a default and RETURNING, deletes.
fn old_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (id, new) = (1 + turn.client as i64 + 8 * turn.pick(100) as i64, turn.fresh() as i64);
    match turn.turn % 4 {
        0 => connection.transaction(|connection| {
            let row = users::table.find(id).for_update();
            let seen: i32 = row.select(users::seen).first(connection)?;
            let written = diesel::update(users::table.find(id)).set(users::seen.eq(seen + 1));
            assert_eq!(written.execute(connection)?, 1);
            Ok(())
        }),
        1 => {
            let row = (users::id.eq(new), users::email.eq(format!("n{new}")));
            let insert = diesel::insert_into(users::table).values(row).returning(users::seen);
            let seen: i32 = insert.get_result(connection)?;
            assert_eq!(seen, 0);
            Ok(())
        }
        2 => diesel::insert_into(users::table)
            .values((users::id.eq(new), users::email.eq(format!("hot{}", turn.turn % 40))))
            .on_conflict(users::email)
            .do_update()
            .set(users::seen.eq(users::seen + 1))
            .execute(connection)
            .map(drop),
        _ => diesel::delete(users::table.filter(users::email.eq(format!("hot{}", turn.turn % 40))))
            .execute(connection)
            .map(drop),
    }
}

#[test]
fn another_role_goes_on_under_the_old_name() {
    let planned = renamed();
    let mut bench = Bench::new("r08_load", &planned, &nicknamed(800));
    let Role { name, clients } = Role::new(&mut bench);
    let tally = under_load(clients, old_release, || {
        bench.up(&planned.before_contract());
        pause(300);
        bench.down(&planned.before_contract());
        pause(100);
    });
    tally.assert_clean();
    Role::drop(&name, &mut bench);
}

#[test]
fn without_its_grants_the_view_refuses_every_other_role() {
    let planned = renamed();
    let mut bench = Bench::new("r08_no_grants", &planned, &nicknamed(800));
    let Role { name, clients } = Role::new(&mut bench);
    let bare: Vec<File> = planned.before_contract().iter().map(without_grants).collect();
    let tally = under_load(clients, old_release, || bench.up(&bare));
    tally.assert_failed("permission denied for view users");
    Role::drop(&name, &mut bench);
}

/// The view's loops over grants find nothing to copy.
fn without_grants(file: &File) -> File {
    file.replaced("EXECUTE format('GRANT", "PERFORM format('GRANT")
}

#[test]
fn a_view_in_a_transaction_of_its_own_leaves_a_moment_without_the_name() {
    let planned = renamed();
    let mut bench = Bench::new("r08_apart", &planned, &nicknamed(9));
    let state = planned.state_after(0);
    let is_rename = |operation: &Operation| matches!(operation, Operation::RenameTable { .. });
    let operations = planned.file(is_rename).operations;
    let [rename, show] = operations.as_slice() else { panic!("two operations: {operations:?}") };
    let alone: Rendered =
        schemig_core::dialect::Dialect::render(&planned.dialect, std::slice::from_ref(rename), &state);
    send(&mut bench.connection, &alone).expect("renamed");
    let message = bench.refused("SELECT id FROM public.users");
    assert!(message.contains("does not exist"), "{message}: {show}");

    // As planned, whoever asks meanwhile waits, and then has the view.
    let mut bench = Bench::new("r08_together", &planned, &nicknamed(9));
    let up = &planned.before_contract()[0].up;
    bench.sql("BEGIN");
    bench.sql(&up.sql);
    let mut app = bench.client();
    std::thread::scope(|scope| {
        let read = scope.spawn(move || app.batch_execute("SELECT id FROM public.users"));
        until(&mut bench.connection, "EXISTS (SELECT FROM pg_locks WHERE NOT granted)");
        bench.sql("COMMIT");
        read.join().expect("no panic").expect("the view");
    });
}

/// While the view lives, a column that it shows can't be dropped: such contracts wait for it.
#[test]
fn a_column_that_the_view_shows_is_not_dropped_while_it_lives() {
    let planned = renamed();
    let mut bench = Bench::new("r08_shown", &planned, &nicknamed(9));
    bench.up(&planned.before_contract());
    let message = bench.refused("ALTER TABLE public.people DROP COLUMN nickname");
    assert!(message.contains("other objects depend on it"), "{message}");
    let mut both = users();
    both.columns.shift_remove(&ColumnName::from("nickname"));
    let mut hints = Hints::default();
    hints.table_renames.insert("people".into(), Some("users".into()));
    let questions = Planned::questions(&only(users()), &Schema::default().with_table("people", both), &hints);
    assert!(questions.iter().any(|question| question.effect.contains("the view")), "{questions:#?}");
}
