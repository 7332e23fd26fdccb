//! Every operation: up, up again, down, down again; and the locks that it holds, against those that its effect names.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use schemig_core::dialect::{Dialect as _, LockMode};
use schemig_core::operation::Operation;
use schemig_core::schema::TableName;

use crate::cases::{Case, cases};
use crate::harness::Live;

#[test]
fn every_operation_goes_up_twice_and_down_twice() {
    let mut kinds = BTreeSet::new();
    for Case { setup, operation } in cases() {
        let name = format!("{operation:?}");
        kinds.insert(name.split([' ', '{']).next().unwrap_or_default().to_owned());
        let mut live = Live::story("every");
        for step in &setup {
            live.up(std::slice::from_ref(step));
        }
        let down = live.inverse(&operation);
        up_twice(&mut live, &operation);
        if !down.is_empty() {
            // Each by itself: some can't share a transaction.
            for step in &down {
                up_twice(&mut live, step);
            }
        }
    }
    assert_eq!(kinds.len(), 51, "operations that no case shows are missing: {kinds:?}");
}

fn up_twice(live: &mut Live, operation: &Operation) {
    let rendered = live.render(std::slice::from_ref(operation));
    let effect = live.dialect.effect(operation, &live.state);
    assert_eq!(rendered.transactional, effect.transactional, "{operation}");
    if rendered.transactional {
        let allowed: BTreeMap<TableName, LockMode> = effect.locks.into_iter().collect();
        let held = locks_of(live, &rendered.sql);
        for (table, mode) in held {
            let most = allowed.get(&table);
            assert!(
                most.is_some_and(|most| mode <= *most),
                "{operation} holds {mode} on {table}, not {most:?}\n{}",
                rendered.sql
            );
        }
    } else {
        live.sql(&rendered.sql);
    }
    live.sql(&rendered.sql);
    live.advance(std::slice::from_ref(operation));
}

#[derive(QueryableByName)]
struct Relation {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

const TABLES: &str = "SELECT c.oid::bigint AS id, c.relname::text AS name FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'p')";

/// Runs a file in a transaction of its own; the locks that it holds when it is done, tables by the names they had before.
fn locks_of(live: &mut Live, sql: &str) -> Vec<(TableName, LockMode)> {
    let before: Vec<Relation> = diesel::sql_query(TABLES).load(&mut live.connection).expect("tables");
    live.connection
        .transaction(|connection| {
            connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}\nin {sql}"));
            // Taken by this transaction alone, so before the catalog is asked for names.
            let held: Vec<Relation> = diesel::sql_query(
                "SELECT l.relation::bigint AS id, l.mode AS name FROM pg_locks l
                 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.relation IS NOT NULL",
            )
            .load(connection)?;
            let after: Vec<Relation> = diesel::sql_query(TABLES).load(connection)?;
            let names: BTreeMap<i64, String> =
                after.into_iter().chain(before).map(|relation| (relation.id, relation.name)).collect();
            let known = held.into_iter().filter_map(|lock| Some((names.get(&lock.id)?.clone(), lock.name)));
            QueryResult::Ok(known.map(|(table, mode)| (TableName::new(table), mode_of(&mode))).collect())
        })
        .expect("locks")
}

fn mode_of(name: &str) -> LockMode {
    match name {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        other => panic!("no lock mode {other}"),
    }
}
