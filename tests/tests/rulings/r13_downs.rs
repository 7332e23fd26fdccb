//! Downs: a contract's restores the overlap, and expand's stops while the contract's result stands.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, ColumnName, ColumnRef, Expression, Hints, SqlType};
use schemig_core::schema::{Dropped, Origin, Table};

use crate::bench::{Bench, refused};
use crate::clients::{Turn, under_load};
use crate::models::{belonging, members, nicknamed, only, users};
use crate::planned::{File, Planned, replaced};
use crate::watch::pause;

const WRONG: &str = "SELECT count(*) FROM public.users u LEFT JOIN public.memberships m ON m.user_id = u.id
    WHERE u.organization_id IS DISTINCT FROM m.organization_id";

/// N-1 signs up and moves.
fn old_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (id, new, to) = (1 + turn.pick(2_000), turn.fresh(), 1 + turn.turn % 3);
    connection.batch_execute(&match turn.turn % 2 {
        0 => format!(
            "BEGIN; INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}');
             INSERT INTO public.memberships VALUES ({new}, {to}); COMMIT"
        ),
        _ => format!("UPDATE public.memberships SET organization_id = {to} WHERE user_id = {id}"),
    })
}

fn new_release(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let (id, new, to) = (1 + turn.pick(2_000), turn.fresh(), 1 + turn.turn % 3);
    connection.batch_execute(&match turn.turn % 2 {
        0 => format!(
            "BEGIN; INSERT INTO public.users (id, email, organization_id) VALUES ({new}, 'n{new}', {to});
             INSERT INTO public.memberships VALUES ({new}, {to}); COMMIT"
        ),
        _ => format!("UPDATE public.users SET seen = seen + 1 WHERE id = {id}"),
    })
}

#[test]
fn after_the_contracts_down_both_releases_run_and_after_all_downs_the_old_one() {
    let planned = belonging(None);
    let mut bench = Bench::new("r13_load", &planned, &members(2_000));
    bench.up(&planned.files());
    under_load(bench.clients(), new_release, || bench.down(&planned.contract())).assert_clean();
    let both = |connection: &mut PgConnection, turn: Turn| {
        if turn.client % 2 == 1 { new_release(connection, turn) } else { old_release(connection, turn) }
    };
    under_load(bench.clients(), both, || pause(300)).assert_clean();
    assert_eq!(bench.ask(WRONG), "0", "the overlap again");
    under_load(bench.clients(), old_release, || bench.down(&planned.before_contract())).assert_clean();
    bench.up(&planned.files());
    assert_eq!(bench.ask(WRONG), "0", "up once more");
}

/// The contract's downs, with a change to each.
fn contract_reverted(stem: &str, change: impl Fn(&File) -> File) -> Bench {
    let planned = belonging(None);
    let mut bench = Bench::new(stem, &planned, &members(10));
    bench.up(&planned.files());
    let files: Vec<File> = planned.contract().iter().map(change).collect();
    bench.down(&files);
    bench.sql("UPDATE public.memberships SET organization_id = 3 WHERE user_id = 5");
    bench
}

#[test]
fn a_contracts_down_without_its_triggers_leaves_n_1_out_of_step() {
    assert_eq!(contract_reverted("r13_restored", File::clone).ask(WRONG), "0");
    let bare = |file: &File| {
        let brings_back = file.operations.iter().any(|operation| {
            matches!(operation, Operation::StopFilling { .. } | Operation::StopFollowing { .. })
        });
        let nothing = schemig_core::dialect::Rendered { sql: "SELECT 1;".to_owned(), transactional: true };
        if brings_back { File { down: nothing, ..file.clone() } } else { file.clone() }
    };
    assert_eq!(contract_reverted("r13_bare", bare).ask(WRONG), "1", "N reads what was");
}

