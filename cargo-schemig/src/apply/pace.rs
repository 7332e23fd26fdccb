//! How many keys the next batch gets: as many as take the time that is wanted.

use std::time::Duration;

/// The size of batches, learned from batch to batch.
#[derive(Clone, Debug)]
pub struct Pace {
    target: Duration,
    keys: u32,
}

/// Fewer cost more per row than they spare others of waiting.
const FEWEST: u32 = 100;
/// More are held in memory, and locked, than anybody should want.
const MOST: u32 = 50_000;
/// Before anything is known of the rows.
const FIRST: u32 = 1_000;

impl Pace {
    /// Batches of about this time each.
    pub fn new(target: Duration) -> Self {
        Self { target, keys: FIRST }
    }

    /// How many keys the next batch gets.
    pub fn keys(&self) -> u32 {
        self.keys
    }

    /// The last batch took so long. At most twice as many keys follow: one batch says little, and an outlier less.
    pub fn took(&mut self, elapsed: Duration) {
        let factor = self.target.as_secs_f64() / elapsed.as_secs_f64().max(1e-6);
        let keys = f64::from(self.keys) * factor.clamp(0.25, 2.0);
        // Within the bounds, so within u32.
        self.keys = keys.clamp(f64::from(FEWEST), f64::from(MOST)) as u32;
    }

    /// Somebody holds a row of the last batch: a smaller one locks fewer others while it waits.
    pub fn locked(&mut self) {
        self.keys = (self.keys / 2).max(FEWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::{FEWEST, MOST, Pace};
    use std::time::Duration;

    /// Runs batches on a server that takes this long per key.
    fn settled(micros_per_key: u64, batches: u32) -> u32 {
        let mut pace = Pace::new(Duration::from_millis(200));
        for _ in 0..batches {
            let elapsed = Duration::from_micros(u64::from(pace.keys()) * micros_per_key);
            pace.took(elapsed);
        }
        pace.keys()
    }

    #[test]
    fn batches_take_the_wanted_time_within_the_bounds() {
        assert_eq!(settled(20, 6), 10_000);
        assert_eq!(settled(400, 6), 500);
        assert_eq!(settled(1, 12), MOST);
        assert_eq!(settled(1_000_000, 12), FEWEST);
    }

    #[test]
    fn one_quick_batch_does_not_make_a_huge_one() {
        let mut pace = Pace::new(Duration::from_millis(200));
        pace.took(Duration::ZERO);
        assert_eq!(pace.keys(), 2_000);
        pace.locked();
        assert_eq!(pace.keys(), 1_000);
    }
}
