//! Finds the models of a crate in its sources, without building it: while a model is ahead of its schema.rs, nothing builds.
//!
//! The walk follows the crate's modules, and honours `cfg` and `#[path]`. It reads every file, and parses only those that name a derive of
//! schemig's, that declare modules under a condition or by path, or that declare a type which a model leads to. Code that
//! macros make isn't seen.

mod bytes;
mod candidate;
mod cfg;
mod chase;
mod dependencies;
mod extract;
mod light;
mod manifest;
mod schema_rs;
mod source;
mod tree;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use schemig_core::capture::{Fault, Missing, Model, Place, TableFacts, Types, builtin};
use thiserror::Error;

pub use candidate::{Anchors, Candidate, READS};
use cfg::Cfg;
use chase::Named;
use dependencies::Dependency;
use manifest::Manifest;
use walk::{Files, Plan, SourceFile};

/// Which features are on.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `--features`.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
}

/// What to scan.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The directory of the package's Cargo.toml.
    pub directory: PathBuf,
    /// Which features are on.
    pub selection: Selection,
    /// Where schema.rs is or will be, in one file or in several; `src/schema.rs` where there is none. They need not be there.
    pub schema_rs: Vec<PathBuf>,
    /// Whether structs that could be models are looked for too.
    pub candidates: bool,
    /// Texts that count instead of what stands on disk: how it would be.
    pub instead: BTreeMap<PathBuf, String>,
}

/// What the sources say.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// The models, in the order of their files and places.
    pub models: Vec<Model>,
    /// Structs that could be models, in the same order.
    pub candidates: Vec<Candidate>,
    /// Macros that may make such structs, in the same order.
    pub hidden: Vec<Place>,
    /// What models lead to.
    pub types: Types,
    /// SQL names that an existing schema.rs knows. Empty when its identifiers say it all.
    pub tables: Vec<TableFacts>,
    /// The files that were parsed, those of each crate in order: what a scan costs.
    pub parsed: Vec<PathBuf>,
    /// How many files were read.
    pub read: usize,
    /// What may be in sources that couldn't be read.
    pub lost: Vec<Missing>,
}

/// Why there is nothing to report.
#[derive(Debug, Error)]
pub enum ScanError {
    /// A file can't be read.
    #[error("can't read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A Cargo.toml that doesn't do.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Mistakes in the sources, all of them.
    #[error("{} mistakes in the models", faults.len())]
    Faults {
        /// The mistakes.
        faults: Vec<Fault>,
        /// What could be read all the same, so that what is wrong with that is said too.
        rest: Box<Capture>,
    },
}

