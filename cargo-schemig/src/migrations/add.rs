//! What is added to the migrations directory.

use std::path::Path;

use schemig_core::plan::LogError;
use schemig_core::script::{Directory, LayoutError};

use crate::exit::Stop;
use crate::store::Changeset;
use crate::{clock, diagnose};

/// The time that new directories are named after.
pub(crate) fn stamp(given: Option<&str>) -> Result<String, Stop> {
    match given {
        None => Ok(clock::now()),
        Some(text) if clock::is_stamp(text) => Ok(text.to_owned()),
        Some(text) => Err(Stop::refused(format!("`{text}` is no time"), "write it as 2026-11-22-070000")),
    }
}

/// Writes directories below `parent`.
pub(crate) fn put(changes: &mut Changeset, parent: &Path, directories: &[Directory]) {
    for directory in directories {
        for (name, text) in directory.files() {
            changes.put(parent.join(&directory.name).join(name), text.to_owned());
        }
    }
}

impl From<LayoutError> for Stop {
    fn from(error: LayoutError) -> Self {
        let help = match &error {
            LayoutError::Collision { .. } => "rename the one that ran nowhere yet",
            LayoutError::Behind { .. } => {
                "rename it, if it ran nowhere yet; or say with --now a time that lies behind it"
            }
            LayoutError::Exhausted { .. } => "run it again in a second",
            LayoutError::Unguarded { .. } => {
                "the plan was made without contract_guard: take that out of schemig.toml until its contract is written, and \
                 keep it yourself from databases that skip a release"
            }
            LayoutError::Inapplicable { .. } => {
                "restore schemig/plans from version control, if somebody edited it"
            }
        };
        Self::from(vec![diagnose::Diagnostic::new(error.to_string()).help(help)])
    }
}

impl From<LogError> for Stop {
    fn from(error: LogError) -> Self {
        let found =
            diagnose::Diagnostic::new(format!("the plans under schemig/ don't fit together: {error}"));
        let anew = "cargo schemig diff --base REF --replace-unapplied";
        Self::from(vec![match &error {
            LogError::Apart { plan, other, what: _ } => found
                .note("two branches made them apart, and neither knows what the other leaves")
                .help(format!("have the models say what both want, and plan one of the two anew: {anew}"))
                .help(format!("REF is a commit that has one of {other} and {plan}, and not the other: the one that it has stays")),
            LogError::Inapplicable { .. } => found
                .help("restore them from version control")
                .help(format!("where a merge brought them together, plan one branch's changes anew: {anew}")),
            LogError::NoStep { .. } | LogError::Circle(_) => found.help("restore them from version control"),
        }])
    }
}
