//! DROP NOT NULL stands in contract: until then the server itself keeps N from writing what N-1 can't read.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::plan::Phase;
use schemig_core::schema::{Column, ColumnName, Hints, SqlType};

use crate::bench::{Bench, send};
use crate::clients::{Turn, under_load};
use crate::models::{only, users};
use crate::planned::Planned;
use crate::watch::pause;

diesel::table! {
    users (id) {
        id -> BigInt,
        nickname -> Text,
    }
}

fn relaxed() -> Planned {
    let mut before = users();
    before.columns[&ColumnName::from("nickname")] = Column::required(SqlType::Text);
    Planned::new(&only(before), &only(users()), &Hints::default())
}

const ROWS: &str = "INSERT INTO public.users (id, email, nickname) SELECT n, 'u' || n, 'n' || n FROM generate_series(1, 200) AS n";

/// N-1 reads; N tries to write NULL, and goes on with a value when the server refuses.
fn releases(connection: &mut PgConnection, turn: Turn) -> QueryResult<()> {
    if turn.client.is_multiple_of(2) {
        let rows: Vec<String> =
            users::table.select(users::nickname).order(users::id.desc()).limit(20).load(connection)?;
        assert!(!rows.is_empty());
        return Ok(());
    }
    let new = turn.fresh();
    let insert = |value: &str| {
        format!("INSERT INTO public.users (id, email, nickname) VALUES ({new}, 'n{new}', {value})")
    };
    match connection.batch_execute(&insert("NULL")) {
        Err(error) if error.to_string().contains("violates not-null constraint") => {
            connection.batch_execute(&insert("'n'"))
        }
        other => other,
    }
}

fn drops(operation: &Operation) -> bool {
    matches!(operation, Operation::DropNotNull { .. })
}

#[test]
fn null_waits_for_the_contract() {
    let planned = relaxed();
    assert_eq!(planned.file(drops).phase, Phase::Contract);
    assert!(planned.promises("N writes no NULL to users.nickname: the server rejects it"));
    let mut bench = Bench::new("r10_waits", &planned, ROWS);
    under_load(bench.clients(), releases, || {
        bench.up(&planned.before_contract());
        pause(200);
    })
    .assert_clean();
    bench.up(&planned.contract());
    bench.sql("UPDATE public.users SET nickname = NULL WHERE id = 1");
}

#[test]
fn relaxed_before_contract_n_1_reads_null() {
    let planned = relaxed();
    let mut bench = Bench::new("r10_early", &planned, ROWS);
    let tally = under_load(bench.clients(), releases, || {
        send(&mut bench.connection, &planned.file(drops).up).expect("relaxed too early");
        pause(200);
    });
    tally.assert_failed("Unexpected null");
}
