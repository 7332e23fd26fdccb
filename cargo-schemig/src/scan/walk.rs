//! The walk through a crate's module tree. Every file is read; few are parsed.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use schemig_core::capture::{Fault, Place};

use super::ScanError;
use super::candidate;
use super::cfg::Cfg;
use super::extract::{Extract, extract};
use super::light::{self, Modules};
use super::source::Source;
use super::tree::{Directory, Wanted};

/// A source file of the crate.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path.
    pub path: PathBuf,
    /// The same, for places.
    pub name: Arc<str>,
    /// What stands in it.
    pub bytes: Vec<u8>,
    /// Where its modules lie.
    pub directory: Directory,
    /// What it says, if it was parsed.
    pub extract: Option<Extract>,
}

/// A crate's source files.
#[derive(Debug, Default)]
pub struct Files {
    /// In the order of their paths.
    pub files: Vec<SourceFile>,
    /// Modules without a file.
    pub faults: Vec<Fault>,
}

/// What a walk needs to know of a crate.
pub struct Plan<'a> {
    /// Where crates start.
    pub roots: &'a [PathBuf],
    /// What is set.
    pub cfg: &'a Cfg,
    /// A file that may be missing: schema.rs, before it is first written.
    pub may_be_missing: &'a [PathBuf],
    /// Whether files that name a derive are parsed. In a neighbour's crate they aren't: its models are its own.
    pub models: bool,
    /// Whether those that name one of Diesel's derives are parsed too.
    pub candidates: bool,
    /// Texts that count instead of what stands on disk.
    pub instead: &'a BTreeMap<PathBuf, String>,
}

/// Walks from the roots through all modules, of several crates at a time.
///
/// # Errors
/// When a file is there and can't be read.
pub fn walk(plans: &[Plan<'_>]) -> Result<Vec<Files>, ScanError> {
    let queue = Queue::default();
    queue.lock().seen.resize_with(plans.len(), BTreeSet::new);
    for (of, plan) in plans.iter().enumerate() {
        for root in plan.roots {
            let only = vec![(root.clone(), Directory::beside(root))];
            queue.push(vec![Task { of, wanted: Wanted { candidates: only }, asked: None }]);
        }
    }
    std::thread::scope(|scope| {
        // One more: parsing gains by a second thread, and a machine with more of them has other work for those.
        scope.spawn(|| work(plans, &queue));
        work(plans, &queue);
    });
    let State { files, faults, error, .. } =
        queue.state.into_inner().unwrap_or_else(|broken| broken.into_inner());
    if let Some(error) = error {
        return Err(error);
    }
    let mut found: Vec<Files> = plans.iter().map(|_| Files::default()).collect();
    files.into_iter().for_each(|(of, file)| found[of].files.push(file));
    faults.into_iter().for_each(|(of, fault)| found[of].faults.push(fault));
    for Files { files, faults } in &mut found {
        // By bytes: to compare paths part by part would take longer than to read the files.
        files.sort_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
        faults.sort();
    }
    Ok(found)
}

/// A file to read.
struct Task {
    /// Which of the crates it is of.
    of: usize,
    wanted: Wanted,
    /// Who asks for it.
    asked: Option<Place>,
}

/// What the threads share.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Task>,
    working: usize,
    /// By crate.
    seen: Vec<BTreeSet<OsString>>,
    files: Vec<(usize, SourceFile)>,
    faults: Vec<(usize, Fault)>,
    error: Option<ScanError>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    fn push(&self, tasks: Vec<Task>) {
        self.lock().waiting.extend(tasks);
        self.changed.notify_all();
    }

    /// The next file, when there is one or may yet be one.
    fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.error.is_some() {
                return None;
            }
            if let Some(task) = state.waiting.pop() {
                state.working += 1;
                return Some(task);
            }
            if state.working == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(|broken| broken.into_inner());
        }
    }
}

/// Work that ends when this is dropped, be it by a panic: the other thread waits for it.
struct Working<'a>(&'a Queue);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.lock().working -= 1;
        self.0.changed.notify_all();
    }
}

fn work(plans: &[Plan<'_>], queue: &Queue) {
    while let Some(Task { of, wanted, asked }) = queue.next() {
        let (_working, plan) = (Working(queue), &plans[of]);
        match open(&wanted, plan.instead) {
            Ok(Some((path, bytes, directory))) => {
                // A module of two crates of a package, such as the library and a program, is one file.
                if queue.lock().seen[of].insert(path.clone().into_os_string()) {
                    let (file, asked) = read(path, bytes, directory, plan);
                    let task = |(wanted, asked)| Task { of, wanted, asked };
                    queue.push(asked.into_iter().map(task).collect());
                    queue.lock().files.push((of, file));
                }
            }
            Ok(None) => {
                let missing = missing(&wanted, asked.as_ref(), plan).map(|fault| (of, fault));
                queue.lock().faults.extend(missing);
            }
            Err(error) => queue.lock().error = Some(error),
        }
    }
}

/// The first of the candidates that is there.
fn open(
    wanted: &Wanted,
    instead: &BTreeMap<PathBuf, String>,
) -> Result<Option<(PathBuf, Vec<u8>, Directory)>, ScanError> {
    for (path, directory) in &wanted.candidates {
        let text = instead.get(path).map(|text| Ok(text.clone().into_bytes()));
        match text.unwrap_or_else(|| std::fs::read(path)) {
            Ok(bytes) => return Ok(Some((path.clone(), bytes, directory.clone()))),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    || error.kind() == io::ErrorKind::NotADirectory => {}
            Err(source) => return Err(ScanError::Read { path: path.clone(), source }),
        }
    }
    Ok(None)
}

fn missing(wanted: &Wanted, asked: Option<&Place>, plan: &Plan<'_>) -> Option<Fault> {
    let paths: Vec<&Path> = wanted.candidates.iter().map(|(path, _)| path.as_path()).collect();
    if plan.may_be_missing.iter().any(|path| paths.contains(&path.as_path())) {
        return None;
    }
    let listed: Vec<String> = paths.iter().map(|path| format!("`{}`", crate::project::shown(path))).collect();
    asked.map(|place| {
        Fault::at(place, "this module has no file").help(format!("it would be {}", listed.join(" or ")))
    })
}

/// A file that a module asks for, and where it does.
type Asked = (Wanted, Option<Place>);

/// Reads a file as lightly as it can be read.
fn read(path: PathBuf, bytes: Vec<u8>, directory: Directory, plan: &Plan<'_>) -> (SourceFile, Vec<Asked>) {
    let name: Arc<str> = path.to_string_lossy().into();
    let wanted = plan.models && light::names_derive(&bytes) || plan.candidates && candidate::is_named(&bytes);
    let light = if wanted { Modules::Parse } else { light::modules(&bytes) };
    let (extract, tasks) = match light {
        Modules::Parse => {
            let mut found = extract(&name, &bytes, &directory, plan.cfg, plan.candidates);
            let tasks = std::mem::take(&mut found.modules);
            (Some(found), tasks.into_iter().map(|(wanted, place)| (wanted, Some(place))).collect())
        }
        Modules::Plain(modules) if modules.is_empty() => (None, Vec::new()),
        Modules::Plain(modules) => {
            let source = Source::new(&name, &bytes);
            let task = |module: light::Module| {
                let inside = module.inside.iter().fold(directory.clone(), |at, name| at.inside(name, None));
                (inside.wanted(&module.name, None), Some(source.place_of_byte(module.at)))
            };
            (None, modules.into_iter().map(task).collect())
        }
    };
    (SourceFile { path, name, bytes, directory, extract }, tasks)
}
