//! A stage and the traffic beside it: threads that do what has to work, over and over, until the stage is through.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use schemig_core::plan::Promise;
use schemig_core::safety::Misfit;

use super::crew::Sailor;
use crate::verify::timeline::Place;

/// So long at least: a stage that does nothing but change the catalog would meet nobody otherwise.
const LEAST: Duration = Duration::from_millis(30);

/// Runs `stage` beside these releases, each of which may meet what `met` says for it: such things it leaves, and what breaks a promise.
/// How the stage went, how long it took, and the first thing that failed of each release.
pub fn beside<T>(
    sailors: Vec<&mut Sailor>,
    met: Vec<Vec<Misfit>>,
    promises: &[Promise],
    stage: impl FnOnce() -> T,
) -> (T, Duration, Vec<(Place, String)>) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let over = &over;
        let until = Until(over);
        let working: Vec<_> = sailors
            .into_iter()
            .zip(met)
            .map(|(sailor, met)| scope.spawn(move || (sailor.release, work(sailor, &met, promises, over))))
            .collect();
        thread::sleep(LEAST);
        let began = Instant::now();
        let ran = stage();
        let took = began.elapsed();
        thread::sleep(LEAST);
        drop(until);
        let join =
            |worker: ScopedJoinHandle<'_, _>| worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        let ended = working.into_iter().map(join);
        let faults = ended.filter_map(|(release, fault)| Some((release, fault?))).collect();
        (ran, took, faults)
    })
}

/// Sets the flag when it goes, in a panic too: those who work wait for it.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Works until it is over, or something fails that has to work.
fn work(sailor: &mut Sailor, met: &[Misfit], promises: &[Promise], over: &AtomicBool) -> Option<String> {
    let jobs = sailor.worker().jobs();
    let has_to_work = |job: &usize| {
        let job = &jobs[*job];
        job.keeps(promises) && !met.iter().any(|misfit| job.predicted_by(misfit))
    };
    let wanted: Vec<usize> = (0..jobs.len()).filter(has_to_work).collect();
    while !over.load(Ordering::Relaxed) && !wanted.is_empty() {
        for job in &wanted {
            if over.load(Ordering::Relaxed) {
                break;
            }
            if let Err(fault) = sailor.run(*job) {
                return Some(fault.to_string());
            }
        }
    }
    None
}
