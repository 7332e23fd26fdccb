//! What must stop, and leave everything as it was.

use schemig_core::operation::Operation;
use schemig_core::schema::{Action, Check, ColumnName, Index, Source, Violation};

use crate::VERSIONS;
use crate::bench::{Bench, refers};
use crate::rebuilds::{authors, rebuild};

#[test]
fn what_the_plan_does_not_know_is_not_lost() {
    for (made, why) in [
        ("CREATE TRIGGER t AFTER DELETE ON authors BEGIN SELECT 1; END", "triggers or views"),
        (
            "CREATE TRIGGER t AFTER INSERT ON books BEGIN UPDATE AUTHORS SET score = 1; END",
            "triggers or views",
        ),
        (
            "CREATE VIEW v AS SELECT b.id FROM books b JOIN \"authors\" a ON a.id = b.author_id",
            "triggers or views",
        ),
        ("ALTER TABLE authors ADD COLUMN secret TEXT", "columns that its plan doesn't know"),
        ("CREATE INDEX by_hand ON authors (born)", "indexes that its plan doesn't know"),
    ] {
        let mut bench = Bench::library(VERSIONS[0]);
        bench.execute(made);
        bench.stops(&[rebuild(authors())], why);
    }
    let mut bench = Bench::library(VERSIONS[0]);
    bench
        .execute("CREATE VIEW coauthors AS SELECT 1 AS authors_too; CREATE INDEX elsewhere ON books (price)");
    bench.up(&[rebuild(authors())]).expect("others are no business of this table's");
}

#[test]
fn options_that_a_schema_has_no_place_for_are_not_lost() {
    for (options, why) in [
        ("id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT)", "AUTOINCREMENT"),
        ("id INTEGER PRIMARY KEY NOT NULL, name TEXT) without\n rowid", "WITHOUT ROWID"),
        ("id INTEGER PRIMARY KEY NOT NULL, name TEXT) STRICT", "STRICT"),
    ] {
        let mut bench = Bench::library(VERSIONS[0]);
        bench.execute(&format!("CREATE TABLE made ({options}"));
        let definition = schemig_core::schema::Table::keyed_by(["id"])
            .with_column("id", schemig_core::schema::Column::required(schemig_core::schema::SqlType::Integer))
            .with_column("name", schemig_core::schema::Column::optional(schemig_core::schema::SqlType::Text));
        bench.state.schema.tables.insert("made".into(), definition.clone());
        let values = indexmap::IndexMap::new();
        bench.stops(
            &[Operation::RebuildTable { table: "made".into(), definition, values, back: Default::default() }],
            why,
        );
    }
}

#[test]
fn rows_that_a_rebuild_would_break_stop_it() {
    let mut bench = Bench::library(VERSIONS[0]);
    let mut required = authors();
    required.columns[&ColumnName::from("email")].nullable = false;
    bench.stops(&[rebuild(required)], "NOT NULL constraint failed");
    let unique = authors().with_index("authors_name", Index::unique_on(["name"]));
    bench.stops(&[rebuild(unique)], "UNIQUE constraint failed");
    let mut replaced = authors();
    replaced.indexes.insert("authors_note".into(), Index::unique_on(["name"]));
    bench.stops(&[rebuild(replaced)], "UNIQUE constraint failed");
    let checked = authors().with_check("has_name", Check::on("name <> ''"));
    bench.stops(&[rebuild(checked)], "CHECK constraint failed: has_name");
    let dangling = authors().with_foreign_key("self", refers("score", Action::NoAction));
    bench.stops(&[rebuild(dangling)], "refer to nothing");
    bench.compare("after five stops");
}

#[test]
fn children_that_would_dangle_stop_it() {
    let mut bench = Bench::library(VERSIONS[0]);
    let values = indexmap::IndexMap::from([("id".into(), "id + 1000".into())]);
    let renumbered = Operation::RebuildTable {
        table: "authors".into(),
        definition: authors(),
        values,
        back: Default::default(),
    };
    bench.stops(&[renumbered], "refer to nothing");
}

#[test]
fn guards_count_in_diesels_transaction() {
    let source = Source {
        table: "books".into(),
        key: "id".into(),
        value: "title".into(),
        otherwise: Some("'x'".into()),
    };
    let guilty = [
        (Violation::Null { column: "email".into() }, "authors.email is NULL"),
        (
            Violation::Stale { column: "note".into(), source: source.clone() },
            "authors.note isn't what books says",
        ),
        (Violation::Differ { old: "name".into(), new: "note".into() }, "differ"),
        (Violation::Check { expression: "score < 9".into() }, "break the check"),
        (Violation::Orphan { foreign_key: refers("score", Action::Cascade) }, "refer to no authors"),
        (Violation::Duplicate { index: Index::unique_on(["name"]) }, "keys stand twice"),
    ];
    let innocent = [
        Violation::Null { column: "name".into() },
        Violation::Differ { old: "name".into(), new: "name".into() },
        Violation::Check { expression: "email <> ''".into() },
        Violation::Orphan { foreign_key: refers("id", Action::Cascade) },
        Violation::Duplicate { index: Index::unique_on(["email"]) },
        Violation::Duplicate {
            index: Index { predicate: Some("id < 3".into()), ..Index::unique_on(["name"]) },
        },
    ];
    let guard = |against| Operation::Guard { table: "authors".into(), against };
    let mut bench = Bench::library(VERSIONS[0]);
    for (against, why) in guilty {
        bench.stops(&[guard(against)], why);
    }
    for against in innocent {
        bench.up(&[guard(against)]).expect("no row is guilty");
    }
    bench.execute(
        "UPDATE authors SET note = coalesce((SELECT title FROM books WHERE books.id = authors.id), 'x')",
    );
    bench
        .up(&[guard(Violation::Stale { column: "note".into(), source })])
        .expect("all is as the source says");
    let index = Operation::GuardIndex {
        table: "authors".into(),
        index: "missing".into(),
        definition: Index::on(["name"]),
    };
    bench.stops(&[index], "index missing of authors is missing");
}
