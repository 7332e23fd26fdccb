//! The statements are letter for letter those of Diesel's query builder, and are kept prepared where Diesel keeps its own.

use cargo_schemig::verify::traffic::{Arbiter, Kind, Release, Side, Spelling, Statement, statements};
use chrono::Utc;
use diesel::debug_query;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sqlite::Sqlite;
use diesel::upsert::excluded;
use schemig_core::dialect::Dialect;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::sqlite::Sqlite as SqliteDialect;
use schemig_core::schema::{Column, Index, Schema, SqlType, Table, TableName};

use crate::story;

/// What a statement is, with whether a connection keeps it.
type Sent = (String, bool);

fn all(schema: &Schema, dialect: &dyn Dialect, spelling: &'static Spelling) -> Vec<Statement> {
    statements(Release { schema, side: Side::Newest, dialect, spelling })
}

fn ours(statements: &[Statement], table: &str, kind: Kind) -> Sent {
    let found = statements.iter().find(|one| one.known.name == TableName::from(table) && one.kind == kind);
    found.map(|one| (one.sql(), one.kept)).unwrap_or_else(|| panic!("no {kind} of {table}"))
}

/// What Diesel sends, without the binds that are printed behind it, and whether it keeps it.
macro_rules! theirs {
    ($query:expr, $backend:ident) => {{
        let query = $query;
        let text = debug_query::<$backend, _>(&query).to_string();
        let (sql, _) = text.split_once(" -- binds").expect("binds");
        let kept = QueryFragment::<$backend>::is_safe_to_cache_prepared(&query, &$backend).expect("a query");
        (sql.to_owned(), kept)
    }};
}

