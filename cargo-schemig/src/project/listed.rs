//! Other crates of the workspace whose models are this project's too.

use std::path::{Path, PathBuf};

use toml::{Spanned, Table, Value};

use super::config::Database;
use super::{home, manifest, neighbours, shown};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// A crate that schemig.toml lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its package's name.
    pub name: String,
    /// The directory of its Cargo.toml.
    pub root: PathBuf,
}

/// The crates that a database lists.
///
/// # Errors
/// Each that can't be: it is no package of the workspace, stands there twice, is the crate at home, or has another home.
pub(super) fn members(root: &Path, own: &str, listed: &[Spanned<String>]) -> Result<Vec<Member>, Stop> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let path = root.join("schemig.toml");
    let at = |said: &Spanned<String>, message: String| Diagnostic::new(message).at(shown(&path), said.span());
    let Some((above, workspace)) = neighbours::workspace(root)? else {
        let found =
            at(&listed[0], "`crates` are packages of a workspace, and this crate is in none".to_owned());
        let help = "list it as a member in the Cargo.toml of the workspace, or take `crates` away";
        return Err(Stop::from(vec![found.help(help)]));
    };
    let packages = Packages::of(&above, &workspace, root, listed);
    let (mut members, mut found): (Vec<Member>, _) = (Vec::new(), Vec::new());
    for said in listed {
        let name = said.get_ref();
        if name == own {
            let message = format!("`{name}` is this crate itself");
            found.push(at(said, message).help("take it away: its own models count anyway"));
        } else if members.iter().any(|member| member.name == *name) {
            found.push(at(said, format!("`{name}` is listed twice")).help("take one of them away"));
        } else if let Some(member) = packages.named(name) {
            found.extend(homed(root, own, &member)?.map(|it| it.at(shown(&path), said.span())));
            members.push(member);
        } else {
            let message =
                format!("the workspace in {} has no package `{name}`", shown(&above.join("Cargo.toml")));
            let known: Vec<&str> = packages.names().filter(|name| *name != own).collect();
            let help = match known.as_slice() {
                [] => "it has no other than this one".to_owned(),
                known => format!("it has {}", known.join(", ")),
            };
            found.push(at(said, message).help(help));
        }
    }
    if found.is_empty() { Ok(members) } else { Err(Stop::from(found)) }
}

/// What two databases both list, and what is listed beside them all.
pub(super) fn shared(root: &Path, databases: &[Database], top: &[Spanned<String>]) -> Option<Stop> {
    let file = shown(&root.join("schemig.toml"));
    let mut found = Vec::new();
    if let (Some(said), Some(Database { name: Some(name), .. })) = (top.first(), databases.first()) {
        let found_at =
            Diagnostic::new("`crates` stands above the databases, and each crate's models are those of one");
        found.push(
            found_at.at(file.as_str(), said.span()).help(format!("move it, as into [database.{name}]")),
        );
    }
    for (nth, one) in databases.iter().enumerate() {
        for (other, said) in
            databases[..nth].iter().flat_map(|other| other.said.crates.iter().map(move |said| (other, said)))
        {
            let Some(again) = one.said.crates.iter().find(|again| again.get_ref() == said.get_ref()) else {
                continue;
            };
            let names = (other.name.as_deref().unwrap_or("?"), one.name.as_deref().unwrap_or("?"));
            let message = format!("databases {} and {} both list `{}`", names.0, names.1, said.get_ref());
            let at_both =
                Diagnostic::new(message).at(file.as_str(), again.span()).at(file.as_str(), said.span());
            found
                .push(at_both.help(
                    "leave it with one of them, and move the other's models into a crate of their own",
                ));
        }
    }
    (!found.is_empty()).then(|| Stop::from(found))
}

/// What keeps a crate from being listed: it is a project by itself, or another project's.
fn homed(root: &Path, own: &str, member: &Member) -> Result<Option<Diagnostic>, Stop> {
    let folder = member.root.join("schemig");
    if home::is_project(&member.root) {
        let message = format!("`{}` has a {} of its own", member.name, shown(&folder));
        return Ok(Some(
            Diagnostic::new(message)
                .note("its models are those of that snapshot, and a model can only be in one")
                .help("take it off the list; or remove that directory, if nothing in it is in use any more"),
        ));
    }
    let Some(there) = home::read(&member.root)?.filter(|there| there.root != root) else { return Ok(None) };
    if !home::lists(&there.root, &member.name)? {
        return Ok(None);
    }
    let message = format!("`{}` is listed by `{}` too", member.name, there.package);
    Ok(Some(
        Diagnostic::new(message)
            .note(format!("its models are those of the snapshot in {}", shown(&there.root.join("schemig"))))
            .help(format!("take it off one of the lists: that of `{own}` or that of `{}`", there.package)),
    ))
}

/// The packages of a workspace, as far as they were looked at.
struct Packages(Vec<Member>);

impl Packages {
    /// Reads Cargo.tomls until those that are listed are found, the likeliest first; cargo is asked where that isn't enough.
    fn of(above: &Path, workspace: &Table, root: &Path, listed: &[Spanned<String>]) -> Self {
        let mut directories = neighbours::members(above, workspace);
        directories.push(above.to_owned());
        directories.sort();
        directories.dedup();
        let is_likely = |path: &Path| {
            listed.iter().any(|said| path.file_name().is_some_and(|name| *name == **said.get_ref()))
        };
        directories.sort_by_key(|path| !is_likely(path));
        let mut all = Self(Vec::new());
        for directory in directories {
            if listed.iter().all(|said| all.named(said.get_ref()).is_some()) {
                return all;
            }
            all.0.extend(name(&directory).map(|name| Member { name, root: directory }));
        }
        if listed.iter().any(|said| all.named(said.get_ref()).is_none())
            && let Ok(known) = manifest::packages(&root.join("Cargo.toml"))
        {
            let member =
                |(name, path): (String, PathBuf)| Some(Member { name, root: path.parent()?.to_owned() });
            all.0 = known.into_iter().filter_map(member).collect();
        }
        all.0.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    fn named(&self, name: &str) -> Option<Member> {
        self.0.iter().find(|member| member.name == name).cloned()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| member.name.as_str())
    }
}

/// The name of the package in a directory. A Cargo.toml that isn't in order is cargo's to complain of.
pub(super) fn name(directory: &Path) -> Option<String> {
    let manifest = manifest::read(&directory.join("Cargo.toml")).ok()?;
    manifest.get("package")?.get("name").and_then(Value::as_str).map(str::to_owned)
}
