//! When a backfill makes room for others: replicas that fall behind, a server with much to do.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Double, Nullable};

use crate::apply::log::{Event, Log};
use crate::apply::words;

/// The limits; `None`: nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// How far the slowest replica may be behind.
    pub replica_lag: Option<Duration>,
    /// How many sessions of others may be active at once.
    pub load: Option<u32>,
}

/// Between two looks while it waits.
const PAUSE: Duration = Duration::from_millis(500);
/// Between two lines of the log while it waits.
const REMINDER: Duration = Duration::from_secs(30);

#[derive(QueryableByName)]
struct Lag {
    #[diesel(sql_type = Nullable<Double>)]
    lag: Option<f64>,
    #[diesel(sql_type = Double)]
    now: f64,
    #[diesel(sql_type = Nullable<Double>)]
    replayed: Option<f64>,
    #[diesel(sql_type = BigInt)]
    hidden: i64,
}

/// What the replicas say. Positions in the log as numbers of bytes.
const LAG: &str = "
    SELECT max(extract(epoch FROM replay_lag))::float8 AS lag,
        (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 AS now, min(replay_lsn - '0/0'::pg_lsn)::float8 AS replayed,
        count(*) FILTER (WHERE state IS NULL) AS hidden
    FROM pg_stat_replication WHERE state IS NULL OR state IN ('catchup', 'streaming')";

#[derive(QueryableByName)]
struct Load {
    #[diesel(sql_type = BigInt)]
    load: i64,
}

/// Looks at the limits.
pub struct Throttle<'a> {
    limits: Limits,
    log: &'a Log,
    migration: &'a str,
    /// Where the log stood when. The lag that a replica reports stays as it is while it replays nothing, so what it still lacks is timed
    /// here too.
    marks: VecDeque<(Instant, f64)>,
    warned: bool,
}

impl<'a> Throttle<'a> {
    /// Of one backfill.
    pub fn new(limits: Limits, log: &'a Log, migration: &'a str) -> Self {
        Self { limits, log, migration, marks: VecDeque::new(), warned: false }
    }

    /// Returns when no limit is exceeded any more.
    ///
    /// # Errors
    /// The server doesn't answer.
    pub fn wait(&mut self, connection: &mut PgConnection) -> QueryResult<()> {
        let mut said: Option<Instant> = None;
        let (started, migration) = (Instant::now(), self.migration);
        while let Some(reason) = self.exceeded(connection)? {
            if said.is_none_or(|said| said.elapsed() >= REMINDER) {
                said = Some(Instant::now());
                let event = Event::new("throttled", format!("{migration}: pausing, {reason}"));
                self.log.say(event.of(migration).with("reason", reason));
            }
            std::thread::sleep(PAUSE);
        }
        if said.is_some() {
            let paused = words::duration(started.elapsed());
            self.log
                .say(Event::new("resumed", format!("{migration}: going on after {paused}")).of(migration));
        }
        Ok(())
    }

    /// Which limit is exceeded, in words.
    fn exceeded(&mut self, connection: &mut PgConnection) -> QueryResult<Option<String>> {
        if let Some(most) = self.limits.replica_lag {
            let lag = self.lag(connection)?;
            if lag > most {
                let (lag, most) = (words::duration(lag), words::duration(most));
                return Ok(Some(format!("a replica is {lag} behind, more than {most}")));
            }
        }
        if let Some(most) = self.limits.load {
            let question = "SELECT count(*) AS load FROM pg_stat_activity \
                WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
            let load = sql_query(question).get_result::<Load>(connection)?.load;
            if load > i64::from(most) {
                return Ok(Some(format!("{load} sessions are active, more than {most}")));
            }
        }
        Ok(None)
    }

    /// How far the slowest replica is behind.
    fn lag(&mut self, connection: &mut PgConnection) -> QueryResult<Duration> {
        let Lag { lag, now, replayed, hidden } = sql_query(LAG).get_result(connection)?;
        if hidden > 0 && !self.warned {
            self.warned = true;
            let message = format!(
                "{}: --max-replica-lag can't be kept, this role may not see how far replicas are (GRANT pg_read_all_stats)",
                self.migration
            );
            self.log.say(Event::new("warning", message).of(self.migration));
        }
        let replayed = replayed.unwrap_or(now);
        self.marks.retain(|(_, position)| *position > replayed);
        let lacked = self.marks.front().map_or(Duration::ZERO, |(since, _)| since.elapsed());
        if self.marks.back().is_none_or(|(_, position)| *position < now) && now > replayed {
            self.marks.push_back((Instant::now(), now));
        }
        Ok(lacked.max(Duration::from_secs_f64(lag.unwrap_or(0.0).max(0.0))))
    }
}
