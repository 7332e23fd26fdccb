//! What verify says in the end: data first, then as text or JSON.

mod text;

pub(crate) use text::milliseconds;

use serde::Serialize;

use super::findings::{Finding, Findings};
use crate::arguments::Format;
use crate::report::{Fares, LockRow, Range, Version};

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The version of this form.
    pub format: Version,
    /// The plans that were verified.
    pub plans: Vec<String>,
    /// The server that it ran on, as it names itself.
    pub server: String,
    /// The most rows that a table was filled with.
    pub rows: usize,
    /// What the rows and the moments of the kills were drawn from: the same number gives the same.
    pub seed: u64,
    /// The releases that may run before the first migration, and how each fares.
    pub fits_before: Vec<FitRow>,
    /// What each migration did.
    pub stages: Vec<StageRow>,
    /// What each release did.
    pub releases: Vec<ReleaseRow>,
    /// What only the app can keep, and what became of it here.
    pub promises: Vec<PromiseRow>,
    /// What is wrong. Empty: the plan holds.
    pub failures: Vec<Finding>,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

/// A migration, as it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageRow {
    /// Its name.
    pub name: String,
    /// Its plan; `None` when somebody wrote it by hand.
    pub plan: Option<String>,
    /// Its phase; `None` when somebody wrote it by hand.
    pub phase: Option<String>,
    /// How long it takes by the estimate for as many rows as its tables were filled with, in seconds; `None` when somebody wrote it by hand.
    pub predicted_wall: Option<Range>,
    /// How long its way up took with nobody beside it, in milliseconds.
    pub alone_ms: u64,
    /// The same beside the releases' traffic.
    pub beside_ms: Option<u64>,
    /// The longest that a statement of the traffic waited for a lock meanwhile, as sampled, in milliseconds.
    pub blocked_ms: Option<u64>,
    /// The locks that make queries wait, as the plan says.
    pub predicted_locks: Vec<String>,
    /// The same, as the server had them: at the end of its transaction, or looked at meanwhile. `None` where it lists none.
    pub found_locks: Option<Vec<String>>,
    /// How long those that make queries wait are held by the estimate for as many rows, on tables that somebody uses.
    pub predicted_holds: Vec<LockRow>,
    /// How long they were held with nobody beside it, on tables that were there before. `None` where the server lists no locks.
    pub alone_holds: Option<Vec<HoldRow>>,
    /// The same beside the releases' traffic.
    pub beside_holds: Option<Vec<HoldRow>>,
    /// Its statements, sent one by one, where it has a transaction and the server lists locks.
    pub statements: Vec<StatementRow>,
    /// How many times it was cut off, and ended where it should afterwards.
    pub survived: usize,
    /// The releases that may run once it is over, the oldest first, and how each fares.
    pub fits: Vec<FitRow>,
}

/// A release where it may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FitRow {
    /// What it is called: N, N-1.
    pub release: String,
    /// How it fares as the states say.
    pub expected: Fares,
    /// Whether its traffic met something else, which is among the failures.
    pub failed: bool,
}

/// How long a lock that makes queries wait was held at a stretch: from when it was granted until it was given back. Another session looks
/// every few milliseconds, so the time is known between two ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldRow {
    /// The table.
    pub table: String,
    /// The strongest mode on it, in the server's words.
    pub mode: String,
    /// Whether reads wait for its end; writes do in any case.
    pub blocks_reads: bool,
    /// It was held for so long at least, in milliseconds.
    pub least_ms: u64,
    /// It was held for so long at most, in milliseconds.
    pub most_ms: u64,
    /// Who saw it.
    pub seen: Seen,
}

/// Who saw a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Another session, while it was held: its looks before, meanwhile and after say for how long.
    Meanwhile,
    /// Only the transaction itself, at its end: it was held for less time than there was between two looks.
    AtItsEnd,
}

/// A statement of a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatementRow {
    /// Its text.
    pub sql: String,
    /// The locks that make queries wait and that it took, as the server had them.
    pub locks: Vec<String>,
}

/// A release, as it fared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseRow {
    /// What it is called: N, N-1.
    pub name: String,
    /// How many statements it ran where it may run.
    pub ran: usize,
    /// How many of them failed as the plan says that they would.
    pub predicted: usize,
    /// How many times a transaction was tried again, for it met another in its way.
    pub retried: usize,
    /// The longest that a statement took, in milliseconds.
    pub longest_ms: u64,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromiseRow {
    /// What it says.
    pub says: String,
    /// Whether breaking it was seen to fail; `None` where that can't be tried here.
    pub needed: Option<bool>,
}

impl HoldRow {
    /// How long it was held, in words.
    pub fn words(&self) -> String {
        let Self { table: _, mode: _, blocks_reads: _, least_ms, most_ms, seen: _ } = self;
        let [least, most] = [least_ms, most_ms].map(|ms| milliseconds(*ms));
        match least_ms {
            0 => format!("up to {most}"),
            _ if least == most => most,
            _ => format!("{least} to {most}"),
        }
    }
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.failures.is_empty()
    }

    /// The verdict in the wanted form. In a pull request it is shown as it stands at a terminal.
    pub fn render(&self, format: Format, colour: bool) -> String {
        match format {
            Format::Text => text::render(self, colour),
            Format::Markdown => format!("```text\n{}```\n", text::render(self, false)),
            Format::Json => {
                serde_json::to_string_pretty(self).expect("text and numbers have a JSON form") + "\n"
            }
        }
    }

    /// With what was found.
    pub fn with(mut self, findings: Findings) -> Self {
        let Findings { failures, notes } = findings;
        self.failures = failures;
        self.notes = notes;
        self
    }
}
