//! A release's program, told to report and to stop through its standard input.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A running release. Dropped without [`Release::stop`], it is killed.
#[derive(Debug)]
pub struct Release {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    total: Counters,
}

/// What a release counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Queries and transactions.
    pub queries: u64,
    /// Those that failed.
    pub failed: u64,
    /// Reads of wrong data.
    pub stale: u64,
    /// Reads of NULL where a value must be.
    pub null: u64,
    /// How long the longest took.
    pub longest: Duration,
    /// Which that was.
    pub longest_query: String,
    /// The first things that went wrong.
    pub faults: Vec<String>,
}

impl Release {
    /// Starts the program and waits until all its connections have run all their queries once.
    pub fn start(program: &Path, url: &str) -> Release {
        let mut command = Command::new(program);
        command.env("DATABASE_URL", url).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut release = Release { child, input, output, total: Counters::default() };
        assert_eq!(release.line(), "ready", "{} didn't start", program.display());
        release
    }

    /// What it counted since the last time.
    pub fn tick(&mut self) -> Counters {
        let input = self.input.as_mut().expect("it hasn't been stopped");
        input.write_all(b"\n").expect("the program listens");
        let counters = self.counters();
        self.total.add(&counters);
        counters
    }

    /// Stops it, and returns what it counted from the start.
    pub fn stop(mut self) -> Counters {
        drop(self.input.take());
        let counters = self.counters();
        let status = self.child.wait().expect("the program ends");
        assert_eq!(status.success(), counters.is_clean(), "its exit status says what its counters say");
        // The last stretch isn't ticked: the program's own sum has it.
        assert!(counters.queries >= self.total.queries, "{counters:?} is less than {:?}", self.total);
        counters
    }

    fn counters(&mut self) -> Counters {
        let line = self.line();
        let mut counters = parse(&line).unwrap_or_else(|| panic!("no counters: {line:?}"));
        let faults = field(&line, "faults").unwrap_or(0);
        counters.faults = (0..faults).map(|_| self.line()).collect();
        counters
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the program's output");
        line.trim_end().to_owned()
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        // After a stop there is nobody to kill, and neither call matters.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Counters {
    /// Whether nothing failed, and nothing read was stale or NULL.
    pub fn is_clean(&self) -> bool {
        self.failed + self.stale + self.null == 0
    }

    /// Adds those of another stretch.
    pub fn add(&mut self, other: &Counters) {
        let Counters { queries, failed, stale, null, longest, longest_query, faults } = other;
        self.queries += queries;
        self.failed += failed;
        self.stale += stale;
        self.null += null;
        if *longest > self.longest {
            self.longest = *longest;
            self.longest_query.clone_from(longest_query);
        }
        self.faults.extend_from_slice(faults);
    }
}

fn parse(line: &str) -> Option<Counters> {
    Some(Counters {
        queries: field(line, "queries")?,
        failed: field(line, "failed")?,
        stale: field(line, "stale")?,
        null: field(line, "null")?,
        longest: Duration::from_micros(field(line, "longest_us")?),
        longest_query: line.split_once(" longest=")?.1.to_owned(),
        faults: Vec::new(),
    })
}

fn field(line: &str, name: &str) -> Option<u64> {
    line.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_release_prints() {
        let line = "queries=7 failed=1 stale=2 null=3 longest_us=1500 faults=2 longest=move by UPDATE";
        let counters = parse(line).expect("counters");
        assert_eq!((counters.queries, counters.failed, counters.stale, counters.null), (7, 1, 2, 3));
        assert_eq!(counters.longest, Duration::from_micros(1500));
        assert_eq!(counters.longest_query, "move by UPDATE");
        assert_eq!(field(line, "faults"), Some(2));
        assert_eq!(parse("ready"), None);
    }
}
