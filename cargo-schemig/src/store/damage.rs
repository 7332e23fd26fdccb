//! What is wrong with a file under `schemig/`: damage, an edit, or a merge that nobody has ended.

use std::fs;
use std::path::Path;

use schemig_core::plan::{PlanId, file, log};
use schemig_core::schema::FormatError;

use super::{enum_file, table_file};
use crate::diagnose::Diagnostic;
use crate::project::shown;

/// What is wrong with a file, at its place.
pub(crate) fn diagnostic(path: &Path, text: &str, error: &FormatError) -> Diagnostic {
    if let Some(conflict) = Conflict::of(text) {
        return conflict.diagnostic(path).help("end the merge; every command waits for that");
    }
    let shown = shown(path);
    match error {
        FormatError::Damaged { line, column, message } => {
            let start = offset(text, *line, *column);
            Diagnostic::new(format!("{shown} is damaged: {message}"))
                .at(shown, start..start + 1)
                .help("restore it from version control")
        }
        FormatError::Newer { .. } => {
            Diagnostic::new(format!("{shown}: {error}")).help("install the newer cargo-schemig that wrote it")
        }
        FormatError::Edited { .. } => {
            Diagnostic::new(format!("{shown} was edited: {error}")).help("restore it from version control")
        }
    }
}

/// What is wrong with a plan's file. Where two branches gave one name to two plans, both have to get on under one of their own.
pub(super) fn of_plan(path: &Path, text: &str, error: &FormatError) -> Diagnostic {
    let Some(conflict) = Conflict::of(text) else { return diagnostic(path, text, error) };
    conflict
        .diagnostic(path)
        .note("two branches gave one name to two plans, and that is what their migrations are known by")
        .help("break the merge off, plan the changes of one branch anew there, and merge again: cargo schemig diff OTHER_NAME --base REF --replace-unapplied")
        .help("REF is a commit that both branches have: `git merge-base` says it")
}

/// What is wrong with a file of the snapshot. Where two branches touched one table, the plans that did are named.
pub(super) fn of_snapshot(home: &Path, path: &Path, text: &str, error: &FormatError) -> Diagnostic {
    let Some(conflict) = Conflict::of(text) else { return diagnostic(path, text, error) };
    let mut found = conflict.diagnostic(path);
    let plans: Vec<String> = touching(home, path).iter().map(ToString::to_string).collect();
    if plans.len() > 1 {
        found = found.note(format!("open plans that change it: {}", plans.join(", ")));
    }
    found
        .note("this file is written from the models, so there is nothing to end in it by hand")
        .help("end the merge in the models first: they say what both branches want")
        .help(format!("then keep the plans of one side, and plan the rest anew: {}", conflict.commands()))
}

/// The plans that aren't listed as deployed and touch the table or enum of this file. What can't be read says nothing here.
fn touching(home: &Path, path: &Path) -> Vec<PlanId> {
    let deployed = log::read_deployed(&fs::read_to_string(home.join("deployed")).unwrap_or_default());
    let ids = super::load::plan_ids(home).unwrap_or_default();
    let open = ids.into_iter().filter(|id| !deployed.contains(id));
    open.filter(|id| {
        let text = fs::read_to_string(home.join("plans").join(format!("{id}.toml"))).unwrap_or_default();
        file::read(&text).is_ok_and(|plan| {
            plan.tables.keys().any(|table| table_file(home, table) == path)
                || plan.enums.keys().any(|name| enum_file(home, name) == path)
        })
    })
    .collect()
}

/// Whether git left both sides of a merge in a text.
pub(crate) fn has_conflict(text: &str) -> bool {
    Conflict::of(text).is_some()
}

/// Where git left both sides of a merge in a file.
struct Conflict<'a> {
    /// The byte at which the first marker begins.
    start: usize,
    /// What git calls the other side.
    theirs: Option<&'a str>,
}

impl<'a> Conflict<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let marked = |mark: &str| {
            let first = text.starts_with(mark).then_some(0);
            first.or_else(|| Some(text.find(&format!("\n{mark}"))? + 1))
        };
        let start = marked("<<<<<<< ")?;
        let theirs = marked(">>>>>>> ").and_then(|at| text[at..].lines().next()?.split_once(' '));
        Some(Self { start, theirs: theirs.map(|(_, name)| name.trim()) })
    }

    fn diagnostic(&self, path: &Path) -> Diagnostic {
        let shown = shown(path);
        Diagnostic::new(format!("{shown} has a merge conflict")).at(shown, self.start..self.start + 7)
    }

    /// What plans anew, for either side that stays. In a rebase git's name for the other side is none of a commit.
    fn commands(&self) -> String {
        let keeps = |side: &str| {
            format!("`cargo schemig diff --base {side} --replace-unapplied` keeps those of {side}")
        };
        let other = self.theirs.filter(|name| !name.contains(char::is_whitespace) && !name.starts_with('-'));
        [other, Some("HEAD")].into_iter().flatten().map(keeps).collect::<Vec<_>>().join(", ")
    }
}

/// The byte at which a column of a line begins.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let within = text[before..].char_indices().nth(column - 1).map_or(0, |(at, _)| at);
    before + within
}
