//! How long locks that make queries wait are held, from looks at a session that were taken from outside. A look tells what stood at some
//! moment between its question and its answer, so each time has a lower and an upper end, and what happened lies between them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use schemig_core::dialect::LockMode;
use schemig_core::schema::{State, TableName};

use super::locks::{is_there, strongest};
use super::run::Locks;
use super::verdict::{HoldRow, Seen};

/// A lock that makes queries wait, over the longest time at a stretch that a session held one on its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The table.
    pub table: TableName,
    /// The strongest mode on it.
    pub mode: LockMode,
    /// It was seen for so long.
    pub least: Duration,
    /// It wasn't seen before and after that.
    pub most: Duration,
}

/// What all looks at a session saw.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The strongest lock on each table, those that make no query wait too.
    pub locks: Locks,
    /// How long those that do were held.
    pub holds: Vec<Hold>,
    /// The longest time between two looks: a lock that was held for less may have gone unseen.
    pub blind: Duration,
}

/// When a look was asked for, and when it was answered.
pub type Moment = [Instant; 2];

/// The looks so far.
#[derive(Debug)]
pub struct Looks {
    last: Moment,
    blind: Duration,
    locks: Locks,
    stretches: BTreeMap<TableName, Stretch>,
    longest: BTreeMap<TableName, Hold>,
}

/// A lock that is held.
#[derive(Debug)]
struct Stretch {
    mode: LockMode,
    /// The last look that didn't see it was asked for then.
    before: Instant,
    /// The first that saw it was answered then.
    first: Instant,
    /// The last that saw it was asked for then.
    last: Instant,
}

impl Looks {
    /// Nothing is held yet.
    pub fn from(began: Instant) -> Self {
        Self {
            last: [began; 2],
            blind: Duration::ZERO,
            locks: Locks::new(),
            stretches: BTreeMap::new(),
            longest: BTreeMap::new(),
        }
    }

    /// One more look, and the locks that it saw.
    pub fn saw(&mut self, moment: Moment, held: Locks) {
        let [asked, answered] = moment;
        self.blind = self.blind.max(answered.duration_since(self.last[0]));
        let blocking: BTreeMap<TableName, LockMode> =
            held.iter().filter(|(_, mode)| mode.blocks_writes()).cloned().collect();
        for (table, mode) in &blocking {
            let new = Stretch { mode: *mode, before: self.last[0], first: answered, last: asked };
            let stretch = self.stretches.entry(table.clone()).or_insert(new);
            stretch.mode = stretch.mode.max(*mode);
            stretch.last = asked;
        }
        self.locks = strongest(self.locks.drain(..).chain(held));
        self.close(answered, |table| !blocking.contains_key(table));
        self.last = moment;
    }

    /// The session holds nothing any more.
    pub fn over(mut self, ended: Instant) -> Looked {
        self.close(ended, |_| true);
        let Self { last, blind, locks, stretches: _, longest } = self;
        let blind = blind.max(ended.duration_since(last[0]));
        Looked { locks, holds: longest.into_values().collect(), blind }
    }

    /// Those locks are gone at that moment; of each table the longest stretch counts, with the strongest lock of all.
    fn close(&mut self, gone: Instant, is_gone: impl Fn(&TableName) -> bool) {
        for (table, stretch) in std::mem::take(&mut self.stretches) {
            if !is_gone(&table) {
                self.stretches.insert(table, stretch);
                continue;
            }
            let Stretch { mode, before, first, last } = stretch;
            let least = last.saturating_duration_since(first);
            let ended = Hold { table: table.clone(), mode, least, most: gone.duration_since(before) };
            match self.longest.get_mut(&table) {
                Some(known) => {
                    known.mode = known.mode.max(mode);
                    known.least = known.least.max(ended.least);
                    known.most = known.most.max(ended.most);
                }
                None => drop(self.longest.insert(table, ended)),
            }
        }
    }
}

