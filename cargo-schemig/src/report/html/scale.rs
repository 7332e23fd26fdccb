//! Time as width. Steps take milliseconds and hours in one plan, so widths grow with the logarithm of seconds.

use crate::report::Range;

/// The least, for what takes a moment.
const LEAST: f64 = 24.0;

/// For each tenfold of time.
const TENFOLD: f64 = 30.0;

/// The moment from which widths grow, in seconds: what is shorter is said to be under that.
const MOMENT: f64 = 0.1;

/// What nobody knows: as wide as something between a minute and two hours, and drawn so that it can't be taken for a time.
const UNKNOWN: f64 = 100.0;

/// The width of a time, by its upper end.
pub(super) fn width(time: Option<Range>) -> f64 {
    time.map_or(UNKNOWN, |Range { low: _, high }| LEAST + TENFOLD * (high.max(MOMENT) / MOMENT).log10())
}

/// The part of a step's width that a lock takes, at the step's end: it is held until the commit.
pub(super) fn part(holds: Option<Range>, wall: Option<Range>) -> f64 {
    match (holds, wall) {
        (Some(holds), Some(wall)) => (width(Some(holds)) / width(Some(wall))).min(1.0),
        (Some(holds), None) => (width(Some(holds)) / UNKNOWN).min(1.0),
        (None, _) => 1.0,
    }
}

/// A place as text: tenths are fine enough, and the same on every machine.
pub(super) fn at(place: f64) -> String {
    format!("{place:.1}")
}
