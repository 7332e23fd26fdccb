//! Faults planted in what is written for properties of columns, keys and indexes.

use schemig_tests::cluster::Cluster;

use crate::bench::Crate;
use crate::faults::{NICK, SHOP, shop};

/// A plan for a project that stops its old release, so that all steps are written at once.
fn at_once(after: &str) -> Crate {
    Crate::planned("postgres", false, SHOP, after).expect("a plan")
}

#[test]
fn a_key_that_is_not_deferred() {
    let deferred = shop(
        "#[schemig(references(organizations(id)))]",
        "#[schemig(references(organizations(id), deferred))]",
    );
    let spoilt = at_once(&deferred);
    spoilt.spoil(
        "foreign key org_memberships_organization_id_fkey",
        "up.sql",
        " DEFERRABLE INITIALLY DEFERRED",
        "",
    );
    spoilt.assert_seen(&["org_memberships_organization_id_fkey"]);
}

#[test]
fn a_column_that_is_collated_by_something_else() {
    let collated = shop(NICK, "    #[schemig(collate = \"C\")]\n    pub nick: Option<String>,\n");
    let collated = collated.replace(
        "    #[schemig(sql_type = \"varchar(10)\")]\n    #[schemig(collate = \"C\")]",
        "    #[schemig(sql_type = \"varchar(10)\", collate = \"C\")]",
    );
    let spoilt = at_once(&collated);
    spoilt.spoil("collate users.nick by C", "up.sql", "COLLATE \"C\"", "COLLATE \"POSIX\"");
    spoilt.assert_seen(&["POSIX"]);
}

#[test]
fn an_index_to_which_no_nulls_are_alike() {
    if Cluster::shared().version() < 15 {
        return;
    }
    let alike = SHOP.replacen(
        "#[diesel(table_name = users)]",
        "#[diesel(table_name = users)]\n#[schemig(unique(nick, nulls_not_distinct))]",
        1,
    );
    let spoilt = at_once(&alike);
    spoilt.spoil("build unique index users_nick_key", "up.sql", " NULLS NOT DISTINCT", "");
    spoilt.assert_seen(&["users_nick_key", "the end isn't what the models say"]);
}
