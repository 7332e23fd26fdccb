//! A directory that can't be written: exit 4, and nothing is changed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::process::Command;

use super::{BINARY, NOTES, schemig, started, told};
use crate::support::Crate;

/// Nobody in particular: no file here is theirs.
const NOBODY: u32 = 65534;

/// Runs as somebody who may write nothing in the crate but what is given to them.
fn schemig_as_guest(home: &Crate, theirs: &[&str], typed: &[&str]) -> (i32, String) {
    let root = home.root();
    let is_root = fs::metadata(root).unwrap().uid() == 0;
    if !is_root {
        fs::set_permissions(root, Permissions::from_mode(if theirs.contains(&".") { 0o755 } else { 0o555 }))
            .unwrap();
        fs::set_permissions(home.path("schemig"), Permissions::from_mode(0o555)).unwrap();
        let outcome = schemig(home, typed);
        fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(home.path("schemig"), Permissions::from_mode(0o755)).unwrap();
        return outcome;
    }
    fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
    for path in theirs {
        chown(home.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    // The target directory may be nobody's business.
    let tools = tempfile::tempdir().unwrap();
    fs::set_permissions(tools.path(), Permissions::from_mode(0o755)).unwrap();
    let binary = tools.path().join("cargo-schemig");
    fs::copy(BINARY, &binary).unwrap();
    let user = format!("--reuid={NOBODY}");
    let group = format!("--regid={NOBODY}");
    let mut command = Command::new("setpriv");
    command.args([&user, &group, "--clear-groups"]).arg(binary).arg("schemig").args(typed);
    command.current_dir(root);
    // Another test may have forked while the copy was open for writing: until that child is a program of its own, the file is busy.
    loop {
        let outcome = told(&command.output().unwrap());
        if !outcome.1.contains("Text file busy") {
            return outcome;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// A plan that is open, with nothing in it but a name.
const OPEN: &str = "format = 1\nid = \"0001_a\"\nparents = []\noverlap = true\nchanges = []\ncancels = []\napprovals = []\n\
                    promises = []\nconfirmed = false\n";

#[test]
fn a_directory_that_can_not_be_written() {
    let home = started(NOTES);
    home.write("schemig/plans/0001_a.toml", OPEN);
    let before = home.tree();
    let (code, text) = schemig_as_guest(&home, &[], &["contract"]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("can't write"), "{text}");
    assert_eq!(home.tree(), before);
    assert_eq!(schemig(&home, &["contract"]).0, 0, "as the owner it works");
}

#[test]
fn a_directory_below_that_can_not_be_written() {
    let home = started(NOTES);
    home.write("schemig/plans/0001_a.toml", OPEN);
    let before = home.tree();
    let (code, text) = schemig_as_guest(&home, &["."], &["contract"]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("schemig/deployed"), "{text}");
    assert_eq!(home.tree(), before);
}
