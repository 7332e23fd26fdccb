//! What a release met, held against what the plan says that it may meet.

use schemig_core::safety::{Access, Cause, Misfit};

use super::promises::Promises;
use crate::verify::findings::{Findings, Pass};
use crate::verify::sequence::Sequence;
use crate::verify::timeline::Place;
use crate::verify::traffic::{Class, Course, Fault, Job};

/// The judge of one release in one state.
pub struct Judge<'a> {
    /// The way.
    pub sequence: &'a Sequence,
    /// The same, as the traffic has it.
    pub course: &'a Course<'a>,
    /// The release.
    pub release: Place,
    /// The plan that is under way.
    pub plan: Place,
    /// The migration that was run last.
    pub stage: Option<&'a str>,
    /// What the release may meet here.
    pub expected: Vec<Misfit>,
    /// What the app keeps.
    pub promises: &'a mut Promises,
    /// Where faults go.
    pub findings: &'a mut Findings,
    /// The state, in words.
    pub when: &'a str,
    /// Whether anything went wrong.
    pub failed: bool,
}

impl Judge<'_> {
    /// Takes note of what the state asks the app to keep.
    pub fn see_promises(&mut self) {
        let newest = self.is_newest();
        self.expected
            .iter()
            .filter_map(|misfit| misfit.waiver(newest))
            .for_each(|promise| self.promises.is_asked_for(promise));
    }

    /// Something was done and nothing failed.
    pub fn went_well(&mut self, job: &Job) {
        let newest = self.is_newest();
        for misfit in self.expected.iter().filter(|misfit| job.predicted_by(misfit)) {
            if let Some(promise) = misfit.waiver(newest) {
                self.promises.did_no_harm(&promise);
            }
        }
    }

    /// Something failed, or was answered wrongly. Whether the plan says so.
    pub fn went_wrong(&mut self, job: &Job, fault: &Fault) -> bool {
        let explains = |misfit: &&Misfit| job.predicted_by(misfit) && is_of_kind(&misfit.cause, fault);
        let predicted: Vec<Misfit> = self.expected.iter().filter(explains).cloned().collect();
        self.weigh(&predicted, &job.to_string(), fault)
    }

    /// A release can't even read its tables. Whether the plan says so.
    pub fn look_around(&mut self, fault: &Fault) -> bool {
        let of_table =
            |misfit: &&Misfit| matches!(fault, Fault::Failed(failure) if failure.table == misfit.table);
        let explains = |misfit: &&Misfit| {
            misfit.access == Access::Read && of_table(misfit) && is_of_kind(&misfit.cause, fault)
        };
        let predicted: Vec<Misfit> = self.expected.iter().filter(explains).cloned().collect();
        self.weigh(&predicted, "reading its tables", fault)
    }

    fn weigh(&mut self, predicted: &[Misfit], what: &str, fault: &Fault) -> bool {
        let newest = self.is_newest();
        let waived: Vec<_> = predicted.iter().filter_map(|misfit| misfit.waiver(newest)).collect();
        waived.iter().for_each(|promise| self.promises.is_needed(promise));
        if !waived.is_empty() {
            return true;
        }
        let name = self.sequence.name(self.release);
        let mut details = vec![format!("{what}, {}", self.when), fault.to_string()];
        let Some(misfit) = predicted.first() else {
            details.push(format!("the plan should have said: {}", should_have_said(fault)));
            self.fail(format!("{name} fails, and the plan doesn't say so"), details);
            return false;
        };
        if self.is_approved() {
            return true;
        }
        details.push(format!("the plan says so: {misfit}; and nobody signed it off"));
        self.fail(format!("{name} breaks where it may run"), details);
        false
    }

    fn fail(&mut self, what: String, details: Vec<String>) {
        self.failed = true;
        self.findings.fail(Pass::Traffic, self.stage, what, details);
    }

    fn is_newest(&self) -> bool {
        self.release > self.plan
    }

    /// Whether somebody signed off that a release breaks, when the plan was made.
    fn is_approved(&self) -> bool {
        let mut rules = self.sequence.plans[self.plan].approvals.iter().flat_map(|approval| &approval.rules);
        rules.any(|rule| RULES.contains(&rule.as_str()))
    }
}

/// The escalations that let a release break.
const RULES: [&str; 4] = ["no-safe-order", "type-in-place", "arbiter-twin", "old-release-fails"];

/// Whether a misfit of this cause shows as such a fault: a promise about NULLs excuses no deadlock.
fn is_of_kind(cause: &Cause, fault: &Fault) -> bool {
    let Fault::Failed(failure) = fault else {
        return matches!(
            cause,
            Cause::Stale(_) | Cause::ComputedOtherwise(_) | Cause::Overruled(_) | Cause::OtherDefault(_)
        );
    };
    let kinds: &[Class] = match cause {
        Cause::NullRejected(_) | Cause::LeftOut(_) => &[Class::NotNull, Class::Check],
        Cause::Constrained(_) | Cause::Unvalidated(_) => {
            &[Class::Check, Class::ForeignKey, Class::NotNull, Class::Exclusion]
        }
        Cause::Duplicate(_) | Cause::CheckedAtOnce(_) => &[Class::Unique],
        Cause::BrokenIndex(_) => &[Class::Unique, Class::Server],
        Cause::Referenced { .. } => &[Class::ForeignKey],
        Cause::NoArbiter(_) | Cause::NoTable | Cause::NoColumn(_) | Cause::NotWritable(_) => &[Class::Server],
        Cause::TooNarrow { .. } => &[Class::Server, Class::Check],
        Cause::WireType { .. } => &[Class::Decoding, Class::Binding, Class::Server, Class::CachedPlan],
        Cause::NullRead(_) => &[Class::UnexpectedNull],
        Cause::CachedPlan(_) => &[Class::CachedPlan],
        // Another value, which is no failure.
        Cause::ComputedOtherwise(_) => &[],
        Cause::OtherDefault(_) => &[Class::NotNull, Class::Check, Class::Unique],
        // Values that aren't there yet are NULL to a release that can't read it.
        Cause::Stale(_) => &[Class::UnexpectedNull],
        // The traffic's own numbers lie apart from the server's, so what goes wrong with them is no release's doing.
        Cause::Overruled(_) | Cause::NumberTaken(_) => &[],
        Cause::UnknownLabel(_) => &[Class::Decoding],
        Cause::NoLabel(_) => &[Class::Server],
    };
    kinds.contains(&failure.class)
}

/// The misfit that a failure would have shown beforehand, in words.
fn should_have_said(fault: &Fault) -> &'static str {
    let Fault::Failed(failure) = fault else {
        return "the column isn't filled, or isn't kept in step, or has another default";
    };
    match failure.class {
        Class::Unique => "a unique index may reject what the release writes",
        Class::Exclusion => "an exclusion constraint may reject what the release writes",
        Class::ForeignKey | Class::Check => "a check or foreign key may reject what the release writes",
        Class::NotNull => "a column rejects NULL, or has nothing to put where it is left out",
        Class::Contention => "the release waits for a lock longer than it can",
        Class::CachedPlan => "a column changes its type under prepared statements",
        Class::Server => "a table or column doesn't exist, or has another type",
        Class::Decoding | Class::Binding => {
            "a column has another type on the wire than the release decodes, or holds a label that it doesn't know"
        }
        Class::UnexpectedNull => "a column may be NULL, which the release can't read",
        Class::Connection => "the server ends the connection",
    }
}
