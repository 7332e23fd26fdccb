//! The commands: one file each.

pub mod contract;
pub mod diff;
pub mod init;
mod migrations;
mod previews;
pub mod schema;
pub mod status;

use crate::exit::Exit;
use crate::report::Report;

/// What a command did.
pub enum Outcome {
    /// A report, in whichever form is wanted.
    Report {
        /// The exit code.
        exit: Exit,
        /// The report.
        report: Box<Report>,
    },
    /// Text that is the same in any form.
    Text(String),
}

impl Outcome {
    fn report(exit: Exit, report: Report) -> Self {
        Self::Report { exit, report: Box::new(report) }
    }
}
