//! The type names that models lead to, and the files that declare them. Only those are parsed.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use schemig_core::capture::{
    Declaration, Field, Import, Leads, Model, RustType, Shape, TypeUse, Types, builtin,
};

use super::cfg::Cfg;
use super::extract::extract;
use super::light;
use super::walk::SourceFile;

/// The name of a type, with the crate that it comes from, if that was seen.
pub type Named = (Option<String>, String);

/// What the fields of a file's models name.
pub fn named<'a>(models: impl Iterator<Item = &'a Model>, imports: &[Import]) -> BTreeSet<Named> {
    let imports = Imports::of(imports);
    let mut uses = Vec::new();
    models.for_each(|model| of_fields(&model.fields, &mut uses));
    let mut found = BTreeSet::new();
    uses.into_iter().for_each(|used| imports.name(used, &mut |name| found.extend([name])));
    found
}

/// A name that is looked for, with the crate in whose code it stands.
pub type Sought = (usize, Named);

/// A name that is to be looked for in a crate, in all its files.
pub type Search = (usize, String);

/// Where names are still to be looked for that these lead to, other than in crates that are elsewhere. `searched` is where that was done.
pub fn unresolved(named: &BTreeSet<Sought>, types: &Types, searched: &BTreeSet<Search>) -> BTreeSet<Search> {
    let mut declarations: BTreeMap<&str, Vec<&Declaration>> = BTreeMap::new();
    for declaration in &types.declarations {
        declarations.entry(&declaration.name.text).or_default().push(declaration);
    }
    let hunt = Hunt { types, searched, declarations, imports: OnceCell::new() };
    let mut wanted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<Sought> = named.iter().cloned().collect();
    while let Some(sought) = waiting.pop() {
        if !seen.insert(sought.clone()) {
            continue;
        }
        let (found, open) = hunt.hunt(&sought);
        wanted.extend(open);
        let mut uses = Vec::new();
        found.iter().for_each(|declaration| leads_to(declaration, &mut uses));
        for used in uses {
            let from = types.crates.of(&used.place.file);
            hunt.imports().name(used, &mut |name| waiting.push((from, name)));
        }
    }
    wanted
}

/// What is known so far.
struct Hunt<'a> {
    types: &'a Types,
    searched: &'a BTreeSet<Search>,
    declarations: BTreeMap<&'a str, Vec<&'a Declaration>>,
    /// Made when it is needed: there are many, and hardly a declaration leads on.
    imports: OnceCell<Imports<'a>>,
}

impl<'a> Hunt<'a> {
    fn imports(&self) -> &Imports<'a> {
        self.imports.get_or_init(|| Imports::of(&self.types.imports))
    }

    /// What a name means as far as is known, and where else to look. The crate that it leads into comes first, then those that one
    /// depends on.
    fn hunt(&self, (from, (root, name)): &Sought) -> (Vec<&'a Declaration>, Vec<Search>) {
        let crates = &self.types.crates;
        let declared = self.declarations.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let foreign = root.as_deref().is_some_and(|root| builtin::CRATES.contains(&root));
        if foreign || declared.is_empty() && builtin::is_primitive(name) {
            return (Vec::new(), Vec::new());
        }
        let Leads::Into(main) = crates.leads(*from, root.as_deref()) else { return (Vec::new(), Vec::new()) };
        // A type that Diesel knows comes from its crate, unless the code says that it comes from a neighbour.
        let goes_on = root.is_some() || builtin::fit(name, None).is_none();
        let mut layer = if crates.is_alone(main) { [main].into() } else { self.first(main, name) };
        let mut seen = BTreeSet::new();
        loop {
            let (mut found, mut open) = (Vec::new(), Vec::new());
            for place in &layer {
                let there = declared.iter().filter(|one| crates.of(&one.name.place.file) == *place);
                let known = found.len();
                found.extend(there.copied());
                // Where it is declared, it may still be given on from elsewhere, if there is an elsewhere.
                let settled = found.len() > known && crates.is_alone(*place);
                let search = (*place, name.clone());
                open.extend((!settled && !self.searched.contains(&search)).then_some(search));
            }
            let beyond = crates.beyond(&layer);
            seen.append(&mut layer);
            layer = beyond.difference(&seen).copied().collect();
            if !(found.is_empty() && open.is_empty() && goes_on) || layer.is_empty() {
                return (found, open);
            }
        }
    }

    /// A crate, those from which a file of it has the name, and those of which one imports all.
    fn first(&self, main: usize, name: &str) -> BTreeSet<usize> {
        let (crates, imports) = (&self.types.crates, self.imports());
        let named = imports.named.get(name).into_iter().flat_map(BTreeMap::values);
        let all = named.chain(&imports.globs).copied();
        let into = |import: &Import| match crates.leads(main, import.root()) {
            Leads::Into(other) => Some(other),
            Leads::Elsewhere => None,
        };
        let here = all.filter(|import| crates.of(&import.place.file) == main);
        [main].into_iter().chain(here.filter_map(into)).collect()
    }
}

