//! Faults planted in what is written for exclusion constraints.

use crate::bench::Crate;

const BOOKINGS: &str = r#"
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = bookings)]
pub struct Booking {
    pub id: i64,
    pub room: i64,
    #[schemig(sql_type = "tstzrange")]
    pub during: Option<Span>,
}
"#;

fn apart(keys: &str) -> String {
    let table = "#[diesel(table_name = bookings)]\n";
    BOOKINGS.replace(table, &format!("{table}#[schemig(exclude({keys}, name = \"apart\"))]\n"))
}

const KEYS: &str = "room with \"=\", during with \"&&\"";

#[test]
fn one_that_comes_by_another_operator() {
    let spoilt = Crate::changed("postgres", BOOKINGS, &apart(KEYS));
    spoilt.schemig(&["contract", "--confirm", "--now", "2026-11-23-080000"]);
    spoilt.spoil("build exclusion constraint apart", "up.sql", "WITH &&);", "WITH -|-);");
    spoilt.assert_seen(&["apart", "the end isn't what the models say"]);
}

#[test]
fn one_that_is_checked_at_once() {
    let deferred = apart("during with \"&&\", deferred");
    let spoilt = Crate::planned("postgres", false, BOOKINGS, &deferred).expect("a plan");
    spoilt.spoil("build exclusion constraint apart", "up.sql", " DEFERRABLE INITIALLY DEFERRED", "");
    spoilt.assert_seen(&["apart", "the end isn't what the models say"]);
}

#[test]
fn one_that_never_comes_back() {
    let spoilt = Crate::planned("postgres", false, &apart(KEYS), BOOKINGS).expect("a plan");
    spoilt.empty("drop index apart", "down.sql");
    spoilt.assert_seen(&["apart"]);
}

#[test]
fn one_that_another_one_gives_way_to() {
    let spoilt =
        Crate::planned("postgres", false, &apart(KEYS), &apart("during with \"&&\"")).expect("a plan");
    spoilt.spoil("build exclusion constraint apart", "down.sql", "(room WITH =, during", "(during");
    spoilt.assert_seen(&["apart"]);
}
