//! Counting: what ran, what failed, what was wrong, and what took longest.

use std::fmt;
use std::time::Duration;

use diesel::result::{Error, UnexpectedNullError};

use super::Finding;

/// How many texts of failures are kept: the first say what is wrong, the rest repeat it.
const KEPT: usize = 5;

/// The counters of a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Queries and transactions that ran, failed ones included.
    pub queries: u64,
    /// Those that returned an error.
    pub failed: u64,
    /// Those that read data which another row contradicts.
    pub stale: u64,
    /// Those that found NULL where the release expects a value.
    pub null: u64,
    /// The longest of all.
    pub longest: Duration,
    /// Its name.
    pub longest_query: &'static str,
    /// What went wrong first.
    pub faults: Vec<String>,
}

impl Tally {
    /// Counts one query.
    pub fn count(&mut self, name: &'static str, took: Duration, result: Result<Finding, Error>) {
        self.queries += 1;
        if took > self.longest {
            (self.longest, self.longest_query) = (took, name);
        }
        match result {
            Ok(Finding::Right) => {}
            Ok(Finding::Stale(what)) => {
                self.stale += 1;
                self.keep(format!("{name}: stale: {what}"));
            }
            Err(error) => {
                let counter = if is_null(&error) { &mut self.null } else { &mut self.failed };
                *counter += 1;
                self.keep(format!("{name}: {error}"));
            }
        }
    }

    /// Adds another connection's, or another stretch's, counters.
    pub fn add(&mut self, other: Tally) {
        let Tally { queries, failed, stale, null, longest, longest_query, faults } = other;
        self.queries += queries;
        self.failed += failed;
        self.stale += stale;
        self.null += null;
        if longest > self.longest {
            (self.longest, self.longest_query) = (longest, longest_query);
        }
        faults.into_iter().for_each(|fault| self.keep(fault));
    }

    /// Whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.failed + self.stale + self.null == 0
    }

    fn keep(&mut self, fault: String) {
        if self.faults.len() < KEPT {
            self.faults.push(fault.replace('\n', " "));
        }
    }
}

fn is_null(error: &Error) -> bool {
    matches!(error, Error::DeserializationError(cause) if caused_by_null(cause.as_ref()))
}

fn caused_by_null(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<UnexpectedNullError>() || error.source().is_some_and(caused_by_null)
}

/// One line of `key=value`, the name of the longest last, then one line per fault.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { queries, failed, stale, null, longest, longest_query, faults } = self;
        let longest = longest.as_micros();
        write!(f, "queries={queries} failed={failed} stale={stale} null={null} longest_us={longest}")?;
        write!(f, " faults={} longest={longest_query}", faults.len())?;
        faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}
