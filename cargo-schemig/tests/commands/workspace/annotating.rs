//! `init --annotate` in several crates.

use super::workspace;
use crate::annotate::{adopt, apply, proposed, run, says, table};
use crate::bad_input::done;
use crate::support::Crate;
use schemig_core::schema::Schema;

/// A struct that reads all of its table, and derives no `Migratable`.
fn structure(name: &str, table: &str) -> String {
    format!(
        "#[derive(diesel::Queryable)]\n#[diesel(table_name = db::schema::{table})]\npub struct {name} {{\n    pub id: i32,\n}}\n"
    )
}

/// `users`, `orders` and `notes` were adopted, and have a struct each, the last at home.
fn adopted() -> Crate {
    let home = workspace();
    let one = || table(&["id"], &[("id", "integer")]);
    let schema = ["users", "orders", "notes"]
        .into_iter()
        .fold(Schema::default(), |schema, name| schema.with_table(name, one()));
    adopt(&home, "crates/db/schemig", &schema);
    home.write("crates/db/src/lib.rs", &structure("Note", "notes"));
    home.write("crates/users/src/lib.rs", &structure("User", "users"));
    home.write("crates/orders/src/lib.rs", &structure("Order", "orders"));
    home
}

#[test]
fn structs_of_all_crates_are_proposed_in_one_diff() {
    let home = adopted();
    let printed = proposed(&home);
    let words = [
        "3 structs are to derive Migratable",
        "+++ b/crates/users/src/lib.rs",
        "+++ b/crates/db/src/lib.rs",
        "`git apply` of the diff in .",
        "cargo add schemig -p users",
        "cargo add schemig -p orders",
    ];
    says(&printed, &words);
    apply(&home, "patch", &["-p1"], &printed);
    let text = done(&home, &["diff"]);
    says(&text, &["the snapshot is brought up to date"]);
    assert!(home.names("crates/db/migrations").is_empty());
    assert!(home.path("crates/users/schemig/home.toml").is_file());
    let again = adopted();
    done(&again, &["init", "--annotate", "--write"]);
    assert_eq!(again.read("crates/users/src/lib.rs"), home.read("crates/users/src/lib.rs"));
}

/// What has to be in a crate's Cargo.toml, in whichever way it may stand there.
#[test]
fn the_dependency_is_looked_for_wherever_it_may_be() {
    let asked = |line: &str, workspace: &str| {
        let home = adopted();
        let manifest = home.read("crates/users/Cargo.toml");
        home.write(
            "crates/users/Cargo.toml",
            &manifest.replace("[dependencies]\n", &format!("[dependencies]\n{line}\n")),
        );
        home.write("Cargo.toml", &(home.read("Cargo.toml") + workspace));
        proposed(&home)
    };
    for (line, workspace) in [
        ("schemig = \"0.1\"", ""),
        ("schemig = { version = \"0.1\", optional = true }", ""),
        ("schemig.workspace = true", "\n[workspace.dependencies]\nschemig = \"0.1\"\n"),
        (
            "[target.'cfg(unix)'.dependencies]\nschemig = \"0.1\"\n[dependencies.log]\nversion = \"0.4\"\n[dependencies.diesel_x]",
            "",
        ),
    ] {
        let printed = asked(line, workspace);
        assert!(!printed.contains("cargo add schemig -p users"), "{line}: {printed}");
        says(&printed, &["cargo add schemig -p orders"]);
    }
    for (line, workspace) in [
        ("zdm = { package = \"schemig\", version = \"0.1\" }", ""),
        (
            "zdm.workspace = true",
            "\n[workspace.dependencies]\nzdm = { package = \"schemig\", version = \"0.1\" }\n",
        ),
    ] {
        says(
            &asked(line, workspace),
            &["call schemig by its own name in crates/users/Cargo.toml, where it is `zdm`"],
        );
    }
    for line in [
        "schemig = { package = \"other\", version = \"1\" }",
        "diesel_x = \"1\"\n[dev-dependencies]\nschemig = \"0.1\"\n[dependencies.diesel_y]",
    ] {
        says(&asked(line, ""), &["cargo add schemig -p users"]);
    }
}

/// A struct of another database is none of this one's.
#[test]
fn a_database_has_its_own_structs() {
    let home = adopted();
    home.write("crates/db/src/audit.rs", &structure("Event", "notes"));
    home.write("crates/db/src/lib.rs", "mod audit;\n#[derive(schemig::Migratable)] #[diesel(table_name = notes)] pub struct Note { id: i32 }");
    let two = "[database.audit]\nmodels = \"src/audit\"\ncrates = [\"orders\"]\nmigrations = \"a\"\nschema_rs = \"a.rs\"\n\n\
               [database.main]\nmodels = \"src/lib\"\ncrates = [\"users\"]\n";
    home.write("crates/db/schemig.toml", two);
    std::fs::rename(home.path("crates/db/schemig/snapshot"), home.path("crates/db/snapshot")).unwrap();
    std::fs::create_dir(home.path("crates/db/schemig/audit")).unwrap();
    std::fs::rename(home.path("crates/db/snapshot"), home.path("crates/db/schemig/audit/snapshot")).unwrap();
    let (code, text, complaint) = run(&home, &["init", "--annotate", "-p", "db", "--database", "audit"]);
    assert_eq!(code, 0, "{complaint}");
    says(
        &text,
        &[
            "2 structs are to derive Migratable",
            "+++ b/crates/orders/src/lib.rs",
            "+++ b/crates/db/src/audit.rs",
        ],
    );
    assert!(!text.contains("users/src/lib.rs") && !text.contains("db/src/lib.rs"), "{text}");
}
