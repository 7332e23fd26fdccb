//! An extension is made by who may, and passed by for everyone else (DOCTRINE, B25).

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;

use crate::harness::{Live, send};

#[test]
fn who_may_not_make_an_extension_is_told_what_to_have_run() {
    let mut live = Live::empty("extension");
    let role = format!("plain_{}", live.database.name());
    live.sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'"));
    let mut plain = PgConnection::establish(&live.database.url_for(&role, "secret")).expect("it may connect");
    let make = [Operation::CreateExtension { name: "citext".into() }];
    let rendered = live.render(&make);
    let refused = send(&mut plain, &rendered).expect_err("it has no right to").to_string();
    assert!(refused.contains("CREATE EXTENSION IF NOT EXISTS citext;"), "{refused}");
    live.up(&make);
    send(&mut plain, &rendered).expect("it is there: nothing is to be done, and no right is asked for");
    plain.batch_execute("SELECT 'A'::citext = 'a'::citext").expect("everyone may use it");
    live.sql(&format!("DROP ROLE {role}"));
}