/// What the first down of expand and backfill that does something says while the contract stands.
fn stopped(planned: &Planned, rows: &str, stem: &str) -> Vec<String> {
    let mut bench = Bench::new(stem, planned, rows);
    bench.up(&planned.files());
    let mut stopped = Vec::new();
    for file in planned.before_contract().iter().rev() {
        if file.down.sql.contains("still stand") {
            stopped.push(refused(&mut bench.connection, &file.down));
        }
    }
    // With the contract reverted it goes through.
    bench.down(&planned.files());
    stopped
}

fn renamed() -> Planned {
    let mut after = Table::keyed_by(["id"]);
    for (column, definition) in users().columns {
        let name = if column.as_str() == "nickname" { "alias" } else { column.as_str() };
        after = after.with_column(name, definition);
    }
    after.indexes = users().indexes;
    let mut hints = Hints::default();
    hints.column_renames.insert(ColumnRef::new(&"users".into(), &"alias".into()), Some("nickname".into()));
    Planned::new(&only(users()), &only(after), &hints)
}

fn lent() -> Planned {
    let after = users().with_column("kind", Column::required(SqlType::Text));
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"kind".into());
    hints.backfills.insert(at, Origin::Expression(Expression::from("'person'")));
    Planned::new(&only(users()), &only(after), &hints)
}

#[test]
fn expands_down_stops_while_the_contract_stands() {
    let filled = stopped(&belonging(None), &members(10), "r13_filled");
    assert_eq!(filled.len(), 3, "{filled:#?}");
    for message in &filled {
        assert!(message.contains("public.users.organization_id is NOT NULL"), "{message}");
        assert!(message.contains("the contract before all, and only when release N is gone"), "{message}");
    }
    let renamed = stopped(&renamed(), &nicknamed(9), "r13_renamed");
    assert!(renamed.len() == 1 && renamed[0].contains("public.users.nickname is gone"), "{renamed:?}");
    let lent = stopped(&lent(), &nicknamed(9), "r13_lent");
    assert!(lent.len() == 1 && lent[0].contains("public.users.kind has no default"), "{lent:?}");
}

#[test]
fn without_the_question_expands_down_takes_the_column_from_under_the_new_release() {
    let planned = renamed();
    let mut bench = Bench::new("r13_unasked", &planned, &nicknamed(9));
    bench.up(&planned.files());
    let down = &planned.before_contract()[0].down;
    let unasked = replaced(
        down,
        "RAISE EXCEPTION USING MESSAGE = 'schemig: public.users.nickname is gone",
        "RAISE NOTICE USING MESSAGE = 'gone",
    );
    crate::bench::send(&mut bench.connection, &unasked).expect("nothing stops it");
    let message = bench.refused("SELECT alias FROM public.users");
    assert!(message.contains("does not exist"), "N fails, and all nicknames are lost: {message}");
}

/// A column that is dropped comes back nullable with its trigger, is filled, and is NOT NULL again, for rows that N wrote too.
#[test]
fn a_dropped_column_comes_back_filled_and_required() {
    let mut before = users();
    before.columns[&ColumnName::from("nickname")] = Column::required(SqlType::Text);
    let mut after = users();
    after.columns.shift_remove(&ColumnName::from("nickname"));
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"nickname".into());
    hints.drops.insert(at, Dropped { fill: Some(Some("'of ' || email".into())), with: Vec::new() });
    let planned = Planned::new(&only(before), &only(after), &hints);
    let rows = "INSERT INTO public.users (id, email, nickname) SELECT n, 'u' || n, 'n' FROM generate_series(1, 6000) AS n";
    let mut bench = Bench::new("r13_dropped", &planned, rows);
    let new = |connection: &mut PgConnection, turn: Turn| {
        let new = turn.fresh();
        connection.batch_execute(&format!("INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}')"))
    };
    bench.up(&planned.before_contract());
    let tally = under_load(bench.clients(), new, || {
        bench.up(&planned.contract());
        bench.down(&planned.contract());
    });
    tally.assert_clean();
    assert_eq!(
        bench.ask("SELECT count(*) FROM public.users WHERE nickname IS DISTINCT FROM 'of ' || email"),
        "0"
    );
    let required = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = 'nickname'";
    assert_eq!(bench.ask(required), "true");
}
