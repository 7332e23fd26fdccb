//! The releases at work: for each a pooled connection, opened before the first stage, and one that is opened anew for every round.

use std::sync::Arc;
use std::time::{Duration, Instant};

use schemig_core::operation::Operation;
use schemig_core::safety::{Misfit, Session as Age};
use schemig_core::schema::{ColumnRef, State};

use super::judge::Judge;
use super::promises::{Promises, is_silent};
use crate::database::{self, Connection};
use crate::exit::Stop;
use crate::server::Scratch;
use crate::verify::sequence::Sequence;
use crate::verify::timeline::{Place, lasting};
use crate::verify::traffic::{Class, Course, Deed, Fault, Job, Ledger, Ran, Session, Who, Worker};
use crate::verify::trial::Trial;
use crate::verify::verdict::ReleaseRow;
use crate::verify::waits::TRAFFIC;

/// How often something is tried again that met another transaction in its way, as an app would.
const TRIES: usize = 5;

/// A release on one connection.
pub struct Sailor {
    /// Which release.
    pub release: Place,
    worker: Worker,
    aboard: bool,
    /// What its connection goes on meeting.
    spoilt: Vec<Misfit>,
    /// How it fared.
    pub row: ReleaseRow,
}

/// All releases.
pub struct Crew {
    pooled: Vec<Sailor>,
    fresh: Vec<Sailor>,
    ledger: Arc<Ledger>,
}

impl Crew {
    /// Opens the pooled connections: before the first stage. Nobody does what breaks a promise without being told: that would do its
    /// harm later and elsewhere.
    ///
    /// # Errors
    /// The server refuses.
    pub fn sign_on(
        trial: &Trial<'_>,
        course: &Course<'_>,
        scratch: &Scratch,
        promises: &Promises,
        seed: u64,
    ) -> Result<Self, Stop> {
        let ledger = Arc::new(Ledger::default());
        let count = trial.sequence.releases.len();
        let sailor = |release: Place, place: usize| -> Result<Sailor, Stop> {
            let name = trial.sequence.name(release);
            let who = Who { name, release, place: place as u64, seed };
            let mut worker = Worker::new(course, who, connect(scratch)?, ledger.clone());
            worker.retain(|job| job.keeps(promises.all().iter().filter(|promise| is_silent(promise))));
            Ok(Sailor { release, worker, aboard: false, spoilt: Vec::new(), row: ReleaseRow::default() })
        };
        let pooled = (0..count).map(|release| sailor(release, release)).collect::<Result<_, _>>()?;
        let fresh = (0..count).map(|release| sailor(release, count + release)).collect::<Result<_, _>>()?;
        Ok(Self { pooled, fresh, ledger })
    }

    /// A release that may run: it has looked at what stands. On a fresh connection it begins anew.
    ///
    /// # Errors
    /// The server refuses.
    pub fn aboard(&mut self, scratch: &Scratch, release: Place, age: Age) -> Result<&mut Sailor, Stop> {
        let sailor = match age {
            Age::Pooled => &mut self.pooled[release],
            Age::Fresh => {
                let sailor = &mut self.fresh[release];
                *sailor.worker.session() = connect(scratch)?;
                sailor
            }
        };
        Ok(sailor)
    }

    /// What a release may meet while a stage runs, by the states at its ends.
    pub fn expected(
        &mut self,
        sequence: &Sequence,
        release: Place,
        running: &[Place],
        [before, after]: [&State; 2],
    ) -> Vec<Misfit> {
        let sailor = &mut self.pooled[release];
        let mut met = sequence.expected(release, running, [before, before], Age::Pooled);
        met.extend(sequence.expected(release, running, [before, after], Age::Pooled));
        sailor.spoilt.extend(lasting(&met));
        met.extend(sailor.spoilt.iter().cloned());
        met
    }

    /// Labels that these operations write otherwise stand so in what the releases wrote.
    pub fn relabel(&self, course: &Course<'_>, operations: &[Operation]) {
        for operation in operations {
            let Operation::RenameEnumValue { name, from, to } = operation else { continue };
            let of = |place: usize| {
                let known = &course.releases[place];
                let names = course.names(place).into_iter();
                names.filter(|(own, _)| known.column(own).is_some_and(|column| column.sql_type.is_of(name)))
            };
            let columns = (0..course.releases.len()).flat_map(of).map(|(_, last)| last).collect();
            self.ledger.relabel(&columns, from, to);
        }
    }

    /// What a stage has the server compute anew is no more what anybody wrote.
    pub fn recomputed(&self, course: &Course<'_>, [before, after]: [&State; 2]) {
        let is_anew = |at: &ColumnRef| {
            let now = after.schema.column(at).and_then(|column| column.generated.as_ref());
            now.is_some() && before.schema.column(at).and_then(|column| column.generated.as_ref()) != now
        };
        let names = (0..course.releases.len()).flat_map(|release| course.names(release));
        self.ledger.forget(&names.filter(|(own, _)| is_anew(own)).map(|(_, last)| last).collect());
    }

