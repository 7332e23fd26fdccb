//! A parsed file: its models, what types it declares, and which files its modules are.

use std::sync::Arc;

use proc_macro2::Span;
use schemig_core::capture::{Fault, Missing, Model, Place, Types, read};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::cfg::Cfg;
use super::tree::{Directory, Wanted};

/// What a file says.
#[derive(Debug, Default)]
pub struct Extract {
    /// Its models.
    pub models: Vec<Model>,
    /// The types that it declares, and its imports.
    pub types: Types,
    /// What is wrong in it.
    pub faults: Vec<Fault>,
    /// Whether types may stand in it that couldn't be read.
    pub lost: Option<Missing>,
    /// The files of its modules, each with where it is asked for.
    pub modules: Vec<(Wanted, Place)>,
}

/// Parses a file and reads it. Places are taken here, for spans mean nothing in another thread.
pub fn extract(file: &Arc<str>, bytes: &[u8], directory: &Directory, cfg: &Cfg) -> Extract {
    let mut found = Extract::default();
    let at = |span: Span| place(file, span);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let place = place_of_byte(file, bytes, error.valid_up_to());
            found.faults.push(Fault::at(&place, "this file isn't UTF-8"));
            found.lost = Some(Missing::Type);
            return found;
        }
    };
    match syn::parse_file(text) {
        Ok(mut parsed) => {
            if cfg.apply(&mut parsed.attrs) {
                Walk { cfg, at: &at, found: &mut found }.items(parsed.items, directory);
            }
        }
        Err(error) => {
            let fault = Fault::at(&at(error.span()), format!("this file doesn't parse: {error}"));
            found.faults.push(fault.help("`cargo check` says more about it"));
            found.lost = Some(Missing::Type);
        }
    }
    // A thread reads many files; what it knows of their spans isn't needed any more.
    proc_macro2::extra::invalidate_current_thread_spans();
    found
}

/// The data form of a span.
pub fn place(file: &Arc<str>, span: Span) -> Place {
    let start = span.start();
    Place { file: file.clone(), line: start.line, column: start.column + 1, bytes: span.byte_range() }
}

/// The place of a byte of a file that wasn't parsed.
pub fn place_of_byte(file: &Arc<str>, bytes: &[u8], at: usize) -> Place {
    let before = &bytes[..at.min(bytes.len())];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    Place { file: file.clone(), line, column, bytes: at..at }
}

struct Walk<'a> {
    cfg: &'a Cfg,
    at: &'a dyn Fn(Span) -> Place,
    found: &'a mut Extract,
}

impl Walk<'_> {
    fn items(&mut self, items: Vec<Item>, directory: &Directory) {
        for mut item in items {
            if self.cfg.apply_to_item(&mut item) {
                self.item(item, directory);
            }
        }
    }

    fn item(&mut self, item: Item, directory: &Directory) {
        if let Item::Mod(item) = item {
            return self.module(item, directory);
        }
        if let Item::Use(item) = &item {
            return self.found.types.imports.extend(read::imports(item, self.at));
        }
        if let Item::Struct(item) = &item
            && read::derives(&item.attrs).iter().any(|derive| derive == "Migratable")
        {
            match read::model(item, self.at) {
                Ok(model) => self.found.models.push(model),
                Err(faults) => self.found.faults.extend(faults),
            }
            return;
        }
        match read::declaration(&item, self.at) {
            Ok(declaration) => self.found.types.declarations.extend(declaration),
            Err(faults) => {
                self.found.faults.extend(faults);
                self.found.lost = Some(Missing::Type);
            }
        }
    }

    fn module(&mut self, item: ItemMod, directory: &Directory) {
        let name = item.ident.unraw().to_string();
        let path = path_of(&item.attrs);
        match item.content {
            Some((_, items)) => self.items(items, &directory.inside(&name, path.as_deref())),
            None => {
                let wanted = directory.wanted(&name, path.as_deref());
                self.found.modules.push((wanted, (self.at)(item.ident.span())));
            }
        }
    }
}

/// `#[path = "…"]`.
fn path_of(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| {
        let Meta::NameValue(pair) = &attr.meta else { return None };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
        pair.path.is_ident("path").then(|| text.value())
    })
}
