//! Reading: the snapshot whole, of the plans only those that are open.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use schemig_core::plan::{Plan, PlanId, PlanLog, file, log};
use schemig_core::schema::snapshot::{self, TableFile};
use schemig_core::schema::{
    Dependant, Domains, Enum, EnumName, FormatError, ModelMark, Schema, TableName, dependant, domains,
};

use super::damage::{self, diagnostic};
use super::{Stored, dependants_path, domains_path, plan_path};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::{Project, read_optional, shown};

/// Reads what a project has.
///
/// # Errors
/// No `schemig/` at all; every file that is damaged, edited or of a newer format, at its place.
pub fn load(project: &Project) -> Result<Stored, Stop> {
    load_with(project, &[])
}

/// The same, with these plans too, and all that were deployed after one of them.
///
/// # Errors
/// As [`load`]; a plan that has no file.
pub fn load_with(project: &Project, also: &[PlanId]) -> Result<Stored, Stop> {
    must_be_started(project)?;
    let (schema, models) = read_tables(&project.home)?;
    let (log, last_number) = read_log(project, also)?;
    check_apart(project, &log)?;
    let (dependants, domains) = (read_dependants(project)?, read_domains(project)?);
    Ok(Stored { schema, models, dependants, domains, log, last_number })
}

pub(super) fn must_be_started(project: &Project) -> Result<(), Stop> {
    if project.home.is_dir() {
        return Ok(());
    }
    let message = format!("there is no {} directory", project.shown(&project.home));
    Err(Stop::refused(message, "run `cargo schemig init` first"))
}

/// Refuses plans of different branches that don't know of each other and should.
pub(super) fn check_apart(project: &Project, log: &PlanLog) -> Result<(), Stop> {
    let mut ended = BTreeMap::new();
    for id in log.beside().into_iter().filter(|id| !log.plans.contains_key(id)) {
        // Whoever is deployed needs no file, and whoever has none can't be looked at.
        if plan_path(project, id).is_file() {
            let plan = read_plan(project, id)?.map_err(|found| Stop::from(vec![found]))?;
            ended.insert(id.clone(), plan);
        }
    }
    Ok(log.check_apart(&ended)?)
}

pub(super) fn read_dependants(project: &Project) -> Result<BTreeSet<Dependant>, Stop> {
    let path = dependants_path(project);
    let Some(text) = read_optional(&path)? else { return Ok(BTreeSet::new()) };
    dependant::read(&text).map_err(|error| Stop::from(vec![diagnostic(&path, &text, &error)]))
}

pub(super) fn read_domains(project: &Project) -> Result<Domains, Stop> {
    let path = domains_path(project);
    let Some(text) = read_optional(&path)? else { return Ok(Domains::default()) };
    domains::read(&text).map_err(|error| Stop::from(vec![diagnostic(&path, &text, &error)]))
}

pub(super) type Tables = (Schema, BTreeMap<TableName, Vec<ModelMark>>);

/// The snapshot below the home of a project, or of one as it was.
pub(super) fn read_tables(home: &Path) -> Result<Tables, Stop> {
    let paths = toml_files(&home.join("snapshot"))?;
    let (mut tables, mut models) = (Vec::new(), BTreeMap::new());
    let mut found = Vec::new();
    for (path, read) in paths.iter().zip(in_halves(&paths)) {
        let (text, read) = read?;
        match read {
            Ok(TableFile { name, table, models: marks }) => match misnamed(home, path, &name) {
                Some(error) => found.push(error),
                None => {
                    models.insert(name.clone(), marks);
                    tables.push((name, table));
                }
            },
            Err(error) => found.push(damage::of_snapshot(home, path, &text, &error)),
        }
    }
    let enums = read_enums(home, &mut found)?;
    let schema = Schema { tables: tables.into_iter().collect(), enums: enums.into_iter().collect() };
    if found.is_empty() { Ok((schema, models)) } else { Err(Stop::from(found)) }
}

/// The enums: they have a directory of their own beside the tables' files, so a file's place says what it is.
fn read_enums(home: &Path, found: &mut Vec<Diagnostic>) -> Result<BTreeMap<EnumName, Enum>, Stop> {
    let mut enums = BTreeMap::new();
    for path in toml_files(&home.join("snapshot").join("enums"))? {
        let text = fs::read_to_string(&path).map_err(|error| Stop::failed(&path, "read", &error))?;
        match snapshot::read_enum(&text) {
            Ok((name, definition)) => {
                let right = super::enum_file(home, &name);
                if right == path {
                    enums.insert(name, definition);
                } else {
                    let message = format!("{} says that it is enum {name}", shown(&path));
                    let help =
                        format!("its file is {}: remove this one, or give it that name", shown(&right));
                    found.push(Diagnostic::new(message).help(help));
                }
            }
            Err(error) => found.push(damage::of_snapshot(home, &path, &text, &error)),
        }
    }
    Ok(enums)
}

/// A table's file under another name than its own: there would be two of it after the next write.
fn misnamed(home: &Path, path: &Path, table: &TableName) -> Option<Diagnostic> {
    let right = super::table_file(home, table);
    // By bytes: both are made here, and to compare them part by part takes longer.
    (right.as_os_str() != path.as_os_str()).then(|| {
        Diagnostic::new(format!("{} says that it is table {table}", shown(path)))
            .help(format!("its file is {}: remove this one, or give it that name", shown(&right)))
    })
}

type Read = Result<(String, Result<TableFile, FormatError>), Stop>;

