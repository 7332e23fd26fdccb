//! Finds the models of crates in their sources, without building them: while a model is ahead of its schema.rs, nothing builds.
//!
//! The walk follows each crate's modules, and honours `cfg` and `#[path]`. It reads every file, and parses only those that name a derive of
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
mod packages;
mod schema_rs;
mod source;
mod tree;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use schemig_core::capture::{Fault, Missing, Model, Place, TableFacts, Types};
use thiserror::Error;

pub use candidate::{Anchors, Candidate, READS};
use chase::{Search, Sought};
pub(crate) use dependencies::tables as dependency_tables;
pub(crate) use packages::straight;
use packages::{Package, Packages};
use walk::SourceFile;

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

impl Selection {
    /// Turns on what another has on too.
    fn add(&mut self, other: &Self) {
        let Self { features, all_features, no_default_features } = other;
        self.features.extend(features.iter().cloned());
        self.all_features |= all_features;
        self.no_default_features &= no_default_features;
    }
}

/// What to scan.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The directory of the package's Cargo.toml.
    pub directory: PathBuf,
    /// Which features are on.
    pub selection: Selection,
    /// Other packages whose models count too.
    pub crates: Vec<Listed>,
    /// Where schema.rs is or will be, in one file or in several; `src/schema.rs` where there is none. They need not be there.
    pub schema_rs: Vec<PathBuf>,
    /// Whether structs that could be models are looked for too.
    pub candidates: bool,
    /// Texts that count instead of what stands on disk: how it would be.
    pub instead: BTreeMap<PathBuf, String>,
}

/// A package whose models count beside those at home.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The directory of its Cargo.toml.
    pub directory: PathBuf,
    /// The features that are on beside its default ones.
    pub features: Vec<String>,
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

/// Scans packages.
///
/// # Errors
/// When a file can't be read, Cargo.toml doesn't do, or the sources have mistakes.
pub fn scan(request: &Request) -> Result<Capture, ScanError> {
    let mut schema_rs: Vec<PathBuf> = request.schema_rs.iter().map(|path| straight(path)).collect();
    if schema_rs.is_empty() {
        schema_rs.push(straight(&request.directory.join("src/schema.rs")));
    }
    let mut capture = Capture::default();
    let mut packages = Packages::open(request, &schema_rs, &mut capture.types.crates)?;
    let mut faults = Vec::new();
    for (_, package) in packages.opened() {
        faults.append(&mut package.files.faults);
    }
    if !faults.is_empty() {
        capture.lost.push(Missing::Type);
    }
    take_new(&mut packages, &mut capture, &mut faults);
    chase_types(&mut packages, &mut capture, &mut faults)?;
    for (_, package) in packages.opened() {
        count(&package.files.files, &mut capture);
    }
    for path in &schema_rs {
        match schema_facts(path, &mut packages) {
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

/// Moves what newly parsed files say into the capture. Of packages whose models don't count, that is what types they declare.
fn take_new(packages: &mut Packages, capture: &mut Capture, faults: &mut Vec<Fault>) {
    let with_models = packages.with_models;
    for (place, Package { files, .. }) in packages.opened() {
        for file in &mut files.files {
            let Some(extract) = &mut file.extract else { continue };
            // A file that isn't listed is of the first.
            if place > 0 {
                capture.types.crates.files.insert(file.name.clone(), place);
            }
            faults.append(&mut extract.faults);
            capture.lost.extend(extract.lost.take());
            if place < with_models {
                capture.models.append(&mut extract.models);
                capture.candidates.append(&mut extract.candidates);
                capture.hidden.append(&mut extract.hidden);
            }
            capture.types.declarations.append(&mut extract.types.declarations);
            capture.types.imports.append(&mut extract.types.imports);
        }
    }
}

/// Parses what models lead to, here and in crates beside, until nothing new turns up.
fn chase_types(
    packages: &mut Packages,
    capture: &mut Capture,
    faults: &mut Vec<Fault>,
) -> Result<(), ScanError> {
    let mut named: BTreeSet<Sought> = BTreeSet::new();
    for (place, package) in packages.opened() {
        let extracts = package.files.files.iter_mut().filter_map(|file| file.extract.as_mut());
        let found = extracts.flat_map(|found| std::mem::take(&mut found.named));
        named.extend(found.map(|name| (place, name)));
    }
    let mut searched: BTreeSet<Search> = BTreeSet::new();
    loop {
        let wanted = chase::unresolved(&named, &capture.types, &searched);
        if wanted.is_empty() {
            return Ok(());
        }
        let Types { declarations, crates, .. } = &mut capture.types;
        let known: BTreeSet<Search> = {
            let names: BTreeSet<&str> = wanted.iter().map(|(_, name)| name.as_str()).collect();
            let found = declarations.iter().filter(|one| names.contains(one.name.text.as_str()));
            found.map(|one| (crates.of(&one.name.place.file), one.name.text.clone())).collect()
        };
        if packages.search(&wanted, &|search| known.contains(search), crates)? {
            take_new(packages, capture, faults);
        }
        searched.extend(wanted);
    }
}

/// What the scan cost.
fn count(files: &[SourceFile], capture: &mut Capture) {
    for file in files {
        capture.read += 1;
        capture.parsed.extend(file.extract.is_some().then(|| file.path.clone()));
    }
}

/// What schema.rs says beyond its identifiers.
fn schema_facts(path: &Path, packages: &mut Packages) -> Result<Vec<TableFacts>, Vec<Fault>> {
    let mut files = packages.opened().flat_map(|(_, package)| &package.files.files);
    let bytes = match files.find(|file| file.path == path) {
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
