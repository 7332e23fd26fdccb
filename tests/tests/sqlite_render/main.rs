//! What the SQLite dialect renders, run by Diesel's harness on a populated database: up, compared by introspection, and back.

mod bench;
mod rebuilds;
mod refusals;

use bench::{Bench, library, refers};
use indexmap::IndexMap;
use schemig_core::dialect::Dialect;
use schemig_core::dialect::sqlite::{Sqlite, alters_in_place};
use schemig_core::operation::Operation;
use schemig_core::schema::{
    Action, Check, Column, Generated, Index, IndexKey, Origin, Schema, Source, SqlType, State, Table,
    Violation,
};

/// The oldest version and the one whose ALTER TABLE can more: the same database must come out of both.
pub const VERSIONS: [Sqlite; 2] = [Sqlite { version: (3, 35) }, Sqlite { version: (3, 53) }];

fn everywhere(operations: &[Operation]) {
    for sqlite in VERSIONS {
        let mut bench = Bench::library(sqlite);
        bench.compare("at first");
        let books = bench.text("SELECT count(*) AS value FROM books");
        bench.there_and_back(operations);
        let after = bench.text("SELECT count(*) AS value FROM books");
        assert_eq!(after, if drops(operations, "books") { "0".to_owned() } else { books });
    }
}

fn drops(operations: &[Operation], dropped: &str) -> bool {
    let it = Operation::DropTable { table: dropped.into() };
    operations.contains(&it)
}

fn add_column(column: &str, definition: Column) -> Operation {
    Operation::AddColumn { table: "authors".into(), column: column.into(), definition }
}

#[test]
fn a_table_with_everything() {
    let upper = IndexKey::Expression("upper(\"code\")".into());
    let definition = Table::keyed_by(["code", "place"])
        .with_column("place", Column::required(SqlType::Integer))
        .with_column(
            "code",
            Column { collation: Some("NOCASE".into()), ..Column::required(SqlType::Char(3)) },
        )
        .with_column("it's \"odd\"", Column::optional(SqlType::Binary).with_default("x'00'"))
        .with_column("at", Column::required(SqlType::Timestamp).with_default("CURRENT_TIMESTAMP"))
        .with_column("day", Column::optional(SqlType::Date).with_default("date('now', '+1 day')"))
        .with_column("author_id", Column::optional(SqlType::Integer))
        .with_column(
            "twice",
            Column {
                generated: Some(Generated { expression: "\"place\" * 2".into(), stored: true }),
                ..Column::optional(SqlType::BigInt)
            },
        )
        .with_index(
            "shelves_code",
            Index { keys: vec![upper], predicate: Some("place > 0".into()), ..Index::on([]) },
        )
        .with_index("shelves_place", Index { constraint: true, ..Index::unique_on(["place", "code"]) })
        .with_foreign_key("shelves_author", refers("author_id", Action::SetNull))
        .with_check("code_is_upper", Check::on("code = upper(code) AND code <> ')'"));
    everywhere(&[Operation::CreateTable { table: "shelves".into(), definition }]);
}

#[test]
fn tables_go_and_are_renamed() {
    everywhere(&[Operation::DropTable { table: "books".into() }]);
    everywhere(&[Operation::RenameTable { from: "authors".into(), to: "writers".into() }]);
    everywhere(&[
        Operation::RenameTable { from: "books".into(), to: "Select".into() },
        Operation::RenameTable { from: "Select".into(), to: "it's".into() },
    ]);
}

#[test]
fn columns_come() {
    everywhere(&[add_column("age", Column::optional(SqlType::SmallInt))]);
    everywhere(&[add_column("age", Column::required(SqlType::BigInt).with_default("-1"))]);
    everywhere(&[add_column("made", Column::required(SqlType::Timestamp).with_default("CURRENT_TIMESTAMP"))]);
    let stored = Generated { expression: "score + 1".into(), stored: true };
    for generated in [stored.clone(), Generated { stored: false, ..stored }] {
        everywhere(&[add_column(
            "more",
            Column { generated: Some(generated), ..Column::optional(SqlType::Integer) },
        )]);
    }
}

#[test]
fn columns_go() {
    for column in ["born", "note", "score", "email"] {
        everywhere(&[Operation::DropColumn { table: "authors".into(), column: column.into() }]);
    }
    everywhere(&[Operation::DropColumn { table: "books".into(), column: "author_id".into() }]);
}

#[test]
fn columns_are_renamed_in_all_that_reads_them() {
    for (from, to) in [("score", "points"), ("note", "Order"), ("id", "key"), ("email", "current_date")] {
        everywhere(&[Operation::RenameColumn { table: "authors".into(), from: from.into(), to: to.into() }]);
    }
}

#[test]
fn defaults_and_nulls() {
    let (table, column) = ("authors".into(), "score".into());
    everywhere(&[Operation::SetDefault { table, column, default: "abs(-7)".into() }]);
    everywhere(&[Operation::DropDefault { table: "authors".into(), column: "score".into() }]);
    let of = |table: &str, column: &str| (table.into(), column.into());
    let (table, column) = of("authors", "name");
    everywhere(&[Operation::DropNotNull { table, column }]);
    let (table, column) = of("authors", "note");
    let fill =
        Operation::Backfill { table, column, origin: Origin::Expression("'none'".into()), batched: true };
    let (table, column) = of("authors", "note");
    let count = Operation::Guard { table, against: Violation::Null { column } };
    let (table, column) = of("authors", "note");
    everywhere(&[fill, count, Operation::SetNotNull { table, column, proof: None }]);
}

