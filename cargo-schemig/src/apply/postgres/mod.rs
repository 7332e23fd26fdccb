//! Running migrations on PostgreSQL.

mod backfill;
mod interrupt;
mod lock;
mod session;
mod throttle;
mod tidy;
mod watch;

use std::sync::Arc;

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{Bool, Integer};
use diesel_migrations::MigrationHarness as _;
use schemig_core::dialect::{Batches, Leftover};

use self::backfill::Batching;
use self::session::Session;
use self::watch::Watch;
use super::failure::{Failure, Fault};
use super::log::{Event, Log};
use super::migration::Harnessed;
use super::pending::Pending;
use super::tricks::{Tricks, tricks};
use super::{Options, Runner, words};
use crate::database::{self, Url};
use crate::exit::Stop;
use crate::migrations::StepRef;
use crate::project::Project;
pub use throttle::Limits;

/// How often an index is built that doesn't come about for something that may pass.
const BUILDS: u32 = 3;

/// A session that holds the run's advisory lock, and one beside it that looks.
pub struct Postgres<'a> {
    connection: Box<PgConnection>,
    session: Session,
    watch: Option<Watch>,
    project: &'a Project,
    options: &'a Options,
    url: &'a Url,
    log: Arc<Log>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct Pid {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

impl<'a> Postgres<'a> {
    /// Takes the lock.
    ///
    /// # Errors
    /// Another runner held it for longer than anybody wants to wait; the server doesn't answer.
    pub fn start(
        mut connection: Box<PgConnection>,
        project: &'a Project,
        options: &'a Options,
        url: &'a Url,
        log: &Arc<Log>,
    ) -> Result<Self, Stop> {
        let failed = |error: Error| database::failed(url, "the database failed", &error);
        let taken = lock::take(&mut connection, options.wait, log).map_err(failed)?;
        taken.map_err(|holder| super::held(&holder, options.wait))?;
        let unreachable =
            |error: ConnectionError| database::failed(url, "no second connection is to be had", &error);
        let Url::Postgres(whole) = url else { unreachable!("a connection to PostgreSQL has such a URL") };
        let mut other = PgConnection::establish(whole).map_err(unreachable)?;
        let session = Session::read(&mut connection, &mut other).map_err(failed)?;
        let teller = Arc::clone(log);
        interrupt::ends(whole, session.pid, log);
        let watch = Watch::start(other, session.pid, move |migration, blocker| {
            let message = format!("{migration}: waiting for {}", blocker.words());
            let event = Event::new("waiting", message).of(migration);
            teller.say(event.with("blocker_pid", blocker.pid).with("blocker_query", blocker.query.clone()));
        });
        Ok(Self { connection, session, watch: Some(watch), project, options, url, log: Arc::clone(log) })
    }

    /// One attempt.
    fn attempt(&mut self, pending: &Pending<'_>, tricks: &Tricks) -> Result<(), Failure> {
        let migration = pending.migration;
        // Online index builds and what else commits by itself waits for old snapshots, and leaves ruins when it may not.
        let patience = if migration.run_in_transaction { self.options.lock_timeout.as_millis() } else { 0 };
        self.session.set(&mut self.connection, patience, pending.planned.is_some())?;
        if let Some(leftover) = &tricks.leftover {
            self.clear(migration.name.as_str(), leftover)?;
        }
        let ran = match &tricks.batches {
            Some(batches) => self.in_batches(&migration.name, pending, batches),
            None => {
                self.connection.run_migration(&Harnessed::file(migration)).map(drop).map_err(Failure::from)
            }
        };
        if ran.is_err() && !migration.run_in_transaction {
            // The file may have begun a transaction of its own. Where the connection is gone, the error is that one's.
            drop(self.connection.batch_execute("ROLLBACK"));
        }
        let reset = self.session.reset(&mut self.connection);
        ran?;
        Ok(reset?)
    }

    fn in_batches(&mut self, name: &str, pending: &Pending<'_>, batches: &Batches) -> Result<(), Failure> {
        let batching = Batching {
            migration: name,
            batches,
            time: self.options.batch_time,
            limits: self.options.limits,
            watch: self.watch.as_ref(),
            log: &self.log,
        };
        let harnessed = Harnessed::with(pending.migration, |connection| {
            let connection =
                connection.downcast_mut::<PgConnection>().ok_or("no connection to PostgreSQL")?;
            backfill::run(connection, &batching)
        });
        self.connection.run_migration(&harnessed)?;
        // Only now: a crash before the version was recorded must not lead to a second walk.
        Ok(self.connection.batch_execute(&batches.end)?)
    }

    /// Takes away what a stopped attempt left.
    fn clear(&mut self, migration: &str, leftover: &Leftover) -> QueryResult<()> {
        let Leftover { what, found: _, remove } = leftover;
        if !self.is_left(leftover)? {
            return Ok(());
        }
        let message =
            format!("{migration}: {what} is left of an attempt that stopped; dropping it and building anew");
        self.log.say(Event::new("repaired", message).of(migration).with("leftover", what.clone()));
        self.connection.batch_execute(remove)
    }

    fn is_left(&mut self, leftover: &Leftover) -> QueryResult<bool> {
        Ok(sql_query(&leftover.found).get_result::<Found>(&mut *self.connection)?.found)
    }

    /// Takes away what the last attempt left: an index that isn't valid may still refuse what release N-1 writes. The failure itself is told
    /// of in any case, so one of this is only said.
    fn clear_for_good(&mut self, migration: &str, failure: &Failure, leftover: &Leftover) {
        let Leftover { what, found: _, remove } = leftover;
        if !matches!(self.is_left(leftover), Ok(true)) {
            return;
        }
        let message =
            format!("{migration}: {failure}; dropping {what}, which may refuse what running releases write");
        self.log.say(Event::new("cleared", message).of(migration).with("leftover", what.clone()));
        // What the build waited for, this waits for too.
        let unbounded = self.session.set(&mut self.connection, 0, true);
        if let Err(error) = unbounded.and_then(|()| self.connection.batch_execute(remove)) {
            let message =
                format!("{migration}: {what} stays and may refuse writes ({error}); drop it: {remove}");
            self.log.say(Event::new("warning", message).of(migration).with("leftover", what.clone()));
        }
    }

    /// Whether others held what was needed.
    fn is_locked_out(&self, failure: &Failure) -> bool {
        match failure {
            Failure::Database(error) => self.session.is_locked_out(error),
            Failure::Locked(_) => true,
            Failure::Other(_) => false,
        }
    }

    /// Whether another attempt may go better. A build is long, and is begun again only for what has passed by then: not after an error of
    /// the rows, of a right that lacks, or of somebody who cancelled it. What waits for rows has made all its attempts itself.
    fn may_retry(&self, failure: &Failure, pending: &Pending<'_>, tricks: &Tricks, attempt: u32) -> bool {
        let Failure::Database(error) = failure else { return false };
        let clashed = matches!(error, Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _));
        match &tricks.leftover {
            Some(_) => attempt < BUILDS && (clashed || self.session.is_locked_out(error)),
            None => {
                let attempts = self.options.lock_attempts;
                pending.can_run_again() && attempt < attempts && self.session.is_locked_out(error)
            }
        }
    }

    /// A pooler that hands each transaction to another session would take the lock and the settings from under the run.
    fn is_direct(&mut self) -> Result<(), Stop> {
        let failed = |error: Error| database::failed(self.url, "the database failed", &error);
        let Pid { pid } =
            sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut *self.connection).map_err(failed)?;
        if pid == self.session.pid {
            return Ok(());
        }
        Err(Stop::refused(
            "the connection goes through a pooler that changes sessions between transactions",
            "connect to the server itself, or to a pool in session mode: locks and settings belong to a session",
        ))
    }
}

