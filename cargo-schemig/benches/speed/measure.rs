//! Runs programs and takes their times.

use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Milliseconds that a run takes: that pass, and of the processors.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: f64,
    pub cpu: f64,
}

impl Cost {
    /// How many times the other this is.
    pub fn over(&self, other: &Self) -> Self {
        Self { wall: self.wall / other.wall, cpu: self.cpu / other.cpu }
    }
}

/// The median costs of programs that take turns. Their first runs don't count: they may find the disk's cache cold.
pub fn compare<const N: usize>(runs: usize, mut programs: [impl FnMut() -> Cost; N]) -> [Cost; N] {
    programs.iter_mut().for_each(|program| _ = program());
    let mut costs = [const { Vec::new() }; N];
    for _ in 0..runs {
        for (program, costs) in programs.iter_mut().zip(&mut costs) {
            costs.push(program());
        }
    }
    costs.map(|costs| median(&costs))
}

/// Runs a program to its end; one that fails ends the benchmark.
pub fn must_run(command: &mut Command) -> Cost {
    let before = children_milliseconds();
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let wall = start.elapsed().as_secs_f64() * 1e3;
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
    Cost { wall, cpu: children_milliseconds() - before }
}

fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost { wall: middle(|cost| cost.wall), cpu: middle(|cost| cost.cpu) }
}

/// The processor time of all programs that were run and have ended, theirs included.
fn children_milliseconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts processor time");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e3
}
