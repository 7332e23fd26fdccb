//! A migration under live traffic, told from beginning to end: `examples/organizations` gets a required column while
//! release N-1, then both releases, then release N read and write without pause.
//!
//! Where the migrations come from is no business of the story: two directories are given, one with what N-1 may live
//! beside (expand and backfill), one with what waits until N-1 is gone (contract). The real Diesel CLI applies them.

mod catalog;
mod interruption;
mod locks;
mod release;
mod report;
mod stage;
mod truth;

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;

use crate::cluster::Database;
use crate::programs;
use crate::run::Run;
pub use locks::LockWatch;
pub use release::{Counters, Release};
pub use report::{Report, Row};
use stage::Stage;

/// What to tell, and where.
#[derive(Debug)]
pub struct Story<'a> {
    /// An empty database.
    pub database: &'a Database<'a>,
    /// Migration directories for before release N, in the order of their names; those of the example itself are passed over.
    pub migrations: PathBuf,
    /// Migration directories for after release N-1.
    pub contracts: PathBuf,
    /// How many users there are before it starts.
    pub users: u64,
    /// How long traffic runs in each part where nothing migrates.
    pub pause: Duration,
}

/// The example's own directory.
pub fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/organizations")
}

impl Story<'_> {
    /// Tells it: up by steps, each taken back and applied again, or interrupted and run again where it commits by itself;
    /// overlap; contract; all reverted, N-1 coming back and N going; and up once more in one go.
    ///
    /// # Panics
    /// When a migration fails, a release can't be started, or the database's catalog isn't what it was before. Failed and
    /// stale queries are counted in the report, for [`Report::assert_clean`] to judge.
    pub fn tell(&self) -> Report {
        let programs = programs::build();
        let mut teller = Teller::new(self, &programs);
        let base = teller.settle(self.users);
        teller.start_before();
        teller.watch("baseline, no migration", self.pause);

        teller.up_by_steps(&self.migrations);
        teller.start_after();
        teller.watch("overlap", self.pause);
        teller.compare_all();
        teller.stop_before();
        teller.up_by_steps(&self.contracts);
        teller.watch("N alone", self.pause);
        let contracted = teller.catalog();
        teller.compare_all();

        teller.down_by_steps(&self.contracts);
        teller.start_before();
        teller.watch("overlap again: contract reverted, N-1 back", self.pause);
        teller.compare_all();
        teller.stop_after();
        teller.down_by_steps(&self.migrations);
        teller.watch("N-1 alone, all reverted", self.pause);
        assert_eq!(teller.catalog(), base, "the downs, in reverse, give back what was there");

        teller.up_at_once("expand and backfill in one go", &self.migrations);
        teller.start_after();
        teller.watch("overlap", self.pause);
        teller.stop_before();
        teller.up_at_once("contract in one go", &self.contracts);
        teller.compare_all();
        teller.stop_after();
        assert_eq!(teller.catalog(), contracted, "both ways up lead to the same tables");
        teller.finish()
    }
}

/// A story while it is told.
struct Teller<'a> {
    database: &'a Database<'a>,
    programs: &'a programs::Programs,
    stage: Stage,
    locks: LockWatch,
    before: Option<Release>,
    after: Option<Release>,
    report: Report,
}

impl<'a> Teller<'a> {
    fn new(story: &'a Story<'_>, programs: &'a programs::Programs) -> Self {
        let Story { database, migrations: _, contracts: _, users, pause: _ } = story;
        let stage = Stage::new(&database.url_as("migration"));
        let locks = LockWatch::start(&database.url_as("lock_watch"));
        let report = Report::new(*users, database.server_version());
        Teller { database, programs, stage, locks, before: None, after: None, report }
    }

    /// Builds what was there before the story, and returns its catalog.
    fn settle(&mut self, users: u64) -> String {
        let migrations = example().join("migrations");
        self.stage.show_all(&migrations);
        self.stage.run().expect_success("the base migration");
        self.stage.keep_as_base(&migrations);
        self.programs.run("seed", &self.database.url_as("seed"), &[&users.to_string()]);
        self.catalog()
    }

