//! Faults that are planted in what was written. Each must make verify fail, and for the right reason.

use crate::bench::Crate;

pub const SHOP: &str = r#"
use diesel::prelude::*;
use schemig::Migratable;
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = users)]
pub struct User {
    #[schemig(identity)]
    pub id: i64,
    #[schemig(unique)]
    pub email: String,
    #[schemig(sql_type = "varchar(10)")]
    pub nick: Option<String>,
    #[schemig(sql_type = "json")]
    pub settings: serde_json::Value,
}
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    #[schemig(identity)]
    pub id: i64,
    pub name: String,
}
#[derive(Queryable, Selectable, Migratable)]
#[diesel(table_name = org_memberships, primary_key(user_id))]
pub struct OrgMembership {
    #[schemig(references(users(id), on_delete = cascade))]
    pub user_id: i64,
    #[schemig(references(organizations(id)))]
    pub organization_id: i64,
}
"#;

/// The shop with something else in place of a piece of it.
pub fn shop(from: &str, to: &str) -> String {
    assert_eq!(SHOP.matches(from).count(), 1, "{from}");
    SHOP.replace(from, to)
}

pub const NICK: &str = "    pub nick: Option<String>,\n";

fn with_organization() -> Crate {
    let field = r#"    pub nick: Option<String>,
    #[schemig(index, backfill(from = "org_memberships", key = "user_id", value = "organization_id"))]
    pub organization_id: i64,
"#;
    Crate::changed("postgres", SHOP, &shop(NICK, field))
}

fn with_seen() -> Crate {
    let more = shop(NICK, "    pub nick: Option<String>,\n    pub seen: Option<i32>,\n");
    Crate::changed("postgres", SHOP, &more)
}

#[test]
fn a_recipe_with_its_filler_removed() {
    let spoilt = with_organization();
    spoilt.empty("keep users.organization_id filled", "up.sql");
    spoilt.assert_seen(&["organization_id"]);
}

#[test]
fn a_recipe_with_its_source_trigger_removed() {
    let spoilt = with_organization();
    spoilt.empty("in step with writes of org_memberships", "up.sql");
    spoilt.assert_seen(&["organization_id"]);
}

#[test]
fn the_naive_mirror() {
    let renamed = shop(
        "    pub settings: serde_json::Value,",
        "    #[schemig(renamed_from = \"settings\")]\n    pub preferences: serde_json::Value,",
    );
    let spoilt = Crate::changed("postgres", SHOP, &renamed);
    spoilt.spoil(
        "mirror",
        "up.sql",
        "NEW.preferences::text COLLATE \"C\" IS DISTINCT FROM OLD.preferences::text",
        "NEW.preferences IS DISTINCT FROM OLD.preferences",
    );
    spoilt.assert_seen(&["json"]);
}

#[test]
fn a_down_that_forgets_an_index() {
    let indexed = shop(NICK, "    #[schemig(index)]\n    pub nick: Option<String>,\n");
    let spoilt = Crate::changed("postgres", SHOP, &indexed);
    spoilt.empty("build index", "down.sql");
    spoilt.assert_seen(&["down doesn't give back what was", "users_nick_idx"]);
}

#[test]
fn an_up_that_is_not_re_runnable() {
    let indexed = shop(NICK, "    #[schemig(index)]\n    pub nick: Option<String>,\n");
    let spoilt = Crate::changed("postgres", SHOP, &indexed);
    spoilt.spoil("build index", "up.sql", "IF NOT EXISTS ", "");
    spoilt.assert_seen(&["users_nick_idx\\\" already exists"]);
}

#[test]
fn a_column_dropped_in_expand() {
    let spoilt = with_seen();
    spoilt.spoil(
        "add users.seen",
        "up.sql",
        "SET LOCAL lock_timeout = '3s';",
        "SET LOCAL lock_timeout = '3s'; ALTER TABLE users DROP COLUMN nick;",
    );
    spoilt.assert_seen(&["nick", "N-1"]);
}

#[test]
fn a_varchar_widened_under_live_connections() {
    let spoilt = with_seen();
    spoilt.write(
        "migrations/2026-11-22-080000_widen/up.sql",
        "ALTER TABLE users ALTER COLUMN nick TYPE varchar(20);\n",
    );
    spoilt.write(
        "migrations/2026-11-22-080000_widen/down.sql",
        "ALTER TABLE users ALTER COLUMN nick TYPE varchar(10);\n",
    );
    spoilt.assert_seen(&["cached plan must not change result type"]);
}

#[test]
fn a_lock_that_the_plan_does_not_say() {
    let spoilt = with_seen();
    spoilt.spoil(
        "add users.seen",
        "up.sql",
        "SET LOCAL lock_timeout = '3s';",
        "SET LOCAL lock_timeout = '3s'; LOCK TABLE organizations IN EXCLUSIVE MODE;",
    );
    spoilt.assert_seen(&["EXCLUSIVE on organizations, and nothing was said"]);
}

