//! A crate that isn't listed any more, and a home that isn't one any more.

use super::{HOME, refused_at_home, shipped};
use crate::bad_input::{done, model, refused};

const ONE: &str = "crates = [\"users\"]\n";

#[test]
fn tables_whose_crate_was_taken_off_the_list_are_asked_about() {
    let home = shipped();
    home.write("crates/db/schemig.toml", ONE);
    let words = [
        "no model is left of orders",
        "doesn't list `orders` any more",
        "list it again, if its tables are to stay: crates = [\"orders\"]",
        "remove crates/orders/schemig/home.toml, if its tables are to be dropped",
    ];
    refused_at_home(&home, &words);
    // The answer is given where it was asked for; what is destroyed is signed off as ever.
    std::fs::remove_file(home.path("crates/orders/schemig/home.toml")).unwrap();
    refused(&home, &["diff", "-p", "db"], 3, &["drop table orders", "needs approval"]);
    home.write("crates/db/schemig.toml", "crates = [\"users\", \"orders\"]\n");
    done(&home, &["diff", "-p", "db"]);
    assert_eq!(home.read("crates/orders/schemig/home.toml"), HOME);
}

#[test]
fn a_model_that_is_deleted_in_a_listed_crate_goes_as_any_other() {
    let home = shipped();
    home.write("crates/orders/src/lib.rs", "");
    let text = refused(&home, &["diff", "-p", "db"], 3, &["drop table orders", "needs approval"]);
    assert!(!text.contains("home.toml"), "{text}");
}

#[test]
fn a_crate_whose_models_moved_is_let_go() {
    let home = shipped();
    home.write("crates/db/schemig.toml", ONE);
    home.write("crates/orders/src/lib.rs", "");
    home.write("crates/users/src/more.rs", &model("Order", "orders", "pub id: i32,"));
    home.write("crates/users/src/lib.rs", &format!("mod more;\n{}", model("User", "users", "pub id: i32,")));
    refused(&home, &["diff", "-p", "db", "--check"], 1, &["crates/orders/schemig/home.toml"]);
    done(&home, &["diff", "-p", "db"]);
    assert!(!home.path("crates/orders/schemig").exists());
    done(&home, &["diff", "-p", "db", "--check"]);
}

#[test]
fn a_home_that_does_not_list_the_crate() {
    let home = shipped();
    home.write("crates/db/schemig.toml", ONE);
    let words = [
        "crates/orders/schemig/home.toml:4:8",
        "crates/db/schemig.toml doesn't list `orders` any more",
        "list it again: crates = [\"orders\"]",
        "remove this file",
    ];
    refused(&home, &["status", "-p", "orders"], 2, &words);
}

#[test]
fn a_home_that_is_not_there() {
    let home = shipped();
    std::fs::rename(home.path("crates/db"), home.path("crates/storage")).unwrap();
    home.write(
        "crates/users/Cargo.toml",
        &home.read("crates/users/Cargo.toml").replace("../db", "../storage"),
    );
    home.write(
        "crates/orders/Cargo.toml",
        &home.read("crates/orders/Cargo.toml").replace("../db", "../storage"),
    );
    let words =
        ["crates/users/schemig/home.toml:4:8", "there is no crates/db/Cargo.toml", "writes this file anew"];
    refused(&home, &["status", "-p", "users"], 2, &words);
    done(&home, &["diff"]);
    assert!(home.read("crates/users/schemig/home.toml").contains("home = \"../storage\""));
}

#[test]
fn a_home_file_that_is_damaged() {
    for (text, place) in [
        ("format = 1\nhome = ../db\n", "crates/users/schemig/home.toml:2:"),
        ("format = 1\nhome = \"../db\"\n", "missing field `package`"),
        (&HOME.replace("format = 1", "format = 2"), "it is written in format 2"),
        (&HOME.replace("home =", "hime ="), "unknown field `hime`"),
    ] {
        let home = shipped();
        home.write("crates/users/schemig/home.toml", text);
        refused(&home, &["diff", "-p", "users"], 2, &[place]);
        refused_at_home(&home, &[place]);
    }
}
