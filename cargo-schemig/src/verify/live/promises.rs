//! What became of the promises: whether breaking one was seen to fail.

use std::collections::{BTreeMap, BTreeSet};

use schemig_core::plan::Promise;

use crate::verify::findings::{Findings, Pass};
use crate::verify::sequence::Sequence;
use crate::verify::verdict::PromiseRow;

/// The promises of all plans.
pub struct Promises {
    all: Vec<Promise>,
    /// Those that some state asks for.
    asked: BTreeSet<Promise>,
    /// Those that were broken, and whether that failed.
    tried: BTreeMap<Promise, bool>,
}

impl Promises {
    /// Those that the plans of a sequence rest on, but for plans whose release runs everywhere: theirs were kept.
    pub fn of(sequence: &Sequence) -> Self {
        let mut all: Vec<Promise> =
            sequence.plans[sequence.live..].iter().flat_map(|plan| plan.promises.clone()).collect();
        all.sort();
        all.dedup();
        Self { all, asked: BTreeSet::new(), tried: BTreeMap::new() }
    }

    /// All of them.
    pub fn all(&self) -> &[Promise] {
        &self.all
    }

    /// A state asks for it.
    pub fn is_asked_for(&mut self, promise: Promise) {
        self.asked.insert(promise);
    }

    /// Breaking it failed.
    pub fn is_needed(&mut self, promise: &Promise) {
        self.tried.insert(promise.clone(), true);
    }

    /// It was broken, and nothing failed this time.
    pub fn did_no_harm(&mut self, promise: &Promise) {
        self.tried.entry(promise.clone()).or_insert(false);
    }

    /// What became of each. One that no state asks for, or that can be broken without harm, should never have been printed: that is a
    /// failure. `whole` is whether all states were seen, with all releases that the plans were made for.
    pub fn rows(self, whole: bool, findings: &mut Findings) -> Vec<PromiseRow> {
        let Self { all, asked, tried } = self;
        let row = |promise: &Promise| {
            let needed =
                tried.get(promise).copied().filter(|needed| *needed || harm(promise) == Harm::AtOnce);
            let of_a_state = matches!(harm(promise), Harm::AtOnce | Harm::ByValues);
            let unasked = whole && of_a_state && !asked.contains(promise);
            if unasked || needed == Some(false) {
                let why =
                    if unasked { "no state asks for it" } else { "a release broke it, and nothing failed" };
                findings.fail(
                    Pass::Traffic,
                    None,
                    format!("a promise isn't needed: {promise}"),
                    vec![why.to_owned()],
                );
            }
            PromiseRow { says: promise.to_string(), needed }
        };
        all.iter().map(row).collect()
    }
}

/// What becomes of a release that breaks a promise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// It is told at once, whatever values it writes. A misfit in some state asks for the promise.
    AtOnce,
    /// It is told where its values happen to be the wrong ones, or reads another value than it wrote. A misfit asks for it, too.
    ByValues,
    /// Others are harmed, later and elsewhere; nobody tells it. What the plan does asks for it.
    Silent,
    /// No statement of a release breaks it, or none with values like those that stand; what the plan does asks for it.
    Elsewhere,
}

fn harm(promise: &Promise) -> Harm {
    match promise {
        Promise::WritesNoNull { .. } | Promise::WaitsForIndex { .. } => Harm::AtOnce,
        Promise::AcceptsTheFill { .. }
        | Promise::WritesNoLabel { .. }
        | Promise::HeedsConstraint { .. }
        | Promise::HeedsIndex { .. }
        | Promise::PutsOffNoCheck { .. }
        | Promise::DeletesNothingReferenced { .. }
        | Promise::AcceptsOldDefault { .. }
        | Promise::AcceptsNewDefault { .. }
        | Promise::KeepsNumbersApart { .. } => Harm::ByValues,
        Promise::WritesBothInOneTransaction { .. }
        | Promise::WritesTheSourceToo { .. }
        | Promise::WritesBothRows { .. }
        | Promise::WritesNoExplicitNull { .. }
        | Promise::SkipsRowsOfN { .. } => Harm::Silent,
        Promise::WritesTheSourceFirst { .. }
        | Promise::UsesOldNameAsView { .. }
        | Promise::LetsTriggersFire { .. }
        | Promise::MakesPartitions { .. }
        | Promise::WritesWhatHasAnOldForm { .. }
        | Promise::RolesMayCopy { .. }
        | Promise::RolesMayFollow { .. } => Harm::Elsewhere,
    }
}

/// Whether breaking it does its harm later and elsewhere: whoever does that is told by nobody.
pub fn is_silent(promise: &Promise) -> bool {
    harm(promise) == Harm::Silent
}
