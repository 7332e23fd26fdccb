//! `schemig/home.toml`: in a crate that another lists, where the snapshot of its models is. The test that comes with a model reads it, and so
//! does each command that is started in such a crate.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use schemig_core::schema::FORMAT;
use serde::Deserialize;
use toml::Spanned;

use super::config::Config;
use super::listed::{self, Member};
use super::{Project, bad_toml, neighbours, places, read_optional, shown};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::scan::straight;
use crate::store::Changeset;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: Spanned<u32>,
    package: String,
    home: Spanned<String>,
    database: Option<String>,
}

/// The crate that another's models are those of.
pub(super) struct Home {
    /// Its package.
    pub package: String,
    /// The directory of its Cargo.toml.
    pub root: PathBuf,
    /// Which of its databases, where it has several.
    pub database: Option<String>,
    /// Where the file says the directory.
    said: std::ops::Range<usize>,
}

fn path(root: &Path) -> PathBuf {
    root.join("schemig").join("home.toml")
}

/// Whether a crate has more in its `schemig/` than where its home is.
pub(super) fn is_project(root: &Path) -> bool {
    let entries = std::fs::read_dir(root.join("schemig"));
    entries.is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name() != "home.toml"))
}

/// What the file of a crate says, if it has one.
///
/// # Errors
/// It can't be read.
pub(super) fn read(root: &Path) -> Result<Option<Home>, Stop> {
    let path = path(root);
    let Some(text) = read_optional(&path)? else { return Ok(None) };
    let File { format, package, home, database } =
        toml::from_str(&text).map_err(|error| bad_toml(&path, &error))?;
    if *format.get_ref() != FORMAT {
        let message =
            format!("it is written in format {}; this schemig reads format {FORMAT}", format.get_ref());
        let found = Diagnostic::new(message).at(shown(&path), format.span());
        return Err(Stop::from(vec![found.help("run the version of schemig that wrote it, or a newer one")]));
    }
    let said = home.span();
    Ok(Some(Home { package, root: straight(&root.join(home.get_ref())), database, said }))
}

/// Whether the schemig.toml of a crate lists another.
///
/// # Errors
/// It can't be read.
pub(super) fn lists(root: &Path, name: &str) -> Result<bool, Stop> {
    Ok(listing(root, name)?.is_some())
}

/// The database that lists a crate, by its name where it has one.
fn listing(root: &Path, name: &str) -> Result<Option<Option<String>>, Stop> {
    let has =
        |database: &super::config::Database| database.said.crates.iter().any(|said| said.get_ref() == name);
    Ok(Config::read(root)?.databases.into_iter().find(has).map(|database| database.name))
}

/// The Cargo.toml of the home of the crate that has this one, and the database that lists it; nothing, where it is at home itself.
///
/// # Errors
/// Its home isn't there, or doesn't list it any more.
pub(super) fn follow(manifest: &Path) -> Result<Option<(PathBuf, Option<String>)>, Stop> {
    let root = manifest.parent().unwrap_or(Path::new("."));
    let Some(home) = read(root)? else {
        return if root.join("schemig").is_dir() { Ok(None) } else { listed_by(root) };
    };
    let at = |message: String| Diagnostic::new(message).at(shown(&path(root)), home.said.clone());
    let there = home.root.join("Cargo.toml");
    if !there.is_file() {
        let found = at(format!("there is no {}", shown(&there)))
            .help("run `cargo schemig diff` where the migrations are: it writes this file anew")
            .help("or remove the file, if this crate is to have a database of its own");
        return Err(Stop::from(vec![found]));
    }
    let name = listed::name(root).unwrap_or_default();
    match listing(&home.root, &name)? {
        Some(database) => Ok(Some((there, database))),
        None => {
            let said = shown(&home.root.join("schemig.toml"));
            let found = at(format!("{said} doesn't list `{name}` any more"))
                .help(format!("list it again: crates = [\"{name}\"]"))
                .help("or remove this file, if this crate is to have a database of its own");
            Err(Stop::from(vec![found]))
        }
    }
}

/// The crate of the workspace that lists one which hasn't been told so yet.
fn listed_by(root: &Path) -> Result<Option<(PathBuf, Option<String>)>, Stop> {
    let Some(name) = listed::name(root) else { return Ok(None) };
    let Some((above, workspace)) = neighbours::workspace(root)? else { return Ok(None) };
    for other in neighbours::members(&above, &workspace).into_iter().chain([above]) {
        // One that isn't in order is its own command's to complain of.
        if other != root
            && other.join("schemig.toml").is_file()
            && let Ok(Some(database)) = listing(&other, &name)
        {
            return Ok(Some((other.join("Cargo.toml"), database)));
        }
    }
    Ok(None)
}

/// Tells each crate that the project lists where its home is, and takes that back from those that it doesn't list any more.
pub fn put(project: &Project, unlisted: &[Member], changes: &mut Changeset) {
    for member in &project.crates {
        changes.put(path(&member.root), text(project, member));
    }
    for member in unlisted {
        changes.remove(path(&member.root));
    }
}

fn text(project: &Project, member: &Member) -> String {
    let mut text = format!(
        "# Written by `cargo schemig diff`: where the snapshot of this crate's models is.\nformat = {FORMAT}\npackage = {}\nhome = {}\n",
        quoted(project.name()),
        quoted(&places::relative(&project.root, &member.root)),
    );
    if let Some(database) = &project.database {
        let _ = writeln!(text, "database = {}", quoted(database));
    }
    text
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// The crates of the workspace that were listed and aren't any more.
///
/// # Errors
/// A Cargo.toml of the workspace, or a home.toml, can't be read.
pub fn unlisted(project: &Project) -> Result<Vec<Member>, Stop> {
    let Some((above, workspace)) = neighbours::workspace(&project.root)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for root in neighbours::members(&above, &workspace).into_iter().chain([above]) {
        let is_listed = project.crates.iter().any(|member| member.root == root);
        let Some(home) = (if is_listed { None } else { read(&root)? }) else { continue };
        if home.root == project.root && home.database == project.database {
            found.extend(listed::name(&root).map(|name| Member { name, root }));
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup();
    Ok(found)
}
