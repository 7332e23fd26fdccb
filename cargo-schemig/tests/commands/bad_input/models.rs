//! Models that can't be read or can't be meant: each mistake at its line, all of them at once.

use super::{model, refused, refused_at, shipped};
use crate::support::Crate;

const NOTE: &str = "pub id: i32,\npub title: String,";

fn notes(fields: &str) -> String {
    model("Note", "notes", &format!("{NOTE}\n{fields}"))
}

/// A shipped crate whose models are these now.
fn now(models: &str) -> Crate {
    let home = shipped(&notes(""));
    home.write("src/lib.rs", models);
    home
}

#[test]
fn two_models_of_one_table() {
    let home = now(&(notes("") + &model("NoteTitle", "notes", "pub id: i32,")));
    refused_at(&home, &["diff"], "two_models_of_one_table", "src/lib.rs:9");
}

#[test]
fn an_unknown_attribute() {
    let home = now(&notes("#[schemig(defualt = \"''\")]\npub body: String,"));
    refused_at(&home, &["diff"], "unknown_attribute", "src/lib.rs:6:15");
}

#[test]
fn a_type_that_nothing_resolves() {
    let home = now(&notes("pub place: geo::Point,"));
    refused_at(&home, &["diff"], "unresolved_type", "src/lib.rs:6:16");
}

#[test]
fn an_index_on_a_column_that_is_not_there() {
    let home = now(&notes("").replacen("pub struct", "#[schemig(index(titel))]\npub struct", 1));
    refused_at(&home, &["diff"], "index_on_a_missing_column", "src/lib.rs:3:");
}

#[test]
fn rows_from_a_table_that_is_not_there() {
    let bodies = model("Body", "bodies", "pub id: i32,\npub body: Option<String>,").replacen(
        "pub struct",
        "#[schemig(rows_from(\"note\", id = \"id\", body = \"title\"))]\npub struct",
        1,
    );
    let home = now(&(notes("") + &bodies));
    refused_at(&home, &["diff"], "rows_from_a_missing_table", "src/lib.rs:9:21");
}

#[test]
fn a_rename_of_what_never_was() {
    let home = now(&notes("#[schemig(renamed_from = \"text\")]\npub body: Option<String>,"));
    refused_at(&home, &["diff"], "renamed_from_no_column", "src/lib.rs:6:");
    let tags = model("Tag", "tags", "pub id: i32,").replacen(
        "pub struct",
        "#[schemig(renamed_from = \"labels\")]\npub struct",
        1,
    );
    let home = now(&(notes("") + &tags));
    refused_at(&home, &["diff"], "renamed_from_no_table", "src/lib.rs:");
}

#[test]
fn a_crate_that_does_not_parse() {
    let home = now(&notes("pub body Option<String>,"));
    refused_at(&home, &["diff"], "does_not_parse", "src/lib.rs:6:14");
}

#[test]
fn no_models_at_all() {
    let home = now("pub struct Note;\n");
    refused_at(&home, &["diff"], "no_models", "Cargo.toml");
    refused_at(&home, &["diff", "--approve", "all of it goes"], "no_models", "Cargo.toml");
}

#[test]
fn a_module_without_a_file() {
    let home = now(&("mod gone;\n".to_owned() + &notes("")));
    refused_at(&home, &["diff"], "module_without_a_file", "src/lib.rs:1:5");
}

#[test]
fn several_mistakes_are_all_reported() {
    let fields = "#[schemig(defualt = 1)]\npub a: i32,\n#[schemig(unique = 3)]\npub b: i32,";
    let home =
        now(&("mod broken;\n".to_owned() + &notes(fields) + &model("Tag", "tags", "pub name: Option<i32>,")));
    home.write("src/broken.rs", "#[derive(Migratable)]\nstruct Broken { id i32 }\n");
    let text = refused(
        &home,
        &["diff"],
        2,
        &["src/broken.rs:2", "src/lib.rs:7:15", "src/lib.rs:9:24", "src/lib.rs:14:12"],
    );
    insta::assert_snapshot!("several_mistakes_of_grammar", text);
}

#[test]
fn mistakes_of_grammar_do_not_hide_those_of_meaning() {
    let fields = "pub place: geo::Point,\n#[schemig(renamed_from = \"text\")]\npub body: Option<String>,\n\
                  #[schemig(references = \"tags\")]\npub tag_id: Option<i32>,";
    let tag = model("Tag", "tags", "pub id: i32,").replacen(
        "pub struct",
        "#[schemig(index(titel))]\npub struct",
        1,
    );
    let home = now(&(notes(fields) + &model("NoteTitle", "notes", "pub id: i32,") + &tag));
    let places = ["src/lib.rs:6:16", "src/lib.rs:7:30", "src/lib.rs:14:12", "src/lib.rs:19:17"];
    let text = refused(&home, &["diff"], 2, &places);
    assert!(!text.contains("no table `tags`"), "its model is there, and wrong: {text}");
    insta::assert_snapshot!("several_mistakes_of_meaning", text);
}
