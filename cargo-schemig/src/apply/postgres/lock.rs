//! One runner at a time (DOCTRINE, R16): an advisory lock of the session, which goes with it when the process dies.
//!
//! It is asked for again and again rather than waited for: a waiting session holds a snapshot, and an online index build of the other
//! runner waits for snapshots.

use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Double, Integer, Nullable, Text};

use crate::apply::log::{Event, Log};
use crate::apply::words;

/// The first half of the lock's key; the second is the database's name.
pub(super) const NUMBER: i32 = 0x5c3e_316d;

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(QueryableByName)]
struct Got {
    #[diesel(sql_type = Bool)]
    got: bool,
}

#[derive(QueryableByName)]
struct Holder {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Nullable<Text>)]
    query: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    age: Option<f64>,
}

/// Takes the lock. `Ok(Err(who))`: somebody held it all the time.
///
/// # Errors
/// The server doesn't answer.
pub(super) fn take(
    connection: &mut PgConnection,
    wait: Duration,
    log: &Log,
) -> QueryResult<Result<(), String>> {
    let started = Instant::now();
    let mut said = false;
    loop {
        let question = format!("SELECT pg_try_advisory_lock({NUMBER}, hashtext(current_database())) AS got");
        if sql_query(question).get_result::<Got>(connection)?.got {
            return Ok(Ok(()));
        }
        let left = wait.saturating_sub(started.elapsed());
        if left.is_zero() {
            return holder(connection).map(Err);
        }
        if !said {
            said = true;
            let who = holder(connection)?;
            let most = words::duration(wait);
            let message = format!("another runner is at work ({who}); waiting for it, {most} at most");
            log.say(Event::new("queued", message).with("holder", who).with("most_seconds", wait.as_secs()));
        }
        std::thread::sleep(PAUSE.min(left));
    }
}

/// Who holds it, in words.
fn holder(connection: &mut PgConnection) -> QueryResult<String> {
    let question = format!(
        "SELECT pid, query, extract(epoch FROM clock_timestamp() - coalesce(query_start, backend_start))::float8 AS age
        FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = {NUMBER}::oid
            AND objid::int8 = hashtext(current_database())::int8 & 4294967295
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let found: Option<Holder> = sql_query(question).get_result(connection).optional()?;
    Ok(found.map_or_else(
        || "it ended just now".to_owned(),
        |Holder { pid, query, age }| {
            let age = words::duration(Duration::from_secs_f64(age.unwrap_or(0.0).max(0.0)));
            let query = words::query(&query.unwrap_or_default());
            // Before version 14 a server that is at work doesn't notice it.
            format!("pid {pid}, for {age}: {query}; if its client is gone: SELECT pg_cancel_backend({pid})")
        },
    ))
}
