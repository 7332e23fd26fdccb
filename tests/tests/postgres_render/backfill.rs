//! A backfill reaches every row, whatever its key, and makes nobody wait (R6).

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_core::operation::Operation;
use schemig_core::schema::{
    Column, Deferral, Expression, ForeignKey, Origin, SqlType, Table, TableName, Violation,
};

use crate::harness::{
    Live, add, ask, backfill, create, follow, keep_filled, organization_id, pause, references, send, source,
};

fn keyed(stem: &str, keys: &[(&str, SqlType)]) -> Live {
    let mut live = Live::empty(stem);
    let mut table = Table::keyed_by(keys.iter().map(|(name, _)| *name))
        .with_column("value", Column::required(SqlType::Integer))
        .with_column("filled", Column::optional(SqlType::Integer));
    for (name, sql_type) in keys {
        table = table.with_column(name, Column::required(sql_type.clone()));
    }
    live.up(&[create("things", table)]);
    live.state.empty.clear();
    live
}

fn fill(expression: &str) -> Operation {
    backfill("things", "filled", Origin::Expression(Expression::from(expression)))
}

/// Fills `rows` and checks that all of them got their own value, in batches that were committed one by one.
fn fills(live: &mut Live, insert: &str, rows: u32) {
    live.sql(&format!("INSERT INTO public.things (value, {insert} FROM generate_series(1, {rows}) AS n"));
    live.up(&[fill("things.value + 1")]);
    assert_eq!(live.ask("SELECT count(*) FROM public.things WHERE filled = value + 1"), rows.to_string());
    let batches = rows.div_ceil(5_000);
    assert_eq!(live.ask("SELECT count(DISTINCT xmin::text) FROM public.things"), batches.to_string());
    live.up(&[fill("things.value + 2")]);
    assert_eq!(
        live.ask("SELECT count(*) FROM public.things WHERE filled = value + 1"),
        rows.to_string(),
        "a second run finds nothing to do"
    );
}

#[test]
fn sparse_and_negative_numbers() {
    let mut live = keyed("sparse", &[("id", SqlType::BigInt)]);
    fills(&mut live, "id) SELECT n, (n - 6000)::bigint * 1000000007", 12_001);
}

#[test]
fn uuids() {
    let mut live = keyed("uuids", &[("id", SqlType::Uuid)]);
    fills(&mut live, "id) SELECT n, md5(n::text)::uuid", 10_000);
}

#[test]
fn words() {
    let mut live = keyed("words", &[("word", SqlType::Text)]);
    fills(&mut live, "word) SELECT n, md5(n::text) || '''%'", 5_001);
}

#[test]
fn keys_of_several_columns() {
    let mut live =
        keyed("several", &[("order", SqlType::Integer), ("Name", SqlType::Text), ("at", SqlType::Date)]);
    fills(
        &mut live,
        "\"order\", \"Name\", \"at\") SELECT n, n % 7, (n % 11)::text, '2020-01-01'::date + n",
        11_000,
    );
}

#[test]
fn a_table_without_rows() {
    let mut live = keyed("without", &[("id", SqlType::BigInt)]);
    live.up(&[fill("value")]);
}

#[test]
fn rows_without_a_value_are_left_and_do_not_hold_it_up() {
    let mut live = keyed("null", &[("id", SqlType::BigInt)]);
    live.sql("INSERT INTO public.things (value, id) SELECT n, n FROM generate_series(1, 7000) AS n");
    live.up(&[fill("nullif(value, 3)")]);
    assert_eq!(live.ask("SELECT count(*) FROM public.things WHERE filled IS NULL"), "1");
}

