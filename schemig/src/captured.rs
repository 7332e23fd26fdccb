//! The test that comes with a model: is the snapshot's fingerprint the model's?

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Called by the test that the derive generates.
///
/// # Panics
/// While the snapshot of the crate at `manifest_dir`, or the one that its `schemig/home.toml` names, doesn't hold this model, with what to
/// do about it.
#[doc(hidden)]
#[track_caller]
pub fn captured(manifest_dir: &str, type_name: &str, fingerprint: &str) {
    if let Err(drift) = check(Path::new(manifest_dir), type_name, fingerprint) {
        panic!("{drift}");
    }
}

/// Why a model counts as not captured.
#[derive(Debug, PartialEq, Eq)]
enum Drift {
    /// The crate has no snapshot.
    NoSnapshot { folder: PathBuf },
    /// The crate that its home.toml names has none.
    NoHome { said_in: PathBuf, folder: PathBuf, diff: Diff },
    /// The snapshot has no model of this type.
    Missing { type_name: String, folder: PathBuf, diff: Diff },
    /// None of the databases' snapshots has one.
    Nowhere { type_name: String, folder: PathBuf, databases: Vec<String>, diff: Diff },
    /// The snapshot has an earlier state of it.
    Changed { type_name: String, diff: Diff },
    /// A file can't be read.
    Unreadable { path: PathBuf, problem: String },
}

/// The command that captures a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Diff {
    /// The package to name, where there may be others.
    package: Option<String>,
    /// The database to name, where there are several.
    database: Option<String>,
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { package, database } = self;
        f.write_str("cargo schemig diff")?;
        package.iter().try_for_each(|package| write!(f, " -p {package}"))?;
        database.iter().try_for_each(|database| write!(f, " --database {database}"))
    }
}

/// What a struct that a macro makes is told.
const UNSEEN: &str =
    "If a macro makes this struct, schemig can't see it in the source: write it out as a struct";

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Drift::NoSnapshot { folder } => write!(
                f,
                "there is no snapshot in {}: run `cargo schemig init`, then `cargo schemig diff`. If another crate of the workspace holds \
                 the migrations, name this one in `crates` of its schemig.toml, and run `cargo schemig diff` there",
                folder.display()
            ),
            Drift::NoHome { said_in, folder, diff } => write!(
                f,
                "{} says that the snapshot is in {}, and there is none: run `{diff}`",
                said_in.display(),
                folder.display()
            ),
            Drift::Missing { type_name, folder, diff } => write!(
                f,
                "the snapshot in {} has no model `{type_name}`: run `{diff}`. {UNSEEN}",
                folder.display()
            ),
            Drift::Nowhere { type_name, folder, databases, diff } => write!(
                f,
                "no database in {} has a model `{type_name}`: run `{diff} --database NAME` for the one that it is of ({}); the `models` \
                 or `crates` of that one in schemig.toml must cover it. {UNSEEN}",
                folder.display(),
                databases.join(", ")
            ),
            Drift::Changed { type_name, diff } => {
                write!(f, "`{type_name}` differs from its snapshot: run `{diff}`. {UNSEEN}")
            }
            Drift::Unreadable { path, problem } => write!(f, "can't read {}: {problem}", path.display()),
        }
    }
}

