//! The migrations directory, as Diesel reads it: what is there, and what is added.

mod add;
mod applied;
mod read;

use std::path::PathBuf;

use schemig_core::plan::PlanId;

pub(crate) use add::{put, stamp};
pub use applied::applied;
pub use read::{existing, read, steps};

/// A directory in `migrations/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The directory's name.
    pub name: String,
    /// What Diesel records: the name up to its first `_`, without dashes.
    pub version: String,
    /// The directory.
    pub path: PathBuf,
    /// The text of up.sql.
    pub up: String,
    /// The text of down.sql, where there is one.
    pub down: Option<String>,
    /// Whether Diesel runs it in a transaction.
    pub run_in_transaction: bool,
    /// The step that it was written for; `None` when somebody wrote it by hand.
    pub step: Option<StepRef>,
    /// Those of up.sql and down.sql that aren't what schemig wrote. Of what somebody wrote by hand nobody here knows.
    pub edited: Vec<&'static str>,
}

/// A step of a plan, as metadata.toml names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepRef {
    /// The plan.
    pub plan: PlanId,
    /// The step's place in it, from 0. Files and people count from 1.
    pub step: usize,
}
