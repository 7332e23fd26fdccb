//! What verify found out.

use serde::Serialize;

/// Part of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// The state before is made and filled.
    Before,
    /// Each directory up, down, up; then all down and up.
    Walk,
    /// Runs that are cut off, and run again.
    Survive,
    /// Everything once more beside the traffic of the releases.
    Traffic,
}

/// Something that is wrong. Any of these makes `verify` fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Where in the verification.
    pub pass: Pass,
    /// The migration, or the state after it.
    pub stage: Option<String>,
    /// What is wrong, in a sentence.
    pub what: String,
    /// What shows it: a query, an error, a difference, a line each.
    pub details: Vec<String>,
}

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Findings {
    /// What is wrong.
    pub failures: Vec<Finding>,
    /// What is worth knowing.
    pub notes: Vec<String>,
}

impl Findings {
    /// Something is wrong. The same thing is said once, with all that shows it.
    pub fn fail(&mut self, pass: Pass, stage: Option<&str>, what: impl Into<String>, details: Vec<String>) {
        let finding = Finding { pass, stage: stage.map(str::to_owned), what: what.into(), details };
        let known = |other: &&mut Finding| other.stage == finding.stage && other.what == finding.what;
        match self.failures.iter_mut().find(known) {
            Some(other) => {
                let more = finding.details.into_iter().filter(|line| !other.details.contains(line));
                let more: Vec<String> = more.collect();
                other.details.extend(more);
            }
            None => self.failures.push(finding),
        }
    }

    /// Something is worth knowing.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
