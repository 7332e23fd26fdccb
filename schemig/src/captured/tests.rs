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
    let folder =
        Folder::with("found", &[("snapshot/users.toml", USERS), ("snapshot/notes.txt", "type = \"X\"")]);
    assert_eq!(folder.check("User", "0123456789abcdef"), Ok(()));
    assert_eq!(folder.check("Account", "1111111111111111"), Ok(()));
}

#[test]
fn each_database_has_its_own_snapshot() {
    let folder = Folder::with("databases", &[("main/snapshot/users.toml", USERS), ("plans/p.toml", USERS)]);
    assert_eq!(folder.check("User", "0123456789abcdef"), Ok(()));
}

#[test]
fn a_change_a_new_model_and_an_empty_project_each_say_what_to_run() {
    let folder = Folder::with("changed", &[("snapshot/users.toml", USERS)]);
    let drift = folder.check("User", "1111111111111111").unwrap_err();
    assert_eq!(drift, Drift::Changed { type_name: "User".into() });
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
        matches!(drift, Drift::NoSnapshot { .. }) && drift.to_string().contains("cargo schemig init"),
        "{drift}"
    );
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let folder = Folder::with("unreadable", &[("snapshot/users.toml", "")]);
    fs::write(folder.0.join("snapshot/users.toml"), [0xff, 0xfe]).unwrap();
    let drift = folder.check("User", "0123456789abcdef").unwrap_err();
    assert!(matches!(&drift, Drift::Unreadable { path, .. } if path.ends_with("users.toml")), "{drift}");
}

#[test]
#[should_panic(expected = "there is no snapshot in")]
fn the_test_fails_by_panicking() {
    captured(Path::new("/nonexistent").to_str().unwrap(), "User", "0123456789abcdef");
}
