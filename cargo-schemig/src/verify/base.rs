//! The release that runs now, where a git ref says so: its models, read at that ref.

use schemig_core::change::diff;
use schemig_core::schema::{Hints, Schema};

use super::timeline::Place;
use crate::capture;
use crate::exit::Stop;
use crate::project::{Project, Selection};
use crate::{server, store};

/// The release at a git ref.
pub struct Base {
    reference: String,
    schema: Schema,
}

impl Base {
    /// Reads the models of the same crate at a ref. Nothing is checked out.
    ///
    /// # Errors
    /// No such ref; the crate isn't there; its models have mistakes.
    pub fn at(reference: &str, project: &Project, selection: &Selection) -> Result<Self, Stop> {
        let directory = server::directory("schemig-base-")?;
        let root = store::files_at(reference, &project.root, directory.path())?;
        let there = Selection {
            manifest_path: Some(root.join("Cargo.toml")),
            package: None,
            database: project.database.clone(),
            ..selection.clone()
        };
        // Which plans run everywhere is asked of git where there is one.
        let there = Project { deployed: None, ..Project::find(&there)? };
        let snapshot = store::load(&there)?.schema;
        let schema = capture::read(&there, &snapshot)?.schema;
        Ok(Self { reference: reference.to_owned(), schema })
    }

    /// Which of the releases it is. Those before it run nowhere any more.
    pub(super) fn place(&self, releases: &[Schema]) -> Result<Place, Stop> {
        let is_same = |release: &&Schema| {
            diff(release, &self.schema, &Hints::default(), &[], false)
                .is_ok_and(|found| found.changes.is_empty())
        };
        releases.iter().position(|release| is_same(&release)).ok_or_else(|| {
            Stop::refused(
                format!(
                    "the models at `{}` are those of no release that the pending plans know",
                    self.reference
                ),
                "name the commit that runs in production; its plans must be part of this branch's log",
            )
        })
    }
}
