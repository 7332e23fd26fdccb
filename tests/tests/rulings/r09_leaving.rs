//! A required column on its way out is kept filled, never relaxed.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::schema::{Column, ColumnName, ColumnRef, Dropped, Hints, Index, Schema, SqlType, Table};

use crate::bench::Bench;
use crate::clients::{Turn, under_load};
use crate::models::{only, users};
use crate::planned::Planned;
use crate::watch::pause;

/// What release N-1 knows of the table.
mod old {
    diesel::table! {
        users (id) {
            id -> BigInt,
            email -> Text,
            nickname -> Text,
        }
    }
}

fn before() -> Table {
    let mut table = users();
    table.columns[&ColumnName::from("nickname")] = Column::required(SqlType::Text);
    table
}

fn after() -> Schema {
    let mut table = users();
    table.columns.shift_remove(&ColumnName::from("nickname"));
    only(table)
}

/// `dropped("nickname", fill = …)`.
fn dropping(fill: Option<&str>) -> Hints {
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"nickname".into());
    hints.drops.insert(at, Dropped { fill: Some(fill.map(Into::into)), with: Vec::new() });
    hints
}

const ROWS: &str = "INSERT INTO public.users (id, email, nickname) SELECT n, 'u' || n, 'n' || n FROM generate_series(1, 200) AS n";

/// N-1 reads what N writes; N leaves the column out, upserts included.
fn releases(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    let new = turn.fresh();
    if turn.client.is_multiple_of(2) {
        let rows: Vec<(i64, String)> = old::users::table
            .order(old::users::id.desc())
            .limit(20)
            .select((old::users::id, old::users::nickname))
            .load(connection)?;
        assert!(!rows.is_empty());
        return Ok(());
    }
    connection.batch_execute(&match turn.turn % 2 {
        0 => format!("INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}')"),
        _ => format!(
            "INSERT INTO public.users (id, email) VALUES ({new}, 'hot{}')
             ON CONFLICT (email) DO UPDATE SET seen = public.users.seen + 1",
            turn.turn % 40
        ),
    })
}

fn beside(stem: &str, planned: &Planned) -> crate::clients::Tally {
    let mut bench = Bench::new(stem, planned, ROWS);
    bench.up(&planned.before_contract());
    under_load(bench.clients(), releases, || pause(200))
}

#[test]
fn n_leaves_it_out_and_n_1_reads_the_fill() {
    for (stem, fill) in [("r09_constant", "'nobody'"), ("r09_computed", "'of ' || email")] {
        let planned = Planned::new(&only(before()), &after(), &dropping(Some(fill)));
        beside(stem, &planned).assert_clean();
    }
}

#[test]
fn relaxed_it_fails_n_1_and_left_as_it_is_it_fails_n() {
    let relaxed = Planned::new(&only(before()), &after(), &dropping(None));
    assert!(relaxed.escalations.iter().any(|fired| fired.rule == "old-release-fails"));
    beside("r09_relaxed", &relaxed).assert_failed("Unexpected null");
    let kept = Planned::new(&only(before()), &after(), &dropping(Some("'nobody'")));
    let untouched =
        kept.without(|operation| matches!(operation, schemig_core::operation::Operation::SetDefault { .. }));
    beside("r09_untouched", &untouched).assert_failed("violates not-null constraint");
}

#[test]
fn without_a_fill_or_with_a_default_in_a_unique_key_schemig_asks() {
    let questions = Planned::questions(&only(before()), &after(), &Hints::default());
    assert!(
        questions.iter().any(|question| question.condition.contains("NOT NULL and has no default")),
        "{questions:#?}"
    );
    let mut unique = before().with_index("users_nickname_key", Index::unique_on(["nickname"]));
    unique.columns[&ColumnName::from("nickname")] = Column::required(SqlType::Text).with_default("''");
    let questions = Planned::questions(&only(unique), &after(), &Hints::default());
    assert!(
        questions.iter().any(|question| question.condition.contains("twice in a unique key")),
        "{questions:#?}"
    );
}
