//! What the commands do for crates that are listed.

use super::{HOME, inside, shipped, workspace};
use crate::bad_input::{done, model, refused, schemig};
use crate::support::Crate;

#[test]
fn one_plan_for_the_models_of_all_crates() {
    let home = workspace();
    done(&home, &["init", "-p", "db"]);
    assert_eq!(home.names("crates/users/schemig"), ["home.toml"]);
    let before = home.tree();
    let dry = done(&home, &["diff", "-p", "db", "--dry-run"]);
    assert!(dry.contains("create table users") && dry.contains("create table orders"), "{dry}");
    assert_eq!(home.tree(), before);
    done(&home, &["diff", "-p", "db", "--now", "2026-11-20-070000"]);
    assert_eq!(home.names("crates/db/schemig/plans").len(), 1);
    assert_eq!(home.names("crates/db/schemig/snapshot"), ["orders.toml", "users.toml"]);
    assert!(home.read("crates/db/src/schema.rs").contains("users (id)"));
    for name in ["users", "orders"] {
        assert_eq!(home.read(&format!("crates/{name}/schemig/home.toml")), HOME);
        assert!(!home.path(&format!("crates/{name}/src/schema.rs")).exists());
    }
    assert!(done(&home, &["diff", "-p", "db"]).contains("nothing to do"));
    home.write("crates/users/src/lib.rs", &model("User", "users", "pub id: i32,\npub nick: Option<String>,"));
    let changed = done(&home, &["diff", "-p", "db", "--no-overlap", "--now", "2026-11-21-070000"]);
    assert!(changed.contains("add column users.nick") && !changed.contains("column orders"), "{changed}");
}

