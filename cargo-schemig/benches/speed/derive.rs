//! What the derive costs a clean build: a crate of structs that derive `Migratable`, beside the same crate without that.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::generate;
use crate::measure::{Cost, compare, must_run};

const STRUCTS: usize = 1_000;
const RUNS: usize = 5;
const MOST_EACH: f64 = 0.6;

/// Builds both, and prints what one struct costs more.
pub fn measure() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let root = home.path();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    generate::derives(root, STRUCTS, &workspace.join("schemig"));
    // The versions that are at hand, so that nothing is downloaded.
    fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).expect("the workspace's lock file");
    let build = |package: &'static str| {
        move || {
            must_run(&mut cargo(root, &["clean", "-q", "--offline", "-p", package]));
            must_run(&mut cargo(root, &["build", "-q", "--offline", "-p", package]))
        }
    };
    println!();
    println!("a clean build of {STRUCTS} structs of 12 fields: medians in milliseconds, time and cpu");
    for package in ["derived", "annotated"] {
        let [with, without] = compare(RUNS, [package, "without"].map(build));
        let each = |of: fn(&Cost) -> f64| (of(&with) - of(&without)) / STRUCTS as f64;
        println!("{package:<20} {:>10.0}{:>10.0}", with.wall, with.cpu);
        println!("without the derive   {:>10.0}{:>10.0}", without.wall, without.cpu);
        let (wall, cpu) = (each(|cost| cost.wall), each(|cost| cost.cpu));
        println!("each struct          {wall:>10.2}{cpu:>10.2}   at most {MOST_EACH} is wanted");
    }
}

fn cargo(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(words).current_dir(root).env("CARGO_TARGET_DIR", root.join("target"));
    command
}
