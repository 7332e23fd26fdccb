//! How far a verification is, for whoever sits at a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, as long as that is a terminal; nothing elsewhere.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar for three passes over so many stages, the last up and down.
    pub fn over(stages: usize) -> Self {
        let bar = ProgressBar::new(u64::try_from(stages * 4 + 1).unwrap_or(u64::MAX));
        // The template is a constant that parses; without it the bar has another look.
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {elapsed}\n{wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// One more is about to be done.
    pub fn step(&self, what: impl Into<String>) {
        self.0.set_message(what.into());
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