/// Looks into the snapshot that is the crate's. A model is found by name and fingerprint: two of one name that say the same of the same table
/// are one to it.
fn check(root: &Path, type_name: &str, fingerprint: &str) -> Result<(), Drift> {
    let home = Home::of(root)?;
    let databases = home.databases()?;
    if databases.iter().all(|database| database.files.is_empty()) {
        return Err(home.without_snapshot());
    }
    let mut known = None;
    for Snapshot { database, files } in &databases {
        for path in files {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            for model in models(&text).filter(|model| model.type_name == type_name) {
                if model.fingerprint == fingerprint {
                    return Ok(());
                }
                known.get_or_insert(database);
            }
        }
    }
    let type_name = type_name.to_owned();
    let names: Vec<String> = databases.iter().filter_map(|one| one.database.clone()).collect();
    let diff = home.diff();
    Err(match (known, names.as_slice()) {
        (Some(database), _) => {
            Drift::Changed { type_name, diff: Diff { database: database.clone().or(diff.database), ..diff } }
        }
        (None, [_, _, ..]) => Drift::Nowhere { type_name, folder: home.folder, databases: names, diff },
        (None, _) => Drift::Missing { type_name, folder: home.folder, diff },
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Drift {
    Drift::Unreadable { path: path.to_owned(), problem: error.to_string() }
}

/// Where a crate's snapshot is.
struct Home<'a> {
    root: &'a Path,
    /// Its `schemig/`, or that of the crate that lists it, or what one of its databases has in there.
    folder: PathBuf,
    /// What its home.toml says, where it has one: the package and the database.
    said: Option<Diff>,
}

/// A database's snapshot.
struct Snapshot {
    /// Its name, where it has one.
    database: Option<String>,
    files: Vec<PathBuf>,
}

impl<'a> Home<'a> {
    fn of(root: &'a Path) -> Result<Self, Drift> {
        let folder = root.join("schemig");
        let path = folder.join("home.toml");
        if !path.is_file() {
            return Ok(Self { root, folder, said: None });
        }
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let problem = |problem: String| Drift::Unreadable { path: path.clone(), problem };
        match value(&text, "format") {
            Some("1") => {}
            Some(other) => {
                return Err(problem(format!("it is of format {other}, which this schemig doesn't know")));
            }
            None => return Err(problem("it says no format".to_owned())),
        }
        let home = value(&text, "home").ok_or_else(|| problem("it says no home".to_owned()))?;
        let owned = |key| value(&text, key).map(str::to_owned);
        let said = Diff { package: owned("package"), database: owned("database") };
        let folder = root.join(home).join("schemig");
        let folder = said.database.as_ref().map_or(folder.clone(), |database| folder.join(database));
        Ok(Self { root, folder, said: Some(said) })
    }

    /// The snapshots that may hold the crate's models: one, or that of each of its databases.
    fn databases(&self) -> Result<Vec<Snapshot>, Drift> {
        let mut found = vec![Snapshot { database: None, files: tables(&self.folder)? }];
        if self.said.is_none() {
            for below in entries(&self.folder)? {
                let database = below.file_name().map(|name| name.to_string_lossy().into_owned());
                let files = tables(&below)?;
                found.extend((!files.is_empty()).then_some(Snapshot { database, files }));
            }
        }
        Ok(found)
    }

    fn without_snapshot(self) -> Drift {
        match self.said {
            None => Drift::NoSnapshot { folder: self.folder },
            Some(diff) => {
                Drift::NoHome { said_in: self.root.join("schemig/home.toml"), folder: self.folder, diff }
            }
        }
    }

    /// The command, which has to name the package in a workspace.
    fn diff(&self) -> Diff {
        let own = || Diff {
            package: in_workspace(self.root).then(|| package(self.root)).flatten(),
            database: None,
        };
        self.said.clone().unwrap_or_else(own)
    }
}

/// Whether a Cargo.toml above the crate's is a workspace's.
fn in_workspace(root: &Path) -> bool {
    root.ancestors().skip(1).any(|above| {
        let text = fs::read_to_string(above.join("Cargo.toml")).unwrap_or_default();
        text.lines().any(|line| line.starts_with("[workspace"))
    })
}

/// The name of the package, as its Cargo.toml has it.
fn package(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join("Cargo.toml")).ok()?;
    let (_, section) = text.split_once("[package]")?;
    value(section, "name").map(str::to_owned)
}

/// The value of the first line with this key.
fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let (found, value) = pair(line)?;
        (found == key).then_some(value)
    })
}

/// A line `key = value`, without quotes.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim(), value.trim().trim_matches('"')))
}

/// The files of the tables in a folder's `snapshot/`.
fn tables(folder: &Path) -> Result<Vec<PathBuf>, Drift> {
    let mut files = entries(&folder.join("snapshot"))?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    Ok(files)
}

/// What stands in a folder, by name; nothing if there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Drift> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let paths = fs::read_dir(folder).and_then(|listing| listing.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = paths.map_err(|error| unreadable(folder, &error))?;
    paths.sort();
    Ok(paths)
}

#[derive(Default)]
struct Captured<'a> {
    type_name: &'a str,
    fingerprint: &'a str,
}

/// The `[[models]]` of a snapshot. The file's two lines are all that counts here, and a TOML reader would cost each user's build more
/// than the derive does.
fn models(text: &str) -> impl Iterator<Item = Captured<'_>> {
    let mut models: Vec<Captured<'_>> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[[models]]";
            if inside {
                models.push(Captured::default());
            }
        }
        let Some(model) = models.last_mut().filter(|_| inside) else { continue };
        match pair(line) {
            Some(("type", value)) => model.type_name = value,
            Some(("fingerprint", value)) => model.fingerprint = value,
            Some(_) | None => {}
        }
    }
    models.into_iter()
}

#[cfg(test)]
mod tests;