/// The locks of a run on tables that were there before, in order of the tables: how long those were held that looks saw, and for how long
/// at most those that only the run's transaction knew of, at its end. `took` is the whole run, in which all of that happened.
pub fn rows(
    looked: Option<&Looked>,
    at_its_end: Option<&Locks>,
    took: Duration,
    before: &State,
) -> Option<Vec<HoldRow>> {
    let Looked { locks: _, holds, blind } = looked?;
    let is_seen = |table: &TableName| holds.iter().any(|hold| hold.table == *table);
    let unseen =
        at_its_end.into_iter().flatten().filter(|(table, mode)| mode.blocks_writes() && !is_seen(table));
    let unseen = unseen.map(|(table, mode)| {
        let hold = Hold { table: table.clone(), mode: *mode, least: Duration::ZERO, most: *blind };
        (hold, Seen::AtItsEnd)
    });
    let mut all: Vec<(Hold, Seen)> =
        holds.iter().map(|hold| (hold.clone(), Seen::Meanwhile)).chain(unseen).collect();
    all.retain(|(hold, _)| is_there(before, &hold.table));
    all.sort_by(|(one, _), (other, _)| one.table.cmp(&other.table));
    Some(all.into_iter().map(|(hold, seen)| row(hold, seen, took)).collect())
}

fn row(Hold { table, mode, least, most }: Hold, seen: Seen, took: Duration) -> HoldRow {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    HoldRow {
        table: table.to_string(),
        mode: mode.to_string(),
        blocks_reads: mode.blocks_reads(),
        least_ms: micros(least.min(took)) / 1_000,
        most_ms: micros(most.min(took)).div_ceil(1_000),
        seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: LockMode = LockMode::Share;
    const EXCLUSIVE: LockMode = LockMode::AccessExclusive;

    fn table(name: &str) -> TableName {
        TableName { schema: None, name: name.to_owned() }
    }

    /// Looks that are asked for at these milliseconds and answered one later, each with what it sees on `t`, up to an end.
    fn looked(looks: &[(u64, Option<LockMode>)], end: u64) -> Looked {
        let began = Instant::now();
        let at = |ms: u64| began + Duration::from_millis(ms);
        let mut seen = Looks::from(began);
        for (ms, mode) in looks {
            seen.saw([at(*ms), at(ms + 1)], mode.iter().map(|mode| (table("t"), *mode)).collect());
        }
        seen.over(at(end))
    }

    fn held(looks: &[(u64, Option<LockMode>)], end: u64) -> Vec<(LockMode, u128, u128)> {
        let holds = looked(looks, end).holds.into_iter();
        holds.map(|hold| (hold.mode, hold.least.as_millis(), hold.most.as_millis())).collect()
    }

    #[test]
    fn a_hold_lies_between_the_looks_that_saw_it_and_those_that_did_not() {
        let looks = [(2, None), (6, Some(SHARE)), (10, Some(SHARE)), (14, None)];
        assert_eq!(held(&looks, 20), [(SHARE, 3, 13)], "seen from 7 to 10, not seen at 2 and at 15");
    }

    #[test]
    fn a_run_that_ends_gives_its_locks_back() {
        assert_eq!(held(&[(4, Some(EXCLUSIVE)), (8, Some(EXCLUSIVE))], 12), [(EXCLUSIVE, 3, 12)]);
        assert_eq!(held(&[(4, Some(EXCLUSIVE))], 12), [(EXCLUSIVE, 0, 12)], "one look tells no length");
    }

    #[test]
    fn of_several_stretches_the_longest_counts() {
        let looks = [(1, Some(SHARE)), (4, None), (10, Some(EXCLUSIVE)), (30, Some(SHARE)), (34, None)];
        assert_eq!(held(&looks, 40), [(EXCLUSIVE, 19, 31)]);
    }

    #[test]
    fn what_makes_no_query_wait_is_no_hold() {
        let mode = LockMode::ShareUpdateExclusive;
        let looked = looked(&[(1, Some(mode)), (5, Some(mode))], 9);
        assert_eq!((looked.holds, looked.locks), (Vec::new(), vec![(table("t"), mode)]));
        assert_eq!(looked.blind, Duration::from_millis(5), "from 1 to 6");
    }

    #[test]
    fn what_no_look_saw_was_held_no_longer_than_nobody_looked() {
        let mut before = State::default();
        before.schema.tables.insert(table("t"), schemig_core::schema::Table::keyed_by(["id"]));
        let looked = looked(&[(1, None), (9, None)], 12);
        let ends = vec![(table("t"), EXCLUSIVE), (table("new"), EXCLUSIVE)];
        let rows =
            |took| rows(Some(&looked), Some(&ends), Duration::from_micros(took), &before).expect("a look");
        let shown = |row: &HoldRow| (row.table.clone(), row.least_ms, row.most_ms, row.seen);
        let found: Vec<_> = rows(50_000).iter().map(shown).collect();
        assert_eq!(found, [("t".to_owned(), 0, 9, Seen::AtItsEnd)]);
        assert_eq!(rows(3_200)[0].most_ms, 4, "nor longer than the run took");
    }
}
