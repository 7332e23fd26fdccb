//! Faults that are planted in what is written for tables whose rows are in partitions. Each must make verify fail.

use crate::bench::Crate;

const LOG: &str = r#"
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = events, primary_key(id, happened_on))]
#[schemig(partition_by(range(happened_on), partitions = ["events_2025", "events_2026"]))]
pub struct Event {
    pub id: i64,
    pub happened_on: chrono::NaiveDate,
    pub user_id: i64,
}
"#;

/// A shop without its log.
fn user() -> String {
    "use diesel::prelude::*;\nuse schemig::Migratable;\n#[derive(Queryable, Selectable, Migratable)]\n#[diesel(table_name = users)]\npub struct User {\n    pub id: i64,\n}\n".to_owned()
}

fn logged() -> String {
    user() + LOG
}

fn indexed() -> String {
    logged().replace("    pub user_id", "    #[schemig(index)]\n    pub user_id")
}

#[test]
fn a_part_that_is_not_built() {
    let spoilt = Crate::changed("postgres", &logged(), &indexed());
    spoilt.empty("on partition events_2026", "up.sql");
    spoilt.assert_seen(&["partition events_2026 has no part of index", "up fails"]);
}

#[test]
fn parts_that_are_not_put_together() {
    let spoilt = Crate::changed("postgres", &logged(), &indexed());
    spoilt.empty("put events_user_id_idx together", "up.sql");
    spoilt.assert_seen(&["events_user_id_idx isn't valid", "the end isn't what the models say"]);
}

#[test]
fn an_index_on_all_partitions_at_once() {
    let spoilt = Crate::changed("postgres", &logged(), &indexed());
    spoilt.spoil("begin index events_user_id_idx", "up.sql", "ON ONLY public.events", "ON public.events");
    spoilt.assert_seen(&["up takes stronger locks than the plan says"]);
}

#[test]
fn an_index_that_is_not_dropped_on_the_way_back() {
    let spoilt = Crate::changed("postgres", &logged(), &indexed());
    spoilt.empty("begin index events_user_id_idx", "down.sql");
    spoilt.assert_seen(&["down doesn't give back what was", "events_user_id_idx"]);
}

#[test]
fn a_table_in_one_piece() {
    let spoilt = Crate::changed("postgres", &user(), &logged());
    spoilt.spoil("create table events", "up.sql", " PARTITION BY RANGE (happened_on)", "");
    spoilt.assert_seen(&["partition_by", "the end isn't what the models say"]);
}
