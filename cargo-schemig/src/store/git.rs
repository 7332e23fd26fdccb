//! What stands at a git ref: the plans that run everywhere, where a branch that moves when a deployment is complete knows it better than
//! a list that somebody keeps; and the files of a release.

use std::collections::BTreeSet;
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
    let index = into.join("index");
    let files = into.join("files");
    let run = |words: &[&str], directory: &Path| {
        let mut git = Command::new("git");
        git.args(words).current_dir(directory).env("GIT_INDEX_FILE", &index).env("GIT_LFS_SKIP_SMUDGE", "1");
        let output = git.output().map_err(|error| Stop::failed(Path::new("git"), "run", &error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let message = format!(
            "the files at `{reference}` can't be read: {}",
            said.trim().trim_start_matches("fatal: ")
        );
        Err(Stop::refused(message, "name a branch, a tag or a commit of this repository"))
    };
    if reference.is_empty() || reference.starts_with('-') {
        return Err(Stop::refused(
            format!("`{reference}` is no name of a git ref"),
            "name a branch, a tag or a commit",
        ));
    }
    let top = run(&["rev-parse", "--show-toplevel"], root)?;
    let below = run(&["rev-parse", "--show-prefix"], root)?;
    run(&["read-tree", &format!("{reference}^{{tree}}")], Path::new(&top))?;
    let prefix = format!("--prefix={}/", files.display());
    run(&["checkout-index", "--all", &prefix], Path::new(&top))?;
    Ok(files.join(below))
}

fn no_ref(reference: &str, why: &str) -> Stop {
    let message = format!("schemig.toml reads what is deployed at `{reference}`, and git can't: {why}");
    let found = Diagnostic::new(message)
        .note("which releases may be running isn't known without it, so nothing is planned")
        .help(format!("fetch it (`git fetch`), or correct `deployed = \"{reference}\"` in schemig.toml"))
        .help("without `deployed` in schemig.toml, `cargo schemig contract PLAN` says what is deployed");
    Stop::from(vec![found])
}
