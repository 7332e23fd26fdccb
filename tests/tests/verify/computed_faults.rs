//! Faults that are planted where a column is computed otherwise, or no more, or from now on.

use crate::bench::Crate;

const HEAD: &str = "
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i64,
    pub email: String,
";
const UPPER: &str = "    #[schemig(generated = \"upper(email)\", index)]\n    pub shout: String,\n}\n";
const LOWER: &str = "    #[schemig(generated = \"lower(email)\", index)]\n    pub shout: String,\n}\n";
const PLAIN: &str = "    #[schemig(index)]\n    pub shout: String,\n}\n";

/// From one form to another while no release runs.
fn direct(before: &str, after: &str) -> Crate {
    let models = [before, after].map(|field| format!("{HEAD}{field}"));
    Crate::planned("postgres", false, &models[0], &models[1]).expect("a plan")
}

#[test]
fn a_computed_column_that_stays_what_it_was() {
    let spoilt = direct(UPPER, LOWER);
    spoilt.spoil("compute users.shout", "up.sql", "(lower(email))", "(upper(email))");
    spoilt.assert_seen(&["shout"]);
}

#[test]
fn a_computed_column_without_its_way_back() {
    let spoilt = direct(UPPER, LOWER);
    spoilt.empty("compute users.shout", "down.sql");
    spoilt.assert_seen(&["down doesn't give back what was", "shout"]);
}

#[test]
fn a_computed_column_that_never_becomes_plain() {
    let spoilt = direct(UPPER, PLAIN);
    spoilt.empty("users.shout isn't computed any more", "up.sql");
    spoilt.assert_seen(&["shout"]);
}

#[test]
fn a_plain_column_that_is_never_computed() {
    let spoilt = direct(PLAIN, UPPER);
    spoilt.empty("compute users.shout", "up.sql");
    spoilt.assert_seen(&["shout"]);
}
