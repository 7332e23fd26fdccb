//! Checks that can fail. SQLite has no block that raises; what fails is an INSERT into a temporary table whose CHECK has a
//! readable name, for that name is all that Diesel shows.

use super::backfill::{from_source, key_of};
use super::quote::{catalog, columns, name, qualified, string};
use super::statement::Statement;
use crate::schema::{Index, IndexKey, IndexName, State, TableName, Violation};

/// Stops with `complaint` unless the query's one value is 0.
pub(super) fn stop_unless_zero(complaint: &str, query: &str) -> Vec<Statement> {
    let named = name(complaint);
    vec![
        Statement::Plain(format!(
            "CREATE TEMP TABLE schemig_guard (n INTEGER CONSTRAINT {named} CHECK (n = 0));"
        )),
        Statement::Write { verb: "INSERT", rest: format!("INTO temp.schemig_guard {query};") },
        Statement::Plain("DROP TABLE temp.schemig_guard;".to_owned()),
    ]
}

/// Stops in any case.
pub(super) fn refusal(complaint: &str) -> Vec<Statement> {
    stop_unless_zero(complaint, "VALUES (1)")
}

/// Stops if the index isn't there. SQLite has no index that is there and invalid.
pub(super) fn index(table: &TableName, index: &IndexName) -> Vec<Statement> {
    stop_unless_zero(
        &format!("index {index} of {table} is missing"),
        &format!(
            "SELECT count(*) = 0 FROM {} WHERE type = 'index' AND name = {}",
            catalog(table),
            string(index.as_str())
        ),
    )
}

/// Stops if rows are guilty of it. The complaint holds the query that shows them.
pub(super) fn violation(table: &TableName, against: &Violation, before: &State) -> Vec<Statement> {
    match guilty(table, against, before) {
        Some((what, rows)) => stop_unless_zero(
            &format!("{what}: SELECT * FROM {rows}"),
            &format!("SELECT count(*) FROM {rows}"),
        ),
        None => refusal(&format!("{table} has no single key to look its rows up by")),
    }
}

/// What the guilty rows are, in words, and what to select them from.
fn guilty(table: &TableName, against: &Violation, before: &State) -> Option<(String, String)> {
    let from = qualified(table);
    let found = match against {
        Violation::Null { column } => {
            (format!("{table}.{column} is NULL"), format!("{from} WHERE {} IS NULL", name(column.as_str())))
        }
        Violation::Stale { column, source } => {
            let looked_up = from_source(table, source, key_of(table, before)?);
            let stale = format!("{} IS NOT {}", name(column.as_str()), looked_up.value);
            let only = looked_up.only.map(|rows| format!(" AND {rows}")).unwrap_or_default();
            (
                format!("{table}.{column} isn't what {} says", source.table),
                format!("{from} WHERE {stale}{only}"),
            )
        }
        Violation::Differ { old, new } => (
            format!("{table}.{old} and {table}.{new} differ"),
            format!("{from} WHERE {} IS NOT {}", name(old.as_str()), name(new.as_str())),
        ),
        Violation::Check { expression } => {
            (format!("rows of {table} break the check"), format!("{from} WHERE NOT ({expression})"))
        }
        Violation::Orphan { foreign_key } => {
            let own = foreign_key.columns.iter().map(|column| format!("child.{}", name(column.as_str())));
            let there = foreign_key.key.iter().map(|column| format!("parent.{}", name(column.as_str())));
            let set: Vec<String> = own.clone().map(|column| format!("{column} IS NOT NULL")).collect();
            let same: Vec<String> = own.zip(there).map(|(own, there)| format!("{there} = {own}")).collect();
            (
                format!("rows of {table} refer to no {}", foreign_key.references),
                format!(
                    "{from} AS child WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE {})",
                    set.join(" AND "),
                    qualified(&foreign_key.references),
                    same.join(" AND ")
                ),
            )
        }
        Violation::Uncopied { rows } => (
            format!("rows of {} aren't so in {table}", rows.table),
            super::rows::uncopied(table, rows, before),
        ),
        Violation::Duplicate { index } => (format!("keys stand twice in {table}"), duplicates(&from, index)),
    };
    Some(found)
}

/// NULL is no duplicate of NULL.
fn duplicates(from: &str, index: &Index) -> String {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| match key {
            IndexKey::Column(column) => columns([column]),
            IndexKey::Expression(expression) => format!("({expression})"),
        })
        .collect();
    let mut rows: Vec<String> = keys.iter().map(|key| format!("{key} IS NOT NULL")).collect();
    rows.extend(index.predicate.iter().map(|predicate| format!("({predicate})")));
    let keys = keys.join(", ");
    format!(
        "(SELECT {keys}, count(*) FROM {from} WHERE {} GROUP BY {keys} HAVING count(*) > 1)",
        rows.join(" AND ")
    )
}
