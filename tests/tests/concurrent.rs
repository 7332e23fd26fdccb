//! Both releases at work while the steps of every fixture run: N-1 until contract, N from the end of backfill on. Nothing may fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cargo_schemig::verify::traffic::{Class, Course, Fault, Ledger, Ran, Worker};
use schemig_core::plan::Phase;
use schemig_tests::findings;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::Directory;
use schemig_tests::populate::populate;
use schemig_tests::release::{course, releases, worker};
use schemig_tests::server::{Server, Way};

/// A release that does all that it does, over and over, until it is told to stop.
struct Writer<'a> {
    course: &'a Course<'a>,
    worker: Worker,
}

impl Writer<'_> {
    fn work(mut self, stop: &AtomicBool, ran: &AtomicUsize) -> Result<(), String> {
        let name = self.worker.name().to_owned();
        self.worker.look_around(self.course).map_err(|fault| format!("{name} can't read: {fault}"))?;
        while !stop.load(Ordering::Relaxed) {
            for job in 0..self.worker.jobs().len() {
                let done = self.run(job);
                let done =
                    done.map_err(|fault| format!("{name} fails: {}: {fault}", self.worker.jobs()[job]))?;
                ran.fetch_add(usize::from(done == Ran::Done), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    }

    /// A row that a new one is to refer to may have been deleted by the other release since it was looked at: then it is looked again. What
    /// a foreign key refuses each time is a fault.
    fn run(&mut self, job: usize) -> Result<Ran, Fault> {
        let mut ran = self.worker.run(job);
        for _ in 0..2 {
            if !matches!(&ran, Err(Fault::Failed(failure)) if failure.class == Class::ForeignKey) {
                break;
            }
            self.worker.look_around(self.course)?;
            ran = self.worker.run(job);
        }
        ran
    }
}

/// Waits until a release has run each of its statements after the steps so far, or has failed.
fn go_round(
    writer: &std::thread::ScopedJoinHandle<'_, Result<(), String>>,
    statements: usize,
    ran: &AtomicUsize,
) {
    let enough = ran.load(Ordering::Relaxed) + statements;
    while ran.load(Ordering::Relaxed) < enough && !writer.is_finished() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Runs the steps of a plan beside both releases; how many statements each ran.
fn beside(
    writers: [Writer<'_>; 2],
    directories: &[Directory],
    server: &mut Server,
) -> Result<[usize; 2], String> {
    let stops = [AtomicBool::new(false), AtomicBool::new(false)];
    let rans = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let counts = [writers[0].worker.jobs().len(), writers[1].worker.jobs().len()];
    let [old, new] = writers;
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for directory in directories {
        if directory.phase == Phase::Contract { late.push(directory) } else { early.push(directory) }
    }
    std::thread::scope(|scope| {
        let mut run = |directory: &Directory| {
            let ran = server.run(directory, Way::Up);
            ran.map_err(|error| format!("{}: {error}\nin {}", directory.name(), directory.files[0]))
        };
        let old = scope.spawn(|| old.work(&stops[0], &rans[0]));
        go_round(&old, counts[0], &rans[0]);
        let mut steps = early.into_iter().try_for_each(&mut run);
        go_round(&old, counts[0], &rans[0]);
        // N is deployed beside N-1, and then N-1 is gone.
        let new = scope.spawn(|| new.work(&stops[1], &rans[1]));
        go_round(&new, counts[1], &rans[1]);
        go_round(&old, counts[0], &rans[0]);
        stops[0].store(true, Ordering::Relaxed);
        let old = old.join().expect("no panic");
        steps = steps.and_then(|()| late.into_iter().try_for_each(&mut run));
        go_round(&new, counts[1], &rans[1]);
        stops[1].store(true, Ordering::Relaxed);
        let new = new.join().expect("no panic");
        steps.and(old).and(new)
    })?;
    Ok(rans.map(AtomicUsize::into_inner))
}

#[test]
fn nobody_fails_while_the_steps_of_a_fixture_run() {
    let dialect = Server::dialect(Product::Postgres);
    let only = std::env::var("SCHEMIG_FIXTURE").ok();
    let mut server = Server::new(Product::Postgres);
    let (mut faults, mut ran, mut skipped) = (Vec::new(), [0, 0], Vec::new());
    for fixture in
        Fixture::all().into_iter().filter(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name))
    {
        // A server that hasn't the types of a fixture has nothing to show for it.
        let Ok(pair) = fixture.pair(Product::Postgres, dialect.as_ref()) else { continue };
        let Ok(Some(planned)) = pair.plan(dialect.capabilities()) else { continue };
        if !pair.overlap || !planned.assessment.breaks.is_empty() {
            skipped.push(fixture.name);
            continue;
        }
        server.stand_in([&pair.before, &pair.after]);
        server.build(&pair.before);
        populate(&mut server, dialect.as_ref(), &pair.before, Some(&planned), 60);
        let releases = releases(&pair);
        let course = course(&releases, &planned, dialect.as_ref());
        let ledger = Arc::new(Ledger::default());
        let writer = |release| {
            let mut worker = worker(&course, release, &server, &ledger);
            worker.retain(|job| job.keeps(&planned.assessment.promises));
            Writer { course: &course, worker }
        };
        let writers = [writer(0), writer(1)];
        match beside(writers, &planned.directories(dialect.as_ref()), &mut server) {
            Ok(counts) => ran.iter_mut().zip(counts).for_each(|(ran, count)| *ran += count),
            Err(fault) => faults.push(format!("# {}: {fault}", fixture.name)),
        }
    }
    let finding = format!(
        "beside the steps, N-1 ran {} statements and N {}; without traffic, for a release breaks by the judgement: {skipped:?}",
        ran[0], ran[1]
    );
    findings::keep("concurrent", &finding);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(only.is_some() || ran.iter().all(|ran| *ran > 1_000), "too few: {ran:?}");
}
