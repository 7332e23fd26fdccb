//! The packages of a scan: those whose models count, and those that their types lead into.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use schemig_core::capture::Crates;

use super::chase::{self, Names, Search};
use super::dependencies::Dependency;
use super::manifest::Manifest;
use super::walk::{self, Files, Plan};
use super::{Listed, Request, ScanError, Selection, cfg::Cfg};

/// The packages, in the order in which they are met: the one at home, those that it lists, then those that these depend on.
pub struct Packages {
    directories: Vec<PathBuf>,
    /// The features that dependents turn on in them.
    selections: BTreeMap<usize, Selection>,
    /// Those that were read, by place.
    opened: BTreeMap<usize, Package>,
    /// How many have models that count.
    pub with_models: usize,
}

/// A package that was read.
pub struct Package {
    /// What of it is compiled.
    pub cfg: Cfg,
    /// Its sources.
    pub files: Files,
}

impl Packages {
    /// Reads those whose models count. What they call their dependencies goes into `crates`.
    ///
    /// # Errors
    /// A Cargo.toml that doesn't do; a file that can't be read.
    pub fn open(
        request: &Request,
        may_be_missing: &[PathBuf],
        crates: &mut Crates,
    ) -> Result<Self, ScanError> {
        let manifests = manifests(request)?;
        let mut packages = Self {
            directories: Vec::new(),
            selections: BTreeMap::new(),
            opened: BTreeMap::new(),
            with_models: manifests.len(),
        };
        packages.place(&request.directory);
        for listed in &request.crates {
            packages.place(&listed.directory);
        }
        crates.calls = vec![BTreeMap::new(); manifests.len()];
        for (place, manifest) in manifests.iter().enumerate() {
            packages.call(place, manifest, &manifests, crates);
        }
        let cfgs: Vec<Cfg> = manifests.iter().map(|it| Cfg { features: it.features.clone() }).collect();
        let plans = manifests.iter().zip(&cfgs).map(|(manifest, cfg)| Plan {
            roots: &manifest.roots,
            cfg,
            may_be_missing,
            models: true,
            candidates: request.candidates,
            instead: &request.instead,
        });
        let plans: Vec<Plan<'_>> = plans.collect();
        let files = walk::walk(&plans)?;
        let opened = cfgs.into_iter().zip(files).map(|(cfg, files)| Package { cfg, files });
        packages.opened = opened.enumerate().collect();
        Ok(packages)
    }

    /// The packages that were read, in the order of their places.
    pub fn opened(&mut self) -> impl Iterator<Item = (usize, &mut Package)> {
        self.opened.iter_mut().map(|(place, package)| (*place, package))
    }

    /// Looks for names, in packages that may not have been read yet. Returns whether files were parsed for that.
    ///
    /// # Errors
    /// As [`Packages::open`].
    pub fn search(
        &mut self,
        searches: &BTreeSet<Search>,
        is_declared: &dyn Fn(&Search) -> bool,
        crates: &mut Crates,
    ) -> Result<bool, ScanError> {
        let mut by_place: BTreeMap<usize, Names> = BTreeMap::new();
        for search in searches {
            let names = by_place.entry(search.0).or_default();
            if !crates.is_alone(search.0) {
                names.given.insert(search.1.clone());
            }
            if !is_declared(search) {
                names.declared.insert(search.1.clone());
            }
        }
        let mut any = false;
        for (place, names) in by_place {
            // A file with modules under a condition is parsed by then.
            any |= self.read(place, crates)?;
            let Some(Package { cfg, files }) = self.opened.get_mut(&place) else { continue };
            any |= chase::parse_declaring(&mut files.files, &names, cfg);
        }
        Ok(any)
    }

    /// Reads a package that others depend on, with the features that those which were read turn on, where that wasn't done before. Its
    /// models are its own.
    fn read(&mut self, place: usize, crates: &mut Crates) -> Result<bool, ScanError> {
        if self.opened.contains_key(&place) {
            return Ok(false);
        }
        let selection = self.selections.get(&place).cloned().unwrap_or_default();
        let manifest = Manifest::read(&self.directories[place], &selection)?;
        self.call(place, &manifest, &[], crates);
        let cfg = Cfg { features: manifest.features };
        let plan = Plan {
            roots: &manifest.roots,
            cfg: &cfg,
            may_be_missing: &[],
            models: false,
            candidates: false,
            instead: &BTreeMap::new(),
        };
        let files = walk::walk(&[plan])?.pop().unwrap_or_default();
        self.opened.insert(place, Package { cfg, files });
        Ok(true)
    }

    /// Writes down what a package calls its dependencies. `known` are packages whose libraries' names are known, by place.
    fn call(&mut self, place: usize, manifest: &Manifest, known: &[Manifest], crates: &mut Crates) {
        let mut calls = BTreeMap::new();
        for (name, Dependency { directory, renamed, selection }) in &manifest.dependencies {
            let other = directory.as_ref().map(|path| self.place(path));
            if let Some(other) = other {
                let known = self.selections.entry(other);
                known.and_modify(|known| known.add(selection)).or_insert_with(|| selection.clone());
            }
            let library = other.and_then(|other| known.get(other)?.library.clone());
            // A name that the manifest gives a dependency comes before the one that its library has.
            let name = library.filter(|_| !renamed).unwrap_or_else(|| name.clone());
            calls.insert(name, other);
        }
        crates.calls.resize_with(self.directories.len(), BTreeMap::new);
        crates.calls[place] = calls;
    }

    /// The place of the package in a directory.
    fn place(&mut self, directory: &Path) -> usize {
        let directory = straight(directory);
        let known = self.directories.iter().position(|known| *known == directory);
        known.unwrap_or_else(|| {
            self.directories.push(directory);
            self.directories.len() - 1
        })
    }
}

/// The manifests of the packages whose models count, each with the features that it is asked for and that the others turn on in it: what a
/// build of all of them has.
fn manifests(request: &Request) -> Result<Vec<Manifest>, ScanError> {
    let mut wanted = vec![(straight(&request.directory), request.selection.clone())];
    for Listed { directory, features } in &request.crates {
        wanted.push((straight(directory), Selection { features: features.clone(), ..Selection::default() }));
    }
    loop {
        let read = wanted.iter().map(|(directory, selection)| Manifest::read(directory, selection));
        let manifests = read.collect::<Result<Vec<_>, _>>()?;
        let mut more = false;
        for Dependency { directory, renamed: _, selection } in
            manifests.iter().flat_map(|it| it.dependencies.values())
        {
            let Some(directory) = directory.as_ref().map(|path| straight(path)) else { continue };
            for (_, known) in wanted.iter_mut().skip(1).filter(|(listed, _)| *listed == directory) {
                let new = selection.features.iter().filter(|feature| !known.features.contains(feature));
                let new: Vec<String> = new.cloned().collect();
                more |= !new.is_empty();
                known.features.extend(new);
            }
        }
        if !more {
            return Ok(manifests);
        }
    }
}

/// A path without the `..` that it goes back by, as cargo sees it.
pub fn straight(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if found.file_name().is_some() => drop(found.pop()),
            Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                found.push(component);
            }
        }
    }
    found
}
