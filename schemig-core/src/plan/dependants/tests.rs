//! Plans beside what isn't modelled.

use std::collections::BTreeSet;

use super::{Beside, dependants};
use crate::change::{Difference, diff};
use crate::dialect::Dialect as _;
use crate::dialect::postgres::Postgres;
use crate::plan::{PlanId, Request, plan};
use crate::schema::{
    Column, ColumnName, ColumnRef, Dependant, DependantKind, Hints, Identity, Schema, SqlType, State, Table,
};

fn users() -> Table {
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("email", Column::optional(SqlType::Text))
        .with_column("note", Column::optional(SqlType::Text))
}

/// What is said of the way from the one to the other.
fn said(before: &Schema, after: &Schema, overlap: bool, known: &BTreeSet<Dependant>) -> Vec<String> {
    let difference: Difference =
        diff(before, after, &Hints::default(), &[], overlap).expect("nothing to ask");
    let start = State::at_rest(before.clone());
    let made = plan(&Request {
        id: PlanId("0001_x".into()),
        parents: Vec::new(),
        physical: &start,
        from: before,
        to: after,
        difference: &difference,
        open: &[],
        overlap,
        capabilities: Postgres::default().capabilities(),
    })
    .expect("a plan");
    let Beside { questions, notes } = dependants(&made, &start, known);
    questions.into_iter().map(|question| question.condition).chain(notes).collect()
}

fn thing(kind: DependantKind, name: &str, tables: &[&str], columns: &[&str]) -> Dependant {
    let columns = columns.iter().map(|column| ColumnRef::new(&"users".into(), &ColumnName::from(*column)));
    Dependant {
        kind,
        name: name.into(),
        tables: tables.iter().map(|table| (*table).into()).collect(),
        columns: columns.collect(),
        enums: BTreeSet::new(),
    }
}

fn asked(after: &Schema) -> Vec<String> {
    let view = thing(DependantKind::View, "mails", &["users"], &["id", "email"]);
    let trigger = thing(DependantKind::Trigger, "stamp of users", &["users"], &[]);
    said(&Schema::default().with_table("users", users()), after, true, &BTreeSet::from([view, trigger]))
}

#[test]
fn a_column_that_a_view_reads_is_asked_about_and_another_is_not() {
    let without = |column: &str| {
        let mut table = users();
        table.columns.shift_remove(&ColumnName::from(column));
        Schema::default().with_table("users", table)
    };
    let note =
        |column: &str| format!("users.{column} is dropped: see that it isn't read by trigger stamp of users");
    let reads = |what: &str| format!("{what} is dropped, and the database has what reads it: view mails");
    assert_eq!(asked(&without("email")), [reads("users.email"), note("email")]);
    assert_eq!(asked(&without("note")), [note("note")]);
    let gone = "users is dropped, and with it trigger stamp of users".to_owned();
    assert_eq!(asked(&Schema::default()), [reads("users"), gone]);
}

#[test]
fn a_new_table_lacks_what_its_neighbours_have() {
    let bare = || Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    let before = Schema::default().with_table("users", users()).with_table("posts", bare());
    let before = before.with_table("billing.bills", bare());
    let after = before.clone().with_table("sessions", bare());
    let app = thing(DependantKind::Grants, "app (INSERT, SELECT)", &["users", "posts"], &[]);
    let few = thing(DependantKind::Grants, "audit (SELECT)", &["billing.bills"], &[]);
    let hidden = thing(DependantKind::RowSecurity, "enabled", &["posts", "users"], &[]);
    let sent = thing(DependantKind::Publication, "feed", &["users"], &[]);
    let all = thing(DependantKind::Publication, "feed (all tables)", &[], &[]);
    let known = BTreeSet::from([app.clone(), few, hidden, sent, all]);
    assert_eq!(
        said(&before, &after, true, &known),
        [
            "app has INSERT, SELECT on 2 of the 2 tables beside the new sessions, and may not have it there: if a release runs as app, \
             see that it gets it (GRANT INSERT, SELECT ON sessions TO app)",
            "the new sessions has no row security, and 2 of the 2 tables beside it do",
        ]
    );
    let mut numbered = bare();
    let id = numbered.columns.get_mut(&ColumnName::from("id")).expect("a column");
    *id = Column { identity: Some(Identity::Serial), ..Column::required(SqlType::BigInt) };
    let serial = said(&before, &before.clone().with_table("sessions", numbered), true, &known);
    assert!(serial[0].ends_with("TO app), and USAGE on the sequence of its numbers"), "{serial:?}");
    let made =
        thing(DependantKind::DefaultPrivileges, "tables that ops makes: app (INSERT, SELECT)", &[], &[]);
    let said = said(&before, &after, true, &BTreeSet::from([app, made]));
    assert_eq!(said.len(), 1);
    assert!(said[0].ends_with("; it does where ops makes it, by default privileges"), "{said:?}");
}

