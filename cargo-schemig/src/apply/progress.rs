//! How far a backfill is, how fast, and how long it will take yet.

use std::time::{Duration, Instant};

use super::log::{Event, Log};

/// A backfill's way, seen from this run.
pub struct Progress<'a> {
    log: &'a Log,
    migration: &'a str,
    total: Option<u64>,
    started: Instant,
    /// What was passed already when this run began.
    before: u64,
    said: Instant,
}

/// How often a line is logged where there is no bar.
const PAUSE: Duration = Duration::from_secs(5);

impl<'a> Progress<'a> {
    /// At the start, where `before` keys of about `total` were passed by earlier runs.
    pub fn new(log: &'a Log, migration: &'a str, before: u64, total: Option<u64>) -> Self {
        let now = Instant::now();
        Self { log, migration, total, started: now, before, said: now }
    }

    /// So many keys are passed now.
    pub fn passed(&mut self, passed: u64, written: u64) {
        let figures = figures(passed - self.before.min(passed), passed, self.total, self.started.elapsed());
        let shown = self.log.bar(passed, self.total, figures.words());
        if !shown && self.said.elapsed() >= PAUSE {
            self.said = Instant::now();
            self.log.say(self.event("progress", figures, passed, written));
        }
    }

    /// All are.
    pub fn end(&mut self, passed: u64, written: u64) {
        self.log.clear_bar();
        let done = passed - self.before.min(passed);
        let figures = figures(done, passed, Some(passed), self.started.elapsed());
        self.log.say(self.event("filled", figures, passed, written));
    }

    fn event(&self, name: &'static str, figures: Figures, passed: u64, written: u64) -> Event {
        let of = self.total.map_or(String::new(), |total| format!(" of about {}", total.max(passed)));
        let message =
            format!("{}: {passed} rows passed{of}, {written} written, {}", self.migration, figures.words());
        Event::new(name, message)
            .of(self.migration)
            .with("passed", passed)
            .with("written", written)
            .with("total", self.total)
            .with("rows_per_second", figures.rate)
            .with("eta_seconds", figures.left.map(|left| left.as_secs()))
    }
}

/// Rows per second, and the time that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Figures {
    rate: u64,
    left: Option<Duration>,
}

fn figures(done: u64, passed: u64, total: Option<u64>, elapsed: Duration) -> Figures {
    let rate = (done as f64 / elapsed.as_secs_f64().max(1e-6)) as u64;
    let left = total
        .filter(|_| rate > 0)
        .map(|total| Duration::from_secs(total.saturating_sub(passed).div_ceil(rate)));
    Figures { rate, left }
}

impl Figures {
    fn words(self) -> String {
        let Self { rate, left } = self;
        match left {
            Some(Duration::ZERO) | None => format!("{rate} rows/s"),
            Some(left) => format!("{rate} rows/s, {} left", super::words::duration(left)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::figures;
    use std::time::Duration;

    #[test]
    fn the_rate_counts_this_run_and_the_rest_counts_all() {
        let half = figures(1_000, 5_000, Some(10_000), Duration::from_secs(2));
        assert_eq!(half.words(), "500 rows/s, 10 s left");
        assert_eq!(figures(1_000, 5_000, None, Duration::from_secs(2)).words(), "500 rows/s");
        // The estimate was too low, or nothing is done yet: no time is named.
        assert_eq!(figures(10, 11_000, Some(10_000), Duration::from_secs(1)).words(), "10 rows/s");
        assert_eq!(figures(0, 0, Some(10_000), Duration::ZERO).left, None);
    }
}
