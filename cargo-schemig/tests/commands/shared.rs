//! Tables that several crates of a workspace use, or that schemig.toml says others use.

use crate::bad_input::{done, notes, schemig, shipped_on_postgres};
use crate::support::Crate;

/// A workspace of two crates that both have `notes`; the first is about to change it.
fn two() -> Crate {
    let home = Crate::new();
    home.write("Cargo.toml", "[workspace]\nmembers = [\"services/*\"]\n");
    for (name, fields) in [("web", "pub title: String,"), ("mail", "pub title: String,")] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ndiesel = {{ version = \"2.3\", features = [\"postgres\"] }}\n"
        );
        home.write(&format!("services/{name}/Cargo.toml"), &manifest);
        home.write(&format!("services/{name}/src/lib.rs"), &notes(fields));
        let at = home.path(&format!("services/{name}/Cargo.toml"));
        for typed in [&["init"][..], &["diff", "--now", "2026-11-20-070000"], &["contract"]] {
            let (code, text) = at_manifest(&at, typed);
            assert_eq!(code, 0, "{text}");
        }
    }
    home.write("services/web/src/lib.rs", &notes("pub title: String,\npub mood: Option<String>,"));
    home
}

fn at_manifest(manifest: &std::path::Path, typed: &[&str]) -> (i32, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-schemig"))
        .arg("schemig")
        .args(typed)
        .arg("--manifest-path")
        .arg(manifest)
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

#[test]
fn another_crate_of_the_workspace_has_the_table() {
    let home = two();
    let diff = |more: &[&str]| {
        let typed = [&["diff", "--now", "2026-11-22-070000"], more].concat();
        at_manifest(&home.path("services/web/Cargo.toml"), &typed)
    };
    let (code, text) = diff(&[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("needs approval (shared-table): notes is used by mail too"), "{text}");
    // A list, if only an empty one, is the last word.
    home.write("services/web/schemig.toml", "[services]\n");
    let (code, text) = diff(&["--dry-run"]);
    assert_eq!(code, 0, "{text}");
    home.write("services/web/schemig.toml", "");
    home.write("services/mail/schemig.toml", "dialect = \"sqlite\"\n");
    let (code, text) = diff(&[]);
    assert_eq!(code, 0, "another kind of database: {text}");
}

#[test]
fn a_listed_service_is_asked_about() {
    let home = shipped_on_postgres(&notes("pub title: String,"));
    home.write("schemig.toml", "[services]\nbilling = [\"notes\", \"invoices\"]\n");
    home.write("src/lib.rs", &notes("pub title: String,\npub mood: Option<String>,"));
    let (code, text) = schemig(&home, &["diff"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("notes is used by billing too"), "{text}");
    done(&home, &["diff", "--approve", "billing reads titles alone"]);
}
