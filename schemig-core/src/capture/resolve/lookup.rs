//! Which declarations a name may mean where it is used.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::capture::{Crates, Declaration, Import, Leads, Place, Shape, Types, builtin};
use crate::schema::EnumName;

/// What is declared and imported, by name.
pub(super) struct Lookup<'a> {
    declarations: BTreeMap<&'a str, Vec<&'a Declaration>>,
    /// By the name that they bring, then by the file: most names are brought by none.
    imports: BTreeMap<&'a str, BTreeMap<&'a str, &'a Import>>,
    /// By file, what it imports all of.
    globs: BTreeMap<&'a str, Vec<&'a Import>>,
    crates: &'a Crates,
}

/// A name where it is used: its last segment, and the crate it was seen to come from.
pub(super) struct Meaning<'m> {
    pub path: Cow<'m, [String]>,
}

impl Meaning<'_> {
    pub fn last(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    pub fn root(&self) -> Option<&str> {
        let inside = |first: &&str| ["crate", "self", "super"].contains(first);
        let first = self.path.first().map(String::as_str);
        first.filter(|first| self.path.len() > 1 && !inside(first))
    }
}

impl<'a> Lookup<'a> {
    pub fn new(types: &'a Types) -> Self {
        let mut declarations: BTreeMap<&str, Vec<&Declaration>> = BTreeMap::new();
        for declaration in &types.declarations {
            declarations.entry(&declaration.name.text).or_default().push(declaration);
        }
        let mut imports: BTreeMap<&str, BTreeMap<&str, &Import>> = BTreeMap::new();
        let mut globs: BTreeMap<&str, Vec<&Import>> = BTreeMap::new();
        for import in &types.imports {
            if import.name == "*" {
                globs.entry(&import.place.file).or_default().push(import);
            } else {
                imports.entry(&import.name).or_default().insert(&import.place.file, import);
            }
        }
        Self { declarations, imports, globs, crates: &types.crates }
    }

    /// What a path means in a file: imports are followed, once.
    pub fn meaning<'m>(&self, path: &'m [String], at: &Place) -> Meaning<'m> {
        let brought = path.split_first().and_then(|(first, rest)| {
            let import = self.imports.get(first.as_str())?.get(&*at.file)?;
            Some([&import.path, rest].concat())
        });
        Meaning { path: brought.map_or(Cow::Borrowed(path), Cow::Owned) }
    }

    /// The declarations that a name may mean: those of the file itself first, then those of the crate that it leads into, then those of
    /// the crates that one depends on.
    pub fn declared(&self, meaning: &Meaning<'_>, at: &Place) -> Vec<&'a Declaration> {
        if meaning.root().is_some_and(|root| builtin::CRATES.contains(&root)) {
            return Vec::new();
        }
        let all = self.declarations.get(meaning.last()).map_or(&[][..], Vec::as_slice);
        if all.is_empty() {
            return Vec::new();
        }
        if meaning.path.len() == 1 {
            let own = all.iter().copied().filter(|declaration| declaration.name.place.file == at.file);
            let own: Vec<_> = own.collect();
            if !own.is_empty() {
                return own;
            }
        }
        // What Diesel knows comes from its crate, unless the code says that it comes from another.
        let goes_on = meaning.root().is_some() || builtin::fit(meaning.last(), None).is_none();
        self.nearest(meaning, at, all.iter().copied(), goes_on)
    }

    /// The names of the database types that markers of this name have, those in the crate of the place first.
    pub fn markers(&self, name: &str, at: &Place) -> Vec<&'a EnumName> {
        let name = [name.to_owned()];
        let meaning = self.meaning(&name, at);
        let all = self.declarations.get(meaning.last()).map_or(&[][..], Vec::as_slice);
        let markers = all.iter().copied().filter(|declaration| marker(declaration).is_some());
        self.nearest(&meaning, at, markers, true).into_iter().filter_map(marker).collect()
    }

    /// Those of some declarations that are in the crate that a path leads into; if there are none and the search goes on, those in the
    /// crates that it depends on.
    fn nearest(
        &self,
        meaning: &Meaning<'_>,
        at: &Place,
        all: impl Iterator<Item = &'a Declaration> + Clone,
        goes_on: bool,
    ) -> Vec<&'a Declaration> {
        let (mut layer, mut seen) = (self.first(meaning, at), BTreeSet::new());
        while !layer.is_empty() {
            let is_there = |one: &&Declaration| layer.contains(&self.crates.of(&one.name.place.file));
            let found: Vec<_> = all.clone().filter(is_there).collect();
            if !(found.is_empty() && goes_on) {
                return found;
            }
            let beyond = self.crates.beyond(&layer);
            seen.extend(layer);
            layer = beyond.difference(&seen).copied().collect();
        }
        Vec::new()
    }

    /// The crates that a name is looked for in first: where its path leads, where that crate has it from if it gives it on, and whatever
    /// the file imports all of.
    fn first(&self, meaning: &Meaning<'_>, at: &Place) -> BTreeSet<usize> {
        let of = |import: &Import| self.crates.of(&import.place.file);
        let into = |import: &Import| match self.crates.leads(of(import), import.root()) {
            Leads::Into(other) => Some(other),
            Leads::Elsewhere => None,
        };
        let from = self.crates.of(&at.file);
        let Leads::Into(main) = self.crates.leads(from, meaning.root()) else { return BTreeSet::new() };
        let globs = self.globs.get(&*at.file).filter(|_| meaning.path.len() == 1);
        let globs: Vec<&Import> = globs.into_iter().flatten().copied().collect();
        // Modules below one see what it imports for itself.
        let sees_more = meaning.path.first().is_some_and(|first| first == "super")
            || globs.iter().any(|glob| into(glob) == Some(main));
        let given = self.imports.get(meaning.last()).into_iter().flat_map(BTreeMap::values).copied();
        let given = given.filter(|import| of(import) == main && (import.exported || sees_more));
        [main].into_iter().chain(given.chain(globs).filter_map(into)).collect()
    }
}

fn marker(declaration: &Declaration) -> Option<&EnumName> {
    match &declaration.shape {
        Shape::Marker { sql_name } => Some(sql_name),
        Shape::Alias { .. } | Shape::Newtype { .. } | Shape::Sql { .. } | Shape::Enumeration(_) => None,
    }
}