#[test]
fn indexes() {
    let table = || "books".into();
    let unique =
        Index { predicate: Some("price IS NOT NULL".into()), ..Index::unique_on(["title", "price"]) };
    let make = |index: &str, definition| Operation::CreateIndex {
        table: table(),
        index: index.into(),
        definition,
        online: true,
    };
    everywhere(&[
        make("books_title", unique.clone()),
        Operation::GuardIndex { table: table(), index: "books_title".into(), definition: unique },
        Operation::RenameIndex { table: table(), from: "books_title".into(), to: "books_t".into() },
    ]);
    everywhere(&[make("books_unique", Index { constraint: true, ..Index::unique_on(["id", "title"]) })]);
    everywhere(&[Operation::DropIndex { table: table(), index: "books_author_id".into(), online: true }]);
}

#[test]
fn constraints() {
    let check = |name: &str, text: &str| Operation::AddCheck {
        table: "authors".into(),
        name: name.into(),
        definition: Check::on(text),
        validated: true,
    };
    everywhere(&[check("short", "length(name) < 9")]);
    everywhere(&[Operation::DropCheck { table: "authors".into(), name: "score_is_positive".into() }]);
    everywhere(&[Operation::DropForeignKey { table: "books".into(), name: "books_author_id_fkey".into() }]);
    let added = |validated| Operation::AddForeignKey {
        table: "books".into(),
        name: "again".into(),
        definition: refers("author_id", Action::Restrict),
        validated,
    };
    everywhere(&[added(true)]);
    everywhere(&[added(false), Operation::Validate { table: "books".into(), constraint: "again".into() }]);
}

#[test]
fn a_view_is_plain() {
    let columns = vec!["id".into(), "name".into()];
    let view = Operation::CreateView { view: "people".into(), table: "authors".into(), columns };
    for sqlite in VERSIONS {
        let mut bench = Bench::library(sqlite);
        bench.up(std::slice::from_ref(&view)).expect("a view");
        assert_eq!(bench.text("SELECT count(*) AS value FROM people"), "4");
        // A view that the plan knows is made again around a rebuild.
        bench
            .up(&[Operation::SetDefault {
                table: "authors".into(),
                column: "score".into(),
                default: "3".into(),
            }])
            .expect("a rebuild under a known view");
        assert_eq!(bench.text("SELECT count(*) AS value FROM people"), "4");
        bench.up(&[Operation::DropView { view: "people".into() }]).expect("no view");
    }
}

#[test]
fn backfills_write_what_differs_and_nothing_else() {
    let source = Source {
        table: "books".into(),
        key: "id".into(),
        value: "title".into(),
        otherwise: Some("'no book of ' || name".into()),
    };
    let fill = |origin| Operation::Backfill {
        table: "authors".into(),
        column: "note".into(),
        origin,
        batched: false,
    };
    let notes = "SELECT group_concat(quote(note), ' ') AS value FROM (SELECT note FROM authors ORDER BY id)";
    let bare = Source { otherwise: None, ..source.clone() };
    for (origin, expected) in [
        (Origin::Expression("upper(name)".into()), "'' 'ADA' '' 'it''s'"),
        (Origin::Column("email".into()), "'x' 'ada@example.org' NULL NULL"),
        (Origin::Source(source), "'no book of ' 'Notes' 'Notes' 'More'"),
        (Origin::Source(bare), "NULL 'Notes' 'Notes' 'More'"),
    ] {
        let mut bench = Bench::library(VERSIONS[0]);
        bench.up(&[fill(origin.clone())]).expect("rows");
        assert_eq!(bench.text(notes), expected, "{origin:?}");
        bench.execute(
            "CREATE TRIGGER untouched BEFORE UPDATE ON authors BEGIN SELECT RAISE(ABORT, 'written'); END",
        );
        bench.up(&[fill(origin)]).expect("a second run writes no row");
    }
}

#[test]
fn what_sqlite_can_not_do_is_said_and_not_skipped() {
    let mirror = Operation::Mirror {
        table: "authors".into(),
        old: "name".into(),
        new: "note".into(),
        conversion: Default::default(),
    };
    let mut bench = Bench::library(VERSIONS[0]);
    bench.stops(&[mirror], "SQLite's triggers can't assign");
}

#[test]
fn planning_and_rendering_agree_on_what_needs_a_rebuild() {
    let state = State::at_rest(library());
    let default =
        Operation::SetDefault { table: "authors".into(), column: "score".into(), default: "1".into() };
    let rebuild = Operation::RebuildTable {
        table: "authors".into(),
        definition: library().tables.remove(&"authors".into()).expect("it is there"),
        values: IndexMap::new(),
        back: IndexMap::new(),
    };
    for operation in [
        default,
        rebuild,
        add_column("plain", Column::optional(SqlType::Text)),
        add_column("made", Column::optional(SqlType::Timestamp).with_default("CURRENT_TIMESTAMP")),
        Operation::DropColumn { table: "authors".into(), column: "note".into() },
        Operation::DropColumn { table: "authors".into(), column: "score".into() },
    ] {
        let rendered = VERSIONS[0].render(std::slice::from_ref(&operation), &state);
        assert_eq!(rendered.transactional, alters_in_place(&operation, &state), "{operation}");
        assert_eq!(
            VERSIONS[0].effect(&operation, &state).transactional,
            rendered.transactional,
            "{operation}"
        );
    }
}

#[test]
fn nothing_to_do_is_still_a_statement() {
    let nothing = VERSIONS[0].render(&[], &State::at_rest(Schema::default()));
    assert_eq!((nothing.sql.as_str(), nothing.transactional), ("SELECT 1;\n", true));
}
