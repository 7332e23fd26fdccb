//! Faults that are planted in the move of rows to a new table. Each must make verify fail.

use crate::bench::Crate;
use crate::faults::SHOP;

fn with_profiles() -> Crate {
    let profile = r#"
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = profiles, primary_key(user_id))]
#[schemig(rows_from("users", user_id = "id", nick = "nick"))]
pub struct Profile {
    pub user_id: i64,
    #[schemig(sql_type = "varchar(10)")]
    pub nick: Option<String>,
}
"#;
    Crate::changed("postgres", SHOP, &format!("{SHOP}{profile}"))
}

#[test]
fn rows_that_are_not_followed() {
    let spoilt = with_profiles();
    spoilt.spoil("create table profiles", "up.sql", "AFTER INSERT OR UPDATE ON", "AFTER INSERT ON");
    spoilt.assert_seen(&["something lags", "profiles"]);
}

#[test]
fn rows_that_are_not_copied() {
    let spoilt = with_profiles();
    spoilt.empty("copy the rows of users", "up.sql");
    spoilt.assert_seen(&["profiles"]);
}
