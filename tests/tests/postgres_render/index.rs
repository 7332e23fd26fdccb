//! An index that was built online is served only when it is valid and what was wanted (R7).

use diesel::connection::SimpleConnection as _;
use schemig_core::operation::Operation;
use schemig_core::schema::{Index, IndexKey, KeyOrder, Nulls};

use crate::harness::Live;

fn guard(index: &Index) -> Operation {
    Operation::GuardIndex { table: "users".into(), index: "wanted".into(), definition: index.clone() }
}

fn build(index: &Index) -> Operation {
    Operation::CreateIndex {
        table: "users".into(),
        index: "wanted".into(),
        definition: index.clone(),
        online: true,
    }
}

#[test]
fn an_invalid_index_stops_the_guard_and_the_one_command_repairs_it() {
    let mut live = Live::story("invalid");
    live.sql("UPDATE public.users SET full_name = 'twice' WHERE id IN (1, 2)");
    let index = Index::unique_on(["full_name"]);
    assert!(live.fails(&[build(&index)]).contains("could not create unique index"));
    live.sql("UPDATE public.users SET full_name = 'once' WHERE id = 2");
    // A second run passes the invalid index by, in silence: that is why the guard stands behind it.
    live.up(&[build(&index)]);
    let message = live.fails(&[guard(&index)]);
    let (_, command) = message.split_once("run: ").unwrap_or_else(|| panic!("a command in {message}"));
    assert_eq!(command, "REINDEX INDEX CONCURRENTLY public.wanted;");
    live.sql(command);
    live.up(&[guard(&index)]);
}

#[test]
fn a_missing_index_is_named_with_the_command_that_builds_it() {
    let mut live = Live::story("missing");
    let index = Index { predicate: Some("seen > 0".into()), ..Index::on(["full_name"]) };
    let message = live.fails(&[guard(&index)]);
    let (_, command) = message.split_once("run: ").unwrap_or_else(|| panic!("a command in {message}"));
    live.connection.batch_execute(command).expect("the command runs as it stands");
    live.advance(&[build(&index)]);
    live.up(&[guard(&index)]);
}

#[test]
fn how_an_index_sorts_and_is_stored_belongs_to_it() {
    let ops = KeyOrder { class: Some("text_pattern_ops".to_owned()), ..KeyOrder::default() };
    let late = KeyOrder { descending: true, nulls: Some(Nulls::Last), ..KeyOrder::default() };
    let mut live = Live::story("sorted");
    let wanted = Index {
        storage: [("fillfactor".to_owned(), "70".to_owned())].into(),
        nulls_not_distinct: live.dialect.version >= 15,
        ..Index::unique_on(["email", "seen"]).sorted(vec![ops, late])
    };
    live.up(&[build(&wanted)]);
    live.up(&[guard(&wanted)]);
    for other in [
        "(email, seen DESC NULLS LAST) WITH (fillfactor = 70)",
        "(email text_pattern_ops, seen DESC) WITH (fillfactor = 70)",
        "(email text_pattern_ops, seen DESC NULLS LAST) WITH (fillfactor = 80)",
        "(email text_pattern_ops, seen DESC NULLS LAST)",
    ] {
        let nulls = if wanted.nulls_not_distinct { " NULLS NOT DISTINCT WITH" } else { " WITH" };
        let other = other.replace(" WITH", nulls);
        live.sql(&format!("DROP INDEX public.wanted; CREATE UNIQUE INDEX wanted ON public.users {other}"));
        assert!(live.fails(&[guard(&wanted)]).contains("is another one"), "{other}");
    }
    if wanted.nulls_not_distinct {
        let other = "(email text_pattern_ops, seen DESC NULLS LAST) WITH (fillfactor = 70)";
        live.sql(&format!("DROP INDEX public.wanted; CREATE UNIQUE INDEX wanted ON public.users {other}"));
        assert!(live.fails(&[guard(&wanted)]).contains("is another one"), "{other}");
    }
}

#[test]
fn an_index_of_the_same_name_that_is_another_is_seen() {
    let wanted = Index {
        keys: vec![IndexKey::Expression("lower(email)".into()), IndexKey::Column("seen".into())],
        predicate: Some("full_name is not null".into()),
        include: vec!["id".into()],
        ..Index::on([])
    };
    let mut live = Live::story("another");
    live.up(&[build(&wanted)]);
    live.up(&[guard(&wanted)]);
    for other in [
        "(lower(email), seen) INCLUDE (id)",
        "(lower(email), seen) INCLUDE (id) WHERE full_name IS NULL",
        "(lower(email), seen, id) WHERE full_name IS NOT NULL",
        "(lower(email), seen) INCLUDE (full_name) WHERE full_name IS NOT NULL",
        "(upper(email), seen) INCLUDE (id) WHERE full_name IS NOT NULL",
        "(lower(email), seen DESC) INCLUDE (id) WHERE full_name IS NOT NULL",
        "(lower(email) text_pattern_ops, seen) INCLUDE (id) WHERE full_name IS NOT NULL",
    ] {
        live.sql(&format!("DROP INDEX public.wanted; CREATE INDEX wanted ON public.users {other}"));
        assert!(live.fails(&[guard(&wanted)]).contains("is another one"), "{other}");
    }
    live.sql("DROP INDEX public.wanted; CREATE UNIQUE INDEX wanted ON public.users (lower(email), seen) INCLUDE (id) WHERE full_name IS NOT NULL");
    assert!(live.fails(&[guard(&wanted)]).contains("is another one"));
    live.sql("DROP INDEX public.wanted; CREATE INDEX wanted ON public.organizations (id)");
    assert!(live.fails(&[guard(&wanted)]).contains("is another one"));
}