#[test]
fn release_n_of_the_story_sends_the_same() {
    use organizations::after::models::{NewUser, OrgMembership, User};
    use organizations::after::schema::{org_memberships, users};
    let own = all(&story::after(), &Postgres::default(), Spelling::POSTGRES);
    let on_users = |kind| ours(&own, "users", kind);
    let newest = users::table.order(users::id.desc()).limit(10).select(User::as_select());
    assert_eq!(on_users(Kind::Select), theirs!(newest, Pg));
    assert_eq!(on_users(Kind::Find), theirs!(users::table.find(1).select(User::as_select()), Pg));
    let delete = diesel::delete(users::table.find(1)).returning(User::as_returning());
    assert_eq!(on_users(Kind::Delete), theirs!(delete, Pg));
    let set = (
        users::email.eq("a"),
        users::full_name.eq(Some("b")),
        users::updated_at.eq(Utc::now()),
        users::organization_id.eq(1),
    );
    let update = diesel::update(users::table.find(1)).set(set).returning(User::as_returning());
    assert_eq!(on_users(Kind::Update), theirs!(update, Pg));
    let memberships = (org_memberships::user_id.eq(1), org_memberships::organization_id.eq(1));
    let insert = diesel::insert_into(org_memberships::table).values(memberships);
    let insert = insert.returning(OrgMembership::as_returning());
    assert_eq!(ours(&own, "org_memberships", Kind::Insert), theirs!(insert, Pg));
    // A struct leaves out what it hasn't, and writes DEFAULT for its `None`s; no statement of it is kept.
    let new = NewUser { email: "a".to_owned(), full_name: None, organization_id: 1 };
    let insert = diesel::insert_into(users::table).values(&new).returning(User::as_returning());
    let (theirs, kept) = theirs!(insert, Pg);
    assert!(theirs.starts_with(
        r#"INSERT INTO "users" ("email", "full_name", "organization_id") VALUES ($1, DEFAULT, $2) RETURNING "#
    ));
    let (sql, own_kept) = on_users(Kind::InsertLeast);
    assert_eq!((kept, own_kept), (false, false));
    assert_eq!(
        sql.replace(r#""id", "email", "full_name", "updated_at","#, r#""email", "full_name","#)
            .replace("(DEFAULT, $1, DEFAULT, DEFAULT, $2)", "($1, DEFAULT, $2)"),
        theirs
    );
}

#[test]
fn release_n_minus_1_of_the_story_sends_the_same() {
    use organizations::before::models::User;
    use organizations::before::schema::users;
    let own = all(&story::before(), &Postgres::default(), Spelling::POSTGRES);
    let newest = users::table.order(users::id.desc()).limit(10).select(User::as_select());
    assert_eq!(ours(&own, "users", Kind::Select), theirs!(newest, Pg));
    let values = (
        users::id.eq(1),
        users::email.eq("a"),
        users::full_name.eq(Some("Upserted")),
        users::updated_at.eq(Utc::now()),
    );
    let set =
        (users::full_name.eq(excluded(users::full_name)), users::updated_at.eq(excluded(users::updated_at)));
    let upsert =
        diesel::insert_into(users::table).values(values).on_conflict(users::email).do_update().set(set);
    let upsert = upsert.returning(User::as_returning());
    let arbiter = || Arbiter::Index("users_email_idx".into());
    assert_eq!(ours(&own, "users", Kind::Upsert(arbiter())), theirs!(upsert, Pg));
    let ignore = diesel::insert_into(users::table).values(values).on_conflict(users::email).do_nothing();
    let ignore = ignore.returning(User::as_returning());
    assert_eq!(ours(&own, "users", Kind::InsertOrIgnore(arbiter())), theirs!(ignore, Pg));
}

diesel::table! {
    shelf.books (series, number) {
        series -> Text,
        number -> Integer,
        #[sql_name = "back`tick \"quoted\""]
        odd -> Nullable<Text>,
        copies -> Integer,
    }
}

#[derive(Insertable)]
#[diesel(table_name = books)]
struct NewBook {
    series: String,
    number: i32,
    odd: Option<String>,
    copies: Option<i32>,
}

/// With a schema of its own, a key of two columns, a name that needs quotes, and a column with a default.
fn shelf() -> Schema {
    let books = Table::keyed_by(["series", "number"])
        .with_column("series", Column::required(SqlType::Text))
        .with_column("number", Column::required(SqlType::Integer))
        .with_column("back`tick \"quoted\"", Column::optional(SqlType::Text))
        .with_column("copies", Column::required(SqlType::Integer).with_default("1"))
        .with_index("books_key", Index::unique_on(["series", "copies"]));
    Schema::default().with_table("shelf.books", books)
}

macro_rules! books_send_the_same {
    ($backend:ident, $dialect:expr, $spelling:expr) => {{
        let own = all(&shelf(), &$dialect, $spelling);
        let ours = |kind| ours(&own, "shelf.books", kind);
        let find = || books::table.find(("a", 1));
        let order = (books::series.desc(), books::number.desc());
        assert_eq!(ours(Kind::Select), theirs!(books::table.order(order).limit(1), $backend));
        assert_eq!(ours(Kind::Find), theirs!(find(), $backend));
        let returning = books::all_columns;
        assert_eq!(ours(Kind::Delete), theirs!(diesel::delete(find()).returning(returning), $backend));
        let set = (books::odd.eq(Some("b")), books::copies.eq(2));
        let update = diesel::update(find()).set(set).returning(returning);
        assert_eq!(ours(Kind::Update), theirs!(update, $backend));
        let odd = || diesel::update(find()).set(books::odd.eq(None::<String>)).returning(returning);
        assert_eq!(ours(Kind::UpdateNull("back`tick \"quoted\"".into())), theirs!(odd(), $backend));
        let values =
            (books::series.eq("a"), books::number.eq(1), books::odd.eq(Some("b")), books::copies.eq(2));
        let insert = || diesel::insert_into(books::table).values(values);
        assert_eq!(ours(Kind::Insert), theirs!(insert().returning(returning), $backend));
        let new = |copies| NewBook { series: "a".to_owned(), number: 1, odd: None, copies };
        let least = diesel::insert_into(books::table).values(new(None)).returning(returning);
        assert_eq!(ours(Kind::InsertLeast), theirs!(least, $backend));
        let without = diesel::insert_into(books::table).values(new(Some(1))).returning(returning);
        assert_eq!(ours(Kind::InsertWithout("back`tick \"quoted\"".into())), theirs!(without, $backend));
        let set = (books::odd.eq(excluded(books::odd)), books::copies.eq(excluded(books::copies)));
        let upsert = insert().on_conflict((books::series, books::number)).do_update().set(set);
        assert_eq!(ours(Kind::Upsert(Arbiter::PrimaryKey)), theirs!(upsert.returning(returning), $backend));
        let ignore = insert().on_conflict((books::series, books::copies)).do_nothing().returning(returning);
        let arbiter = Arbiter::Index("books_key".into());
        assert_eq!(ours(Kind::InsertOrIgnore(arbiter)), theirs!(ignore, $backend));
    }};
}

#[test]
fn a_table_with_all_that_is_spelled_otherwise_is_spelled_so_on_postgres() {
    books_send_the_same!(Pg, Postgres::default(), Spelling::POSTGRES);
}

#[test]
fn a_table_with_all_that_is_spelled_otherwise_is_spelled_so_on_sqlite() {
    books_send_the_same!(Sqlite, SqliteDialect { version: (3, 35) }, Spelling::SQLITE);
}