#[test]
fn what_is_stale_is_put_right_and_what_has_no_source_is_left() {
    let mut live = Live::story("stale");
    live.up(&[organization_id()]);
    live.sql("UPDATE public.users SET organization_id = 99");
    let from = |otherwise| backfill("users", "organization_id", Origin::Source(source(otherwise)));
    live.up(&[from(None)]);
    let wrong = "SELECT count(*) FROM public.users u JOIN public.memberships m ON m.user_id = u.id
         WHERE u.organization_id IS DISTINCT FROM m.organization_id";
    assert_eq!(live.ask(wrong), "0");
    assert_eq!(live.ask("SELECT count(*) FROM public.users WHERE organization_id = 99"), "2");
    live.up(&[from(Some("-1"))]);
    assert_eq!(live.ask("SELECT count(*) FROM public.users WHERE organization_id = -1"), "2");
    assert_eq!(live.ask(wrong), "0");
}

#[test]
fn a_locked_row_holds_up_the_batch_and_nobody_else() {
    let mut live = Live::story("locked");
    let from = source(None);
    for operation in [organization_id(), follow(&from), keep_filled(&from)] {
        live.up(&[operation]);
    }
    live.sql("ALTER TABLE public.users DISABLE TRIGGER USER");
    let rendered = live.render(&[backfill("users", "organization_id", Origin::Source(from))]);
    let (mut holder, mut writer, mut migrator) = (live.session(), live.session(), live.database.connect());
    let longest = std::thread::scope(|scope| {
        let (ready, go) = std::sync::mpsc::channel();
        scope.spawn(move || {
            holder.batch_execute("BEGIN; UPDATE public.users SET seen = 7 WHERE id = 15").expect("a lock");
            ready.send(()).expect("someone listens");
            pause(1_500);
            holder.batch_execute("COMMIT").expect("an end");
        });
        go.recv().expect("the holder holds");
        let migration = scope.spawn(move || send(&mut migrator, &rendered));
        let mut longest = Duration::ZERO;
        while !migration.is_finished() {
            let asked = Instant::now();
            writer
                .batch_execute("UPDATE public.users SET seen = seen + 1 WHERE id IN (1, 14)")
                .expect("a write");
            longest = longest.max(asked.elapsed());
            pause(5);
        }
        migration.join().expect("no panic").unwrap_or_else(|error| panic!("the backfill gave up: {error}"));
        longest
    });
    // 0.1 s, and what a busy machine adds.
    assert!(longest < Duration::from_millis(350), "a writer waited {longest:?}");
    let filled =
        "SELECT count(*) FROM public.users u JOIN public.memberships m USING (user_id, organization_id)";
    let filled =
        filled.replace("public.users u", "(SELECT id AS user_id, organization_id FROM public.users) u");
    assert_eq!(ask(&mut writer, &filled), "18", "the row that was locked as well");
}

#[test]
fn a_plain_update_does_for_few_rows() {
    let mut live = Live::story("plain");
    live.up(&[add("users", "name", Column::optional(SqlType::Text))]);
    live.up(&[Operation::Backfill {
        table: "users".into(),
        column: "name".into(),
        origin: Origin::Column("full_name".into()),
        batched: false,
    }]);
    assert_eq!(live.ask("SELECT count(*) FROM public.users WHERE name = full_name"), "20");
}

/// ALTER TABLE refuses while a check of the transaction waits: "it has pending trigger events".
#[test]
fn a_deferred_key_lets_the_table_be_altered_behind_a_backfill() {
    let mut live = Live::story("deferred");
    let key = ForeignKey {
        deferral: Deferral::Deferred,
        ..references(&["organization_id"], "organizations", &["id"])
    };
    live.up(&[organization_id()]);
    live.up(&[Operation::AddForeignKey {
        table: "users".into(),
        name: "users_organization_id_fkey".into(),
        definition: key,
        validated: true,
    }]);
    let table = || TableName::from("users");
    live.up(&[
        Operation::Backfill {
            table: table(),
            column: "organization_id".into(),
            origin: Origin::Expression("(SELECT min(id) FROM public.organizations)".into()),
            batched: false,
        },
        Operation::Guard { table: table(), against: Violation::Null { column: "organization_id".into() } },
        Operation::SetNotNull { table: table(), column: "organization_id".into(), proof: None },
    ]);
}
