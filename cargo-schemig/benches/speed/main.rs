//! How long `cargo schemig diff` takes beside a bare program that only reads and parses what it must, and what the derive costs.
//!
//! `cargo bench -p cargo-schemig --bench speed`, with part of a case's name behind `--` to run only that. Generated crates stand in a
//! temporary directory. The programs take turns, so that what else the machine does meets all; processor time is printed
//! beside the time that passes, for it hardly depends on that. There are two bare programs: one asks `cargo metadata --no-deps` where
//! the sources are, which schemig doesn't, and the other reads Cargo.toml, so that what is saved there hides nothing.

mod bare;
mod derive;
mod generate;
mod measure;

use std::path::Path;
use std::process::Command;

use bare::Asks;
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
        && let Some(asks) = Asks::from_verb(verb)
    {
        return bare::run(Path::new(directory), asks);
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let heads = ["schemig", "bare, asks cargo", "bare, reads manifest"];
    println!(
        "{:<46} {:>20} {:>20} {:>20}   {:>13}   {:>13}",
        "", heads[0], heads[1], heads[2], "times 1st", "times 2nd"
    );
    let units = ["time", "cpu"].map(|unit| format!("{unit:>10}")).concat();
    let ratios = ["time", "cpu"].map(|unit| format!(" {unit:>6}")).concat();
    println!("{:<46} {units} {units} {units}   {}   {}", "milliseconds, medians", &ratios[1..], &ratios[1..]);
    for case in CASES.iter().filter(|case| wanted(case.name)) {
        measure_diff(case);
    }
    println!("at most {MOST_TIMES_BARE} times the bare program that asks cargo is wanted");
    if wanted("all changed") {
        measure_all_changed();
    }
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

/// 1,000 structs that all changed beside one that did: what a plan costs, its judgement and its files included.
fn measure_all_changed() {
    const RUNS: usize = 5;
    let size = Size { models: 1_000, others: 0, bytes: 0 };
    let homes = [(); 2].map(|()| tempfile::tempdir().expect("a temporary directory"));
    for home in &homes {
        generate::project(home.path(), &size);
        for words in [&["init"][..], &["diff"], &["contract"]] {
            measure::must_run(&mut schemig(home.path(), words));
        }
    }
    generate::change_one(homes[0].path());
    generate::change_all(homes[1].path(), &size);
    let programs = homes.each_ref().map(|home| schemig(home.path(), &["diff", "--dry-run"]));
    let [one, all] = compare(RUNS, programs.map(|mut program| move || measure::must_run(&mut program)));
    let times = all.over(&one);
    println!(
        "1,000 tables, all changed: {:.0} ms, cpu {:.0}; one changed: {:.0}, {:.0}; times that {:.1}, {:.1}",
        all.wall, all.cpu, one.wall, one.cpu, times.wall, times.cpu
    );
}

fn report(name: &str, runs: usize, root: &Path, words: &[&str]) {
    let programs = [schemig(root, words), bare(root, Asks::Cargo), bare(root, Asks::Manifest)];
    let [ours, asks, reads] =
        compare(runs, programs.map(|mut program| move || measure::must_run(&mut program)));
    let costs = [ours, asks, reads].map(|Cost { wall, cpu }| format!("{wall:>10.1}{cpu:>10.1}")).join(" ");
    let ratios = [asks, reads].map(|bare| ours.over(&bare));
    let ratios = ratios.map(|Cost { wall, cpu }| format!("{wall:>6.2} {cpu:>6.2}")).join("   ");
    println!("{name:<46} {costs}   {ratios}");
}

fn bare(root: &Path, asks: Asks) -> Command {
    let itself = std::env::current_exe().expect("the benchmark's own path");
    let mut command = Command::new(itself);
    command.arg(asks.verb()).arg(root);
    command
}

fn schemig(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("schemig").args(words).current_dir(root);
    command
}
