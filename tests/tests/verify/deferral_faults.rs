//! Faults planted in what is written for unique keys that are checked later.

use crate::bench::Crate;

const TASKS: &str = r#"
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = tasks)]
#[schemig(unique(list, place, not_deferrable))]
pub struct Task {
    #[schemig(identity)]
    pub id: i64,
    pub list: i64,
    pub place: i32,
}
"#;

fn deferred() -> Crate {
    let spoilt = Crate::changed("postgres", TASKS, &TASKS.replace("not_deferrable", "deferred"));
    spoilt.schemig(&["contract", "0002_change", "--confirm", "--now", "2026-11-23-070000"]);
    spoilt
}

#[test]
fn a_key_that_is_checked_with_each_statement_all_the_same() {
    let spoilt = deferred();
    spoilt.spoil("is checked when a transaction ends", "up.sql", " DEFERRABLE INITIALLY DEFERRED", "");
    spoilt.assert_seen(&["tasks_list_place_key"]);
}

#[test]
fn a_constraint_that_can_be_made_once_only() {
    let spoilt = deferred();
    spoilt.spoil("is checked when a transaction ends", "up.sql", "contype = 'u'", "contype = 'z'");
    spoilt.assert_seen(&["tasks_list_place_key\\\" is already associated with a constraint"]);
}