/// What files import.
struct Imports<'a> {
    /// By the name that it brings, then by the file: most names are brought by none.
    named: BTreeMap<&'a str, BTreeMap<&'a str, &'a Import>>,
    /// Those that bring all there is.
    globs: Vec<&'a Import>,
}

impl<'a> Imports<'a> {
    fn of(all: &'a [Import]) -> Self {
        let mut imports = Self { named: BTreeMap::new(), globs: Vec::new() };
        for import in all {
            if import.name == "*" {
                imports.globs.push(import);
            } else {
                imports.named.entry(&import.name).or_default().insert(&import.place.file, import);
            }
        }
        imports
    }

    /// What a type names in its file, but for the language's own names, which are most of what models have.
    fn name(&self, used: &TypeUse, found: &mut dyn FnMut(Named)) {
        used.ty.each_path(&mut |path| {
            if !matches!(path, [only] if builtin::is_primitive(only)) {
                found(self.meaning(path, &used.place.file));
            }
        });
    }

    /// The crate that a path leads into, if it says one, and its last segment.
    fn meaning(&self, path: &[String], file: &str) -> Named {
        let import = path.first().and_then(|first| self.named.get(first.as_str())?.get(file));
        let mut path = match (import, path.split_first()) {
            (Some(import), Some((_, rest))) => [&import.path, rest].concat(),
            (Some(_) | None, Some(_) | None) => path.to_vec(),
        };
        let inside = |first: &&String| ["crate", "self", "super"].contains(&first.as_str());
        let root = path.first().filter(|first| path.len() > 1 && !inside(first)).cloned();
        (root, path.pop().unwrap_or_default())
    }
}

fn of_fields<'a>(fields: &'a [Field], waiting: &mut Vec<&'a TypeUse>) {
    waiting.extend(fields.iter().map(|field| match field {
        Field::Column(column) => &column.ty,
        Field::Embed { ident: _, ty } => ty,
    }));
}

fn leads_to<'a>(declaration: &'a Declaration, waiting: &mut Vec<&'a TypeUse>) {
    match &declaration.shape {
        Shape::Alias { parameters: _, target } => waiting.push(target),
        Shape::Newtype { inner } => waiting.push(inner),
        Shape::Sql { types, fields } => {
            waiting.extend(types.iter().filter(|used| !is_diesels(&used.ty)));
            if let Some(Ok(fields)) = fields {
                of_fields(fields, waiting);
            }
        }
        Shape::Enumeration(enumeration) => {
            waiting.extend(enumeration.diesel_type.iter().filter(|used| !is_diesels(&used.ty)))
        }
        Shape::Marker { .. } => {}
    }
}

/// Whether a type is one of Diesel's own, which nobody declares again.
fn is_diesels(ty: &RustType) -> bool {
    let mut all = true;
    ty.each_path(&mut |path| {
        let last = path.last().map_or("", String::as_str);
        all &= ["Array", "Nullable"].contains(&last) || builtin::diesel_type(last).is_some();
    });
    all
}

/// The names that files of a crate are searched for.
#[derive(Default)]
pub struct Names {
    /// Those that are to be declared.
    pub declared: BTreeSet<String>,
    /// Those that may be given on from other crates.
    pub given: BTreeSet<String>,
}

/// Parses the files that declare one of these names, or give it on, and no other. Returns whether there were any.
pub fn parse_declaring(files: &mut [SourceFile], names: &Names, cfg: &Cfg) -> bool {
    let (here, there) = files.split_at_mut(files.len() / 2);
    std::thread::scope(|scope| {
        let there = scope.spawn(|| parse_share(there, names, cfg));
        let any = parse_share(here, names, cfg);
        there.join().unwrap_or_else(|panic| resume_unwind(panic)) || any
    })
}

fn parse_share(files: &mut [SourceFile], names: &Names, cfg: &Cfg) -> bool {
    let mut any = false;
    for file in files.iter_mut().filter(|file| file.extract.is_none()) {
        let declares = names.declared.iter().any(|name| light::declares(&file.bytes, name));
        if declares || names.given.iter().any(|name| light::gives(&file.bytes, name)) {
            file.extract = Some(extract(&file.name, &file.bytes, &file.directory, cfg, false));
            any = true;
        }
    }
    any
}
