//! A list of crates that can't be.

use super::{refused_at_home, shipped, workspace};
use crate::bad_input::{done, refused};

fn listed(list: &str, words: &[&str]) {
    let home = shipped();
    home.write("crates/db/schemig.toml", list);
    refused_at_home(&home, &[&["crates/db/schemig.toml:1:", "help: "], words].concat());
}

#[test]
fn a_package_that_there_is_not() {
    listed("crates = [\"users\", \"ghost\"]\n", &["has no package `ghost`", "it has orders, users"]);
}

#[test]
fn the_crate_itself_and_one_twice() {
    listed(
        "crates = [\"users\", \"orders\", \"db\", \"users\"]\n",
        &["`db` is this crate itself", "`users` is listed twice"],
    );
}

#[test]
fn no_list_of_names() {
    let home = shipped();
    home.write("crates/db/schemig.toml", "crates = \"users\"\n");
    refused_at_home(&home, &["crates/db/schemig.toml:1:10", "expected a sequence"]);
}

#[test]
fn a_crate_with_a_snapshot_of_its_own() {
    let home = shipped();
    home.write("crates/users/schemig/snapshot/users.toml", "");
    refused_at_home(
        &home,
        &[
            "crates/db/schemig.toml:1:",
            "`users` has a crates/users/schemig of its own",
            "take it off the list",
        ],
    );
}

#[test]
fn a_crate_without_a_workspace() {
    let home = shipped();
    std::fs::remove_file(home.path("Cargo.toml")).unwrap();
    let manifest = home.path("crates/db/Cargo.toml").display().to_string();
    let words = ["`crates` are packages of a workspace", "take `crates` away"];
    refused(&home, &["diff", "--manifest-path", &manifest], 2, &words);
}

#[test]
fn a_crate_that_two_list() {
    let home = shipped();
    let manifest = home.read("crates/users/Cargo.toml");
    home.write("crates/other/Cargo.toml", &manifest.replace("\"users\"", "\"other\""));
    home.write("crates/other/src/lib.rs", "");
    home.write("crates/other/schemig.toml", "crates = [\"users\"]\n");
    refused(
        &home,
        &["init", "-p", "other"],
        2,
        &["crates/other/schemig.toml:1:", "`users` is listed by `db` too"],
    );
    // Once it is off the first list, it may move.
    home.write("crates/db/schemig.toml", "crates = [\"orders\"]\n");
    done(&home, &["init", "-p", "other"]);
    assert!(home.read("crates/users/schemig/home.toml").contains("home = \"../other\""));
}

#[test]
fn packages_that_only_cargo_finds() {
    let home = workspace();
    // A dependency by path is a member that no pattern names.
    home.write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"crates/db\", \"crates/orders\"]\n");
    for name in ["db", "orders"] {
        let path = format!("crates/{name}/Cargo.toml");
        home.write(&path, &(home.read(&path).replace("db = { path = \"../db\" }\n", "")));
    }
    let users = home.read("crates/users/Cargo.toml").replace("db = { path = \"../db\" }\n", "");
    home.write("crates/users/Cargo.toml", &users);
    home.write(
        "crates/db/Cargo.toml",
        &(home.read("crates/db/Cargo.toml") + "users = { path = \"../users\" }\n"),
    );
    done(&home, &["init", "-p", "db"]);
    assert_eq!(home.names("crates/users/schemig"), ["home.toml"]);
}
