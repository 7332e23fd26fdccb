//! A parsed file: its models, what types it declares, and which files its modules are.

use std::collections::BTreeSet;
use std::sync::Arc;

use proc_macro2::Span;
use schemig_core::capture::{Fault, Missing, Model, Place, Types, read};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::candidate::{self, Candidate};
use super::cfg::Cfg;
use super::chase::{self, Named};
use super::source::Source;
use super::tree::{Directory, Wanted};

/// What a file says.
#[derive(Debug, Default)]
pub struct Extract {
    /// Its models.
    pub models: Vec<Model>,
    /// Structs that could be models, where they are looked for.
    pub candidates: Vec<Candidate>,
    /// Macros that may make such structs.
    pub hidden: Vec<Place>,
    /// What types their fields name. Asked here, where they are at hand: there are many fields, and they name few types.
    pub named: BTreeSet<Named>,
    /// The types that it declares, and its imports.
    pub types: Types,
    /// What is wrong in it.
    pub faults: Vec<Fault>,
    /// Whether types may stand in it that couldn't be read.
    pub lost: Option<Missing>,
    /// The files of its modules, each with where it is asked for.
    pub modules: Vec<(Wanted, Place)>,
}

/// Parses a file and reads it. Places are taken here, for spans mean nothing in another thread. `candidates` says whether structs that could
/// be models are wanted.
pub fn extract(file: &Arc<str>, bytes: &[u8], directory: &Directory, cfg: &Cfg, candidates: bool) -> Extract {
    let mut found = Extract::default();
    let source = Source::new(file, bytes);
    let at = |span: Span| source.place(span);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let place = source.place_of_byte(error.valid_up_to());
            found.faults.push(Fault::at(&place, "this file isn't UTF-8"));
            found.lost = Some(Missing::Type);
            return found;
        }
    };
    match syn::parse_file(text) {
        Ok(mut parsed) => {
            if cfg.apply(&mut parsed.attrs) {
                let candidates = candidates.then_some(text);
                Walk { cfg, at: &at, candidates, found: &mut found }.items(parsed.items, directory);
                let models = found.models.iter();
                let models = models.chain(found.candidates.iter().filter_map(|one| one.model.as_ref().ok()));
                found.named = chase::named(models, &found.types.imports);
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

struct Walk<'a> {
    cfg: &'a Cfg,
    at: &'a dyn Fn(Span) -> Place,
    /// The file's text, where structs that could be models are wanted.
    candidates: Option<&'a str>,
    found: &'a mut Extract,
}

impl Walk<'_> {
    fn items(&mut self, items: Vec<Item>, directory: &Directory) {
        for mut item in items {
            let raw = self.raw(&item);
            if self.cfg.apply_to_item(&mut item) {
                self.item(item, &raw, directory);
            }
        }
    }

    /// A struct's attributes as they are written, where its place in them is wanted.
    fn raw(&self, item: &Item) -> Vec<Attribute> {
        let Item::Struct(item) = item else { return Vec::new() };
        if self.candidates.is_some() { item.attrs.clone() } else { Vec::new() }
    }

    fn item(&mut self, item: Item, raw: &[Attribute], directory: &Directory) {
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
        if let Some(text) = self.candidates {
            self.candidate(&item, raw, text);
        }
        match read::declaration(&item, self.at) {
            Ok(declaration) => self.found.types.declarations.extend(declaration),
            Err(faults) => {
                self.found.faults.extend(faults);
                self.found.lost = Some(Missing::Type);
            }
        }
    }

    fn candidate(&mut self, item: &Item, raw: &[Attribute], text: &str) {
        if let Item::Struct(item) = item {
            self.found.candidates.extend(candidate::candidate(item, raw, text, self.at));
        } else if let Item::Macro(item) = item
            && candidate::hides(item)
        {
            self.found.hidden.extend(item.mac.path.segments.last().map(|last| (self.at)(last.ident.span())));
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
