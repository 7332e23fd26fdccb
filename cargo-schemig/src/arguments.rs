//! What is typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use jiff::SignedDuration;
use schemig_core::plan::Phase;

use crate::project::Selection;
use crate::sizes::{self, Typed};

/// Cargo runs `cargo-schemig schemig …`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo")]
pub struct Cargo {
    /// The subcommand of cargo that this is.
    #[command(subcommand)]
    pub command: Schemig,
}

/// The one subcommand of cargo that this program is.
#[derive(Debug, Subcommand)]
pub enum Schemig {
    /// Zero-downtime migrations for Diesel, from the models
    ///
    /// Exit codes: 0 done, or nothing to do; 1 a check found something; 2 a usage or input error, or a question; 3 something needs
    /// approval, and nothing was written; 4 a database or a file failed.
    #[command(version)]
    Schemig(Arguments),
}

/// The command and what all commands take.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start: make schemig/ in a new crate, or take over a database that stands
    Init(Init),
    /// Compare the models with the snapshot, and write the migrations between the two
    Diff(Diff),
    /// Say that a release is deployed everywhere, and write the migrations that waited for it
    Contract(Contract),
    /// Run pending migrations: one runner at a time, short waits for locks, backfills in batches that can be resumed
    Apply(Apply),
    /// Show what is deployed, what is open, and what it waits for
    Status(Status),
    /// Print schema.rs as the snapshot has it
    Schema(Common),
    /// Prove the pending plan on databases that are made for it and dropped again
    Verify(Verify),
    /// Read how large a database's tables are into schemig/statistics.toml, or measure how fast it is: what estimates come from
    Stats(Stats),
    /// List the rules by which a plan needs approval, or print the page of one
    Explain(Explain),
}

/// What all commands take.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// The Cargo.toml of the crate with the models
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// The crate with the models, in a workspace
    #[arg(short, long, value_name = "NAME")]
    pub package: Option<String>,
    /// Features that the models are read with, beside the default ones
    #[arg(long, value_delimiter = ',')]
    pub features: Vec<String>,
    /// The database, where schemig.toml names several
    #[arg(long, value_name = "NAME")]
    pub database: Option<String>,
    /// The diesel.toml that counts; else DIESEL_CONFIG_FILE names it, in the environment or in .env, else it is the nearest going up from
    /// the crate
    #[arg(long, value_name = "PATH")]
    pub diesel_toml: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Colours
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// Say more: each directory's SQL too
    #[arg(short, long)]
    pub verbose: bool,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person at a terminal
    Text,
    /// For a program
    Json,
    /// For a pull request
    Markdown,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `cargo schemig init`
