//! What stands at a git ref: the plans that run everywhere, where a branch that moves when a deployment is complete knows it better than
//! a list that somebody keeps; and the files of a release.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use schemig_core::plan::PlanId;

use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// The plans whose files stand below `home` at this ref.
///
/// # Errors
/// git can't be run, knows no such ref, or has no repository here.
pub(super) fn plans_at(reference: &str, home: &Path) -> Result<BTreeSet<PlanId>, Stop> {
    // A name that begins with a dash would be an option to git.
    if reference.is_empty() || reference.starts_with('-') {
        return Err(no_ref(reference, "it is no name of a ref"));
    }
    let mut git = Command::new("git");
    git.args(["ls-tree", "-z", "--name-only", reference, "--", "plans/"]).current_dir(home);
    let output = git.output().map_err(|error| Stop::failed(Path::new("git"), "run", &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(no_ref(reference, said.trim().trim_start_matches("fatal: ")));
    }
    let listed = String::from_utf8_lossy(&output.stdout);
    let names = listed.split('\0').filter_map(|path| path.strip_prefix("plans/")?.strip_suffix(".toml"));
    Ok(names.map(|name| PlanId(name.to_owned())).collect())
}

/// Copies the repository's files at a ref below a directory; gives back where the files of `root` are there. No checkout is touched: the
/// files go by way of an index of their own.
///
/// # Errors
/// git can't be run, knows no such ref, or has no repository here.
pub fn files_at(reference: &str, root: &Path, into: &Path) -> Result<PathBuf, Stop> {
    let apart = Apart::new(reference, into)?;
    let top = apart.git(&["rev-parse", "--show-toplevel"], root)?;
    let below = apart.git(&["rev-parse", "--show-prefix"], root)?;
    let files = apart.copy(&format!("{reference}^{{tree}}"), Path::new(&top))?;
    Ok(files.join(below))
}

/// Copies what stands in `home` at a ref into a directory; gives back where it is now, nothing where there was no such directory then.
///
/// # Errors
/// git can't be run, knows no such ref, or has no repository here.
pub(super) fn home_at(reference: &str, home: &Path, into: &Path) -> Result<Option<PathBuf>, Stop> {
    let apart = Apart::new(reference, into)?;
    let top = apart.git(&["rev-parse", "--show-toplevel"], home)?;
    let below = apart.git(&["rev-parse", "--show-prefix"], home)?;
    let commit = apart.git(&["rev-parse", "--verify", &format!("{reference}^{{commit}}")], home)?;
    let tree = format!("{commit}:{}", below.trim_end_matches('/'));
    if apart.git(&["cat-file", "-e", &tree], home).is_err() {
        return Ok(None);
    }
    apart.copy(&tree, Path::new(&top)).map(Some)
}

/// git, with an index of its own, so that no checkout is touched.
struct Apart<'a> {
    reference: &'a str,
    index: PathBuf,
    files: PathBuf,
}

impl<'a> Apart<'a> {
    fn new(reference: &'a str, into: &Path) -> Result<Self, Stop> {
        must_be_name(reference)?;
        Ok(Self { reference, index: into.join("index"), files: into.join("files") })
    }

    fn git(&self, words: &[&str], directory: &Path) -> Result<String, Stop> {
        let mut git = Command::new("git");
        git.args(words)
            .current_dir(directory)
            .env("GIT_INDEX_FILE", &self.index)
            .env("GIT_LFS_SKIP_SMUDGE", "1");
        said(git, self.reference)
    }

    /// Copies the files of a tree.
    fn copy(&self, tree: &str, top: &Path) -> Result<PathBuf, Stop> {
        self.git(&["read-tree", tree], top)?;
        let prefix = format!("--prefix={}/", self.files.display());
        self.git(&["checkout-index", "--all", &prefix], top)?;
        Ok(self.files.clone())
    }
}

/// The plans below `home` whose files came with a merge since a ref: those that another branch brought. With each, the commit.
///
/// # Errors
/// git can't be run, knows no such ref, or has no repository here.
pub(super) fn merged_since(reference: &str, home: &Path) -> Result<BTreeMap<PlanId, String>, Stop> {
    must_be_name(reference)?;
    let mut git = Command::new("git");
    git.args(["log", "--first-parent", "-m", "--diff-filter=A", "--no-renames", "--name-only"])
        .args(["--format=commit %h %p", &format!("{reference}..HEAD"), "--", "plans/"])
        .current_dir(home);
    let mut found = BTreeMap::new();
    let mut merge = None;
    for line in said(git, reference)?.lines() {
        if let Some(commit) = line.strip_prefix("commit ") {
            let mut hashes = commit.split(' ');
            merge = hashes.next().filter(|_| hashes.count() > 1).map(str::to_owned);
        } else if let (Some(merge), Some(id)) = (&merge, line.strip_suffix(".toml")) {
            let id = id.rsplit('/').next().unwrap_or(id);
            found.insert(PlanId(id.to_owned()), merge.clone());
        }
    }
    Ok(found)
}

/// What git prints.
fn said(mut git: Command, reference: &str) -> Result<String, Stop> {
    let output = git.output().map_err(|error| Stop::failed(Path::new("git"), "run", &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let message =
        format!("the files at `{reference}` can't be read: {}", said.trim().trim_start_matches("fatal: "));
    Err(Stop::refused(message, "name a branch, a tag or a commit of this repository"))
}

/// A name that begins with a dash would be an option to git.
fn must_be_name(reference: &str) -> Result<(), Stop> {
    if reference.is_empty() || reference.starts_with('-') {
        let message = format!("`{reference}` is no name of a git ref");
        return Err(Stop::refused(message, "name a branch, a tag or a commit"));
    }
    Ok(())
}

fn no_ref(reference: &str, why: &str) -> Stop {
    let message = format!("schemig.toml reads what is deployed at `{reference}`, and git can't: {why}");
    let found = Diagnostic::new(message)
        .note("which releases may be running isn't known without it, so nothing is planned")
        .help(format!("fetch it (`git fetch`), or correct `deployed = \"{reference}\"` in schemig.toml"))
        .help("without `deployed` in schemig.toml, `cargo schemig contract PLAN` says what is deployed");
    Stop::from(vec![found])
}
