//! An enum that is made anew is to everyone what the old one was.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Enum, SqlType, Table};

use crate::harness::{Live, create};

fn mood(labels: &[&str]) -> Enum {
    Enum::of(labels.iter().copied())
}

#[test]
fn its_owner_and_its_grants_stay() {
    let mut live = Live::empty("anew");
    let name = live.database.name().to_owned();
    let (owner, user, stranger) =
        (format!("owner_{name}"), format!("user_{name}"), format!("stranger_{name}"));
    live.up(&[Operation::CreateEnum { name: "mood".into(), definition: mood(&["sad", "happy"]) }]);
    let of = Column::optional(SqlType::Named("mood".to_owned()));
    let users =
        Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt)).with_column("of", of);
    live.up(&[create("users", users)]);
    live.sql(&format!(
        "CREATE ROLE {owner}; CREATE ROLE {user} LOGIN PASSWORD 'secret'; CREATE ROLE {stranger} LOGIN PASSWORD 'secret';
         GRANT USAGE, CREATE ON SCHEMA public TO {user}, {stranger};
         ALTER TYPE public.mood OWNER TO {owner}; REVOKE ALL ON TYPE public.mood FROM PUBLIC;
         GRANT USAGE ON TYPE public.mood TO {user}"
    ));
    live.up(&[Operation::ReplaceEnum { name: "mood".into(), definition: mood(&["happy", "sad", "calm"]) }]);
    let uses = |role: &str| {
        let connection = PgConnection::establish(&live.database.url_for(role, "secret"));
        connection
            .expect("the role may connect")
            .batch_execute("BEGIN; CREATE TABLE public.own (of mood); ROLLBACK")
    };
    uses(&user).expect("its grant");
    let error = uses(&stranger).expect_err("nobody else had one").to_string();
    assert!(error.contains("permission denied for type mood"), "{error}");
    let owned = live.ask("SELECT pg_get_userbyid(typowner) FROM pg_type WHERE oid = 'public.mood'::regtype");
    assert_eq!(owned, owner);
    live.sql(&format!(
        "REASSIGN OWNED BY {owner} TO CURRENT_USER; DROP OWNED BY {owner}, {user}, {stranger}; DROP ROLE {owner}, {user}, {stranger}"
    ));
}
