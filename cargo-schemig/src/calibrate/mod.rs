//! How fast a server is: a few bounded probes, beside what the usual rates say.
//!
//! Nothing of the user's is touched. The probes work on temporary tables, each round in a transaction that is rolled back, under a statement
//! timeout. No batch of an update is tried on a table of the user's: it would lock its rows and run its triggers, and what those do outside
//! of the database no rollback takes back.

mod postgres;

use schemig_core::dialect::{Pace, Rates};
use schemig_core::safety::estimate::Probes;

use crate::database::{Connection, Url};
use crate::exit::Stop;

/// Rows of a probe's table: enough for a clock, and few enough for a server that has other things to do.
pub const ROWS: u64 = 200_000;

/// How often each probe is run; the shortest time counts.
const ROUNDS: usize = 5;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// What the probes took.
    pub measured: Probes,
    /// What they take by the usual rates.
    pub usual: Probes,
    /// How many times as long that is.
    pub pace: Pace,
}

/// Measures the server at a URL beside these rates, with probes of so many rows.
///
/// # Errors
/// It is a product or a server that can't be measured; nobody answers; a probe fails, or takes longer than it may.
pub fn calibrate(rates: &Rates, url: &Url, rows: u64) -> Result<Calibration, Stop> {
    // Before anything is opened: SQLite would make a file that isn't there.
    if let Url::Sqlite(_) = url {
        return Err(no_server());
    }
    let Connection::Postgres(mut connection) = Connection::establish(url)? else { return Err(no_server()) };
    let rounds: Result<Vec<Probes>, Stop> =
        (0..ROUNDS).map(|_| postgres::probe(&mut connection, url, rows)).collect();
    let measured = Probes::fastest(&rounds?).expect("there was a round");
    let usual = Probes::usual(rates, measured.rows, measured.bytes);
    Ok(Calibration { measured, usual, pace: measured.pace(&usual) })
}

fn no_server() -> Stop {
    Stop::refused(
        "there is no server of SQLite to measure",
        "each app has its own disk; leave --calibrate out, and estimates keep to the usual rates",
    )
}

impl Calibration {
    /// A line for each class of work.
    pub fn lines(&self) -> Vec<String> {
        let Self { measured, usual, pace } = self;
        let line = |what: &str, measured: f64, usual: f64, times: f64| {
            format!("{what}: {measured:.3} s, usually {usual:.3} s: {times:.2} times as long")
        };
        vec![
            line("to read the rows", measured.scan, usual.scan, pace.scan),
            line("to index numbers", measured.index, usual.index, pace.index),
            line("to index texts", measured.text_index, usual.text_index, pace.text_index),
            line("to write the table anew", measured.rewrite, usual.rewrite, pace.rewrite),
            line("to update the rows", measured.update, usual.update, pace.update),
        ]
    }
}