impl Runner for Postgres<'_> {
    fn applied(&mut self) -> Result<Vec<String>, Failure> {
        super::applied(&mut *self.connection)
    }

    fn tidy(&mut self, pending: &[&StepRef]) -> Result<(), Failure> {
        Ok(tidy::keep_only(&mut self.connection, pending)?)
    }

    fn run(&mut self, pending: &Pending<'_>) -> Result<(), Stop> {
        self.is_direct().inspect_err(|_| interrupt::give_way())?;
        let name = pending.migration.name.as_str();
        let tricks = tricks(pending, &*self.project.dialect, &self.log);
        let mut attempt = 0;
        loop {
            attempt += 1;
            if let Some(watch) = &self.watch {
                watch.begin(name);
            }
            let Err(failure) = self.attempt(pending, &tricks) else { return Ok(()) };
            interrupt::give_way();
            let locked = self.is_locked_out(&failure);
            // Who was waited for is to blame only for what came of waiting.
            let blocker = self.watch.as_ref().filter(|_| locked).and_then(Watch::blocker);
            let who = blocker.map(|blocker| format!("in the way: {}", blocker.words()));
            if !self.may_retry(&failure, pending, &tricks, attempt) {
                if let Some(leftover) = &tricks.leftover {
                    self.clear_for_good(name, &failure, leftover);
                }
                return Err(Fault { migration: name, failure, attempts: attempt, blocker: who, locked }
                    .stop(self.url));
            }
            let pause = super::pause(attempt);
            let message = format!(
                "{name}: {failure}{}; trying again in {}",
                who.as_ref().map(|who| format!(", {who}")).unwrap_or_default(),
                words::duration(pause)
            );
            self.log.say(Event::new("retry", message).of(name).with("attempt", attempt).with("blocker", who));
            std::thread::sleep(pause);
        }
    }
}
