//! Rows that come from another table keep up with it, and what the app wrote there stays (R1, for whole rows).

use schemig_core::operation::Operation;
use schemig_core::schema::{Column, SqlType, Table, Violation};

use crate::cases::{copy_rows, profiles, rows};
use crate::harness::{Live, create};

const OF: &str = "SELECT shout FROM public.profiles WHERE user_id =";

/// The table with another column, its source followed, nothing copied yet.
fn followed(stem: &str) -> Live {
    let mut live = Live::story(stem);
    let with_note: Table = profiles().with_column("note", Column::optional(SqlType::Text));
    live.up(&[
        create("profiles", with_note),
        Operation::FollowRows { table: "profiles".into(), rows: rows() },
    ]);
    live
}

#[test]
fn what_n_minus_1_writes_to_the_source_arrives() {
    let mut live = followed("rows_follow");
    live.sql("INSERT INTO public.users (id, email) VALUES (30, 'u30')");
    assert_eq!(live.ask(&format!("{OF} 30")), "U30", "a new row");
    live.sql("UPDATE public.users SET email = 'v2' WHERE id = 2");
    assert_eq!(live.ask(&format!("{OF} 2")), "V2", "a row that isn't copied yet");
    live.sql("UPDATE public.users SET email = 'v30' WHERE id = 30");
    assert_eq!(live.ask(&format!("{OF} 30")), "V30", "a row that is there");
    live.sql("DELETE FROM public.users WHERE id = 30");
    assert_eq!(live.ask("SELECT count(*)::text FROM public.profiles WHERE user_id = 30"), "0");
    live.up(&[copy_rows(true)]);
    let against = Violation::Uncopied { rows: rows() };
    live.up(&[Operation::Guard { table: "profiles".into(), against }]);
}

#[test]
fn what_n_writes_stays() {
    let mut live = followed("rows_respect");
    live.up(&[copy_rows(true)]);
    live.sql("UPDATE public.profiles SET shout = 'mine', note = 'n' WHERE user_id = 2");
    live.sql("UPDATE public.users SET seen = seen + 1, full_name = 'x' WHERE id = 2");
    assert_eq!(live.ask(&format!("{OF} 2")), "mine", "a write of nothing that the row is made from");
    live.sql("UPDATE public.users SET email = 'other' WHERE id = 2");
    assert_eq!(live.ask(&format!("{OF} 2")), "OTHER");
    assert_eq!(
        live.ask("SELECT note FROM public.profiles WHERE user_id = 2"),
        "n",
        "what comes from nowhere"
    );
}
