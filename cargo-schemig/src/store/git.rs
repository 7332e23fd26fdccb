//! What runs everywhere, read at a git ref: the plans whose files stand there. A branch that moves when a deployment is complete knows it
//! better than a list that somebody keeps.

use std::collections::BTreeSet;
use std::path::Path;
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

fn no_ref(reference: &str, why: &str) -> Stop {
    let message = format!("schemig.toml reads what is deployed at `{reference}`, and git can't: {why}");
    let found = Diagnostic::new(message)
        .note("which releases may be running isn't known without it, so nothing is planned")
        .help(format!("fetch it (`git fetch`), or correct `deployed = \"{reference}\"` in schemig.toml"))
        .help("without `deployed` in schemig.toml, `cargo schemig contract PLAN` says what is deployed");
    Stop::from(vec![found])
}
