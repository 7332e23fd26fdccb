//! How long `cargo schemig diff` takes beside a bare program that only reads and parses what it must, and what the derive costs.
//!
//! `cargo bench -p cargo-schemig --bench speed`, with part of a case's name behind `--` to run only that. Generated crates stand in a
//! temporary directory. The two programs take turns, so that what else the machine does meets both; processor time is printed
//! beside the time that passes, for it hardly depends on that.

mod bare;
mod derive;
mod generate;
mod measure;

use std::path::Path;
use std::process::Command;

use generate::Size;
use measure::{Cost, compare};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cargo-schemig");
const MOST_TIMES_BARE: f64 = 1.5;

struct Case {
    name: &'static str,
    size: Size,
    runs: usize,
}

const CASES: [Case; 3] = [
    Case { name: "100 tables", size: Size { models: 100, others: 0, bytes: 0 }, runs: 41 },
    Case { name: "1,000 tables", size: Size { models: 1_000, others: 0, bytes: 0 }, runs: 21 },
    Case {
        name: "100 models among 900 files",
        size: Size { models: 100, others: 900, bytes: 8_500_000 },
        runs: 41,
    },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [verb, directory] = words.as_slice()
        && verb == bare::VERB
    {
        return bare::run(Path::new(directory));
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    println!("{:<46} {:>20} {:>20} {:>13}", "", "schemig", "bare", "times bare");
    println!(
        "{:<46} {:>10}{:>10} {:>10}{:>10} {:>6} {:>6}",
        "milliseconds, medians", "time", "cpu", "time", "cpu", "time", "cpu"
    );
    for case in CASES.iter().filter(|case| wanted(case.name)) {
        measure_diff(case);
    }
    println!("at most {MOST_TIMES_BARE} times the bare program is wanted");
    if wanted("derive") {
        derive::measure();
    }
}

/// Both programs over one crate whose release is deployed: nothing changed since, and then one struct changed.
fn measure_diff(case: &Case) {
    let home = tempfile::tempdir().expect("a temporary directory");
    let root = home.path();
    generate::project(root, &case.size);
    for words in [&["init"][..], &["diff"], &["contract"]] {
        measure::must_run(&mut schemig(root, words));
    }
    report(&format!("{}, nothing changed", case.name), case.runs, root, &["diff"]);
    generate::change_one(root);
    report(&format!("{}, one struct changed", case.name), case.runs, root, &["diff", "--dry-run"]);
}

fn report(name: &str, runs: usize, root: &Path, words: &[&str]) {
    let itself = std::env::current_exe().expect("the benchmark's own path");
    let mut bare = Command::new(itself);
    bare.arg(bare::VERB).arg(root);
    let programs = [schemig(root, words), bare];
    let [ours, least] = compare(runs, programs.map(|mut program| move || measure::must_run(&mut program)));
    let Cost { wall, cpu } = ours.over(&least);
    println!(
        "{name:<46} {:>10.1}{:>10.1} {:>10.1}{:>10.1} {wall:>6.2} {cpu:>6.2}",
        ours.wall, ours.cpu, least.wall, least.cpu
    );
}

fn schemig(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("schemig").args(words).current_dir(root);
    command
}
