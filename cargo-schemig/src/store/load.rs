//! Reading: the snapshot whole, of the plans only those that are open.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use schemig_core::plan::{Plan, PlanId, PlanLog, file, log};
use schemig_core::schema::snapshot::{self, TableFile};
use schemig_core::schema::{FormatError, ModelMark, Schema, TableName};

use super::{Stored, deployed_path, plan_path};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::Project;

/// Reads what a project has.
///
/// # Errors
/// No `schemig/` at all; every file that is damaged, edited or of a newer format, at its place.
pub fn load(project: &Project) -> Result<Stored, Stop> {
    if !project.home.is_dir() {
        let message = format!("there is no {} directory", project.shown(&project.home));
        return Err(Stop::refused(message, "run `cargo schemig init` first"));
    }
    let (schema, models) = read_tables(project)?;
    let (log, last_number) = read_log(project)?;
    Ok(Stored { schema, models, log, last_number })
}

fn read_tables(project: &Project) -> Result<(Schema, BTreeMap<TableName, Vec<ModelMark>>), Stop> {
    let paths = toml_files(&project.home.join("snapshot"))?;
    let (mut tables, mut models) = (Vec::new(), BTreeMap::new());
    let mut found = Vec::new();
    for (path, read) in paths.iter().zip(in_parallel(&paths)) {
        let (text, read) = read?;
        match read {
            Ok(TableFile { name, table, models: marks }) => {
                models.insert(name.clone(), marks);
                tables.push((name, table));
            }
            Err(error) => found.push(diagnostic(project, path, &text, &error)),
        }
    }
    let schema = Schema { tables: tables.into_iter().collect() };
    if found.is_empty() { Ok((schema, models)) } else { Err(Stop::from(found)) }
}

type Read = Result<(String, Result<TableFile, FormatError>), Stop>;

/// Reads snapshot files on as many threads as there are processors: parsing TOML is most of what a run does.
fn in_parallel(paths: &[PathBuf]) -> Vec<Read> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = paths.len().div_ceil(threads).max(16);
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(|error| Stop::failed(path, "read", &error))?;
        let file = snapshot::read(&text);
        Ok((if file.is_ok() { String::new() } else { text }, file))
    };
    thread::scope(|scope| {
        let parts: Vec<_> = paths
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(read).collect::<Vec<Read>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("reading doesn't panic")).collect()
    })
}

fn read_log(project: &Project) -> Result<(PlanLog, u32), Stop> {
    let deployed = match fs::read_to_string(deployed_path(project)) {
        Ok(text) => log::read_deployed(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Stop::failed(&deployed_path(project), "read", &error)),
    };
    let known: BTreeSet<&PlanId> = deployed.iter().collect();
    let ids = toml_files(&project.home.join("plans"))?;
    let ids: Vec<PlanId> =
        ids.iter().filter_map(|path| Some(PlanId(path.file_stem()?.to_str()?.to_owned()))).collect();
    let last_number = ids.iter().chain(&deployed).filter_map(number).max().unwrap_or(0);
    let mut plans = BTreeMap::new();
    let mut wanted: Vec<PlanId> = ids.into_iter().filter(|id| !known.contains(id)).collect();
    // Of the deployed ones, those that an open plan takes back in part, for what their expand began is still there; and all that
    // were deployed since, for their work stands on it.
    while !wanted.is_empty() {
        while let Some(id) = wanted.pop() {
            if let Entry::Vacant(place) = plans.entry(id) {
                let plan = read_plan(project, place.key())?;
                wanted.extend(plan.cancels.iter().map(|cancel| cancel.plan.clone()));
                place.insert(plan);
            }
        }
        let since = deployed.iter().skip_while(|id| !plans.contains_key(id));
        wanted = since.filter(|id| !plans.contains_key(id)).cloned().collect();
    }
    Ok((PlanLog { plans, deployed }, last_number))
}

/// The number that a plan's name begins with.
fn number(id: &PlanId) -> Option<u32> {
    id.0.split('_').next()?.parse().ok()
}

fn read_plan(project: &Project, id: &PlanId) -> Result<Plan, Stop> {
    let path = plan_path(project, id);
    let text = fs::read_to_string(&path).map_err(|error| Stop::failed(&path, "read", &error))?;
    let plan =
        file::read(&text).map_err(|error| Stop::from(vec![diagnostic(project, &path, &text, &error)]))?;
    if plan.id == *id {
        return Ok(plan);
    }
    let message = format!("{} says that it is plan {}", project.shown(&path), plan.id);
    Err(Stop::refused(message, "give the file its name back"))
}

/// The TOML files of a directory, by name; none when it isn't there.
fn toml_files(directory: &Path) -> Result<Vec<PathBuf>, Stop> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Stop::failed(directory, "read", &error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Stop::failed(directory, "read", &error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn diagnostic(project: &Project, path: &Path, text: &str, error: &FormatError) -> Diagnostic {
    let shown = project.shown(path);
    match error {
        FormatError::Damaged { line, column, message } => {
            let start = offset(text, *line, *column);
            Diagnostic::new(format!("{shown} is damaged: {message}"))
                .at(shown, start..start + 1)
                .help("restore it from version control; a merge conflict in it is resolved by hand")
        }
        FormatError::Newer { .. } | FormatError::Edited { .. } => {
            Diagnostic::new(format!("{shown}: {error}"))
        }
    }
}

/// The byte at which a column of a line begins.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let within = text[before..].char_indices().nth(column - 1).map_or(0, |(at, _)| at);
    before + within
}
