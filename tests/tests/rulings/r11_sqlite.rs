//! SQLite can't mirror, fill or shim: what needs a trigger is refused there while releases overlap.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use schemig_core::change::diff;
use schemig_core::dialect::Dialect as _;
use schemig_core::dialect::sqlite::Sqlite;
use schemig_core::plan::{PlanId, Request, plan};
use schemig_core::schema::{Column, ColumnRef, Hints, Origin, SqlType, State};

use crate::models::{only, users};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
}

#[test]
fn a_filled_column_is_refused_while_the_old_release_runs() {
    let after = users().with_column("label", Column::required(SqlType::Text));
    let (before, after) = (only(users()), only(after));
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"label".into());
    hints.backfills.insert(at, Origin::Expression("upper(email)".into()));
    let sqlite = Sqlite { version: (3, 40) };
    let difference = diff(&before, &after, &hints, &[], true).expect("a difference");
    let request = Request {
        id: PlanId("0001_ruling".to_owned()),
        parents: Vec::new(),
        physical: &State::at_rest(before.clone()),
        from: &before,
        to: &after,
        difference: &difference,
        open: &[],
        overlap: true,
        capabilities: sqlite.capabilities(),
    };
    let questions = plan(&request).expect_err("it is refused");
    assert!(
        questions.iter().any(|it| it.effect.contains("its triggers can't set a column")),
        "{questions:#?}"
    );
}

/// The trigger that would have to do it, by hand.
#[test]
fn no_trigger_there_serves_the_old_release() {
    let mut connection = SqliteConnection::establish(":memory:").expect("a database");
    connection
        .batch_execute(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, label TEXT NOT NULL);
             CREATE TRIGGER fill AFTER INSERT ON users WHEN NEW.label IS NULL
             BEGIN UPDATE users SET label = upper(email) WHERE id = NEW.id; END;",
        )
        .expect("a filler by hand");
    let sign_up = "INSERT INTO users (email) VALUES ('a') RETURNING label";
    let error = connection.batch_execute(sign_up).expect_err("NOT NULL is looked at first").to_string();
    assert!(error.contains("NOT NULL constraint failed"), "{error}");
    let assigns = "CREATE TRIGGER assign BEFORE INSERT ON users BEGIN SET NEW.label = upper(NEW.email); END";
    let error = connection.batch_execute(assigns).expect_err("it has no such statement").to_string();
    assert!(error.contains("syntax error"), "{error}");
    connection
        .batch_execute(
            "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, label TEXT);
             CREATE TRIGGER fill AFTER INSERT ON users WHEN NEW.label IS NULL
             BEGIN UPDATE users SET label = upper(email) WHERE id = NEW.id; END;",
        )
        .expect("the same on a nullable column");
    let returned: Vec<Row> = diesel::sql_query(sign_up).load(&mut connection).expect("a row");
    assert_eq!(returned[0].label, None, "RETURNING doesn't show what the trigger wrote");
    let read: Vec<Row> = diesel::sql_query("SELECT label FROM users").load(&mut connection).expect("rows");
    assert_eq!(read[0].label.as_deref(), Some("A"));
}