#[test]
fn any_place_in_the_workspace_leads_home() {
    let home = shipped();
    home.write(
        "crates/orders/src/lib.rs",
        &model("Order", "orders", "pub id: i32,\npub note: Option<String>,"),
    );
    let planned = |more: &[&str]| {
        schemig(&home, &[&["diff", "--dry-run", "--now", "2026-11-21-070000"], more].concat())
    };
    let wanted = planned(&["-p", "db"]);
    assert!(wanted.1.contains("add column orders.note"), "{}", wanted.1);
    assert_eq!(planned(&[]), wanted, "at the workspace's root there is one home");
    assert_eq!(planned(&["-p", "users"]), wanted, "home.toml is followed");
    for typed in [
        &["status"][..],
        &["schema"],
        &["diff", "--check"],
        &["contract"],
        &["explain"],
        &["verify", "--rows", "5"],
    ] {
        let (at_home, away) = (inside(&home, "crates/db", typed), inside(&home, "crates/users/src", typed));
        assert_eq!(at_home.0, away.0, "{typed:?}: {} {}", at_home.1, away.1);
    }
    let (code, text) = inside(&home, "crates/users", &["diff", "--now", "2026-11-21-070000"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("../db/migrations/"), "{text}");
    assert_eq!(home.names("crates/db/schemig/plans").len(), 2);
}

/// Before the first diff nobody has told the crates where their home is.
#[test]
fn a_crate_that_is_listed_and_not_told_yet_is_led_home_too() {
    let home = workspace();
    done(&home, &["init", "-p", "users"]);
    assert!(
        home.path("crates/db/schemig/deployed").is_file()
            && !home.path("crates/users/schemig/deployed").exists()
    );
    std::fs::remove_dir_all(home.path("crates/users/schemig")).unwrap();
    done(&home, &["diff", "-p", "users", "--now", "2026-11-20-070000"]);
    assert_eq!(home.read("crates/users/schemig/home.toml"), HOME);
}

/// The other direction: the app depends on the crates with models, and is the workspace's root.
#[test]
fn an_app_at_the_root_lists_the_crates_that_it_is_made_of() {
    let home = workspace();
    let manifest = home.read("crates/db/Cargo.toml").replace("\"db\"", "\"app\"");
    home.write(
        "Cargo.toml",
        &format!(
            "{manifest}users = {{ path = \"crates/users\" }}\n\n[workspace]\nmembers = [\"crates/*\"]\n"
        ),
    );
    std::fs::remove_dir_all(home.path("crates/db")).unwrap();
    for name in ["users", "orders"] {
        let path = format!("crates/{name}/Cargo.toml");
        home.write(&path, &home.read(&path).replace("db = { path = \"../db\" }\n", ""));
    }
    home.write("schemig.toml", "crates = [\"orders\", \"users\"]\n");
    let lib = format!(
        "{}\npub use users::*;\n",
        model("Setting", "settings", "pub id: i32,\npub kind: users::Kind,")
    );
    home.write("src/lib.rs", &lib);
    let users = model("User", "users", "pub id: i32,\npub kind: Kind,");
    home.write(
        "crates/users/src/lib.rs",
        &format!("{users}\n#[derive(diesel_derive_newtype::DieselNewType)]\npub struct Kind(String);\n"),
    );
    done(&home, &["init"]);
    done(&home, &["diff", "--now", "2026-11-20-070000"]);
    assert_eq!(home.names("schemig/snapshot"), ["orders.toml", "settings.toml", "users.toml"]);
    assert!(home.read("crates/users/schemig/home.toml").contains("home = \"../..\"\n"));
    let (code, text) = inside(&home, "crates/users", &["diff"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text}");
}

#[test]
fn mistakes_and_questions_are_shown_where_they_stand() {
    let home = shipped();
    home.write("crates/users/src/lib.rs", &model("User", "users", "pub id: i32,\npub at: Mystery,"));
    let text = refused(
        &home,
        &["diff", "-p", "db"],
        2,
        &["crates/users/src/lib.rs:", "the type `Mystery` of `at` is unknown"],
    );
    assert!(text.contains("pub at: Mystery,"), "the line is shown: {text}");
    let (_, text) = inside(&home, "crates/db", &["diff"]);
    assert!(text.contains("../users/src/lib.rs:"), "{text}");
    // Two structs of one name are two models; two of one table aren't.
    home.write("crates/users/src/lib.rs", &model("User", "users", "pub id: i32,"));
    home.write("crates/orders/src/lib.rs", &model("User", "orders", "pub id: i32,"));
    done(&home, &["diff", "-p", "db"]);
    home.write("crates/orders/src/lib.rs", &model("User", "users", "pub id: i32,"));
    let words = ["both describe the table `users`", "crates/orders/src/lib.rs", "crates/users/src/lib.rs"];
    refused(&home, &["diff", "-p", "db"], 2, &words);
}

/// A table is the database's, whichever crate its model is in.
#[test]
fn a_model_refers_to_the_table_of_another_crate() {
    let home = workspace();
    let order = model(
        "Order",
        "orders",
        "pub id: i32,\n#[schemig(references = \"users\", index)]\npub user_id: i32,",
    );
    home.write("crates/orders/src/lib.rs", &order);
    done(&home, &["init", "-p", "db"]);
    done(&home, &["diff", "--now", "2026-11-20-070000"]);
    let table = home.read("crates/db/schemig/snapshot/orders.toml");
    assert!(table.contains("references = \"users\""), "{table}");
    home.write("crates/users/src/lib.rs", "");
    refused(&home, &["diff"], 2, &["crates/orders/src/lib.rs:", "users"]);
}

#[test]
fn a_crate_has_its_own_features() {
    let home = shipped();
    let manifest = home.read("crates/users/Cargo.toml") + "\n[features]\nextra = []\n";
    home.write("crates/users/Cargo.toml", &manifest);
    let more = format!(
        "\n#[cfg(feature = \"extra\")]\nmod extra {{\n{}\n}}\n",
        model("Extra", "extras", "pub id: i32,")
    );
    home.write("crates/users/src/lib.rs", &(home.read("crates/users/src/lib.rs") + &more));
    assert!(done(&home, &["diff", "-p", "db"]).contains("nothing to do"));
    let with = done(&home, &["diff", "-p", "db", "--dry-run", "--features", "users/extra"]);
    assert!(with.contains("create table extras"), "{with}");
    home.write("crates/db/schemig.toml", "crates = [\"users\", \"orders\"]\nfeatures = [\"users/extra\"]\n");
    assert!(done(&home, &["diff", "-p", "db", "--dry-run"]).contains("create table extras"));
    let words = ["crates/users/Cargo.toml", "it has no feature `other`"];
    refused(&home, &["diff", "-p", "db", "--features", "users/other"], 2, &words);
}

#[test]
fn nothing_is_written_where_a_crate_cant_be_told() {
    let home = workspace();
    done(&home, &["init", "-p", "db"]);
    std::fs::remove_dir_all(home.path("crates/orders/schemig")).unwrap();
    home.write("crates/orders/schemig", "a file in the way");
    refused(&home, &["diff", "-p", "db"], 4, &["crates/orders/schemig/home.toml"]);
}

#[test]
fn a_listed_crate_is_no_other_service() {
    let home = shipped();
    home.write("crates/users/src/lib.rs", &model("User", "users", "pub id: i32,\npub nick: Option<String>,"));
    home.write("crates/db/schemig.toml", "crates = [\"users\", \"orders\"]\noverlap = true\n");
    let is_free = |home: &Crate| {
        let (code, text) = schemig(home, &["diff", "-p", "db", "--dry-run"]);
        assert!(code == 0 && !text.contains("shared-table"), "{text}");
    };
    is_free(&home);
    // Nor is one that was listed: nothing of the database is in it.
    home.write(
        "crates/db/src/lib.rs",
        &format!("pub mod schema;\n{}", model("Order", "orders", "pub id: i32,")),
    );
    home.write("crates/db/schemig.toml", "crates = [\"users\"]\noverlap = true\n");
    is_free(&home);
    // A project by itself is one.
    home.write("crates/orders/src/lib.rs", &model("User", "users", "pub id: i32,"));
    std::fs::remove_dir_all(home.path("crates/orders/schemig")).unwrap();
    done(&home, &["init", "-p", "orders"]);
    done(&home, &["diff", "-p", "orders"]);
    refused(&home, &["diff", "-p", "db"], 3, &["users is used by orders too"]);
}
