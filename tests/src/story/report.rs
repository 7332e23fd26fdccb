//! What came of a story: a table for people, and the judgement for the test.

use std::fmt;
use std::time::Duration;

use super::Counters;

/// One part of the story.
#[derive(Clone, Debug)]
pub struct Row {
    /// The migration, or what else went on.
    pub what: String,
    /// How long the Diesel CLI took, its own start included.
    pub wall: Option<Duration>,
    /// What N-1 counted meanwhile, when it ran.
    pub before: Option<Counters>,
    /// What N counted meanwhile, when it ran.
    pub after: Option<Counters>,
    /// The longest that a query of either waited for a lock, as sampled.
    pub lock_wait: Duration,
}

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many users there were at the start.
    pub users: u64,
    /// The server's major version.
    pub server_version: u32,
    /// Part by part.
    pub rows: Vec<Row>,
    /// N-1's counters, all its runs together.
    pub before: Counters,
    /// N's counters, all its runs together.
    pub after: Counters,
    /// The longest that any of their queries waited for a lock.
    pub lock_wait: Duration,
    /// Users whose organization was NULL or wrong when all rows were compared, all comparisons together.
    pub wrong_rows: u64,
}

impl Report {
    pub(super) fn new(users: u64, server_version: u32) -> Report {
        let (before, after) = (Counters::default(), Counters::default());
        let (rows, lock_wait, wrong_rows) = (Vec::new(), Duration::ZERO, 0);
        Report { users, server_version, rows, before, after, lock_wait, wrong_rows }
    }

    pub(super) fn record(&mut self, row: Row) {
        self.lock_wait = self.lock_wait.max(row.lock_wait);
        // Told as it goes: at full size there are minutes between the lines.
        println!("{row}");
        self.rows.push(row);
    }

    /// Judges: no query failed, nothing read was stale or NULL, and nobody waited a second for a lock.
    ///
    /// # Panics
    /// When one of these doesn't hold, with the whole report.
    pub fn assert_clean(&self) {
        for (name, counters) in [("N-1", &self.before), ("N", &self.after)] {
            assert!(counters.queries > 1000, "{name} hardly ran: {counters:?}");
            assert!(counters.is_clean(), "{name}: {counters:#?}\n{self}");
        }
        assert_eq!(self.wrong_rows, 0, "users whose organization is NULL or wrong\n{self}");
        assert!(
            self.lock_wait < Duration::from_secs(1),
            "a query waited {:?} for a lock\n{self}",
            self.lock_wait
        );
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { users, server_version, rows, before, after, lock_wait, wrong_rows } = self;
        writeln!(
            f,
            "{users} users, PostgreSQL {server_version}: {} queries",
            before.queries + after.queries
        )?;
        writeln!(f, "failed {}, stale {}", before.failed + after.failed, before.stale + after.stale)?;
        writeln!(f, "NULL {}, wrong rows in all comparisons {wrong_rows}", before.null + after.null)?;
        let longest = if before.longest > after.longest { before } else { after };
        writeln!(f, "longest query {} ({})", seconds(longest.longest), longest.longest_query)?;
        writeln!(f, "longest wait for a lock {} (sampled)\n", seconds(*lock_wait))?;
        writeln!(f, "| part | wall | longest N-1 | longest N | longest lock wait |\n|---|---|---|---|---|")?;
        rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { what, wall, before, after, lock_wait } = self;
        let wall = wall.map(seconds).unwrap_or_default();
        let longest =
            |release: &Option<Counters>| release.as_ref().map(|c| seconds(c.longest)).unwrap_or_default();
        write!(
            f,
            "| {what} | {wall} | {} | {} | {} |",
            longest(before),
            longest(after),
            seconds(*lock_wait)
        )?;
        let dirty = [before, after].into_iter().flatten().filter(|counters| !counters.is_clean());
        dirty.into_iter().try_for_each(|Counters { failed, stale, null, faults, .. }| {
            write!(f, " **failed {failed}, stale {stale}, NULL {null}: {faults:?}**")
        })
    }
}

fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}
