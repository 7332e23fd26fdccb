//! A backfill, batch by batch. Its place is kept in the database, in the transaction of each batch: a committed batch is never done
//! again, and whoever comes after a crash goes on behind it.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::migration;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use schemig_core::dialect::Batches;

use super::throttle::{Limits, Throttle};
use super::watch::Watch;
use crate::apply::failure::Failure;
use crate::apply::log::{Event, Log};
use crate::apply::pace::Pace;
use crate::apply::progress::Progress;

/// What a backfill is run with.
#[derive(Clone, Copy)]
pub struct Batching<'a> {
    /// The migration's name.
    pub migration: &'a str,
    /// Its SQL.
    pub batches: &'a Batches,
    /// The time that a batch should take.
    pub time: Duration,
    /// What it makes room for.
    pub limits: Limits,
    /// Who sees what it waits for.
    pub watch: Option<&'a Watch>,
    /// Where it says how far it is.
    pub log: &'a Log,
}

/// As in the file: about ten minutes, with the pauses.
const ATTEMPTS: u32 = 600;

#[derive(QueryableByName)]
struct Outcome {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    passed: i64,
    #[diesel(sql_type = BigInt)]
    written: i64,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = Nullable<BigInt>)]
    rows: Option<i64>,
}

/// Runs the batches that are left.
///
/// # Errors
/// The server says no, or a row stayed locked through all attempts. What is done stays done.
pub fn run(connection: &mut PgConnection, batching: &Batching<'_>) -> migration::Result<()> {
    let Batching { migration, batches, time, limits, watch, log } = *batching;
    connection.batch_execute(&batches.begin)?;
    let total = total(connection, batches)?;
    let before = passed(connection, batches)?;
    if before > 0 {
        let message = format!("{migration}: going on behind {before} rows that an earlier run passed");
        log.say(Event::new("continued", message).of(migration).with("passed", before));
    }
    let mut progress = Progress::new(log, migration, before, total);
    let (mut pace, mut throttle) = (Pace::new(time), Throttle::new(limits, log, migration));
    let mut locked = 0;
    loop {
        throttle.wait(connection)?;
        let started = Instant::now();
        connection.batch_execute(&batches.batch(pace.keys()))?;
        let Outcome { outcome, passed, written } = sql_query(&batches.outcome).get_result(connection)?;
        let (passed, written) = (passed.unsigned_abs(), written.unsigned_abs());
        match outcome.as_str() {
            "end" => {
                progress.end(passed, written);
                return Ok(());
            }
            "done" => {
                locked = 0;
                if let Some(watch) = watch {
                    watch.forget();
                }
                pace.took(started.elapsed());
                progress.passed(passed, written);
            }
            _ => {
                locked += 1;
                pace.locked();
                wait_for_rows(migration, locked, watch, log)?;
            }
        }
    }
}

/// Somebody holds a row of the batch: waits a little longer each time, and gives up in the end.
fn wait_for_rows(migration: &str, locked: u32, watch: Option<&Watch>, log: &Log) -> Result<(), Failure> {
    if locked >= ATTEMPTS {
        return Err(Failure::Locked(format!("rows stayed locked through {ATTEMPTS} attempts")));
    }
    let who = watch.and_then(Watch::blocker).map_or("nobody was seen".to_owned(), |blocker| blocker.words());
    // The fifth is two seconds after the first.
    if locked == 5 || locked.is_multiple_of(60) {
        let message =
            format!("{migration}: rows of the next batch are locked, trying again; in the way: {who}");
        log.say(Event::new("waiting", message).of(migration).with("attempt", locked).with("blocker", who));
    }
    std::thread::sleep(Duration::from_millis(50).saturating_mul(locked).min(Duration::from_secs(1)));
    Ok(())
}

/// About how many rows there are. Counted only where the server has no idea yet.
fn total(connection: &mut PgConnection, batches: &Batches) -> QueryResult<Option<u64>> {
    let estimate = sql_query(&batches.estimate).get_result::<Rows>(connection)?.rows;
    let rows = match estimate.filter(|rows| *rows > 0) {
        Some(rows) => Some(rows),
        None => sql_query(&batches.count).get_result::<Rows>(connection)?.rows,
    };
    Ok(rows.and_then(|rows| u64::try_from(rows).ok()))
}

/// What earlier runs passed.
fn passed(connection: &mut PgConnection, batches: &Batches) -> QueryResult<u64> {
    connection.batch_execute("SET schemig.outcome = 'none'")?;
    Ok(sql_query(&batches.outcome).get_result::<Outcome>(connection)?.passed.unsigned_abs())
}