/// Reads snapshot files, half of them on a second thread: this is a good part of what a run does.
fn in_halves(paths: &[PathBuf]) -> Vec<Read> {
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(|error| Stop::failed(path, "read", &error))?;
        let file = snapshot::read(&text);
        Ok((if file.is_ok() { String::new() } else { text }, file))
    };
    let (here, there) = paths.split_at(paths.len() / 2);
    thread::scope(|scope| {
        let there = scope.spawn(move || there.iter().map(read).collect::<Vec<Read>>());
        let mut all: Vec<Read> = here.iter().map(read).collect();
        all.extend(there.join().expect("reading doesn't panic"));
        all
    })
}

pub(super) fn read_log(project: &Project, also: &[PlanId]) -> Result<(PlanLog, u32), Stop> {
    let deployed = read_deployed(&project.home)?;
    let known: BTreeSet<&PlanId> = deployed.iter().collect();
    let ids = plan_ids(&project.home)?;
    let last_number = last_number(ids.iter().chain(&deployed));
    let mut plans: BTreeMap<PlanId, Plan> = BTreeMap::new();
    let mut found = Vec::new();
    let mut wanted: Vec<PlanId> = ids.iter().filter(|id| !known.contains(id)).cloned().collect();
    let since = deployed.iter().position(|id| also.contains(id)).map_or(&[][..], |since| &deployed[since..]);
    wanted.extend(also.iter().chain(since.iter().filter(|id| ids.contains(id))).cloned());
    // Of the deployed ones, those that an open plan takes back in part: what their expand began is still there.
    while let Some(id) = wanted.pop() {
        if plans.contains_key(&id) {
            continue;
        }
        match read_plan(project, &id)? {
            Ok(plan) => {
                let cancelled = plan.cancels.iter().map(|cancel| &cancel.plan);
                let missing = |other: &&PlanId| !ids.contains(other);
                let parents = plan.parents.iter().filter(|other| !known.contains(other));
                let lost: BTreeSet<&PlanId> = parents.chain(cancelled.clone()).filter(missing).collect();
                found.extend(lost.into_iter().map(|other| lost_plan(project, &id, other)));
                // What was deployed after a plan that is taken back stands between the two, and is replayed with them.
                let since = deployed.iter().position(|other| cancelled.clone().any(|plan| plan == other));
                let between = since.map_or(&[][..], |since| &deployed[since..]);
                wanted.extend(cancelled.chain(between).filter(|other| ids.contains(other)).cloned());
                plans.insert(id, plan);
            }
            Err(error) => found.push(error),
        }
    }
    if !found.is_empty() {
        return Err(Stop::from(found));
    }
    let at = |reference| super::git::plans_at(reference, &project.home);
    let mut live = project.deployed.as_deref().map_or_else(|| Ok(BTreeSet::new()), at)?;
    live.retain(|id| !known.contains(id));
    Ok((PlanLog { live, plans, deployed: deployed.clone() }, last_number))
}

/// The plans that have a file, by name.
pub(super) fn plan_ids(home: &Path) -> Result<Vec<PlanId>, Stop> {
    let paths = toml_files(&home.join("plans"))?;
    Ok(paths.iter().filter_map(|path| Some(PlanId(path.file_stem()?.to_str()?.to_owned()))).collect())
}

/// The highest number of a plan; 0 without plans.
pub(super) fn last_number<'a>(ids: impl Iterator<Item = &'a PlanId>) -> u32 {
    ids.filter_map(number).max().unwrap_or(0)
}

/// A plan that another builds on, and whose file is gone.
fn lost_plan(project: &Project, id: &PlanId, other: &PlanId) -> Diagnostic {
    let (here, gone) = (plan_path(project, id), plan_path(project, other));
    Diagnostic::new(format!("{} builds on plan {other}, which has no file", project.shown(&here)))
        .note("what that plan left in the database can't be known without it")
        .help(format!("restore {} from version control", project.shown(&gone)))
}

pub(super) fn read_deployed(home: &Path) -> Result<Vec<PlanId>, Stop> {
    let path = home.join("deployed");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Stop::failed(&path, "read", &error)),
    };
    let deployed = log::read_deployed(&text);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let strange = deployed.iter().find(|id| !id.0.chars().all(plain));
    let Some(strange) = strange else { return Ok(deployed) };
    let start = text.find(&strange.0).unwrap_or(0);
    let found = Diagnostic::new(format!("`{strange}` is no plan's name"))
        .at(shown(&path), start..start + strange.0.len())
        .help("one plan a line; a merge conflict in it is resolved by keeping the lines of both sides");
    Err(Stop::from(vec![found]))
}

/// The number that a plan's name begins with.
fn number(id: &PlanId) -> Option<u32> {
    id.0.split('_').next()?.parse().ok()
}

/// A plan, or what is wrong with its file.
fn read_plan(project: &Project, id: &PlanId) -> Result<Result<Plan, Diagnostic>, Stop> {
    let path = plan_path(project, id);
    let text = fs::read_to_string(&path).map_err(|error| Stop::failed(&path, "read", &error))?;
    Ok(match file::read(&text) {
        Ok(plan) if plan.id == *id => Ok(plan),
        Ok(plan) => {
            let message = format!("{} says that it is plan {}", project.shown(&path), plan.id);
            Err(Diagnostic::new(message).help("give the file its name back, or remove the copy"))
        }
        Err(error) => Err(damage::of_plan(&path, &text, &error)),
    })
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
    // By bytes: they differ in their last part only.
    paths.sort_by(|one, other| one.as_os_str().cmp(other.as_os_str()));
    Ok(paths)
}
