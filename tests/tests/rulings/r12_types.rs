//! Any ALTER TYPE breaks pooled connections of every release that selects the column: no plan has one that nobody signed off.

use diesel::prelude::*;
use schemig_core::schema::{Column, ColumnName, Hints, SqlType, Table};

use crate::bench::Bench;
use crate::clients::{Turn, under_load};
use crate::gallery::gallery;
use crate::models::{nicknamed, only, users};
use crate::planned::Planned;
use crate::watch::pause;

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        nickname -> Nullable<Text>,
        seen -> Integer,
    }
}

/// Statements that Diesel prepares once per connection and goes on using.
fn pooled(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let id = 1 + turn.pick(100) as i64;
    type Row = (i64, String, Option<String>, i32);
    let _: Row = users::table.find(id).first(connection)?;
    let update = diesel::update(users::table.find(id)).set(users::seen.eq(users::seen + 1));
    let _: Row = update.get_result(connection)?;
    Ok(())
}

fn short(length: u32) -> Table {
    let mut table = users();
    table.columns[&ColumnName::from("nickname")] = Column::optional(SqlType::Varchar(Some(length)));
    table
}

#[test]
fn a_wider_varchar_by_hand_fails_on_connections_that_have_asked_before() {
    let other = short(20).with_column("note", Column::optional(SqlType::Text));
    let planned = Planned::new(&only(short(20)), &only(other), &Hints::default());
    let mut bench = Bench::new("r12_by_hand", &planned, &nicknamed(100));
    let work = |bench: &mut Bench| {
        bench.sql("ALTER TABLE public.users ALTER COLUMN nickname TYPE varchar(40)");
        pause(100);
    };
    let tally = under_load(bench.clients(), pooled, || work(&mut bench));
    tally.assert_failed("cached plan must not change result type");
    let fresh = under_load(bench.clients(), pooled, || pause(100));
    assert!(fresh.failures.is_empty(), "a new connection knows the new type: {fresh:?}");

    // What schemig does to the same table, beside the same connections.
    let mut bench = Bench::new("r12_planned", &planned, &nicknamed(100));
    under_load(bench.clients(), pooled, || bench.up(&planned.files())).assert_clean();
}

#[test]
fn no_file_has_one_unless_it_is_signed_off() {
    for planned in gallery() {
        let signed = planned.escalations.iter().any(|escalation| escalation.rule == "type-in-place");
        for file in planned.files() {
            for sql in [&file.up.sql, &file.down.sql] {
                let words: Vec<&str> = sql.split_whitespace().collect();
                let alters = words
                    .windows(4)
                    .any(|words| words[0] == "ALTER" && words[1] == "COLUMN" && words[3] == "TYPE");
                assert!(!alters || signed, "{sql}");
            }
        }
    }
    let wider = Planned::new(&only(short(20)), &only(short(40)), &Hints::default());
    let rules: Vec<&str> = wider.escalations.iter().map(|escalation| escalation.rule).collect();
    assert_eq!(rules, ["type-in-place"]);
}