/// Scans a package.
///
/// # Errors
/// When a file can't be read, Cargo.toml doesn't do, or the sources have mistakes.
pub fn scan(request: &Request) -> Result<Capture, ScanError> {
    let manifest = Manifest::read(&request.directory, &request.selection)?;
    let cfg = Cfg { features: manifest.features.clone() };
    let usual = [request.directory.join("src/schema.rs")];
    let schema_rs = if request.schema_rs.is_empty() { &usual[..] } else { &request.schema_rs };
    let plan = Plan {
        roots: &manifest.roots,
        cfg: &cfg,
        may_be_missing: schema_rs,
        models: true,
        candidates: request.candidates,
        instead: &request.instead,
    };
    let mut own = walk::walk(&plan)?;
    let mut capture = Capture::default();
    let mut faults = std::mem::take(&mut own.faults);
    if !faults.is_empty() {
        capture.lost.push(Missing::Type);
    }
    take_new(&mut own, &mut capture, &mut faults);
    chase_types(&manifest, &cfg, &mut own, &mut capture, &mut faults)?;
    for path in schema_rs {
        match schema_facts(path, &own.files) {
            Ok(tables) => capture.tables.extend(tables),
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() {
        faults.sort();
        faults.dedup();
        capture.lost.push(Missing::Table);
        return Err(ScanError::Faults { faults, rest: Box::new(capture) });
    }
    capture.models.sort_by(|one, other| one.ident.place.cmp(&other.ident.place));
    capture.candidates.sort_by(|one, other| one.place.cmp(&other.place));
    capture.hidden.sort();
    capture.types.declarations.sort_by(|one, other| one.name.place.cmp(&other.name.place));
    Ok(capture)
}

/// Moves what newly parsed files say into the capture.
fn take_new(files: &mut Files, capture: &mut Capture, faults: &mut Vec<Fault>) {
    for file in &mut files.files {
        let Some(extract) = &mut file.extract else { continue };
        faults.append(&mut extract.faults);
        capture.lost.extend(extract.lost.take());
        capture.models.append(&mut extract.models);
        capture.candidates.append(&mut extract.candidates);
        capture.hidden.append(&mut extract.hidden);
        capture.types.declarations.append(&mut extract.types.declarations);
        capture.types.imports.append(&mut extract.types.imports);
    }
}

/// Parses what models lead to, here and in crates beside this one, until nothing new turns up.
fn chase_types(
    manifest: &Manifest,
    cfg: &Cfg,
    own: &mut Files,
    capture: &mut Capture,
    faults: &mut Vec<Fault>,
) -> Result<(), ScanError> {
    let foreign = |root: &str| {
        builtin::CRATES.contains(&root)
            || manifest.dependencies.get(root).is_some_and(|found| found.directory.is_none())
    };
    let extracts = own.files.iter_mut().filter_map(|file| file.extract.as_mut());
    let named: BTreeSet<Named> = extracts.flat_map(|found| std::mem::take(&mut found.named)).collect();
    let mut neighbours = BTreeMap::new();
    let mut asked = BTreeSet::new();
    loop {
        let wanted = chase::unresolved(&named, &capture.types, &foreign);
        let new: Vec<_> = wanted.into_iter().filter(|name| asked.insert(name.clone())).collect();
        if new.is_empty() {
            let neighbours = neighbours.values().flat_map(|(files, _): &(Files, Cfg)| &files.files);
            count(own.files.iter().chain(neighbours), capture);
            return Ok(());
        }
        let names: BTreeSet<String> = new.iter().map(|(_, name)| name.clone()).collect();
        if chase::parse_declaring(&mut own.files, &names, cfg) {
            take_new(own, capture, faults);
        }
        let declared =
            |name: &String| capture.types.declarations.iter().any(|found| found.name.text == *name);
        let left: Vec<_> = new.into_iter().filter(|(_, name)| !declared(name)).collect();
        // A type that Diesel knows comes from its crate, unless the code says that it comes from a neighbour.
        let left =
            left.into_iter().filter(|(root, name)| root.is_some() || builtin::fit(name, None).is_none());
        for (root, name) in left {
            for (crate_name, Dependency { directory, selection }) in &manifest.dependencies {
                let Some(directory) = directory else { continue };
                if root
                    .as_ref()
                    .is_some_and(|root| root != crate_name && manifest.dependencies.contains_key(root))
                {
                    continue;
                }
                // A file with modules under a condition is parsed by then.
                let is_new = !neighbours.contains_key(crate_name);
                if is_new {
                    neighbours.insert(crate_name.clone(), neighbour(directory, selection)?);
                }
                let Some((files, cfg)) = neighbours.get_mut(crate_name) else { continue };
                if chase::parse_declaring(&mut files.files, &[name.clone()].into(), cfg) || is_new {
                    let parsed = files.files.iter_mut().flat_map(|file| &mut file.extract);
                    parsed.for_each(|found| found.models.clear());
                    take_new(files, capture, faults);
                }
            }
        }
    }
}

/// What the scan cost.
fn count<'a>(files: impl Iterator<Item = &'a SourceFile>, capture: &mut Capture) {
    for file in files {
        capture.read += 1;
        capture.parsed.extend(file.extract.is_some().then(|| file.path.clone()));
    }
}

/// The files of a crate beside this one, with the features that this one turns on in it.
fn neighbour(directory: &Path, selection: &Selection) -> Result<(Files, Cfg), ScanError> {
    let manifest = Manifest::read(directory, selection)?;
    let cfg = Cfg { features: manifest.features };
    let plan = Plan {
        roots: &manifest.roots,
        cfg: &cfg,
        may_be_missing: &[],
        models: false,
        candidates: false,
        instead: &BTreeMap::new(),
    };
    let files = walk::walk(&plan)?;
    Ok((files, cfg))
}

/// What schema.rs says beyond its identifiers.
fn schema_facts(path: &Path, files: &[SourceFile]) -> Result<Vec<TableFacts>, Vec<Fault>> {
    let file = files.iter().find(|file| file.path == path);
    let bytes = match file {
        Some(file) => file.bytes.clone(),
        // It may be included in another way, or not be there yet.
        None => std::fs::read(path).unwrap_or_default(),
    };
    if !schema_rs::says_more(&bytes) {
        return Ok(Vec::new());
    }
    schema_rs::tables(&path.to_string_lossy().into(), &String::from_utf8_lossy(&bytes))
}

#[cfg(test)]
mod tests;
