//! A mirror leaves a consistent pair alone and compares text.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, ColumnRef, Hints, SqlType, Table};

use crate::bench::{Bench, ask, send};
use crate::clients::{Turn, under_load};
use crate::models::{nicknamed, only, users};
use crate::planned::{File, Planned};
use crate::watch::pause;

const APART: &str = "SELECT count(*) FROM public.users WHERE nickname::text IS DISTINCT FROM alias::text";

/// `nickname` of some type becomes `alias`.
fn renamed(sql_type: SqlType) -> Planned {
    let named = |name: &str| {
        let mut table = Table::keyed_by(["id"]);
        for (column, definition) in users().columns {
            let ours = column.as_str() == "nickname";
            let (name, definition) =
                if ours { (name, Column::optional(sql_type.clone())) } else { (column.as_str(), definition) };
            table = table.with_column(name, definition);
        }
        table.indexes = users().indexes;
        only(table)
    };
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"alias".into());
    hints.column_renames.insert(at, Some("nickname".into()));
    Planned::new(&named("nickname"), &named("alias"), &hints)
}

fn mirrors(operation: &Operation) -> bool {
    matches!(operation, Operation::Mirror { .. })
}

/// A release writes the column by its own name, and reads back what it wrote, in rows that nobody else writes.
fn write(connection: &mut PgConnection, turn: Turn, column: &str) -> QueryResult<()> {
    let (id, new) = (1 + turn.client + 8 * turn.pick(500), turn.fresh());
    let sql = match turn.turn % 4 {
        0 => format!("UPDATE public.users SET {column} = 'v{new}' WHERE id = {id}"),
        1 => format!(
            "INSERT INTO public.users (id, email, {column}) VALUES ({new}, 'u{id}', 'v{new}')
             ON CONFLICT (email) DO UPDATE SET {column} = excluded.{column}"
        ),
        2 => format!("UPDATE public.users SET {column} = NULL WHERE id = {id}"),
        _ => format!("UPDATE public.users SET seen = seen + 1 WHERE id = {id}"),
    };
    connection.batch_execute(&sql)?;
    let wanted = match turn.turn % 4 {
        0 | 1 => format!("v{new}"),
        2 => "NULL".to_owned(),
        _ => return Ok(()),
    };
    let read = ask(connection, &format!("SELECT {column} FROM public.users WHERE email = 'u{id}'"))?;
    assert_eq!(read, wanted, "{column} of {id}");
    Ok(())
}

#[test]
fn both_releases_read_what_either_writes() {
    let planned = renamed(SqlType::Text);
    let mut bench = Bench::new("r02_load", &planned, &nicknamed(4_000));
    let old = |connection: &mut PgConnection, turn: Turn| write(connection, turn, "nickname");
    let new = |connection: &mut PgConnection, turn: Turn| write(connection, turn, "alias");
    under_load(bench.clients(), old, || bench.up(&planned.before_contract())).assert_clean();
    assert_eq!(bench.ask(APART), "0", "N-1 alone");
    let both = |connection: &mut PgConnection, turn: Turn| {
        if turn.client % 2 == 1 { new(connection, turn) } else { old(connection, turn) }
    };
    under_load(bench.clients(), both, || pause(400)).assert_clean();
    assert_eq!(bench.ask(APART), "0", "both releases");
    under_load(bench.clients(), new, || bench.up(&planned.contract())).assert_clean();
}

/// What the rows of a rename hold when its mirror is another: N-1's write of row 1, N's write of row 2.
fn written(stem: &str, change: impl Fn(&File) -> File) -> [String; 2] {
    let planned = renamed(SqlType::Text);
    let mut bench = Bench::new(stem, &planned, &nicknamed(10));
    let files: Vec<File> = planned
        .before_contract()
        .into_iter()
        .map(|file| if file.operations.iter().any(mirrors) { change(&file) } else { file })
        .collect();
    bench.up(&files);
    bench.sql("UPDATE public.users SET nickname = 'old' WHERE id = 1");
    bench.sql("UPDATE public.users SET alias = 'new' WHERE id = 2");
    [1, 2].map(|id| {
        bench.ask(&format!("SELECT concat_ws(' ', nickname, alias) FROM public.users WHERE id = {id}"))
    })
}

