//! How a database gets from one schema to the next while releases run on it: phases, steps, and what they rest on.

mod apart;
mod capabilities;
mod cast;
mod context;
mod creation;
mod dependants;
mod draft;
pub mod file;
pub mod log;
mod log_error;
mod make;
mod promise;
mod recipe;
mod replay;

use std::collections::BTreeMap;
use std::fmt;

pub use capabilities::{Capabilities, Foreign};
pub use cast::{Cast, InPlace, Kept};
pub use creation::creation;
pub use dependants::{Beside, dependants};
pub use log::PlanLog;
pub use log_error::LogError;
pub use make::{Request, plan};
pub use promise::Promise;
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::operation::Operation;
use crate::schema::{Enum, EnumName, Table, TableName};

/// A plan's name: the number of its place in the log and a word, such as `0001_add_users_organization_id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub String);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a step may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before release N is deployed; N-1 goes on.
    Expand,
    /// After expand; when it is over, N may be deployed beside N-1.
    Backfill,
    /// When no release before N runs any more.
    Contract,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expand => "expand",
            Self::Backfill => "backfill",
            Self::Contract => "contract",
        })
    }
}

/// One migration directory: what goes up together, what goes down together. Either all its operations share a transaction, or
/// each direction is one operation that can't be in one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When it may run.
    pub phase: Phase,
    /// The change that it serves, by its place in the plan.
    pub cause: usize,
    /// What it does. May be empty: some steps exist for their way back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub up: Vec<Operation>,
    /// What takes it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub down: Vec<Operation>,
}

/// A table on both sides of a plan; `None` where it isn't there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// As the models before had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Table>,
    /// As the models now have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Table>,
}

/// An enum on both sides of a plan; `None` where it isn't there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumDelta {
    /// As the models before had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Enum>,
    /// As the models now have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Enum>,
}

/// The way from one schema to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub id: PlanId,
    /// The plans that it builds on; more than one where branches met.
    pub parents: Vec<PlanId>,
    /// Whether releases before it go on running while it is applied.
    pub overlap: bool,
    /// The tables that it touches, on both sides.
    pub tables: BTreeMap<TableName, Delta>,
    /// The enums that it touches, on both sides.
    pub enums: BTreeMap<EnumName, EnumDelta>,
    /// What differs.
    pub changes: Vec<Change>,
    /// What is done about it, in order.
    pub steps: Vec<Step>,
    /// Changes of open plans that it takes back: their waiting steps are never written.
    pub cancels: Vec<Cancel>,
    /// What only the app can keep.
    pub promises: Vec<Promise>,
    /// Whether somebody said, when contracting, that the promises were kept.
    pub confirmed: bool,
    /// Who signed what off, and why.
    pub approvals: Vec<Approval>,
}

/// A change of an open plan that a later plan takes back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The open plan.
    pub plan: PlanId,
    /// The change's place in it.
    pub change: usize,
}

/// What a person signed off, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The rules that had escalated, each once.
    pub rules: Vec<String>,
    /// Why it was signed off.
    pub reason: String,
    /// What they had seen. Plans that were signed off before this was kept have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
}

/// What a rule had seen when it was signed off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The rule.
    pub rule: String,
    /// What it had seen, in words.
    pub condition: String,
    /// The places in the plan of the steps that it is about: their up.sql says so.
    pub steps: Vec<usize>,
}

impl Step {
    /// Whether it does nothing either way, and is there for its file alone.
    pub fn is_blank(&self) -> bool {
        self.up.is_empty() && self.down.is_empty()
    }
}

impl Plan {
    /// The steps that wait for the release to be deployed, with their places in the plan.
    pub fn contract(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().enumerate().filter(|(_, step)| step.phase == Phase::Contract)
    }
}
