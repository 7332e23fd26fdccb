//! The commands: one file each.

pub mod apply;
pub mod contract;
pub mod diff;
pub mod explain;
pub(crate) mod guards;
pub mod init;
pub(crate) mod previews;
mod promises;
pub mod schema;
pub mod stats;
pub mod status;
pub mod verify;

use schemig_core::plan::{Cancel, Plan, PlanLog};

use crate::exit::Exit;
use crate::report::Report;
use crate::verify::verdict::Verdict;

/// What a command did.
pub enum Outcome {
    /// A report, in whichever form is wanted.
    Report {
        /// The exit code.
        exit: Exit,
        /// The report.
        report: Box<Report>,
    },
    /// What came of a verification.
    Verdict {
        /// The exit code.
        exit: Exit,
        /// The verdict.
        verdict: Box<Verdict>,
    },
    /// Rules.
    Pages(explain::Pages),
    /// Text that is the same in any form.
    Text {
        /// The text.
        text: String,
        /// What a person should know, and a file should not.
        notes: Vec<String>,
    },
}

impl Outcome {
    fn report(exit: Exit, report: Report) -> Self {
        Self::Report { exit, report: Box::new(report) }
    }
}

/// What a plan changes and takes back, a line each.
fn changes(plan: &Plan, log: &PlanLog) -> Vec<String> {
    let taken = |cancel: &Cancel| {
        let change = log.plans.get(&cancel.plan).and_then(|plan| plan.changes.get(cancel.change));
        let change = change.map_or_else(|| format!("change {}", cancel.change + 1), ToString::to_string);
        format!("take back, of {}: {change}", cancel.plan)
    };
    plan.changes.iter().map(ToString::to_string).chain(plan.cancels.iter().map(taken)).collect()
}
