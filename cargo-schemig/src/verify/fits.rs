//! Which release may run once a stage is over, and how it fares there: as the states say, and whether the traffic met anything else.

use std::collections::BTreeSet;

use schemig_core::safety::{Access, Misfit, Session};

use super::sequence::Sequence;
use super::timeline::Place;
use super::verdict::FitRow;
use crate::report::{Fare, Fares};

/// The releases that may run after so many stages, the oldest first. `failed` has those whose traffic failed, each with how many stages
/// were over, or with the one that was under way.
pub fn after(sequence: &Sequence, done: usize, failed: &BTreeSet<(usize, Place)>) -> Vec<FitRow> {
    let running = sequence.running(done);
    let states = [sequence.before(done.saturating_sub(1)), sequence.before(done)];
    let fits = |release: &Place| {
        // A release that didn't run before a stage has no connections that are older.
        let older = done.checked_sub(1).is_some_and(|before| sequence.may_run(*release, before));
        let sessions = if older { &[Session::Pooled, Session::Fresh][..] } else { &[Session::Fresh] };
        let met = sessions.iter().flat_map(|session| sequence.expected(*release, &running, states, *session));
        FitRow {
            release: sequence.name(*release),
            expected: fares(&met.collect::<Vec<_>>(), *release > sequence.plan_at(done)),
            failed: failed.contains(&(done, *release)),
        }
    };
    running.iter().map(fits).collect()
}

fn fares(met: &[Misfit], newest: bool) -> Fares {
    let fare = |misfit: &Misfit| match misfit.waiver(newest) {
        Some(_) => Fare::FitsIf,
        None => Fare::Breaks,
    };
    let worst = |access: Access| {
        met.iter().filter(|misfit| misfit.access == access).map(fare).max().unwrap_or(Fare::Fits)
    };
    Fares { reads: worst(Access::Read), writes: worst(Access::Write) }
}
