//! What is deployed, read at a git ref: a real repository, and the production branch moves.

use crate::bad_input::{done, schemig};
use crate::support::{Crate, git};

fn commit(home: &Crate) {
    git(home, &["add", "--all"]);
    git(home, &["commit", "--quiet", "--message", "change"]);
}

/// The commit that was just made is in production now.
fn deploy(home: &Crate) {
    commit(home);
    git(home, &["branch", "--force", "production"]);
}

fn models(home: &Crate, fields: &str) {
    home.write(
        "src/lib.rs",
        &format!("#[derive(Migratable)]\npub struct Note {{\n    pub id: i32,\n{fields}}}\n"),
    );
}

fn diff(home: &Crate, day: u32) -> String {
    done(home, &["diff", "--now", &format!("2026-11-{day}-070000"), "--approve", "nobody looks"])
}

/// `notes` with a colour is in production, by the first plan.
fn in_production() -> Crate {
    let home = Crate::new();
    home.write("schemig.toml", "overlap = true\ndeployed = \"production\"\n");
    models(&home, "    pub colour: Option<String>,\n");
    git(&home, &["init", "--quiet"]);
    commit(&home);
    git(&home, &["branch", "production"]);
    done(&home, &["init"]);
    diff(&home, 20);
    deploy(&home);
    home
}

#[test]
fn a_plan_is_contracted_when_production_has_it() {
    let home = in_production();
    models(&home, "");
    diff(&home, 21);
    commit(&home);
    let text = done(&home, &["contract", "--dry-run"]);
    assert!(text.contains("0001_create_notes runs everywhere") && !text.contains("0002"), "{text}");
    let (code, text) = schemig(&home, &["contract", "0002_drop_notes_colour"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("isn't at production") && text.contains("help: "), "{text}");

    git(&home, &["branch", "--force", "production"]);
    let text = done(&home, &["status"]);
    assert!(text.contains("0002_drop_notes_colour runs everywhere"), "{text}");
    let text = done(&home, &["contract", "--now", "2026-11-22-070000"]);
    assert!(text.contains("1 migration"), "{text}");
    assert_eq!(
        home.names("migrations").last().unwrap(),
        "2026-11-22-070000-0000_drop_notes_colour_01_contract"
    );
    assert!(home.names("schemig/contracts").is_empty());
    let text = done(&home, &["contract"]);
    assert!(text.contains("nothing to do"), "{text}");
}

#[test]
fn a_ref_that_is_not_there() {
    let home = in_production();
    models(&home, "");
    for (reference, word) in
        [("origin/production", "origin/production"), ("--output=x", "no name"), ("", "no name")]
    {
        home.write("schemig.toml", &format!("overlap = true\ndeployed = \"{reference}\"\n"));
        let before = home.names(".");
        for command in ["diff", "contract", "status"] {
            let (code, text) = schemig(&home, &[command]);
            assert_eq!(code, 2, "{text}");
            assert!(text.contains(word) && text.contains("git fetch"), "{text}");
        }
        assert_eq!(home.names("."), before);
    }
}

#[test]
fn a_crate_without_a_repository() {
    let home = Crate::new();
    home.write("schemig.toml", "deployed = \"production\"\n");
    models(&home, "");
    done(&home, &["init"]);
    let before = home.tree();
    let (code, text) = schemig(&home, &["diff"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("not a git repository"), "{text}");
    assert_eq!(home.tree(), before);
}

#[test]
fn without_the_key_no_repository_is_needed() {
    let home = Crate::new();
    models(&home, "");
    done(&home, &["init"]);
    diff(&home, 20);
}

#[test]
fn a_crate_below_the_top_of_its_repository() {
    let outer = Crate::new();
    git(&outer, &["init", "--quiet"]);
    let inner = outer.path("apps/notes");
    std::fs::create_dir_all(inner.join("src")).unwrap();
    std::fs::copy(outer.path("Cargo.toml"), inner.join("Cargo.toml")).unwrap();
    outer.write("apps/notes/schemig.toml", "overlap = true\ndeployed = \"production\"\n");
    outer.write("apps/notes/src/lib.rs", "#[derive(Migratable)]\npub struct Note {\n    pub id: i32,\n}\n");
    commit(&outer);
    git(&outer, &["branch", "production"]);
    let manifest = ["--manifest-path", "apps/notes/Cargo.toml"];
    done(&outer, &[&["init"], &manifest[..]].concat());
    done(&outer, &[&["diff", "--now", "2026-11-20-070000"], &manifest[..]].concat());
    assert!(done(&outer, &[&["status"], &manifest[..]].concat()).contains("isn't known to run everywhere"));
    deploy(&outer);
    assert!(
        done(&outer, &[&["status"], &manifest[..]].concat()).contains("0001_create_notes runs everywhere")
    );
}