#[test]
fn a_mirror_of_one_direction_loses_what_the_other_release_writes() {
    assert_eq!(written("r02_two_ways", File::clone), ["old old", "new new"]);
    let only_forth = |file: &File| file.replaced("NEW.nickname := NEW.alias;", "NULL;");
    assert_eq!(written("r02_forth", only_forth), ["old old", "n2 new"]);
    let only_back = |file: &File| file.replaced("NEW.alias := NEW.nickname;", "NULL;");
    assert_eq!(written("r02_back", only_back), ["old n1", "new new"]);
}

#[test]
fn a_backfill_before_the_mirror_misses_what_is_written_between() {
    let planned = renamed(SqlType::Text);
    let run = |stem, planned: &Planned| {
        let mut bench = Bench::new(stem, planned, &nicknamed(10));
        let files = planned.before_contract();
        bench.up(&files[..2]);
        bench.sql("UPDATE public.users SET nickname = nickname || '!' WHERE id = 1");
        bench.up(&files[2..]);
        bench.ask(APART)
    };
    assert_eq!(run("r02_before", &planned), "0");
    let mut late = planned.clone();
    let [expand, backfill] = late.plan.steps.get_disjoint_mut([0, 1]).expect("two steps before contract");
    let mirror =
        schemig_core::plan::Step { up: expand.up.split_off(1), down: Vec::new(), ..backfill.clone() };
    expand.down.remove(0);
    assert!(mirror.up.iter().all(mirrors), "{mirror:?}");
    late.plan.steps.insert(2, mirror);
    assert_eq!(run("r02_after", &late), "1");
}

#[test]
fn json_has_no_equality_and_is_compared_as_text() {
    let planned = renamed(SqlType::Json);
    let rows = "INSERT INTO public.users (id, email, nickname) SELECT n, 'u' || n, '{\"a\": 1, \"a\": 2}' FROM generate_series(1, 9) AS n;";
    let mut bench = Bench::new("r02_json", &planned, rows);
    bench.up(&planned.before_contract());
    bench.sql(
        "UPDATE public.users SET seen = 1; UPDATE public.users SET nickname = '{\"b\":  1}' WHERE id = 2",
    );
    assert_eq!(bench.ask(APART), "0");
    assert_eq!(bench.ask("SELECT alias FROM public.users WHERE id = 1"), "{\"a\": 1, \"a\": 2}", "each byte");
    assert_eq!(bench.ask("SELECT alias FROM public.users WHERE id = 2"), "{\"b\":  1}", "each byte");

    let mut bench = Bench::new("r02_json_out", &planned, rows);
    bench.up(&planned.before_contract()[..1]);
    let naive = planned.file(mirrors).replaced("::text COLLATE \"C\"", "").replaced("::text", "");
    send(&mut bench.connection, &naive.up).expect("a function is compiled when it is fired");
    let message = bench.refused("UPDATE public.users SET seen = 1");
    assert!(message.contains("operator does not exist: json = json"), "{message}");
}

#[test]
fn a_change_of_case_is_a_change() {
    let planned = renamed(SqlType::Named("public.folded".to_owned()));
    let blind = "CREATE COLLATION public.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE DOMAIN public.folded AS text COLLATE public.blind;
        CREATE TABLE public.users (id bigint PRIMARY KEY, email text NOT NULL, nickname public.folded, seen integer NOT NULL DEFAULT 0);
        INSERT INTO public.users (id, email, nickname) VALUES (1, 'u1', 'bob')";
    let mut start = planned.clone();
    start.start.schema = schemig_core::schema::Schema::default();
    let shout = "UPDATE public.users SET nickname = 'Bob' WHERE id = 1";
    let mut bench = Bench::new("r02_case", &start, blind);
    bench.up(&planned.before_contract());
    bench.sql(shout);
    assert_eq!(bench.ask(APART), "0");
    let files = planned.before_contract();
    let naive = planned.file(mirrors).replaced("::text COLLATE \"C\"", "").replaced("::text", "");
    let mut bench = Bench::new("r02_case_out", &start, blind);
    bench.up(&files);
    send(&mut bench.connection, &naive.up).expect("the naive mirror");
    bench.sql(shout);
    assert_eq!(bench.ask("SELECT alias::text FROM public.users"), "bob", "N reads what was");
}
