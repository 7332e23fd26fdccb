//! Applying what is pending, through Diesel's harness and into Diesel's table, so that its CLI can go on where a run stopped.
//!
//! What it adds is all about others: one runner at a time, short waits for locks and the name of whoever is in the way, backfills in
//! batches that make room, ruins of online index builds cleared away.

mod failure;
mod literals;
pub mod log;
mod migration;
mod pace;
pub mod pending;
mod postgres;
mod progress;
mod sqlite;
mod tricks;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::backend::Backend;
use diesel_migrations::MigrationHarness;
use schemig_core::plan::Phase;
use schemig_core::script;

use self::failure::Failure;
use self::log::{Event, Log};
use self::pending::{Pending, pending};
pub use self::postgres::Limits;
use crate::database::{self, Connection, Url};
use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};
use crate::migrations::{self, Migration, StepRef};
use crate::owners;
use crate::project::Project;

/// How a run goes.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The last phase that is run.
    pub until: Phase,
    /// Whether nothing is run, only listed.
    pub dry_run: bool,
    /// How long another runner is waited for.
    pub wait: Duration,
    /// The time that a batch of a backfill should take.
    pub batch_time: Duration,
    /// What backfills make room for.
    pub limits: Limits,
    /// How long a transactional migration waits for a lock.
    pub lock_timeout: Duration,
    /// How often it is tried.
    pub lock_attempts: u32,
}

/// A server on which migrations are run, one after the other, by nobody else at the same time.
trait Runner {
    /// The versions that Diesel has recorded.
    fn applied(&mut self) -> Result<Vec<String>, Failure>;

    /// Clears away what runs kept in the database for steps other than these, which are pending.
    fn tidy(&mut self, pending: &[&StepRef]) -> Result<(), Failure>;

    /// Runs a migration and has Diesel record it.
    fn run(&mut self, pending: &Pending<'_>) -> Result<(), Stop>;
}

/// Runs what is pending, and says so.
///
/// # Errors
/// Exit 2 where nothing was run because something must be said or restored first, exit 4 where a database failed; what ran before that
/// stays applied.
pub fn apply(project: &Project, url: &Url, options: &Options, log: &Arc<Log>) -> Result<(), Stop> {
    let all = migrations::read(project)?;
    if options.dry_run {
        return list(project, &all, url, options, log);
    }
    let connection = Connection::establish(url)?;
    let mut runner: Box<dyn Runner + '_> = match connection {
        Connection::Postgres(connection) => {
            Box::new(postgres::Postgres::start(connection, project, options, url, log)?)
        }
        Connection::Sqlite(connection) => Box::new(sqlite::Sqlite::start(connection, options, url, log)?),
    };
    // Read when the lock is got: another runner may have done it all meanwhile.
    let applied = versions(runner.applied(), url)?;
    let (pending, later) = pending(project, &all, &applied, options.until)?;
    strangers(&all, &applied, log);
    let left: Vec<&StepRef> = all
        .iter()
        .filter(|one| !applied.contains(&one.version))
        .filter_map(|one| one.step.as_ref())
        .collect();
    let tidied = runner.tidy(&left);
    tidied.map_err(|failure| {
        database::failed(url, "the places of ended backfills can't be cleared away", &failure)
    })?;
    for one in &pending {
        run(&mut *runner, one, log)?;
    }
    end("applied", &pending, later.as_ref(), log);
    Ok(())
}

fn run(runner: &mut dyn Runner, pending: &Pending<'_>, log: &Log) -> Result<(), Stop> {
    let name = &pending.migration.name;
    let started = Instant::now();
    log.say(described(pending, "start", &format!("{name}: running")));
    let ran = runner.run(pending);
    log.clear_bar();
    ran?;
    let elapsed = started.elapsed();
    let message = format!("{name}: applied in {}", words::duration(elapsed));
    log.say(described(pending, "applied", &message).with("seconds", elapsed.as_secs_f64()));
    Ok(())
}

/// An event with what a plan says of the migration.
fn described(pending: &Pending<'_>, event: &'static str, message: &str) -> Event {
    let event = Event::new(event, message).of(&pending.migration.name);
    match &pending.planned {
        Some(planned) => event
            .with("plan", planned.plan.id.0.as_str())
            .with("step", planned.place + 1)
            .with("phase", planned.step().phase.to_string()),
        None => event,
    }
}

