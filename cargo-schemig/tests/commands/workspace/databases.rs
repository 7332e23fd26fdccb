//! Several databases, each with crates of its own.

use super::{inside, workspace};
use crate::bad_input::{done, model, refused};
use crate::support::Crate;

const TWO: &str = "[database.audit]\ncrates = [\"orders\"]\nmigrations = \"migrations/audit\"\nschema_rs = \"src/audit.rs\"\n\n\
                   [database.main]\ncrates = [\"users\"]\nmodels = \"src/main_models\"\nmigrations = \"migrations/main\"\n";

fn two() -> Crate {
    let home = workspace();
    home.write("crates/db/schemig.toml", TWO);
    home
}

#[test]
fn each_database_has_its_crates() {
    let home = two();
    home.write("crates/db/src/lib.rs", "mod main_models;\n");
    home.write("crates/db/src/main_models.rs", &model("Note", "notes", "pub id: i32,"));
    for (name, tables) in [("audit", &["orders.toml"][..]), ("main", &["notes.toml", "users.toml"])] {
        done(&home, &["init", "-p", "db", "--database", name]);
        done(&home, &["diff", "-p", "db", "--database", name, "--now", "2026-11-20-070000"]);
        assert_eq!(home.names(&format!("crates/db/schemig/{name}/snapshot")), tables);
    }
    assert!(
        home.read("crates/orders/schemig/home.toml").ends_with("home = \"../db\"\ndatabase = \"audit\"\n")
    );
    assert!(home.read("crates/users/schemig/home.toml").ends_with("database = \"main\"\n"));
    // The crate says which database is meant.
    let (code, text) = inside(&home, "crates/orders", &["diff"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text}");
    home.write(
        "crates/orders/src/lib.rs",
        &model("Order", "orders", "pub id: i32,\npub note: Option<String>,"),
    );
    let (code, text) = inside(&home, "crates/orders", &["diff", "--now", "2026-11-21-070000"]);
    assert!(code == 0 && text.contains("migrations/audit"), "{text}");
    assert!(done(&home, &["diff", "-p", "db", "--database", "main"]).contains("nothing to do"));
}

#[test]
fn a_model_at_home_that_no_database_has() {
    let home = two();
    home.write("crates/db/src/lib.rs", &model("Note", "notes", "pub id: i32,"));
    for name in ["audit", "main"] {
        done(&home, &["init", "-p", "db", "--database", name]);
        let words = ["crates/db/src/lib.rs:", "`Note` is a model of none of the databases", "`models`"];
        refused(&home, &["diff", "-p", "db", "--database", name], 2, &words);
    }
    home.write(
        "crates/db/schemig.toml",
        &TWO.replace("models = \"src/main_models\"\n", "").replace("crates = [\"users\"]\n", ""),
    );
    let words = ["which models are those of main", "models = \"src/main\", or the crates"];
    refused(&home, &["diff", "-p", "db", "--database", "main"], 2, &words);
}

#[test]
fn a_crate_in_two_lists_or_above_them() {
    let home = two();
    home.write("crates/db/schemig.toml", &TWO.replace("[\"users\"]", "[\"users\", \"orders\"]"));
    let words =
        ["databases audit and main both list `orders`", "crates/db/schemig.toml:7:", "with one of them"];
    refused(&home, &["init", "-p", "db", "--database", "main"], 2, &words);
    home.write("crates/db/schemig.toml", &format!("crates = [\"users\"]\n{TWO}"));
    let words = [
        "`crates` stands above the databases",
        "crates/db/schemig.toml:1:",
        "move it, as into [database.audit]",
    ];
    refused(&home, &["init", "-p", "db", "--database", "main"], 2, &words);
}
