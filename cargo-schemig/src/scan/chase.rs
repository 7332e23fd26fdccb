//! The type names that models lead to, and the files that declare them. Only those are parsed.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;

use schemig_core::capture::{Declaration, Field, Model, RustType, Shape, TypeUse, Types, builtin};

use super::cfg::Cfg;
use super::extract::extract;
use super::light;
use super::walk::{SourceFile, THREADS};

/// The name of a type, with the crate that it comes from, if that was seen.
pub type Named = (Option<String>, String);

/// What the fields of models name. Asked once: there are many fields, and they name few types.
pub fn named(models: &[Model], types: &Types, foreign: &dyn Fn(&str) -> bool) -> BTreeSet<Named> {
    let known = Known::of(types);
    let mut uses = Vec::new();
    models.iter().for_each(|model| of_fields(&model.fields, &mut uses));
    let mut found = BTreeSet::new();
    uses.into_iter().for_each(|used| known.name(used, foreign, &mut |name| found.extend([name])));
    found
}

/// Names that these lead to and that nothing read so far declares.
pub fn unresolved(named: &BTreeSet<Named>, types: &Types, foreign: &dyn Fn(&str) -> bool) -> BTreeSet<Named> {
    let known = Known::of(types);
    let mut wanted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<Named> = named.iter().cloned().collect();
    while let Some((root, last)) = waiting.pop() {
        if !seen.insert((root.clone(), last.clone())) {
            continue;
        }
        match known.declarations.get(last.as_str()) {
            Some(found) => {
                let mut uses = Vec::new();
                found.iter().for_each(|declaration| leads_to(declaration, &mut uses));
                uses.into_iter().for_each(|used| known.name(used, foreign, &mut |name| waiting.push(name)));
            }
            None if builtin::is_primitive(&last) => {}
            None => drop(wanted.insert((root, last))),
        }
    }
    wanted
}

struct Known<'a> {
    declarations: BTreeMap<&'a str, Vec<&'a Declaration>>,
    /// By the name that they bring, then by the file: most names are brought by none.
    imports: BTreeMap<&'a str, BTreeMap<&'a str, &'a [String]>>,
}

impl<'a> Known<'a> {
    fn of(types: &'a Types) -> Self {
        let mut declarations: BTreeMap<&str, Vec<&Declaration>> = BTreeMap::new();
        for declaration in &types.declarations {
            declarations.entry(&declaration.name.text).or_default().push(declaration);
        }
        let mut imports: BTreeMap<&str, BTreeMap<&str, &[String]>> = BTreeMap::new();
        for import in &types.imports {
            imports.entry(&import.name).or_default().insert(&import.place.file, &import.path);
        }
        Self { declarations, imports }
    }

    /// What a type names in its file, but for the language's own names, which are most of what models have, and types of crates that
    /// are elsewhere.
    fn name(&self, used: &TypeUse, foreign: &dyn Fn(&str) -> bool, found: &mut dyn FnMut(Named)) {
        used.ty.each_path(&mut |path| {
            if matches!(path, [only] if builtin::is_primitive(only)) {
                return;
            }
            let (root, last) = self.meaning(path, &used.place.file);
            if !root.as_deref().is_some_and(foreign) {
                found((root, last));
            }
        });
    }

    /// The crate that a path leads into, if it says one, and its last segment.
    fn meaning(&self, path: &[String], file: &str) -> Named {
        let import = path.first().and_then(|first| self.imports.get(first.as_str())?.get(file).copied());
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
        Shape::Marker { .. } | Shape::Enumeration(_) => {}
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
    let share = files.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            files.chunks_mut(share).map(|files| scope.spawn(|| parse_share(files, names, cfg))).collect();
        let results =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        results.fold(false, |any, one| any | one)
    })
}

fn parse_share(files: &mut [SourceFile], names: &BTreeSet<String>, cfg: &Cfg) -> bool {
    let mut any = false;
    for file in files.iter_mut().filter(|file| file.extract.is_none()) {
        if names.iter().any(|name| light::declares(&file.bytes, name)) {
            file.extract = Some(extract(&file.name, &file.bytes, &file.directory, cfg));
            any = true;
        }
    }
    any
}