    /// All releases were stopped, and with them went their connections.
    ///
    /// # Errors
    /// The server refuses.
    pub fn stopped(&mut self, scratch: &Scratch) -> Result<(), Stop> {
        for sailor in &mut self.pooled {
            *sailor.worker.session() = connect(scratch)?;
            sailor.spoilt.clear();
        }
        Ok(())
    }

    /// The pooled ones of these releases.
    pub fn pooled(&mut self, releases: &[Place]) -> Vec<&mut Sailor> {
        self.pooled.iter_mut().filter(|sailor| releases.contains(&sailor.release)).collect()
    }

    /// What a release couldn't do before anything changed, no later one is asked to do.
    pub fn leave_out(&mut self, course: &Course<'_>, release: Place, unfit: &[Job]) {
        let names = course.names(release);
        let unfit: Vec<Deed> = unfit.iter().map(|job| job.deed(&names)).collect();
        for sailor in self.pooled.iter_mut().chain(&mut self.fresh) {
            let names = course.names(sailor.release);
            sailor.worker.retain(|job| !unfit.contains(&job.deed(&names)));
        }
    }

    /// How the releases fared, on all their connections, the newest first.
    pub fn rows(self, sequence: &Sequence) -> Vec<ReleaseRow> {
        let both = self.pooled.into_iter().zip(self.fresh).rev();
        both.map(|(pooled, fresh)| ReleaseRow {
            name: sequence.name(pooled.release),
            ran: pooled.row.ran + fresh.row.ran,
            predicted: pooled.row.predicted + fresh.row.predicted,
            retried: pooled.row.retried + fresh.row.retried,
            longest_ms: pooled.row.longest_ms.max(fresh.row.longest_ms),
        })
        .collect()
    }
}

fn connect(scratch: &Scratch) -> Result<Session, Stop> {
    let mut connection = scratch.connect()?;
    if let Connection::Postgres(_) = &connection {
        // Bounded: who waits as long as this waits for ever.
        let settings = format!("SET application_name = '{TRAFFIC}'; SET statement_timeout = '60s'");
        connection
            .execute(&settings)
            .map_err(|error| database::failed(scratch.url(), "the traffic can't connect", &error))?;
    }
    Ok(Session::new(connection))
}

impl Sailor {
    /// Does everything once, and has each outcome judged.
    pub fn everything(&mut self, age: Age, judge: &mut Judge<'_>) {
        if age == Age::Pooled {
            self.spoilt.extend(lasting(&judge.expected));
            judge.expected.extend(self.spoilt.iter().cloned());
        }
        if let Err(fault) = self.look_around(judge.course) {
            self.row.predicted += usize::from(judge.look_around(&fault));
            return;
        }
        for job in 0..self.worker.jobs().len() {
            let what = self.worker.jobs()[job].clone();
            match self.run(job) {
                Ok(Ran::Idle) => {}
                Ok(Ran::Done) => judge.went_well(&what),
                Err(fault) => self.row.predicted += usize::from(judge.went_wrong(&what, &fault)),
            }
        }
    }

    /// Reads what stands, once: its own rows will be like that.
    pub fn look_around(&mut self, course: &Course<'_>) -> Result<(), Fault> {
        if !self.aboard {
            self.worker.look_around(course)?;
            self.aboard = true;
        }
        Ok(())
    }

    /// Does everything once before anything changes: what fails then is no plan's doing, and is left out. What was left out and why.
    pub fn rehearse(&mut self, course: &Course<'_>) -> Result<(Vec<Job>, Vec<String>), Fault> {
        self.look_around(course)?;
        let unfit = self.worker.rehearse()?;
        Ok((unfit, self.worker.notes().to_vec()))
    }

    /// What it couldn't do for want of rows, so far.
    pub fn notes(&self) -> &[String] {
        self.worker.notes()
    }

    /// What it can do.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Does one thing, and again where another transaction was in the way.
    pub fn run(&mut self, job: usize) -> Result<Ran, Fault> {
        let mut tries = 1;
        loop {
            let began = Instant::now();
            let ran = self.worker.run(job);
            self.took(began.elapsed());
            match &ran {
                Err(Fault::Failed(failure)) if failure.class == Class::Contention && tries < TRIES => {
                    self.row.retried += 1;
                    tries += 1;
                }
                Ok(_) | Err(_) => return ran,
            }
        }
    }

    fn took(&mut self, time: Duration) {
        self.row.ran += 1;
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.row.longest_ms = self.row.longest_ms.max(time);
    }
}
