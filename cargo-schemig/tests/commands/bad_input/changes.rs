//! Changes that a person must decide or sign off: asked at the model's line, with what to write.

use super::{model, notes, refused, refused_at, schemig, shipped, shipped_on_postgres};
use crate::support::Crate;

/// A shipped crate with `before`, whose models are `after` now.
fn changed(before: &str, after: &str) -> Crate {
    let home = shipped(before);
    home.write("src/lib.rs", after);
    home
}

/// The same, for PostgreSQL, where triggers can fill.
fn changed_on_postgres(before: &str, after: &str) -> Crate {
    let home = shipped_on_postgres(before);
    home.write("src/lib.rs", after);
    home
}

#[test]
fn a_required_column_without_a_value() {
    let home = changed(&notes(""), &notes("pub title: String,"));
    refused_at(&home, &["diff"], "required_without_value", "src/lib.rs:5:");
    refused_at(&home, &["diff", "--no-overlap"], "required_without_value", "src/lib.rs:5:");
    let home = changed(&notes("pub title: Option<String>,"), &notes("pub title: String,"));
    refused_at(&home, &["diff"], "required_without_fill", "src/lib.rs:5:");
}

#[test]
fn what_this_server_has_no_place_for() {
    let later = notes("#[schemig(unique(deferred))]\npub title: Option<String>,");
    refused_at(&changed(&notes(""), &later), &["diff"], "no_deferrable_key", "src/lib.rs:3:");
    let apart = notes("").replace("pub struct", "#[schemig(exclude(id with \"=\"))]\npub struct");
    refused_at(&changed(&notes(""), &apart), &["diff"], "no_exclusion", "src/lib.rs:");
    let elsewhere = notes("")
        .replace("pub struct", "#[schemig(schema = \"shop\", renamed_from = \"notes\")]\npub struct");
    refused_at(&changed(&notes(""), &elsewhere), &["diff"], "no_schema_to_move_to", "src/lib.rs:");
}

#[test]
fn a_drop_and_an_add_that_may_be_a_rename() {
    let home = changed(&notes("pub title: String,"), &notes("pub heading: String,"));
    refused_at(&home, &["diff", "--approve", "x"], "maybe_renamed_column", "src/lib.rs:5:");
    let home =
        changed(&notes("pub title: String,"), &model("Note", "memos", "pub id: i32,\npub title: String,"));
    refused_at(&home, &["diff", "--approve", "x"], "maybe_renamed_table", "src/lib.rs:3:");
}

#[test]
fn a_required_column_that_goes_without_a_fill() {
    let home = changed(&notes("pub title: String,"), &notes(""));
    refused_at(&home, &["diff", "--approve", "x"], "drop_without_fill", "src/lib.rs:3:");
}

#[test]
fn a_change_of_type() {
    let home = changed(&notes("pub rank: i32,"), &notes("pub rank: i64,"));
    refused_at(&home, &["diff"], "change_of_type", "src/lib.rs:5:");
}

#[test]
fn a_change_of_type_that_loses_values() {
    let after = notes("#[diesel(column_name = rank_2)]\n#[schemig(new_column)]\npub rank: i32,");
    let home = changed_on_postgres(&notes("pub rank: String,"), &after);
    refused_at(&home, &["diff", "--approve", "x"], "change_of_type_that_loses_values", "src/lib.rs:5:");
}

#[test]
fn a_backfill_that_reads_other_rows() {
    let after = notes("#[schemig(backfill = \"(select max(id) from notes)\")]\npub rank: i32,");
    let home = changed_on_postgres(&notes(""), &after);
    refused_at(&home, &["diff"], "backfill_with_a_sub_query", "src/lib.rs:6:");
}

#[test]
fn a_backfill_source_that_can_not_serve() {
    let tags = |unique: &str| {
        model("Tag", "tags", &format!("pub id: i32,\n{unique}pub note_id: i32,\npub rank: i32,"))
    };
    let from = |table: &str| {
        notes(&format!(
            "#[schemig(backfill(from = \"{table}\", key = \"note_id\", value = \"rank\", otherwise = \"0\"))]\npub rank: i32,"
        ))
    };
    let home = changed_on_postgres(&(notes("") + &tags("")), &(from("tags") + &tags("")));
    refused_at(&home, &["diff"], "backfill_source_not_unique", "src/lib.rs:6:");
    let home = changed_on_postgres(&notes(""), &from("tagz"));
    refused_at(&home, &["diff"], "backfill_source_missing", "src/lib.rs:");
}

#[test]
fn what_sqlite_can_not_do_beside_a_running_release() {
    let home = changed(&notes(""), &notes("#[schemig(backfill = \"id\")]\npub rank: i32,"));
    refused_at(&home, &["diff"], "sqlite_can_not_fill", "src/lib.rs:6:");
}

#[test]
fn several_questions_are_all_asked() {
    let tag = |field: &str| model("Tag", "tags", &format!("pub id: i32,\n{field}"));
    let before = notes("pub rank: String,\npub title: String,") + &tag("pub name: String,");
    let collated =
        "#[schemig(collate = \"NOCASE\")] pub rank: String,\npub heading: String,\npub body: bool,";
    let after = notes(collated) + &tag("");
    let home = changed(&before, &after);
    let text = refused(
        &home,
        &["diff"],
        2,
        &["src/lib.rs:5:", "src/lib.rs:6:", "notes.body must not be NULL", "tags.name is in no model"],
    );
    insta::assert_snapshot!("several_questions", text);
}

#[test]
fn a_loss_that_nobody_signed_off() {
    let home = changed(&notes("pub colour: Option<String>,"), &notes(""));
    let text = refused(&home, &["diff", "--now", "2026-11-21-070000"], 3, &["data-destroyed", "--approve"]);
    insta::assert_snapshot!("needs_approval", text);
    refused(&home, &["diff", "--check"], 3, &["data-destroyed"]);
    refused(&home, &["diff", "--dry-run"], 3, &["data-destroyed"]);
}

#[test]
fn a_check_that_finds_something() {
    let home = changed(&notes(""), &notes("pub colour: Option<String>,"));
    let text = refused(
        &home,
        &["diff", "--check", "--now", "2026-11-21-070000"],
        1,
        &["nothing was written", "without --check"],
    );
    insta::assert_snapshot!("check", text);
    assert_eq!(schemig(&home, &["diff"]).0, 0);
    refused(&home, &["diff", "--check"], 0, &["nothing to do"]);
}
