//! A program run to its end.

use std::process::Command;
use std::time::{Duration, Instant};

/// What one call did.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its exit code, and `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
    /// From start to end, the process's own start included.
    pub wall: Duration,
}

impl Run {
    /// Runs `command` to its end.
    ///
    /// # Panics
    /// When it can't be started at all.
    pub fn of(command: &mut Command) -> Run {
        let started = Instant::now();
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let wall = started.elapsed();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr), wall }
    }

    /// Whether it ended with 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// All that it printed, first what went to standard output.
    pub fn printed(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The same, for a call that must succeed.
    ///
    /// # Panics
    /// With all that was printed, when it didn't.
    pub fn expect_success(self, what: &str) -> Run {
        assert!(self.success(), "{what} ended with {:?}:\n{}", self.code, self.printed());
        self
    }
}
