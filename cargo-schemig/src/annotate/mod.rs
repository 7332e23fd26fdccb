//! `cargo schemig init --annotate`: which struct of each table is to derive `Migratable`, and the edit that writes it.
//!
//! Nothing is guessed: a struct is proposed when it alone reads the whole table, and when the models with the edit change nothing of the
//! snapshot. All others are reported, with why.

mod edit;
mod judge;
mod patch;
mod prove;
mod rows;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use schemig_core::capture::Place;
use schemig_core::change::OpenChange;
use schemig_core::schema::Schema;

use crate::capture;
use crate::exit::Stop;
use crate::project::Project;
use crate::report::ModelRow;
use crate::scan;
use judge::Judged;
use prove::Proof;

/// What is proposed.
pub struct Annotation {
    /// A row for each table of the snapshot.
    pub rows: Vec<ModelRow>,
    /// The files that change, with their new texts.
    pub files: BTreeMap<PathBuf, String>,
    /// The same as a unified diff, where there is any.
    pub patch: Option<String>,
    /// Structs without a table, and what couldn't be seen.
    pub notes: Vec<String>,
    /// The directory that the diff's paths start from: that of the crate, or of the workspace where other crates are listed.
    pub base: PathBuf,
    /// The crates that structs are proposed in, the one at home under no name.
    pub crates: Vec<(Option<String>, PathBuf)>,
    /// What `diff` would plan all the same, since the models that there are differ from the snapshot.
    pub pending: Vec<String>,
}

/// The snapshot that structs are held against.
pub struct Ground<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its snapshot.
    pub schema: &'a Schema,
    /// Changes that wait for their contract.
    pub open: &'a [OpenChange],
}

/// Finds out which struct of each table is its model.
///
/// # Errors
/// Sources that don't parse, mistakes in the models that there are, a file that can't be read.
pub fn annotate(ground: &Ground<'_>) -> Result<Annotation, Stop> {
    let project = ground.project;
    let mut found = scan::scan(&scan::Request { candidates: true, ..capture::request(project) })?;
    keep_own(project, &mut found)?;
    let found = found;
    let judged =
        capture::with_input(project, ground.schema, &found, |input| judge::judge(input, &found.candidates));
    let mut texts = Texts::default();
    let tables = judge::by_table(&judged, ground, &found);
    let proposals = tables.iter().filter_map(|(table, of_table)| {
        let judge::Models::Proposed(one) = &of_table.models else { return None };
        Some((table, *one))
    });
    let proposals: Vec<_> = proposals.collect();
    for (_, one) in &proposals {
        texts.read(&one.candidate.place.file)?;
    }
    let Proof { refused, pending } = prove::prove(ground, &proposals, &texts)?;
    let kept: Vec<_> = proposals.iter().filter(|(table, _)| !refused.contains_key(table)).collect();
    let files = texts.edited(kept.iter().map(|(_, one)| *one));
    let base = project.around()?;
    Ok(Annotation {
        rows: tables.iter().map(|(table, of_table)| rows::row(table, of_table, refused.get(table))).collect(),
        patch: patch::patch(&base, &texts.0, &files),
        crates: crates(project, &found, kept.iter().map(|(_, one)| &one.candidate.place)),
        base,
        notes: rows::notes(&judged, &tables, &found, project),
        files,
        pending,
    })
}

/// Leaves out what is another database's.
fn keep_own(project: &Project, found: &mut scan::Capture) -> Result<(), Stop> {
    let mut places: Vec<Place> = found.models.iter().map(|model| model.ident.place.clone()).collect();
    places.extend(found.candidates.iter().map(|one| one.place.clone()).chain(found.hidden.iter().cloned()));
    let mut others = BTreeSet::new();
    for place in places {
        if !capture::is_of(project, found, &place)? {
            others.insert(place.file);
        }
    }
    found.models.retain(|model| !others.contains(&model.ident.place.file));
    found.candidates.retain(|one| !others.contains(&one.place.file));
    found.hidden.retain(|place| !others.contains(&place.file));
    Ok(())
}

/// The crates in which these places are.
fn crates<'p>(
    project: &Project,
    found: &scan::Capture,
    places: impl Iterator<Item = &'p Place>,
) -> Vec<(Option<String>, PathBuf)> {
    let of: BTreeSet<usize> = places.map(|place| found.types.crates.of(&place.file)).collect();
    let named = of.into_iter().map(|nth| match nth.checked_sub(1).and_then(|nth| project.crates.get(nth)) {
        Some(member) => (Some(member.name.clone()), member.root.clone()),
        None => (None, project.root.clone()),
    });
    named.collect()
}

/// Source files as they stand.
#[derive(Default)]
struct Texts(BTreeMap<PathBuf, String>);

impl Texts {
    fn read(&mut self, file: &str) -> Result<(), Stop> {
        if let Entry::Vacant(place) = self.0.entry(PathBuf::from(file)) {
            let read = std::fs::read_to_string(place.key());
            let text = read.map_err(|error| Stop::failed(place.key(), "read", &error))?;
            place.insert(text);
        }
        Ok(())
    }

    /// The files that change when these structs get what they need.
    fn edited<'j>(&self, proposals: impl Iterator<Item = &'j Judged<'j>>) -> BTreeMap<PathBuf, String> {
        let mut edits: BTreeMap<PathBuf, Vec<edit::Edit>> = BTreeMap::new();
        for Judged { candidate, repairs, .. } in proposals {
            let path = PathBuf::from(&*candidate.place.file);
            let Some(text) = self.0.get(&path) else { continue };
            edits.entry(path).or_default().extend(edit::edits(&candidate.anchors, repairs, text));
        }
        let edited = edits.into_iter().map(|(path, edits)| {
            let text = edit::apply(&self.0[&path], edits);
            (path, text)
        });
        edited.collect()
    }
}
