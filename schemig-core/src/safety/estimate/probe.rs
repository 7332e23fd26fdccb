//! From what probes of a server took to how fast it is.

use super::model::depth;
use crate::dialect::{Pace, Rates};

/// What probes took: the same work of each class on a temporary table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probes {
    /// Rows of the table.
    pub rows: u64,
    /// Its bytes, without indexes.
    pub bytes: u64,
    /// Seconds to read it once.
    pub scan: f64,
    /// Seconds to build an index over numbers in no order.
    pub index: f64,
    /// Seconds to build one over texts in no order.
    pub text_index: f64,
    /// Seconds to write it anew while it has no index.
    pub rewrite: f64,
    /// Seconds to update each row, the primary key being the only index.
    pub update: f64,
}

/// No server is so fast or so slow: what says so was disturbed, or counted with too coarse a clock.
const POSSIBLE: [f64; 2] = [0.05, 100.0];

impl Probes {
    /// What they take by these rates, for so many rows and bytes.
    pub fn usual(rates: &Rates, rows: u64, bytes: u64) -> Self {
        let (many, large) = (rows as f64, bytes as f64);
        let Pace { scan, index, text_index, rewrite, update } = rates.temporary;
        let read = rates.scan.seconds(many, large);
        let sorted = |rate: crate::dialect::Rate| rate.seconds(many, large) * depth(many) + read;
        Self {
            rows,
            bytes,
            scan: read * scan,
            index: sorted(rates.index) * index,
            text_index: sorted(rates.text_index) * text_index,
            rewrite: rates.rewrite.seconds(many, large) * rewrite,
            update: rates.update.seconds(many, large) * update,
        }
    }

    /// How many times as long they took as these: [`Probes::usual`] for the same rows and bytes.
    pub fn pace(&self, usual: &Self) -> Pace {
        let [least, most] = POSSIBLE;
        let times = |of: fn(&Self) -> f64| (of(self) / of(usual)).clamp(least, most);
        Pace {
            scan: times(|probes| probes.scan),
            index: times(|probes| probes.index),
            text_index: times(|probes| probes.text_index),
            rewrite: times(|probes| probes.rewrite),
            update: times(|probes| probes.update),
        }
    }

    /// Of several rounds the shortest time of each class: what others hold up is in the width of an estimate, and isn't to be counted twice.
    /// `None` without a round.
    pub fn fastest(rounds: &[Self]) -> Option<Self> {
        let first = rounds.first()?;
        let least = |of: fn(&Self) -> f64| rounds.iter().map(of).fold(f64::INFINITY, f64::min);
        Some(Self {
            rows: first.rows,
            bytes: first.bytes,
            scan: least(|probes| probes.scan),
            index: least(|probes| probes.index),
            text_index: least(|probes| probes.text_index),
            rewrite: least(|probes| probes.rewrite),
            update: least(|probes| probes.update),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Probes;
    use crate::dialect::postgres::Postgres;
    use crate::dialect::{Dialect as _, Pace};

    #[test]
    fn a_server_is_as_slow_as_its_probes() {
        let usual = Probes::usual(&Postgres::default().rates(), 100_000, 10_000_000);
        assert_eq!(usual.pace(&usual), Pace::USUAL);
        let slow = Probes { index: usual.index * 4.0, update: usual.update / 2.0, scan: 0.0, ..usual };
        assert_eq!(slow.pace(&usual), Pace { scan: 0.05, index: 4.0, update: 0.5, ..Pace::USUAL });
        let disturbed = Probes { index: 1_000.0, ..slow };
        assert_eq!(Probes::fastest(&[disturbed, slow, usual]), Some(Probes { index: usual.index, ..slow }));
        assert_eq!(Probes::fastest(&[]), None);
    }
}