    fn start_before(&mut self) {
        self.before =
            Some(Release::start(&self.programs.path("release_before"), &self.database.url_as("before")));
    }

    fn start_after(&mut self) {
        self.after =
            Some(Release::start(&self.programs.path("release_after"), &self.database.url_as("after")));
    }

    fn stop_before(&mut self) {
        let release = self.before.take().expect("N-1 runs");
        self.report.before.add(&release.stop());
    }

    fn stop_after(&mut self) {
        let release = self.after.take().expect("N runs");
        self.report.after.add(&release.stop());
    }

    fn watch(&mut self, what: &str, pause: Duration) {
        std::thread::sleep(pause);
        self.record(what, None);
    }

    fn up_by_steps(&mut self, directories: &Path) {
        for name in self.stage.names(directories) {
            self.stage.show(&directories.join(&name));
            let interrupted = self.stage.commits_by_itself(&name) && self.interrupt(&name);
            let run = self.run_or_obey(&name);
            self.record(&name, Some(run.wall));
            // What an interruption left behind stays, for the next directory to find; the way down is gone later.
            if !interrupted {
                self.down_and_up(&name);
            }
        }
    }

    /// Not `diesel migration redo`: that runs down and up in one transaction, and keeps the down's locks while the up scans.
    fn down_and_up(&mut self, name: &str) {
        self.down(name);
        let again = self.stage.run().expect_success(name);
        self.record(&format!("{name}, again"), Some(again.wall));
    }

    fn down_by_steps(&mut self, directories: &Path) {
        for name in self.stage.names(directories).into_iter().rev() {
            self.down(&name);
            self.stage.hide(&name);
        }
    }

    /// Ends a migration that commits as it goes half way, and returns whether it was slow enough for that: a small backfill
    /// isn't, an index is, for it waits for a snapshot that is held.
    fn interrupt(&mut self, name: &str) -> bool {
        let run = interruption::run(&self.stage, || self.database.connect());
        if run.success() {
            self.record(&format!("{name}, too quick to be interrupted"), Some(run.wall));
            self.down(name);
            return false;
        }
        // Diesel says that the server closed or terminated the connection, by when it noticed.
        assert!(run.stderr.contains("connection"), "{name}: {}", run.printed());
        self.record(&format!("{name}, interrupted"), Some(run.wall));
        true
    }

    /// Runs what is pending. When a guard stops it, does what its message says and runs it again: a person would.
    fn run_or_obey(&mut self, name: &str) -> Run {
        let run = self.stage.run();
        let Some(command) = interruption::command(&run).filter(|_| !run.success()) else {
            return run.expect_success(name);
        };
        let obeyed = self.database.connect().batch_execute(command);
        obeyed.unwrap_or_else(|error| panic!("{name} asks for {command}: {error}"));
        self.record(&format!("{name}, stopped; then {command}"), Some(run.wall));
        self.stage.run().expect_success(name)
    }

    fn down(&mut self, name: &str) {
        let run = self.stage.revert().expect_success(&format!("revert of {name}"));
        assert!(run.printed().contains(name), "the latest was not {name}: {}", run.printed());
        self.record(&format!("{name}, down"), Some(run.wall));
    }

    fn up_at_once(&mut self, what: &str, directories: &Path) {
        self.stage.show_all(directories);
        let run = self.stage.run().expect_success(what);
        self.record(what, Some(run.wall));
    }

    /// Ends a part of the story: what both releases met in it, and how long anyone waited for a lock.
    fn record(&mut self, what: &str, wall: Option<Duration>) {
        let before = self.before.as_mut().map(Release::tick);
        let after = self.after.as_mut().map(Release::tick);
        let lock_wait = self.locks.take();
        self.report.record(Row { what: what.to_owned(), wall, before, after, lock_wait });
    }

    fn compare_all(&mut self) {
        let found = truth::compare(&mut self.database.connect());
        self.report.wrong_rows += found;
    }

    fn catalog(&self) -> String {
        catalog::describe(&mut self.database.connect())
    }

    fn finish(mut self) -> Report {
        self.report.lock_wait = self.report.lock_wait.max(self.locks.stop());
        self.report
    }
}
