//! The type names that models lead to, and the files that declare them. Only those are parsed.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use schemig_core::capture::{Declaration, Field, Import, Model, RustType, Shape, TypeUse, Types, builtin};

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

/// Names that these lead to and that nothing read so far declares, but for those of crates that are elsewhere.
pub fn unresolved(named: &BTreeSet<Named>, types: &Types, foreign: &dyn Fn(&str) -> bool) -> BTreeSet<Named> {
    let mut declarations: BTreeMap<&str, Vec<&Declaration>> = BTreeMap::new();
    for declaration in &types.declarations {
        declarations.entry(&declaration.name.text).or_default().push(declaration);
    }
    // There are many, and hardly a declaration leads on.
    let imports = LazyCell::new(|| Imports::of(&types.imports));
    let mut wanted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<Named> = named.iter().cloned().collect();
    while let Some(name) = waiting.pop() {
        let (root, last) = &name;
        if root.as_deref().is_some_and(foreign) || !seen.insert(name.clone()) {
            continue;
        }
        match declarations.get(last.as_str()) {
            Some(found) => {
                let mut uses = Vec::new();
                found.iter().for_each(|declaration| leads_to(declaration, &mut uses));
                uses.into_iter().for_each(|used| imports.name(used, &mut |name| waiting.push(name)));
            }
            None if builtin::is_primitive(last) => {}
            None => drop(wanted.insert(name)),
        }
    }
    wanted
}

/// What files import: by the name that it brings, then by the file. Most names are brought by none.
struct Imports<'a>(BTreeMap<&'a str, BTreeMap<&'a str, &'a [String]>>);

impl<'a> Imports<'a> {
    fn of(all: &'a [Import]) -> Self {
        let mut imports: BTreeMap<&str, BTreeMap<&str, &[String]>> = BTreeMap::new();
        for import in all {
            imports.entry(&import.name).or_default().insert(&import.place.file, &import.path);
        }
        Self(imports)
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
        let import = path.first().and_then(|first| self.0.get(first.as_str())?.get(file).copied());
        let mut path = match (import, path.split_first()) {
            (Some(import), Some((_, rest))) => [import, rest].concat(),
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

/// Parses the files that declare one of these names, and no other. Returns whether there were any.
pub fn parse_declaring(files: &mut [SourceFile], names: &BTreeSet<String>, cfg: &Cfg) -> bool {
    let (here, there) = files.split_at_mut(files.len() / 2);
    std::thread::scope(|scope| {
        let there = scope.spawn(|| parse_share(there, names, cfg));
        let any = parse_share(here, names, cfg);
        there.join().unwrap_or_else(|panic| resume_unwind(panic)) || any
    })
}

fn parse_share(files: &mut [SourceFile], names: &BTreeSet<String>, cfg: &Cfg) -> bool {
    let mut any = false;
    for file in files.iter_mut().filter(|file| file.extract.is_none()) {
        if names.iter().any(|name| light::declares(&file.bytes, name)) {
            file.extract = Some(extract(&file.name, &file.bytes, &file.directory, cfg, false));
            any = true;
        }
    }
    any
}
