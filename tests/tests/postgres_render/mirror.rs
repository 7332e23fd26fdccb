//! A mirror leaves a consistent pair alone and compares text (R2).

use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Origin, SqlType};

use crate::harness::{Live, add, backfill};

fn mirrored(stem: &str, old: &str, sql_type: SqlType) -> Live {
    let mut live = Live::story(stem);
    if sql_type == SqlType::Named("public.folded".to_owned()) {
        // citext, without the extension: `=` folds case.
        live.sql(
            "CREATE COLLATION public.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
             CREATE DOMAIN public.folded AS text COLLATE public.blind;
             ALTER TABLE public.users ALTER COLUMN full_name TYPE public.folded COLLATE public.blind",
        );
    }
    live.up(&[add("users", "new", Column::optional(sql_type))]);
    live.up(&[Operation::Mirror {
        table: "users".into(),
        old: old.into(),
        new: "new".into(),
        conversion: Default::default(),
    }]);
    live
}

fn pair(live: &mut Live, old: &str, id: u32) -> String {
    live.ask(&format!(
        "SELECT coalesce({old}::text, 'NULL') || ' ' || coalesce(new::text, 'NULL') FROM public.users WHERE id = {id}"
    ))
}

#[test]
fn both_releases_write_and_both_read_it() {
    let mut live = mirrored("mirror", "full_name", SqlType::Varchar(Some(40)));
    live.sql("INSERT INTO public.users (id, email, full_name) VALUES (50, 'a', 'old')");
    assert_eq!(pair(&mut live, "full_name", 50), "old old", "N-1 inserts");
    live.sql("INSERT INTO public.users (id, email, new) VALUES (51, 'b', 'new')");
    assert_eq!(pair(&mut live, "full_name", 51), "new new", "N inserts");
    live.sql("INSERT INTO public.users (id, email, full_name, new) VALUES (52, 'c', 'old', 'new'), (53, 'd', NULL, NULL)");
    assert_eq!(pair(&mut live, "full_name", 52), "new new", "both are given: N's counts");
    assert_eq!(pair(&mut live, "full_name", 53), "NULL NULL");
    live.sql("UPDATE public.users SET full_name = 'older' WHERE id = 51; UPDATE public.users SET new = 'newer' WHERE id = 50");
    assert_eq!(pair(&mut live, "full_name", 51), "older older");
    assert_eq!(pair(&mut live, "full_name", 50), "newer newer");
    live.sql("UPDATE public.users SET new = NULL WHERE id = 50; UPDATE public.users SET full_name = NULL WHERE id = 51");
    assert_eq!(pair(&mut live, "full_name", 50) + &pair(&mut live, "full_name", 51), "NULL NULLNULL NULL");
    live.sql("UPDATE public.users SET full_name = 'x', new = 'y' WHERE id = 52");
    assert_eq!(pair(&mut live, "full_name", 52), "y y");
}

#[test]
fn a_row_that_stands_is_left_alone_until_it_is_filled() {
    let mut live = mirrored("standing", "full_name", SqlType::Varchar(Some(40)));
    live.sql("UPDATE public.users SET seen = 5 WHERE id = 1");
    assert_eq!(pair(&mut live, "full_name", 1), "U1 NULL");
    live.up(&[backfill("users", "new", Origin::Column("full_name".into()))]);
    assert_eq!(live.ask("SELECT count(*) FROM public.users WHERE new IS DISTINCT FROM full_name"), "0");
    assert_eq!(pair(&mut live, "full_name", 1), "U1 U1");
}

#[test]
fn json_keeps_every_byte() {
    let mut live = mirrored("json", "settings", SqlType::Json);
    live.up(&[backfill("users", "new", Origin::Column("settings".into()))]);
    assert_eq!(pair(&mut live, "settings", 1), "{\"a\": 1, \"a\": 2} {\"a\": 1, \"a\": 2}");
    live.sql(
        "UPDATE public.users SET seen = 1; UPDATE public.users SET settings = '{\"b\":  1}' WHERE id = 2",
    );
    assert_eq!(pair(&mut live, "settings", 2), "{\"b\":  1} {\"b\":  1}");
    live.up(&[backfill("users", "new", Origin::Column("settings".into()))]);
    assert_eq!(pair(&mut live, "settings", 1), "{\"a\": 1, \"a\": 2} {\"a\": 1, \"a\": 2}");
}

#[test]
fn a_change_of_case_is_a_change() {
    let mut live = mirrored("case", "full_name", SqlType::Named("public.folded".to_owned()));
    live.sql("INSERT INTO public.users (id, email, full_name) VALUES (60, 'e', 'bob')");
    live.sql("UPDATE public.users SET full_name = 'Bob' WHERE id = 60");
    assert_eq!(pair(&mut live, "full_name", 60), "Bob Bob");
    live.sql("UPDATE public.users SET new = 'BOB' WHERE id = 60");
    assert_eq!(pair(&mut live, "full_name", 60), "BOB BOB");
}