#[test]
fn a_promise_that_nobody_needs() {
    let spoilt = with_seen();
    let path = spoilt.path("schemig/plans/0002_change.toml");
    let text = std::fs::read_to_string(&path).expect("a plan");
    assert_eq!(text.matches("promises = []").count(), 1, "{text}");
    let planted = "promises = [{ writes_no_null = { at = { table = \"users\", column = \"nick\" } } }]";
    std::fs::write(&path, text.replace("promises = []", planted)).expect("a plan");
    spoilt.assert_seen(&["a promise isn't needed", "no state asks for it"]);
}

#[test]
fn values_that_an_up_destroys_in_passing() {
    let spoilt = with_seen();
    spoilt.spoil(
        "add users.seen",
        "up.sql",
        "SET LOCAL lock_timeout = '3s';",
        "SET LOCAL lock_timeout = '3s'; UPDATE users SET email = lower(email) || id;",
    );
    spoilt.assert_seen(&["up changes values that it has no business with", "users.email"]);
}

const VARCHAR: &str = "    #[schemig(sql_type = \"varchar(10)\")]\n    pub nick: Option<String>,\n";

#[test]
fn a_replaced_column_that_does_not_follow_the_old_one() {
    let field = "    #[diesel(column_name = nick_2)]\n    #[schemig(new_column, sql_type = \"text\")]\n    pub nick: Option<String>,\n";
    let spoilt = Crate::changed("postgres", SHOP, &shop(VARCHAR, field));
    spoilt.spoil("mirror", "up.sql", "NEW.nick_2 := NEW.nick::text;", "NULL;");
    spoilt.assert_seen(&["nick_2"]);
}

#[test]
fn a_conversion_in_place_that_no_down_takes_back() {
    let field = "    #[schemig(sql_type = \"text\", convert = \"nick || '!'\", convert_back = \"left(nick, 10)\")]\n    pub nick: Option<String>,\n";
    let spoilt = Crate::changed("postgres", SHOP, &shop(VARCHAR, field));
    spoilt.empty("users.nick becomes text", "down.sql");
    spoilt.assert_seen(&["down doesn't give back what was", "users.nick"]);
}

#[test]
fn a_comment_that_is_never_made() {
    let said = shop(NICK, "    #[schemig(comment = \"as others see it\")]\n    pub nick: Option<String>,\n");
    let spoilt = Crate::changed("postgres", SHOP, &said);
    spoilt.empty("comment on users.nick", "up.sql");
    spoilt.assert_seen(&["as others see it"]);
}

#[test]
fn an_index_that_sorts_otherwise() {
    let sorted = shop(NICK, "    #[schemig(index(desc))]\n    pub nick: Option<String>,\n");
    let spoilt = Crate::changed("postgres", SHOP, &sorted);
    spoilt.spoil("build index", "up.sql", "(nick DESC)", "(nick)");
    spoilt.assert_seen(&["users_nick_idx", "is another one than wanted"]);
}

#[test]
fn numbers_that_are_given_again() {
    let unnumbered = shop(
        "    #[schemig(identity)]\n    pub id: i64,\n    #[schemig(unique)]",
        "    pub id: i64,\n    #[schemig(unique)]",
    );
    let spoilt = Crate::changed("postgres", &unnumbered, SHOP);
    spoilt.spoil(
        "the server numbers users.id",
        "up.sql",
        "greatest(schemig_last, 1), schemig_drawn);",
        "1, false);",
    );
    spoilt.assert_seen(&["users_pkey"]);
}

#[test]
fn an_identity_that_is_strict_too_early() {
    let strict = shop(
        "    #[schemig(identity)]\n    pub id: i64,\n    #[schemig(unique)]",
        "    #[schemig(sql_type = \"bigserial\")]\n    pub id: i64,\n    #[schemig(unique)]",
    );
    let spoilt = Crate::changed("postgres", &strict, SHOP);
    spoilt.spoil("the server numbers users.id", "up.sql", "ADD GENERATED BY DEFAULT", "ADD GENERATED ALWAYS");
    // Servers word it otherwise from 14 on.
    spoilt.assert_seen(&["cannot insert ", "into column"]);
}

#[test]
fn a_numbered_column_whose_new_rows_get_none() {
    let numbered = shop(
        NICK,
        "    pub nick: Option<String>,\n    #[schemig(sql_type = \"bigserial\")]\n    pub turn: i64,\n",
    );
    let spoilt = Crate::changed("postgres", SHOP, &numbered);
    spoilt.spoil("add users.turn", "up.sql", "SET DEFAULT nextval(%L::regclass)", "SET DEFAULT NULL");
    spoilt.assert_seen(&["turn"]);
}

#[test]
fn a_computed_column_that_is_a_plain_one() {
    let computed = shop(
        NICK,
        "    pub nick: Option<String>,\n    #[schemig(generated = \"upper(email)\")]\n    pub shout: String,\n",
    );
    let spoilt = Crate::changed("postgres", SHOP, &computed);
    spoilt.spoil(
        "add users.shout",
        "up.sql",
        "GENERATED ALWAYS AS (upper(email)) STORED NOT NULL",
        "NOT NULL DEFAULT 'x'",
    );
    spoilt.assert_seen(&["shout"]);
}
