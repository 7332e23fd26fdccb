//! Time as width. Steps take milliseconds and hours in one plan, so widths grow with the logarithm of seconds.

use crate::report::Range;

/// The least, for what takes a moment.
const LEAST: f64 = 24.0;

/// For each tenfold of time.
const TENFOLD: f64 = 30.0;

/// What nobody knows: as wide as something between a minute and two hours, and drawn so that it can't be taken for a time.
const UNKNOWN: f64 = 100.0;

/// How wide a time is.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// The moment from which widths grow, in seconds.
    moment: f64,
}

impl Scale {
    /// For what is predicted of tables of any size: what is shorter than this is said to be under it.
    pub(super) const JUDGED: Self = Self { moment: 0.1 };

    /// For what is measured on small ones, in milliseconds.
    pub(super) const MEASURED: Self = Self { moment: 1e-3 };

    /// The width of so many seconds.
    pub(super) fn seconds(self, seconds: f64) -> f64 {
        LEAST + TENFOLD * (seconds.max(self.moment) / self.moment).log10()
    }

    /// The width of a time, by its upper end.
    pub(super) fn width(self, time: Option<Range>) -> f64 {
        time.map_or(UNKNOWN, |Range { low: _, high }| self.seconds(high))
    }

    /// The width of a lock at its step's end, of which it is a part: it is held until the commit.
    pub(super) fn lock(self, holds: Option<Range>, wall: Option<Range>) -> f64 {
        let step = self.width(wall);
        holds.map_or(step, |holds| self.width(Some(holds)).min(step))
    }
}

/// A place as text: tenths are fine enough, and the same on every machine.
pub(super) fn at(place: f64) -> String {
    format!("{place:.1}")
}
