//! Models in several crates of a workspace, which one of them is home to.

mod annotating;
mod databases;
mod leaving;
mod listing;
mod working;

use std::path::Path;
use std::process::Command;

use crate::bad_input::{done, model, refused};
use crate::support::Crate;

/// `db` is at home and lists `users` and `orders`, each with a model. Not yet started.
fn workspace() -> Crate {
    let home = Crate::new();
    let manifest = home.read("Cargo.toml").replace("\n[workspace]\n", "");
    std::fs::remove_dir_all(home.path("src")).unwrap();
    home.write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\n");
    for name in ["db", "users", "orders"] {
        let mut manifest = manifest.replace("\"notes\"", &format!("\"{name}\""));
        if name != "db" {
            manifest += "db = { path = \"../db\" }\n";
        }
        home.write(&format!("crates/{name}/Cargo.toml"), &manifest);
    }
    home.write("crates/db/schemig.toml", "crates = [\"users\", \"orders\"]\n");
    home.write("crates/db/src/lib.rs", "pub mod schema;\n");
    home.write("crates/users/src/lib.rs", &model("User", "users", "pub id: i32,"));
    home.write("crates/orders/src/lib.rs", &model("Order", "orders", "pub id: i32,"));
    home
}

/// The same, with all of it in the snapshot and in the database.
fn shipped() -> Crate {
    let home = workspace();
    done(&home, &["init", "-p", "db"]);
    done(&home, &["diff", "--now", "2026-11-20-070000"]);
    home
}

/// Runs the program in a directory; its exit code and all that it prints.
fn inside(home: &Crate, directory: &str, typed: &[&str]) -> (i32, String) {
    at(&home.path(directory), typed)
}

fn at(directory: &Path, typed: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-schemig"))
        .arg("schemig")
        .args(typed)
        .current_dir(directory)
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    (output.status.code().unwrap(), text)
}

/// What a listed crate is told.
const HOME: &str = "# Written by `cargo schemig diff`: where the snapshot of this crate's models is.\nformat = 1\npackage = \"db\"\nhome = \"../db\"\n";

/// Refused in `db` with exit code 2 and these words, nothing written.
fn refused_at_home(home: &Crate, words: &[&str]) {
    refused(home, &["diff", "-p", "db"], 2, words);
}