#[test]
fn a_new_column_lacks_what_is_said_of_single_columns() {
    let before = Schema::default().with_table("users", users());
    let with = |name: &str| users().with_column(name, Column::optional(SqlType::Text));
    let after = Schema::default().with_table("users", with("nick"));
    let grants = thing(DependantKind::ColumnGrants, "app (SELECT)", &["users"], &["id", "email"]);
    let all = thing(DependantKind::Grants, "ops (SELECT)", &["users"], &[]);
    let listed = thing(DependantKind::Publication, "part", &["users"], &["id"]);
    let whole = thing(DependantKind::Publication, "feed", &["users"], &[]);
    let known = BTreeSet::from([grants.clone(), all, listed, whole]);
    assert_eq!(
        said(&before, &after, true, &known),
        [
            "app has SELECT on single columns of users, and not on the new users.nick: if a release runs as app, see that it gets it \
             (GRANT SELECT (nick) ON users TO app)",
            "publication feed sends users.nick too: its subscribers need the column first, or replication stops",
            "publication part names columns of users: see whether it sends users.nick, and whether it is to",
        ]
    );
    // What was granted on a column that goes is missed by nobody.
    let mut less = users();
    less.columns.shift_remove(&ColumnName::from("email"));
    let less = Schema::default().with_table("users", less);
    assert_eq!(said(&before, &less, true, &BTreeSet::from([grants])), Vec::<String>::new());
}

#[test]
fn a_backfill_sees_the_rows_that_policies_show() {
    let before = Schema::default().with_table("users", users());
    let mut after = users();
    let email = after.columns.get_mut(&ColumnName::from("email")).expect("a column");
    *email = Column { default: Some("''".into()), ..Column::required(SqlType::Text) };
    let after = Schema::default().with_table("users", after);
    let forced = thing(DependantKind::RowSecurity, "forced", &["users"], &[]);
    let enabled = thing(DependantKind::RowSecurity, "enabled", &["users"], &[]);
    let note = "users has row security that binds its owner too: steps that look at its rows pass over those that no policy shows; \
                run the migrations as a role with BYPASSRLS";
    assert_eq!(said(&before, &after, true, &BTreeSet::from([forced])), [note]);
    assert_eq!(said(&before, &after, true, &BTreeSet::from([enabled])), Vec::<String>::new());
}

#[test]
fn an_enum_that_something_names_is_not_made_anew() {
    let with = |labels: &[&'static str]| {
        let users = users().with_column("feels", Column::optional(SqlType::parse("mood")));
        Schema::default().with_enum("mood", labels.iter().copied()).with_table("users", users)
    };
    let mut cast = thing(DependantKind::Cast, "mood AS integer", &[], &[]);
    cast.enums.insert("mood".into());
    let said = said(&with(&["glad", "sad"]), &with(&["glad"]), false, &BTreeSet::from([cast]));
    assert_eq!(said, ["enum mood is made anew, and the database has what reads it: cast mood AS integer"]);
}

/// The parent's columns are its heirs' too; an heir's own are its own, and those that it has from the parent aren't.
#[test]
fn columns_that_are_not_the_tables_own_affair() {
    let before = Schema::default().with_table("users", users()).with_table("posts", users());
    let with = |table: &str| {
        before.clone().with_table(table, users().with_column("nick", Column::optional(SqlType::Text)))
    };
    let heir = thing(DependantKind::Inheritance, "users of posts", &["users", "posts"], &["id", "email"]);
    let typed = thing(DependantKind::TypedTable, "posts of row", &["posts"], &[]);
    let asked =
        |after: &Schema, known: &Dependant| said(&before, after, true, &BTreeSet::from([known.clone()]));
    let shared = |known: &str| format!("posts.nick comes, and the columns of posts aren't its own: {known}");
    assert_eq!(asked(&with("posts"), &heir), [shared("inheritance users of posts")]);
    assert_eq!(asked(&with("posts"), &typed), [shared("typed table posts of row")]);
    assert_eq!(asked(&with("users"), &heir), Vec::<String>::new());
    let without = |column: &str| {
        let mut less = users();
        less.columns.shift_remove(&ColumnName::from(column));
        before.clone().with_table("users", less)
    };
    let reads = "users.email is dropped, and the database has what reads it: inheritance users of posts";
    assert_eq!(asked(&without("email"), &heir), [reads]);
    assert_eq!(asked(&without("note"), &heir), Vec::<String>::new());
}