#[derive(Clone, Debug, Args)]
pub struct Init {
    /// Adopt this database as it stands: postgres://… or a SQLite file. Nothing but its catalog is read
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Adopt what the migrations make, found out on a scratch database: with --database-url on that server, else on one that is started
    /// for this
    #[arg(long)]
    pub from_migrations: bool,
    /// Say which struct of each table is to derive Migratable, and print the edit as a diff; also where schemig/ is there already
    #[arg(long)]
    pub annotate: bool,
    /// Make that edit in the sources
    #[arg(long, requires = "annotate")]
    pub write: bool,
    /// Write nothing; report and exit as if it had been written
    #[arg(long, conflicts_with = "write")]
    pub dry_run: bool,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig diff`
#[derive(Clone, Debug, Args)]
pub struct Diff {
    /// What the plan is called; by default it is named after its first change
    pub name: Option<String>,
    /// Write nothing; report and exit as if it had been written
    #[arg(long)]
    pub dry_run: bool,
    /// Write nothing; exit 1 when there is something to write
    #[arg(long)]
    pub check: bool,
    /// Sign off what needs approval, and why; kept in the plan
    #[arg(long, value_name = "REASON")]
    pub approve: Option<String>,
    /// Plan for an old release that goes on running
    #[arg(long, conflicts_with = "no_overlap")]
    pub overlap: bool,
    /// Plan for an old release that is stopped before the migrations run
    #[arg(long)]
    pub no_overlap: bool,
    /// Plan from the snapshot as it stands at this git ref. Plans that were made since have to be replaced, for they lead there too
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Remove the plans that were made since --base, with their migrations, so that one is left. Not where one is deployed, was edited, or
    /// has run on the database of --database-url
    #[arg(long, requires = "base")]
    pub replace_unapplied: bool,
    /// The rows of a table, as users=5M; may be said more than once. Else schemig/statistics.toml says how large tables are
    #[arg(long, value_name = "TABLE=NUMBER", value_parser = sizes::typed, value_delimiter = ',')]
    pub rows: Vec<Typed>,
    /// A database whose statistics say how large tables are; nothing but its catalog is read
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// The time to name migrations after, as 2026-11-22-070000
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Write the report as a page for a browser too, whatever the command ends with
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig contract`
#[derive(Clone, Debug, Args)]
pub struct Contract {
    /// The plan whose release is deployed; may be left out when just one is undeployed
    pub plan: Option<String>,
    /// Say that the plan's promises were kept
    #[arg(long)]
    pub confirm: bool,
    /// Sign off what needs approval, and why; kept in the plan
    #[arg(long, value_name = "REASON")]
    pub approve: Option<String>,
    /// Write nothing; report and exit as if it had been written
    #[arg(long)]
    pub dry_run: bool,
    /// The rows of a table, as users=5M; may be said more than once. Else schemig/statistics.toml says how large tables are
    #[arg(long, value_name = "TABLE=NUMBER", value_parser = sizes::typed, value_delimiter = ',')]
    pub rows: Vec<Typed>,
    /// A database whose statistics say how large tables are; nothing but its catalog is read
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// The time to name migrations after, as 2026-11-22-070000
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Write the report as a page for a browser too, whatever the command ends with
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig verify`
#[derive(Clone, Debug, Args)]
pub struct Verify {
    /// The PostgreSQL server to make scratch databases on; without it, one is started for this. No database that stands is touched
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// The release that runs now: its models are read at this git ref, and releases before it run nowhere. By default the plan log says
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// How many rows a table is filled with
    #[arg(long, value_name = "N", default_value = "1000")]
    pub rows: NonZeroUsize,
    /// What rows, values and the moments of kills are drawn from: the same number gives the same
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write the verdict as a page for a browser too, whatever it is
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig apply`
#[derive(Clone, Debug, Args)]
pub struct Apply {
    /// The database: postgres://… or a SQLite file; else DATABASE_URL is read, in the environment or in .env
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Stop before the first migration of a later phase
    #[arg(long, value_name = "PHASE", value_enum, default_value_t = Until::Contract)]
    pub until: Until,
    /// Run nothing; list what would run, with phases and locks
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the lines that say what happens
    #[arg(long, value_enum, default_value_t = LogForm::Text)]
    pub log: LogForm,
    /// How long to wait for another runner
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    pub wait: Duration,
    /// The time that a batch of a backfill should take: its rows are locked for so long
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = timeout)]
    pub batch_time: Duration,
    /// Let backfills pause while a replica is further behind
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub max_replica_lag: Option<Duration>,
    /// Let backfills pause while more sessions of others are active
    #[arg(long, value_name = "SESSIONS")]
    pub max_load: Option<u32>,
    /// How long a migration in a transaction waits for a lock, and makes others wait behind it; a second is what a vacuum takes to yield
    #[arg(long, value_name = "TIME", default_value = "1200ms", value_parser = timeout)]
    pub lock_timeout: Duration,
    /// How often to try to get a lock; the pauses between grow to half a minute
    #[arg(long, value_name = "TIMES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub lock_attempts: u32,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig status`
#[derive(Clone, Debug, Args)]
pub struct Status {
    /// Compare with this database, too: which migrations have run, and what was changed by hand. Nothing but its catalog is read
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Exit 1 when the database isn't as the snapshot says, or a migration was edited after it was written
    #[arg(long)]
    pub check: bool,
    /// Take what was changed by hand into the snapshot, as found: it stays until a model says otherwise
    #[arg(long, requires = "database_url", conflicts_with = "check")]
    pub accept: bool,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig stats`
#[derive(Clone, Debug, Args)]
pub struct Stats {
    /// The database, of which only the catalog is read: postgres://… or a SQLite file; else DATABASE_URL is read, in the environment or in .env
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Measure how fast the server is instead, in temporary tables: for some seconds it has work to do. Sizes stay as they are, so this may
    /// be a staging server
    #[arg(long, requires = "database_url")]
    pub calibrate: bool,
    /// Write nothing; report and exit as if it had been written
    #[arg(long)]
    pub dry_run: bool,
    /// What all commands take.
    #[command(flatten)]
    pub common: Common,
}

/// `cargo schemig explain`
#[derive(Clone, Debug, Args)]
pub struct Explain {
    /// The rules; without any, all are listed
    #[arg(value_name = "RULE")]
    pub rules: Vec<String>,
    /// The form of what is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Colours
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
}

/// How what a command says is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The form of the report.
    pub format: Format,
    /// When to use colours.
    pub color: Colour,
    /// Whether more is said.
    pub verbose: bool,
}

/// The last phase that is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// What release N-1 lives beside, before the rows are filled
    Expand,
    /// What must be there before release N is deployed
    Backfill,
    /// All of it
    Contract,
}

impl From<Until> for Phase {
    fn from(until: Until) -> Self {
        match until {
            Until::Expand => Self::Expand,
            Until::Backfill => Self::Backfill,
            Until::Contract => Self::Contract,
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// A time and a sentence
    Text,
    /// A JSON object
    Json,
}

/// A time such as `200ms`, `3s`, `5m`, `1h30m`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let parsed: Option<SignedDuration> = text.parse().ok();
    parsed
        .and_then(|time| Duration::try_from(time).ok())
        .ok_or_else(|| "write a time such as 200ms, 3s, 5m or 1h".to_owned())
}

/// A time that a server is told in milliseconds, as a number of four bytes, where 0 would mean to wait for ever.
fn timeout(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if (1..=i32::MAX.unsigned_abs().into()).contains(&time.as_millis()) {
        Ok(time)
    } else {
        Err("write a time between 1ms and 24 days".to_owned())
    }
}

impl Explain {
    /// How it is to look.
    pub fn look(&self) -> Look {
        Look { format: self.format, color: self.color, verbose: false }
    }
}

impl Common {
    /// How it is to look.
    pub fn look(&self) -> Look {
        Look { format: self.format, color: self.color, verbose: self.verbose }
    }

    /// Which crate and database are meant.
    pub fn selection(&self) -> Selection {
        Selection {
            manifest_path: self.manifest_path.clone(),
            package: self.package.clone(),
            features: self.features.clone(),
            database: self.database.clone(),
            diesel_toml: self.diesel_toml.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn times_are_written_as_people_do() {
        let millis = |text: &str| super::time(text).map(|time| time.as_millis());
        assert_eq!(millis("200ms"), Ok(200));
        assert_eq!(millis("1h 30m"), Ok(5_400_000));
        assert!(millis("-1s").is_err() && millis("5").is_err() && millis("soon").is_err());
    }

    #[test]
    fn no_timeout_is_none_to_a_server() {
        for text in ["0s", "500us", "-1s", "2147483648ms", "600h"] {
            assert!(super::timeout(text).is_err(), "{text}");
        }
        for text in ["1ms", "1500us", "2147483647ms"] {
            assert!(super::timeout(text).is_ok(), "{text}");
        }
        let given = |argument: &str, time: &str| {
            let words = ["cargo", "schemig", "apply", argument, time];
            super::Cargo::command().try_get_matches_from(words).is_ok()
        };
        for argument in ["--lock-timeout", "--batch-time"] {
            assert!(given(argument, "1ms") && !given(argument, "0s"), "{argument}");
        }
    }

    #[test]
    fn the_arguments_hold_together() {
        super::Cargo::command().debug_assert();
    }
}
