//! Several people on one project: branches that are merged, in real repositories, crates of a workspace, databases of a crate.

mod branches;
mod embedded;
mod replace;
mod workspaces;

use std::fs;
use std::path::Path;

use crate::bad_input::{done, model};
use crate::support::{Crate, git};

/// Notes and users are in production, from `main`, beside a release that runs on.
fn shared() -> Crate {
    let home = Crate::new();
    home.write("schemig.toml", "overlap = true\n");
    home.write("src/lib.rs", "mod notes;\nmod users;\n");
    notes(&home, "");
    users(&home, "");
    git(&home, &["init", "--quiet"]);
    done(&home, &["init"]);
    diff(&home, 1);
    done(&home, &["contract"]);
    home.write(
        "schemig/statistics.toml",
        "format = 1\n\n[tables.notes]\nrows = 10\n\n[tables.users]\nrows = 10\n",
    );
    commit(&home);
    home
}

fn notes(home: &Crate, fields: &str) {
    home.write(
        "src/notes.rs",
        &model("Note", "notes", &format!("pub id: i32,\npub title: String,\n{fields}")),
    );
}

fn users(home: &Crate, fields: &str) {
    home.write(
        "src/users.rs",
        &model("User", "users", &format!("pub id: i32,\npub name: String,\n{fields}")),
    );
}

fn diff(home: &Crate, day: u32) -> String {
    done(home, &["diff", "--now", &now(day)])
}

fn now(day: u32) -> String {
    format!("2026-11-{day:02}-070000")
}

fn commit(home: &Crate) {
    git(home, &["add", "--all"]);
    git(home, &["commit", "--quiet", "--allow-empty", "--message", "change"]);
}

/// On a branch of `main`.
fn branch(home: &Crate, name: &str) {
    git(home, &["switch", "--quiet", "--create", name, "main"]);
}

fn plans(home: &Crate) -> Vec<String> {
    home.names("schemig/plans").iter().map(|name| name.trim_end_matches(".toml").to_owned()).collect()
}

/// The files but git's own: two that are equal are the same project.
fn tree(home: &Crate) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    walk(home.root(), home.root(), &mut found);
    found.sort();
    found
}

fn walk(root: &Path, directory: &Path, found: &mut Vec<(String, Option<String>)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if name == ".git" {
            continue;
        }
        if path.is_dir() {
            found.push((name, None));
            walk(root, &path, found);
        } else {
            found.push((name, Some(fs::read_to_string(&path).unwrap())));
        }
    }
}

/// Refused, with these words, and nothing is changed.
fn refused(home: &Crate, typed: &[&str], words: &[&str]) -> String {
    let before = tree(home);
    let (code, text) = crate::bad_input::schemig(home, typed);
    assert_eq!(code, 2, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} isn't in:\n{text}");
    }
    assert_eq!(tree(home), before);
    text
}
