//! ARCHITECTURE's invariants that the compiler doesn't hold, each with what would break it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use schemig_core::change::Change;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::server::Server;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_owned()
}

/// The Rust files below a directory, with their code: no comments, and no unit tests.
fn sources(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("the workspace can be read") {
        let path = entry.expect("the workspace can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.clone(), code(&fs::read_to_string(&path).expect("sources are text"))));
        }
    }
    found.sort();
    found
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Where one of the words stands in core's code.
fn in_core(words: &[&str], besides: &str) -> Vec<String> {
    let core = workspace().join("schemig-core/src");
    let mut found = Vec::new();
    let is_product = |path: &Path| {
        !path.starts_with(core.join(besides))
            && !path.components().any(|part| Path::new(&part).file_stem() == Some("tests".as_ref()))
    };
    for (path, code) in sources(&core).iter().filter(|(path, _)| is_product(path)) {
        found.extend(
            words
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| format!("{}: {word}", path.display())),
        );
    }
    found
}

#[test]
fn core_does_no_io() {
    let words =
        ["std::fs", "std::env", "std::process", "std::net", "std::time", "std::thread", "println!", "rand::"];
    assert_eq!(in_core(&words, "nowhere"), Vec::<String>::new());
}

#[test]
fn core_has_no_container_without_an_order() {
    assert_eq!(in_core(&["HashMap", "HashSet"], "nowhere"), Vec::<String>::new());
}

#[test]
fn only_the_dialects_name_a_product() {
    let words = ["Postgres", "postgres", "Sqlite", "sqlite", "SQLite", "PostgreSQL", "MySql", "mysql"];
    // Diesel's own words for a type and an attribute, which a model may use.
    let of_diesel = ["builtin.rs: Sqlite", "attribute.rs: postgres"];
    let named = in_core(&words, "dialect");
    let ours: Vec<&String> =
        named.iter().filter(|found| !of_diesel.iter().any(|word| found.ends_with(word))).collect();
    assert_eq!(ours, Vec::<&String>::new());
}

#[test]
fn nothing_cascades_and_nothing_truncates() {
    // ON DELETE CASCADE is a foreign key's action, which the user asks for; schema/ spells it.
    let dialects = workspace().join("schemig-core/src/dialect");
    for (path, code) in sources(&dialects) {
        for word in ["CASCADE", "TRUNCATE"] {
            assert!(!code.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn no_file_and_no_function_is_a_meeting_place() {
    for folder in ["schemig", "schemig-derive", "schemig-syntax", "schemig-core", "cargo-schemig", "tests"] {
        for (path, _) in sources(&workspace().join(folder)) {
            let lines = fs::read_to_string(&path).expect("sources are text").lines().count();
            assert!(lines <= 500, "{} has {lines} lines", path.display());
        }
    }
}

/// Every kind of change has a fixture whose plan makes it.
#[test]
fn every_change_has_a_fixture() {
    let dialect = Server::dialect(Product::Postgres);
    let mut made = BTreeSet::new();
    for fixture in Fixture::all() {
        // A server that hasn't the types of a fixture has nothing to show for it.
        let Ok(pair) = fixture.pair(Product::Postgres, dialect.as_ref()) else { continue };
        if let Ok(Some(planned)) = pair.plan(dialect.capabilities()) {
            made.extend(planned.plan.changes.iter().map(kind));
        }
    }
    assert_eq!(made.into_iter().collect::<Vec<_>>(), KINDS);
}

/// In the order of the alphabet. A new change stops the build in `kind`, and this test until it stands here.
const KINDS: [&str; 28] = [
    "add_check",
    "add_column",
    "add_enum_value",
    "add_foreign_key",
    "add_index",
    "change_collation",
    "change_comments",
    "change_default",
    "change_identity",
    "change_primary_key",
    "create_enum",
    "create_table",
    "drop_check",
    "drop_column",
    "drop_enum",
    "drop_foreign_key",
    "drop_index",
    "drop_table",
    "recompute_column",
    "relax_column",
    "rename_column",
    "rename_enum_value",
    "rename_table",
    "replace_column",
    "replace_enum",
    "replace_index",
    "require_column",
    "retype_column",
];

fn kind(change: &Change) -> &'static str {
    match change {
        Change::CreateTable { .. } => "create_table",
        Change::DropTable { .. } => "drop_table",
        Change::RenameTable { .. } => "rename_table",
        Change::AddColumn { .. } => "add_column",
        Change::DropColumn { .. } => "drop_column",
        Change::RenameColumn { .. } => "rename_column",
        Change::ReplaceColumn { .. } => "replace_column",
        Change::RetypeColumn { .. } => "retype_column",
        Change::RequireColumn { .. } => "require_column",
        Change::RelaxColumn { .. } => "relax_column",
        Change::ChangeDefault { .. } => "change_default",
        Change::ChangeCollation { .. } => "change_collation",
        Change::RecomputeColumn { .. } => "recompute_column",
        Change::ChangeComments { .. } => "change_comments",
        Change::ChangeIdentity { .. } => "change_identity",
        Change::ChangePrimaryKey { .. } => "change_primary_key",
        Change::AddIndex { .. } => "add_index",
        Change::DropIndex { .. } => "drop_index",
        Change::ReplaceIndex { .. } => "replace_index",
        Change::AddForeignKey { .. } => "add_foreign_key",
        Change::DropForeignKey { .. } => "drop_foreign_key",
        Change::AddCheck { .. } => "add_check",
        Change::DropCheck { .. } => "drop_check",
        Change::CreateEnum { .. } => "create_enum",
        Change::DropEnum { .. } => "drop_enum",
        Change::AddEnumValue { .. } => "add_enum_value",
        Change::RenameEnumValue { .. } => "rename_enum_value",
        Change::ReplaceEnum { .. } => "replace_enum",
    }
}
