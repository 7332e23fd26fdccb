//! Faults planted in what is written for enums.

use crate::bench::Crate;

const PEOPLE: &str = r#"
use diesel::prelude::*;
use schemig::{Migratable, MigratableEnum};
#[derive(MigratableEnum)]
pub enum Mood {
    Sad,
    Happy,
}
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = users)]
pub struct User {
    #[schemig(identity)]
    pub id: i64,
    pub name: String,
    #[schemig(default = "'sad'")]
    pub mood: Mood,
}
"#;

/// The people with something else in place of a piece of them.
fn people(from: &str, to: &str) -> String {
    assert_eq!(PEOPLE.matches(from).count(), 1, "{from}");
    PEOPLE.replace(from, to)
}

fn with_so_so() -> Crate {
    Crate::changed("postgres", PEOPLE, &people("    Sad,\n", "    Sad,\n    SoSo,\n"))
}

fn while_none_runs(after: &str) -> Crate {
    Crate::planned("postgres", false, PEOPLE, after).expect("a plan")
}

#[test]
fn an_enum_made_without_a_label() {
    let field = "    #[schemig(default = \"'sad'\")]\n    pub mood: Mood,\n";
    let spoilt = Crate::changed("postgres", &people(field, ""), PEOPLE);
    spoilt.spoil("create enum mood", "up.sql", "AS ENUM ('sad', 'happy')", "AS ENUM ('sad')");
    spoilt.assert_seen(&["missing: enum mood (sad, happy)"]);
}

#[test]
fn a_label_in_another_place() {
    let spoilt = with_so_so();
    spoilt.spoil("add 'so_so'", "up.sql", " AFTER 'sad'", " AFTER 'happy'");
    spoilt.assert_seen(&["missing: enum mood (sad, so_so, happy)"]);
}

#[test]
fn a_label_that_can_be_added_once_only() {
    let spoilt = with_so_so();
    spoilt.spoil("add 'so_so'", "up.sql", "IF NOT EXISTS ", "");
    spoilt.assert_seen(&["already exists"]);
}

#[test]
fn a_label_that_a_running_release_does_not_know() {
    let spoilt = Crate::changed(
        "postgres",
        PEOPLE,
        &people("pub name: String,", "pub name: String,\n    pub seen: Option<i32>,"),
    );
    let migrations = [
        ("2026-11-22-080000_odd", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'odd';", "SELECT 1;"),
        ("2026-11-22-080001_use", "UPDATE users SET mood = 'odd';", "UPDATE users SET mood = 'sad';"),
    ];
    for (name, up, down) in migrations {
        spoilt.write(&format!("migrations/{name}/up.sql"), &format!("{up}\n"));
        spoilt
            .write(&format!("migrations/{name}/down.sql"), &format!("-- schemig:down loss=values\n{down}\n"));
    }
    spoilt.assert_seen(&["Unrecognized enum variant: 'odd'", "holds a label that it doesn't know"]);
}

#[test]
fn a_label_renamed_to_another() {
    let spoilt =
        while_none_runs(&people("    Happy,\n", "    #[schemig(renamed_from = \"happy\")]\n    Glad,\n"));
    spoilt.spoil("'happy' of enum mood becomes 'glad'", "up.sql", "TO 'glad'", "TO 'gladly'");
    spoilt.assert_seen(&["missing: enum mood (sad, glad)"]);
}

#[test]
fn an_enum_that_is_dropped_with_a_column_that_uses_it() {
    let unused = PEOPLE
        .replace("#[derive(MigratableEnum)]", "")
        .replace("    pub mood: Mood,\n", "")
        .replace("    #[schemig(default = \"'sad'\")]\n", "");
    let spoilt = while_none_runs(&unused);
    spoilt.empty("drop enum mood", "up.sql");
    spoilt.assert_seen(&["enum mood"]);
}

#[test]
fn a_type_made_anew_with_other_values_in_its_columns() {
    let spoilt = while_none_runs(&people("    Sad,\n    Happy,\n", "    Happy,\n    Sad,\n"));
    spoilt.spoil(
        "make enum mood anew",
        "up.sql",
        "USING mood::text::public.mood",
        "USING 'sad'::public.mood",
    );
    spoilt.assert_seen(&["up changes values that it has no business with", "users.mood"]);
}
