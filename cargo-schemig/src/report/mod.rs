//! What a command found and did: data first, then as text, JSON or Markdown.

mod figures;
pub mod file;
pub mod html;
mod markdown;
mod models;
pub(crate) mod paint;
mod rows;
#[cfg(feature = "schema")]
pub mod schema;
mod text;
mod timeline;
mod totals;
mod version;

use std::collections::BTreeMap;
use std::path::Path;

pub use figures::{BackfillRow, Figures, LockRow, QueueRow, Range, figures};
pub use models::{ModelRow, Standing, StructRow};
pub use rows::{beside, rollout, step_rows};
use serde::Serialize;
pub use totals::{PhaseRow, Totals};
pub use version::Version;

use crate::arguments::Format;
use crate::project::shown;
use crate::store::Changeset;

/// What a command found and did. What is empty isn't shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The version of this form.
    pub format: Version,
    /// What happened, in a line.
    pub summary: String,
    /// The plan that it is about.
    pub plan: Option<String>,
    /// What differs.
    pub changes: Vec<String>,
    /// What is done about it, in order.
    pub steps: Vec<StepRow>,
    /// What they take together.
    pub totals: Option<Totals>,
    /// How one release follows the other; `None` where the new one runs everywhere already.
    pub rollout: Option<Rollout>,
    /// Who says how large the tables are, and how fast the server is.
    pub basis: Vec<String>,
    /// What only the app can keep.
    pub promises: Vec<String>,
    /// What a person must sign off, or has.
    pub escalations: Vec<EscalationRow>,
    /// By table, which struct is its model.
    pub models: Vec<ModelRow>,
    /// What is to be changed in the sources: a unified diff, from the directory of Cargo.toml.
    pub patch: Option<String>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// SQL that would make a database what it should be; a person runs it.
    pub statements: Vec<String>,
    /// Whether nothing was written: then the two lists below say what would be.
    pub dry_run: bool,
    /// The files that were written.
    pub written: Vec<String>,
    /// The files that were removed.
    pub removed: Vec<String>,
    /// What to do next, in order.
    pub next: Vec<String>,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepRow {
    /// Its number, from 1.
    pub step: usize,
    /// Its phase.
    pub phase: String,
    /// What it does.
    pub what: String,
    /// What it locks, and whom that blocks.
    pub lock: String,
    /// How long queries wait behind that, and how long all of it takes, in words.
    pub estimate: String,
    /// The same in figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// How the releases before N fare once it has run; `None` when they are gone.
    pub old: Option<Fares>,
    /// How N fares.
    pub new: Fares,
    /// Its directory in `migrations/`, or in the preview.
    pub directory: String,
    /// Its SQL.
    pub sql: String,
}

/// How one release follows the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Rollout {
    /// Both run while N is deployed: after backfill, and before contract.
    Overlap {
        /// How the releases before N fare meanwhile; `None` when there are none.
        old: Option<Fares>,
        /// How N fares.
        new: Fares,
    },
    /// N-1 is stopped before the first step, and N starts after the last.
    Stopped,
}

/// How a release fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fares {
    /// When it reads.
    pub reads: Fare,
    /// When it writes.
    pub writes: Fare,
}

/// How a release fares with one kind of access. The greatest is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fare {
    /// Nothing fails.
    Fits,
    /// Nothing fails, if the promises are kept.
    FitsIf,
    /// Something fails.
    Breaks,
}

/// Something that needs approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EscalationRow {
    /// The rule.
    pub rule: String,
    /// What it saw.
    pub condition: String,
    /// What that does.
    pub effect: String,
    /// What to do about it.
    pub workaround: String,
    /// Why it was signed off, if it was.
    pub approved: Option<String>,
}

impl Report {
    /// The report with what a command has written, or would have.
    pub fn with_files(mut self, changes: &Changeset, dry_run: bool) -> Self {
        let shown = |paths: &mut dyn Iterator<Item = &Path>| paths.map(shown).collect();
        self.written = shown(&mut changes.written());
        self.removed = shown(&mut changes.removed());
        self.dry_run = dry_run;
        if dry_run {
            self.summary.push_str(" (nothing was written)");
        }
        self
    }

    /// The report in the wanted form.
    pub fn render(&self, format: Format, colour: bool, verbose: bool) -> String {
        match format {
            Format::Text => text::render(self, colour, verbose),
            Format::Json => {
                let text = serde_json::to_string_pretty(self).expect("text and numbers have a JSON form");
                text + "\n"
            }
            Format::Markdown => markdown::render(self, verbose),
        }
    }
}

/// From how many files of one folder on they are counted instead of listed.
const MANY: usize = 10;

/// Files, but those of one migration as their directory, and many of one folder as their number, unless all are wanted.
fn directories(files: &[String], verbose: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for file in files {
        let of_migration =
            ["up.sql", "down.sql", "metadata.toml"].iter().find_map(|name| file.strip_suffix(name));
        let line = of_migration.unwrap_or(file).to_owned();
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    if verbose {
        return lines;
    }
    let folder = |line: &str| line.rfind('/').map_or(0, |end| end + 1);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines {
        *counts.entry(line[..folder(line)].to_owned()).or_default() += 1;
    }
    let mut short = Vec::new();
    for line in lines {
        let folder = &line[..folder(&line)];
        match counts.get_mut(folder) {
            Some(0) => {}
            Some(count) if *count >= MANY => {
                short.push(format!("{folder} ({} files)", std::mem::take(count)));
            }
            Some(_) | None => short.push(line),
        }
    }
    short
}

/// So many migrations, in words.
pub fn migrations(count: usize) -> String {
    match count {
        0 => "No migration".to_owned(),
        1 => "1 migration".to_owned(),
        count => format!("{count} migrations"),
    }
}
