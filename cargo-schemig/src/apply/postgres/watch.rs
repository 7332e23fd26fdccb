//! Who makes a migration wait: a second session looks, for the first one can't while it does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text};

use crate::apply::words;

/// Between two looks. A file's own attempts wait 0.2 s each.
const PAUSE: Duration = Duration::from_millis(60);

/// A session that another waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocker {
    /// Its process; 0 for a prepared transaction.
    pub pid: i32,
    /// `active`, `idle in transaction`, …
    pub state: String,
    /// Its last query, cut.
    pub query: String,
    /// For how long its transaction is open; `None` where this role may not see it.
    pub age: Option<Duration>,
    /// How many others are waited for too.
    pub others: i64,
}

impl Blocker {
    /// In a clause.
    pub fn words(&self) -> String {
        let Self { pid, state, query, age, others } = self;
        let others = if *others > 0 { format!(", and {others} more") } else { String::new() };
        if *pid == 0 {
            return format!("a prepared transaction (see pg_prepared_xacts){others}");
        }
        let age = match age {
            Some(age) => format!("its transaction open for {}", words::duration(*age)),
            None => "since when isn't visible to this role (GRANT pg_read_all_stats)".to_owned(),
        };
        format!("pid {pid} ({state}, {age}): {query}{others}")
    }
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    migration: String,
    last: Option<Blocker>,
    /// Since when the same one is in the way without a break.
    since: Option<Instant>,
    /// Who was told of, for this migration.
    told: Option<i32>,
}

/// A thread that looks.
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    query: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    age: Option<f64>,
    #[diesel(sql_type = BigInt)]
    others: i64,
}

/// The sessions that one waits for, the oldest transaction first. Looked up only while it waits: the look-up itself isn't free.
const BLOCKERS: &str = "
    SELECT blocked.pid AS pid, blocker.state, blocker.query, others,
        extract(epoch FROM clock_timestamp() - coalesce(blocker.xact_start, blocker.query_start))::float8 AS age
    FROM pg_stat_activity AS waiting
    CROSS JOIN LATERAL (
        SELECT pid, count(*) OVER () - 1 AS others FROM (SELECT DISTINCT unnest(pg_blocking_pids(waiting.pid)) AS pid) AS each
    ) AS blocked
    LEFT JOIN pg_stat_activity AS blocker ON blocker.pid = blocked.pid
    WHERE waiting.pid = $1 AND waiting.wait_event_type = 'Lock'
    ORDER BY blocker.xact_start NULLS LAST LIMIT 1";

impl Watch {
    /// Looks at who makes the session `pid` wait, from now on. `tell` hears of each wait of more than a second, once.
    pub fn start(
        mut connection: PgConnection,
        pid: i32,
        tell: impl Fn(&str, &Blocker) + Send + 'static,
    ) -> Self {
        let (seen, ends) = (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicBool::new(false)));
        let (shared, ended) = (Arc::clone(&seen), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                // A look that fails says nothing: what it was for is only a better message.
                if let Ok(row) =
                    sql_query(BLOCKERS).bind::<Integer, _>(pid).get_result::<Row>(&mut connection).optional()
                {
                    let blocker = row.map(Blocker::from);
                    let news = note(&mut locked(&shared), blocker.as_ref());
                    if let Some((migration, blocker)) = news.zip(blocker) {
                        tell(&migration, &blocker);
                    }
                }
                std::thread::sleep(PAUSE);
            }
        });
        Self { seen, ends, thread: Some(thread) }
    }

    /// Forgets what was seen: an attempt at this migration begins.
    pub fn begin(&self, migration: &str) {
        let mut seen = locked(&self.seen);
        // A wait that goes on from attempt to attempt is told of once.
        let told = seen.told.filter(|_| seen.migration == migration);
        *seen = Seen { migration: migration.to_owned(), last: None, since: None, told };
    }

    /// Forgets who was in the way: what they held was got in the end.
    pub fn forget(&self) {
        locked(&self.seen).last = None;
    }

    /// Who was in the way last, since it was told to forget.
    pub fn blocker(&self) -> Option<Blocker> {
        locked(&self.seen).last.clone()
    }
}

/// Takes note of a look. The migration, when the same blocker is in its way for more than a second and wasn't told of yet.
fn note(seen: &mut Seen, blocker: Option<&Blocker>) -> Option<String> {
    let Some(blocker) = blocker else {
        seen.since = None;
        return None;
    };
    let same = seen.last.as_ref().is_some_and(|last| last.pid == blocker.pid);
    let since = *seen.since.filter(|_| same).get_or_insert_with(Instant::now);
    seen.last = Some(blocker.clone());
    seen.since = Some(since);
    let is_news = since.elapsed() > Duration::from_secs(1) && seen.told != Some(blocker.pid);
    is_news.then(|| {
        seen.told = Some(blocker.pid);
        seen.migration.clone()
    })
}

impl From<Row> for Blocker {
    fn from(row: Row) -> Self {
        let Row { pid, state, query, age, others } = row;
        Self {
            pid,
            state: state.unwrap_or_else(|| "unknown".to_owned()),
            query: words::query(&query.unwrap_or_default()),
            age: age.map(|age| Duration::from_secs_f64(age.max(0.0))),
            others,
        }
    }
}

/// What a thread that panicked left is as good as any: a look replaces it whole.
fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Its panic would have been printed, and nothing rests on it.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use super::{Blocker, Seen, Watch, locked, note};

    fn blocker(age: Option<Duration>) -> Blocker {
        Blocker { pid: 7, state: "idle".to_owned(), query: "SELECT 1".to_owned(), age, others: 0 }
    }

    /// What is told of a look after two seconds of waiting.
    fn look(watch: &Watch) -> Option<String> {
        let (mut seen, blocker) = (locked(&watch.seen), blocker(None));
        note(&mut seen, Some(&blocker));
        seen.since = Instant::now().checked_sub(Duration::from_secs(2));
        note(&mut seen, Some(&blocker))
    }

    #[test]
    fn a_pooled_session_is_named_again_for_each_migration_and_not_for_each_attempt() {
        let (seen, ends) = (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicBool::new(true)));
        let watch = Watch { seen, ends, thread: None };
        watch.begin("1");
        assert_eq!(look(&watch).as_deref(), Some("1"));
        assert_eq!(look(&watch), None);
        watch.begin("1");
        assert_eq!(look(&watch), None);
        watch.begin("2");
        assert_eq!(look(&watch).as_deref(), Some("2"));
        assert!(watch.blocker().is_some());
        watch.forget();
        assert_eq!(watch.blocker(), None);
    }

    #[test]
    fn an_age_that_may_not_be_seen_is_none() {
        let words = blocker(None).words();
        assert!(words.contains("GRANT pg_read_all_stats") && !words.contains("0 s"), "{words}");
        assert!(blocker(Some(Duration::from_secs(3))).words().contains("open for 3 s"));
    }
}
