//! How a run ends. The numbers are documented and don't change.

use std::process::ExitCode;

use crate::diagnose::Diagnostic;

/// The exit code. Ordered: where several hold, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// A check found something (`--check`).
    Found = 1,
    /// A usage or input error, or a question that only a person can answer.
    Refused = 2,
    /// Something needs approval; nothing was written.
    Escalated = 3,
    /// A file or a database failed.
    Failed = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a run stopped. Nothing was written.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// All that is wrong, in order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Stop {
    /// Bad input, with what to do about it.
    pub fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, diagnostics: vec![Diagnostic::new(message).help(help)] }
    }

    /// A file that can't be read or written.
    pub fn failed(path: &std::path::Path, what: &str, error: &std::io::Error) -> Self {
        let message = format!("can't {what} {}: {error}", path.display());
        Self { exit: Exit::Failed, diagnostics: vec![Diagnostic::new(message)] }
    }
}

impl From<Vec<Diagnostic>> for Stop {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self { exit: Exit::Refused, diagnostics }
    }
}
