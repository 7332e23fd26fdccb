//! Faults planted in what is written for types that come with an extension.

use crate::bench::Crate;

const PLACES: &str = r#"
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = places)]
pub struct Place {
    #[schemig(identity)]
    pub id: i64,
    pub name: String,
}
"#;

fn with_path() -> Crate {
    let field =
        "    pub name: String,\n    #[schemig(sql_type = \"citext\")]\n    pub path: Option<String>,\n";
    Crate::changed("postgres", PLACES, &PLACES.replace("    pub name: String,\n", field))
}

#[test]
fn an_extension_that_nobody_made() {
    let spoilt = with_path();
    spoilt.empty("make sure of extension citext", "up.sql");
    spoilt.assert_seen(&["type \\\"citext\\\" does not exist"]);
}

#[test]
fn an_extension_that_can_be_made_once_only() {
    let spoilt = with_path();
    spoilt.spoil(
        "make sure of extension citext",
        "up.sql",
        "CREATE EXTENSION IF NOT EXISTS",
        "CREATE EXTENSION",
    );
    spoilt.assert_seen(&["already exists"]);
}

fn moved() -> Crate {
    let to = "#[diesel(table_name = places)]\n#[schemig(schema = \"atlas\", renamed_from = \"places\")]\n";
    Crate::changed("postgres", PLACES, &PLACES.replace("#[diesel(table_name = places)]\n", to))
}

#[test]
fn a_schema_that_nobody_made() {
    let spoilt = moved();
    spoilt.empty("make sure of schema atlas", "up.sql");
    spoilt.assert_seen(&["schema \\\"atlas\\\" does not exist"]);
}

#[test]
fn a_table_that_moves_and_leaves_nothing_behind() {
    let spoilt = moved();
    spoilt.spoil(
        "live on as a view",
        "up.sql",
        "CREATE OR REPLACE VIEW public.places",
        "CREATE OR REPLACE VIEW public.spots",
    );
    spoilt.assert_seen(&["places"]);
}
