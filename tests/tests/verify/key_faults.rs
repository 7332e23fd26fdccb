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

const CLUB: &str = r#"
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = users)]
pub struct User {
    #[schemig(sql_type = "serial")]
    pub id: i32,
    pub name: String,
}
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = posts)]
pub struct Post {
    #[schemig(identity)]
    pub id: i64,
    #[schemig(references(users))]
    pub user_id: i32,
}
"#;

/// The numbers of the users, and what refers to them, with more room.
fn grown() -> Crate {
    let after = CLUB
        .replace("table_name = users", "table_name = users, primary_key(id_big)")
        .replace(
            "#[schemig(sql_type = \"serial\")]\n    pub id: i32",
            "#[diesel(column_name = id_big)]\n    #[schemig(new_column, sql_type = \"bigserial\")]\n    pub id: i64",
        )
        .replace(
            "#[schemig(references(users))]\n    pub user_id: i32",
            "#[diesel(column_name = user_id_big)]\n    #[schemig(new_column, references(users))]\n    pub user_id: i64",
        );
    Crate::changed("postgres", CLUB, &after)
}

#[test]
fn a_wider_key_that_does_not_follow_the_old_one() {
    let spoilt = grown();
    spoilt.spoil(
        "mirror users.id and users.id_big",
        "up.sql",
        "NEW.id_big := NEW.id::bigint;\n        END",
        "NULL;\n        END",
    );
    spoilt.assert_seen(&["id_big"]);
}

#[test]
fn a_wider_key_that_is_not_numbered() {
    let spoilt = grown();
    spoilt.schemig(&["contract", "--confirm", "--now", "2026-11-24-070000"]);
    spoilt.spoil(
        "the server numbers users.id_big",
        "up.sql",
        "ALTER COLUMN id_big SET DEFAULT nextval(%L::regclass)",
        "ALTER COLUMN id_big DROP DEFAULT",
    );
    spoilt.assert_seen(&["id_big"]);
}