/// Lists what would run.
fn list(project: &Project, all: &[Migration], url: &Url, options: &Options, log: &Log) -> Result<(), Stop> {
    let (pending, later) = pending(project, all, &recorded(url)?, options.until)?;
    for one in &pending {
        let name = &one.migration.name;
        let (what, lock) = match &one.planned {
            Some(planned) => {
                let lock = script::lock(&*project.dialect, planned.step(), &planned.before);
                let misfit = |why| format!("unknown: {why}");
                (planned.step().phase.to_string(), lock.unwrap_or_else(misfit))
            }
            None => ("written by hand".to_owned(), "unknown".to_owned()),
        };
        let message = format!("{name}: would run ({what}); lock: {lock}");
        log.say(described(one, "would_run", &message).with("lock", lock));
    }
    for line in hindrances(project, url, &pending)? {
        log.say(Event::new("warning", line));
    }
    end("would run", &pending, later.as_ref(), log);
    Ok(())
}

/// What the role may not do.
fn hindrances(project: &Project, url: &Url, pending: &[Pending<'_>]) -> Result<Vec<String>, Stop> {
    if url.file().is_some() {
        return Ok(Vec::new());
    }
    owners::hindrances(&mut Connection::establish(url)?, &*project.dialect, pending)
        .map_err(|error| database::failed(url, "whom the tables belong to can't be read", &error))
}

/// Says how it ended.
fn end(done: &str, pending: &[Pending<'_>], later: Option<&Pending<'_>>, log: &Log) {
    let count = pending.len();
    let done = match count {
        0 => "nothing is pending".to_owned(),
        1 => format!("1 migration {done}"),
        _ => format!("{count} migrations {done}"),
    };
    let event = match later {
        Some(later) => {
            let phase = later.phase().map(|phase| phase.to_string()).unwrap_or_default();
            let message = format!(
                "{done}; stopped before {}, which is of a later phase: {phase}",
                later.migration.name
            );
            Event::new("end", message).with("before", later.migration.name.as_str())
        }
        None => Event::new("end", done),
    };
    log.say(event.with("migrations", count));
}

/// Versions that are recorded and have no directory: a branch that isn't merged, or another app's.
fn strangers(all: &[Migration], applied: &BTreeSet<String>, log: &Log) {
    let known: BTreeSet<&str> = all.iter().map(|one| one.version.as_str()).collect();
    let strangers: Vec<&str> =
        applied.iter().map(String::as_str).filter(|version| !known.contains(version)).collect();
    if !strangers.is_empty() {
        let message =
            format!("recorded as applied, but not in the migrations directory: {}", strangers.join(", "));
        log.say(Event::new("warning", message));
    }
}

/// What Diesel has recorded, without making anything: neither its table nor a file of SQLite, which a connection would make.
fn recorded(url: &Url) -> Result<BTreeSet<String>, Stop> {
    if url.file().is_some_and(|file| !file.exists()) {
        return Ok(BTreeSet::new());
    }
    let applied = migrations::applied(&mut Connection::establish(url)?);
    versions(applied.map(Vec::from_iter).map_err(Failure::from), url)
}

fn versions(applied: Result<Vec<String>, Failure>, url: &Url) -> Result<BTreeSet<String>, Stop> {
    let read = applied.map_err(|failure| {
        database::failed(url, "Diesel's table of applied migrations can't be read", &failure)
    });
    Ok(read?.into_iter().collect())
}

/// What Diesel has recorded; makes its table where there is none.
fn applied<DB: Backend>(harness: &mut impl MigrationHarness<DB>) -> Result<Vec<String>, Failure> {
    Ok(harness.applied_migrations()?.iter().map(ToString::to_string).collect())
}

/// The pause after an attempt: half a second at first, twice as long each time, half a minute at most.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(500).saturating_mul(1 << (attempt.clamp(1, 7) - 1)).min(Duration::from_secs(30))
}

/// Another runner is at work for longer than anybody wants to wait.
fn held(holder: &str, wait: Duration) -> Stop {
    let message = format!("another runner is at work, and still was after {}", words::duration(wait));
    let found = Diagnostic::new(message)
        .note(holder)
        .note("nothing was run")
        .help("run this again when it is through, or wait for longer: --wait 1h");
    Stop { exit: Exit::Failed, diagnostics: vec![found] }
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn pauses_grow_and_are_bounded() {
        let pauses: Vec<u128> = (1..=9).map(|attempt| pause(attempt).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    }
}
