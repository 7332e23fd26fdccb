//! Whether the models with the edit change nothing: the sources are read again as they would be, and compared as `diff` compares them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemig_core::change::diff;
use schemig_core::schema::TableName;

use super::judge::Judged;
use super::{Ground, Texts};
use crate::capture;
use crate::exit::Stop;

/// What came of it.
pub struct Proof {
    /// The proposals that would change something or can't be read as models, each with what.
    pub refused: BTreeMap<TableName, Vec<String>>,
    /// What differs from the snapshot as the sources stand, without any proposal.
    pub pending: Vec<String>,
}

/// Tries the proposals.
///
/// # Errors
/// The sources have mistakes as they stand.
pub fn prove(
    ground: &Ground<'_>,
    proposals: &[(&TableName, &Judged<'_>)],
    texts: &Texts,
) -> Result<Proof, Stop> {
    let pending = differences(ground, BTreeMap::new())?;
    let new = |only: &[(&TableName, &Judged<'_>)]| {
        let files = texts.edited(only.iter().map(|(_, one)| *one));
        match differences(ground, files) {
            Ok(found) => found.into_iter().filter(|line| !pending.contains(line)).collect(),
            Err(stop) => stop.diagnostics.into_iter().map(|found| found.message).collect::<Vec<_>>(),
        }
    };
    if proposals.is_empty() || new(proposals).is_empty() {
        return Ok(Proof { refused: BTreeMap::new(), pending });
    }
    let mut refused = BTreeMap::new();
    for one in proposals {
        let found = new(std::slice::from_ref(one));
        if !found.is_empty() {
            refused.insert(one.0.clone(), found);
        }
    }
    let rest: Vec<_> = proposals.iter().filter(|(table, _)| !refused.contains_key(*table)).copied().collect();
    // Each by itself does no harm, and together they do: nobody can say which.
    let found = new(&rest);
    if !found.is_empty() {
        refused.extend(rest.iter().map(|(table, _)| ((*table).clone(), found.clone())));
    }
    Ok(Proof { refused, pending })
}

/// What `diff` would find, a line each.
fn differences(ground: &Ground<'_>, instead: BTreeMap<PathBuf, String>) -> Result<Vec<String>, Stop> {
    let Ground { project, schema, open } = ground;
    let capture = capture::read_instead(project, schema, instead)?;
    Ok(match diff(schema, &capture.schema, &capture.hints, open, project.overlap) {
        Ok(found) => found.changes.iter().map(ToString::to_string).collect(),
        Err(questions) => questions.into_iter().map(|question| question.condition).collect(),
    })
}
