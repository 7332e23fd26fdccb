//! The commands' own output on changed models, and what a spoilt one is told.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_schemig::report::schema::schemas;
use schemig_tests::fixture::Fixture;
use schemig_tests::project::binary;
use schemig_tests::run::Run;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::schema::faults;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// `SCHEMIG_WRITE_DOCS=1` writes them.
#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (name, text) in schemas() {
        if std::env::var_os("SCHEMIG_WRITE_DOCS").is_some() {
            fs::write(docs(name), &text).expect("docs/");
        }
        let published = fs::read_to_string(docs(name)).unwrap_or_default();
        assert!(
            published == text,
            "docs/{name} isn't as the types are: run this test with SCHEMIG_WRITE_DOCS=1"
        );
    }
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(docs(name)).expect("it is published")).expect("JSON")
}

/// A crate in a temporary directory.
struct Crate(TempDir);

impl Crate {
    fn new(product: &str, models: &str) -> Self {
        let made = Self(tempfile::tempdir().expect("a directory"));
        let manifest = format!(
            "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ndiesel = {{ version = \"2.3\", features = [\"{product}\"] }}\n\n[workspace]\n"
        );
        made.write("Cargo.toml", &manifest);
        // SQLite has no safe route for most of them beside a running release.
        made.write("schemig.toml", &format!("overlap = {}\n", product == "postgres"));
        made.write("src/lib.rs", models);
        made
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn run(&self, words: &[&str]) -> Run {
        let mut command = std::process::Command::new(binary());
        Run::of(command.arg("schemig").args(words).current_dir(self.0.path()))
    }

    /// What a command prints for a program.
    fn told(&self, words: &[&str]) -> Value {
        let run = self.run(&[words, &["--format", "json"]].concat());
        serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{words:?}: {error}\n{}", run.printed()))
    }
}

fn assert_fits(schema: &Value, told: &Value, whose: &str) {
    let faults = faults(schema, told);
    assert!(faults.is_empty(), "{whose}: {faults:#?}\n{told:#}");
    assert_eq!(told["format"], 1, "{whose}");
}

/// Fixtures that have between them all that a report has.
const TOLD: [&str; 5] = [
    "add_foreign_key_column_from_source",
    "drop_table",
    "rename_column",
    "widen_primary_key",
    "create_table",
];

#[test]
fn reports_are_as_their_schema_says() {
    let schema = schema("report.schema.json");
    let now = |day: &'static str| ["--now", day];
    for fixture in Fixture::all().iter().filter(|fixture| TOLD.contains(&fixture.name.as_str())) {
        let models = |file: &str| fs::read_to_string(fixture.directory.join(file)).expect("models");
        for product in ["postgres", "sqlite"] {
            let whose = format!("{} on {product}", fixture.name);
            let made = Crate::new(product, &models("before.rs"));
            assert_fits(&schema, &made.told(&["init"]), &whose);
            assert_fits(
                &schema,
                &made.told(&[&["diff", "shop"][..], &now("2026-11-20-070000")].concat()),
                &whose,
            );
            assert_fits(&schema, &made.told(&["contract"]), &whose);
            made.write("src/lib.rs", &models("after.rs"));
            let change = [&["diff", "change"][..], &now("2026-11-22-070000")].concat();
            let dry = made.told(&[&change[..], &["--dry-run", "--rows", "users=5M"]].concat());
            assert_fits(&schema, &dry, &whose);
            assert!(dry["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{whose}: {dry:#}");
            assert_fits(&schema, &made.told(&[&change[..], &["--approve", "a test"]].concat()), &whose);
            assert_fits(&schema, &made.told(&["status"]), &whose);
            assert_fits(&schema, &made.told(&["contract", "--confirm", "--approve", "a test"]), &whose);
        }
    }
}

#[test]
fn verdicts_and_rules_are_as_their_schemas_say() {
    let note = |fields: &str| {
        format!(
            "#[derive(Migratable)]\n#[diesel(table_name = notes)]\npub struct Note {{\n    pub id: i32,\n{fields}}}\n"
        )
    };
    let made = Crate::new("sqlite", &note(""));
    made.run(&["init"]).expect_success("init");
    made.run(&["diff", "notes", "--now", "2026-11-20-070000"]).expect_success("diff");
    made.run(&["contract"]).expect_success("contract");
    made.write("src/lib.rs", &note("    pub title: Option<String>,\n"));
    made.run(&["diff", "title", "--now", "2026-11-22-070000"]).expect_success("diff");
    assert_fits(&schema("verdict.schema.json"), &made.told(&["verify", "--rows", "10"]), "verify");
    assert_fits(&schema("rules.schema.json"), &made.told(&["explain"]), "explain");
    assert_fits(&schema("rules.schema.json"), &made.told(&["explain", "data-destroyed"]), "explain one");
}

#[test]
fn what_does_not_fit_is_seen() {
    let schema = schema("rules.schema.json");
    let rule = json!({ "rule": "a", "title": "b" });
    let says = |document: Value| faults(&schema, &document).join("\n");
    assert_eq!(says(json!({ "format": 1, "rules": [rule] })), "");
    assert!(says(json!({ "format": 2, "rules": [rule] })).contains("/format: 2 isn't 1"));
    assert!(says(json!({ "format": 1 })).contains("\"rules\" is missing"));
    assert!(
        says(json!({ "format": 1, "rules": [{ "rule": 1, "title": "b" }] }))
            .contains("/rules/0/rule: 1 is no")
    );
    assert!(says(json!({ "format": 1, "rules": [], "more": 1 })).contains("more isn't listed"));
}
