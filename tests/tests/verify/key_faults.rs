//! Faults that are planted where primary keys change.

use crate::bench::Crate;

const DEVICES: &str = r#"
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = devices, primary_key(serial))]
pub struct Device {
    pub serial: String,
    pub vendor: String,
    pub seen: i64,
}
"#;

fn widened(overlap: bool) -> Crate {
    let after = DEVICES.replace("primary_key(serial)", "primary_key(vendor, serial)");
    let planned = Crate::planned("postgres", overlap, DEVICES, &after).expect("a plan");
    if overlap {
        planned.schemig(&["contract", "--confirm", "--now", "2026-11-24-070000"]);
    }
    planned
}

#[test]
fn a_key_that_stays_what_it_was() {
    let spoilt = widened(true);
    spoilt.empty("the primary key of devices becomes", "up.sql");
    spoilt.assert_seen(&["devices"]);
}

#[test]
fn a_key_over_other_columns_than_said() {
    let spoilt = widened(true);
    spoilt.spoil(
        "the primary key of devices becomes",
        "up.sql",
        "PRIMARY KEY USING INDEX devices_pkey_new",
        "UNIQUE (vendor)",
    );
    spoilt.assert_seen(&["devices"]);
}

#[test]
fn a_way_back_that_keeps_the_new_key() {
    let spoilt = widened(false);
    spoilt.empty("the primary key of devices becomes", "down.sql");
    spoilt.assert_seen(&["down doesn't give back what was", "devices"]);
}
