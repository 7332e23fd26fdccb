use std::path::{Path, PathBuf};
use std::{env, fs, process};

use super::*;

const USERS: &str = r#"version = 1
name = "users"

[[models]]
type = "User"
fingerprint = "0123456789abcdef"

[[models]]
fingerprint = "1111111111111111"
type = "Account"

[columns.id]
type = "bigint"
fingerprint = "2222222222222222"
"#;

/// A folder of one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn with(test: &str, files: &[(&str, &str)]) -> Self {
        let root = env::temp_dir().join(format!("schemig-captured-{}-{test}", process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(root)
    }

    fn check(&self, type_name: &str, fingerprint: &str) -> Result<(), Drift> {
        check(&self.0, type_name, fingerprint)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A leftover in the temporary directory harms nobody.
        let _: io::Result<()> = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_captured_model_is_found_by_type_and_fingerprint() {
    let files = [("schemig/snapshot/users.toml", USERS), ("schemig/snapshot/notes.txt", "type = \"X\"")];
    let folder = Folder::with("found", &files);
    assert_eq!(folder.check("User", "0123456789abcdef"), Ok(()));
    assert_eq!(folder.check("Account", "1111111111111111"), Ok(()));
}

#[test]
fn each_database_has_its_own_snapshot() {
    let files = [
        ("Cargo.toml", "[package]\nname = \"app\"\n\n[workspace]\n"),
        ("schemig/main/snapshot/users.toml", USERS),
        ("schemig/audit/snapshot/events.toml", &USERS.replace("\"User\"", "\"Event\"")),
        ("schemig/plans/p.toml", USERS),
    ];
    let folder = Folder::with("databases", &files);
    assert_eq!(folder.check("User", "0123456789abcdef"), Ok(()));
    assert_eq!(folder.check("Event", "0123456789abcdef"), Ok(()));
    let nowhere = folder.check("Note", "0123456789abcdef").unwrap_err().to_string();
    let words = "run `cargo schemig diff --database NAME` for the one that it is of (audit, main); the `models` or `crates` of that one";
    assert!(nowhere.contains("has a model `Note`") && nowhere.contains(words), "{nowhere}");
    let changed = folder.check("Event", "0").unwrap_err().to_string();
    assert!(changed.contains("run `cargo schemig diff --database audit`."), "{changed}");
}

#[test]
fn a_change_a_new_model_and_an_empty_project_each_say_what_to_run() {
    let folder = Folder::with("changed", &[("schemig/snapshot/users.toml", USERS)]);
    let drift = folder.check("User", "1111111111111111").unwrap_err();
    assert_eq!(drift, Drift::Changed { type_name: "User".into(), diff: Diff::default() });
    assert!(
        drift.to_string().starts_with("`User` differs from its snapshot: run `cargo schemig diff`."),
        "{drift}"
    );
    let drift = folder.check("Team", "0123456789abcdef").unwrap_err();
    assert!(matches!(&drift, Drift::Missing { type_name, .. } if type_name == "Team"), "{drift}");
    assert!(drift.to_string().contains("write it out as a struct"), "{drift}");
    // A column's lines are no model's.
    assert!(matches!(folder.check("bigint", "2222222222222222"), Err(Drift::Missing { .. })));

    let nothing = Folder::with("nothing", &[]);
    let drift = nothing.check("User", "0123456789abcdef").unwrap_err();
    assert!(
        matches!(drift, Drift::NoSnapshot { .. })
            && drift.to_string().contains("cargo schemig init")
            && drift.to_string().contains("name this one in `crates`"),
        "{drift}"
    );
}

/// A workspace of a crate at home, and of one that it lists.
fn workspace(test: &str, home: &str, files: &[(&str, &str)]) -> Folder {
    let all = [
        ("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n"),
        ("db/Cargo.toml", "[package]\nversion = \"1.0.0\"\nname = \"db\"\n"),
        ("users/schemig/home.toml", home),
    ];
    Folder::with(test, &[&all, files].concat())
}

const HOME: &str = "# Written\nformat = 1\npackage = \"db\"\nhome = \"../db\"\n";

#[test]
fn a_listed_crate_has_its_models_in_the_snapshot_of_its_home() {
    let folder = workspace("listed", HOME, &[("db/schemig/snapshot/users.toml", USERS)]);
    let check = |crate_name: &str, fingerprint| check(&folder.0.join(crate_name), "User", fingerprint);
    assert_eq!(check("users", "0123456789abcdef"), Ok(()));
    for crate_name in ["users", "db"] {
        let drift = check(crate_name, "1111111111111111").unwrap_err().to_string();
        assert!(
            drift.contains("`User` differs from its snapshot: run `cargo schemig diff -p db`."),
            "{drift}"
        );
    }
    assert!(matches!(check("orders", "0123456789abcdef"), Err(Drift::NoSnapshot { .. })));
}

#[test]
fn a_listed_crate_has_the_models_of_one_database() {
    let home = format!("{HOME}database = \"audit\"\n");
    let files = [
        ("db/schemig/main/snapshot/users.toml", USERS),
        ("db/schemig/audit/snapshot/events.toml", &USERS.replace("\"User\"", "\"Event\"")),
    ];
    let folder = workspace("one", &home, &files);
    assert_eq!(check(&folder.0.join("users"), "Event", "0123456789abcdef"), Ok(()));
    let drift = check(&folder.0.join("users"), "User", "0123456789abcdef").unwrap_err().to_string();
    assert!(
        drift.contains("has no model `User`: run `cargo schemig diff -p db --database audit`."),
        "{drift}"
    );
}

#[test]
fn a_home_that_is_not_there_or_not_read_is_named() {
    let folder = workspace("gone", HOME, &[]);
    let drift = check(&folder.0.join("users"), "User", "0").unwrap_err().to_string();
    assert!(
        drift.contains("home.toml says that") && drift.ends_with("run `cargo schemig diff -p db`"),
        "{drift}"
    );
    for (test, text, word) in [
        ("newer", "format = 2\nhome = \"x\"\n", "format 2"),
        ("empty", "format = 1\n", "no home"),
        ("none", "", "no format"),
    ] {
        let folder = workspace(test, text, &[]);
        let drift = check(&folder.0.join("users"), "User", "0").unwrap_err().to_string();
        assert!(drift.contains("home.toml: it ") && drift.contains(word), "{drift}");
    }
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let folder = Folder::with("unreadable", &[("schemig/snapshot/users.toml", "")]);
    fs::write(folder.0.join("schemig/snapshot/users.toml"), [0xff, 0xfe]).unwrap();
    let drift = folder.check("User", "0123456789abcdef").unwrap_err();
    assert!(matches!(&drift, Drift::Unreadable { path, .. } if path.ends_with("users.toml")), "{drift}");
}

#[test]
#[should_panic(expected = "there is no snapshot in")]
fn the_test_fails_by_panicking() {
    captured(Path::new("/nonexistent").to_str().unwrap(), "User", "0123456789abcdef");
}
