//! Running a release's traffic until it is told to stop.
//!
//! The program says `ready` when every connection has run every query once, and then obeys its standard input: each line
//! makes it print the counters since the line before, and the end of input makes it stop and print the totals.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::dsl::max;
use diesel::prelude::*;

use super::{Dice, Mix, Tally};
use crate::before::schema::{organizations, users};

const USAGE: &str = "usage: [--threads N] [--seconds N]   (the database is named by DATABASE_URL)
Prints the counters at each line of standard input; stops at its end, or after so many seconds.";

struct Options {
    threads: u64,
    seconds: Option<u64>,
}

/// Runs `mix` on several connections, as `release`, and returns failure when anything went wrong.
pub fn serve(release: &'static str, threads: u64, mix: Mix) -> ExitCode {
    let options = match options(threads) {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let total = run(release, mix, &options);
    println!("{total}");
    if total.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options(threads: u64) -> Result<Options, String> {
    let mut options = Options { threads, seconds: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        let value = value.ok_or_else(|| format!("{argument} needs a number"))?;
        match argument.as_str() {
            "--threads" => options.threads = value,
            "--seconds" => options.seconds = Some(value),
            unknown => return Err(format!("unknown argument {unknown}")),
        }
    }
    Ok(options)
}

/// What the connections share with the one that controls them.
struct Shared {
    stop: AtomicBool,
    started: Barrier,
    since_last: Mutex<Tally>,
}

fn run(release: &'static str, mix: Mix, options: &Options) -> Tally {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names the database");
    let connect = || PgConnection::establish(&url).expect("the database answers");
    let (organizations, newest) = extent(&mut connect());
    let newest = Arc::new(AtomicI64::new(newest));
    let shared = Shared {
        stop: AtomicBool::new(false),
        started: Barrier::new(usize::try_from(options.threads + 1).expect("a small number")),
        since_last: Mutex::new(Tally::default()),
    };
    std::thread::scope(|scope| {
        for thread in 0..options.threads {
            // Emails must differ between runs as well: the database outlives the program.
            let label = format!("{release}-{}-{thread}", std::process::id());
            let dice = Dice::new(label, thread, organizations, Arc::clone(&newest));
            let (shared, connection) = (&shared, connect());
            scope.spawn(move || work(connection, mix, dice, shared));
        }
        shared.started.wait();
        println!("ready");
        let total = obey(options.seconds, &shared.since_last);
        shared.stop.store(true, Ordering::Relaxed);
        total
    })
    .merged(shared.since_last.into_inner().unwrap_or_else(PoisonError::into_inner))
}

impl Tally {
    fn merged(mut self, other: Tally) -> Tally {
        self.add(other);
        self
    }
}

fn extent(connection: &mut PgConnection) -> (i64, i64) {
    let organizations = organizations::table.select(max(organizations::id)).first::<Option<i64>>(connection);
    let newest = users::table.select(max(users::id)).first::<Option<i64>>(connection);
    let read = |bound: QueryResult<Option<i64>>| bound.expect("the tables are there").unwrap_or(1);
    (read(organizations), read(newest))
}

fn work(mut connection: PgConnection, mix: Mix, mut dice: Dice, shared: &Shared) {
    let mut ask = |name: &'static str, query: super::Query, dice: &mut Dice| {
        let started = Instant::now();
        let result = query(&mut connection, dice);
        let took = started.elapsed();
        shared.since_last.lock().unwrap_or_else(PoisonError::into_inner).count(name, took, result);
    };
    // Each statement is prepared now, so that what follows runs on plans that are older than the migrations.
    mix.iter().for_each(|(_, name, query)| ask(name, *query, &mut dice));
    shared.started.wait();
    let sum: u32 = mix.iter().map(|(weight, ..)| weight).sum();
    while !shared.stop.load(Ordering::Relaxed) {
        let mut point = dice.below(u64::from(sum));
        let drawn = mix.iter().find(|(weight, ..)| {
            let hit = point < u64::from(*weight);
            point = point.saturating_sub(u64::from(*weight));
            hit
        });
        if let Some((_, name, query)) = drawn {
            ask(name, *query, &mut dice);
        }
        std::thread::sleep(Duration::from_micros(500 + dice.below(2500)));
    }
}

/// Prints the counters at each line of input, and returns their sum when it is time to stop.
fn obey(seconds: Option<u64>, since_last: &Mutex<Tally>) -> Tally {
    let mut total = Tally::default();
    if let Some(seconds) = seconds {
        std::thread::sleep(Duration::from_secs(seconds));
        return total;
    }
    for _line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let tally = std::mem::take(&mut *since_last.lock().unwrap_or_else(PoisonError::into_inner));
        println!("{tally}");
        let _ = std::io::stdout().flush();
        total.add(tally);
    }
    total
}
