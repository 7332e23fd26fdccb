//! A column of a domain, which schemig doesn't know and doesn't make: taken for the dearest case, and read back as it is.

use cargo_schemig::introspect;
use schemig_core::dialect::{Dialect as _, Work};
use schemig_core::schema::{Column, SqlType, Table};

use crate::harness::{Live, add, create};

#[test]
fn a_column_of_a_domain_is_read_back_as_it_was_made_and_said_to_rewrite() {
    let mut live = Live::empty("domain");
    live.sql("CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0)");
    let of = || Column::optional(SqlType::parse("positive"));
    let table = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    live.up(&[create("people", table.with_column("age", of()))]);
    live.sql("INSERT INTO public.people (id) SELECT generate_series(1, 5)");
    live.state.empty.clear();
    let more = add("people", "height", of());
    assert_eq!(live.dialect.effect(&more, &live.state).work, Work::RewritesTable);
    let file = "SELECT pg_relation_filenode('public.people')";
    let before = live.ask(file);
    live.up(std::slice::from_ref(&more));
    assert_ne!(live.ask(file), before, "the server writes the rows anew");
    let found = introspect::postgres(&mut live.connection, "public").expect("a schema").schema;
    assert_eq!(found, live.state.schema, "a difference would be there for ever");
}
