//! Making a table anew: what SQLite has instead of most of ALTER TABLE (DOCTRINE R11).
//!
//! With foreign keys on, DROP TABLE would delete the children of each row; and within a transaction they can't be turned off.
//! So the file turns them off, opens a transaction of its own, and ends it after counting what dangles. A stop or a crash at
//! any point leaves the database as it was.
//!
//! What hangs on a table and isn't in the schema (triggers, views, columns and indexes that somebody made by hand) would be
//! lost in silence, or would make the rename fail. SQL can't make again what it doesn't know, so the file stops first.
//!
//! A second run, where Diesel's record of the first is missing, converges when the columns stayed what they are, and
//! otherwise stops at the same guard: to compute values again from columns that are gone would lose them.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::quote::{catalog, columns, name, qualified, string};
use super::statement::Statement;
use super::{guard, table, types};
use crate::schema::{ColumnName, Expression, State, Table, TableName};

/// The file around such statements.
///
/// Whether foreign keys were on can be read but not put back by SQL: a PRAGMA takes no expression and has no condition. On is
/// what the SQLite that Diesel bundles starts with, and the side that errs towards refusing. A stop leaves them off on the
/// connection, which Diesel's CLI closes then.
pub(super) fn in_own_transaction(lines: Vec<String>) -> Vec<String> {
    let head = [
        "-- DROP TABLE would delete the rows that refer to the table. This has no effect within a transaction.",
        "PRAGMA foreign_keys = OFF;",
        "BEGIN IMMEDIATE;",
    ];
    let foot = [
        "COMMIT;",
        "-- What it was before can't be put back by SQL. Delete this line if your connections run with it off.",
        "PRAGMA foreign_keys = ON;",
    ];
    let owned = |fixed: [&str; 3]| fixed.map(str::to_owned);
    owned(head).into_iter().chain(lines).chain(owned(foot)).collect()
}

/// Makes `table` anew as `definition` and moves its rows; columns in `values` are computed, the rest copied.
pub(super) fn statements(
    table: &TableName,
    definition: &Table,
    values: &IndexMap<ColumnName, Expression>,
    before: &State,
) -> Vec<Statement> {
    let Some(known) = before.schema.tables.get(table) else {
        return guard::refusal(&format!("nobody knows what table {table} is"));
    };
    let fresh = table.sibling(format!("schemig_new_{}", table.name));
    let views: Vec<_> = before.in_flight.views.iter().filter(|(_, view)| view.table == *table).collect();
    let mut statements = strangers(table, known, definition, before);
    statements
        .extend(views.iter().map(|(view, _)| Statement::Plain(format!("DROP VIEW {};", qualified(view)))));
    statements.push(Statement::Plain(format!("DROP TABLE IF EXISTS {};", qualified(&fresh))));
    statements.push(Statement::Plain(table::create_as(&fresh, definition)));
    statements.extend(Statement::plain(unique_indexes(table, &fresh, known, definition)));
    statements.push(copy(table, &fresh, known, definition, values));
    if types::never_reuses(known) && types::never_reuses(definition) {
        statements.extend(keep_numbering(table, &fresh));
    }
    statements.push(Statement::Plain(format!("DROP TABLE {};", qualified(table))));
    statements.push(Statement::Plain(format!(
        "ALTER TABLE {} RENAME TO {};",
        qualified(&fresh),
        name(&table.name)
    )));
    statements.extend(Statement::plain(table::indexes(table, definition, |index| !index.unique)));
    statements.extend(
        views.iter().map(|(view, shown)| Statement::Plain(table::create_view(view, table, &shown.columns))),
    );
    statements.extend(nothing_dangles(table));
    statements
}

/// Unique indexes come before the rows: so it is the INSERT that a duplicate stops, and not a later statement that would leave
/// the transaction open. An index's name is taken while the old table has it.
fn unique_indexes(table: &TableName, fresh: &TableName, known: &Table, definition: &Table) -> Vec<String> {
    let unique: BTreeSet<_> = definition
        .indexes
        .iter()
        .filter(|(index, made)| {
            made.unique && !made.constraint && known.indexes.get(*index).is_some_and(|old| !old.constraint)
        })
        .map(|(index, _)| index)
        .collect();
    unique
        .into_iter()
        .map(|index| table::drop_index(table, index))
        .chain(table::indexes(fresh, definition, |index| index.unique))
        .collect()
}

fn copy(
    table: &TableName,
    fresh: &TableName,
    known: &Table,
    definition: &Table,
    values: &IndexMap<ColumnName, Expression>,
) -> Statement {
    let moved = definition.columns.iter().filter(|(_, column)| column.generated.is_none());
    let (into, from): (Vec<&ColumnName>, Vec<String>) = moved
        .filter_map(|(column, _)| match values.get(column) {
            Some(value) => Some((column, converted(table, column, value, known, definition))),
            None => known.columns.contains_key(column).then(|| (column, name(column.as_str()))),
        })
        .unzip();
    let rest = format!(
        "INTO {} ({})\n    SELECT {} FROM {};",
        qualified(fresh),
        columns(into),
        from.join(", "),
        qualified(table)
    );
    Statement::Write { verb: "INSERT", rest }
}

/// A computed value; one that replaces a value of the same column of another type is computed only while the column has the old type,
/// for a second run would compute it from what the first has made.
fn converted(
    table: &TableName,
    column: &ColumnName,
    value: &Expression,
    known: &Table,
    definition: &Table,
) -> String {
    let type_in = |table: &Table| table.columns.get(column).map(|known| types::type_name(&known.sql_type));
    match (type_in(known), type_in(definition)) {
        (Some(old), Some(new)) if old != new => format!(
            "CASE WHEN (SELECT type FROM pragma_table_xinfo({}) WHERE name = {}) = {} COLLATE NOCASE THEN {} ELSE ({value}) END",
            string(&table.name),
            string(column.as_str()),
            string(&new),
            name(column.as_str())
        ),
        (Some(_), Some(_)) | (Some(_), None) | (None, Some(_)) | (None, None) => format!("({value})"),
    }
}

/// AUTOINCREMENT promises that the number of a deleted row isn't given again; the table that it is kept in counts per table.
fn keep_numbering(table: &TableName, fresh: &TableName) -> Vec<Statement> {
    let (old, new) = (string(&table.name), string(&fresh.name));
    vec![
        Statement::Plain(format!("DELETE FROM sqlite_sequence WHERE name = {new};")),
        Statement::Write {
            verb: "INSERT",
            rest: format!(
                "INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {old};"
            ),
        },
    ]
}

/// Stops where the table has what the schema doesn't know, and what a rebuild would therefore lose.
fn strangers(table: &TableName, known: &Table, definition: &Table, before: &State) -> Vec<Statement> {
    let (catalog, own) = (catalog(table), string(&table.name));
    let views = before.in_flight.views.keys().map(|view| view.name.as_str());
    let plain = known.indexes.iter().filter(|(_, index)| !index.constraint);
    let here = format!("tbl_name = {own} COLLATE NOCASE");
    [
        (
            "triggers or views that its plan doesn't know: drop them before, make them again after",
            format!(
                "{catalog} WHERE type IN ('trigger', 'view') AND ({here} OR {}) AND name NOT IN ({})",
                mentions(&table.name),
                strings(views)
            ),
        ),
        (
            "columns that its plan doesn't know, or its rebuild has run before",
            format!(
                "pragma_table_xinfo({own}) WHERE name NOT IN ({})",
                strings(known.columns.keys().map(ColumnName::as_str))
            ),
        ),
        (
            "indexes that its plan doesn't know",
            format!(
                "{catalog} WHERE type = 'index' AND {here} AND sql IS NOT NULL AND name NOT IN ({})",
                strings(plain.map(|(index, _)| index.as_str()))
            ),
        ),
        (
            "AUTOINCREMENT, STRICT or WITHOUT ROWID that its plan doesn't know",
            format!("{catalog} WHERE type = 'table' AND {here} AND ({})", options(known, definition)),
        ),
    ]
    .into_iter()
    .flat_map(|(what, rows)| {
        guard::stop_unless_zero(&format!("{table} has {what}"), &format!("SELECT count(*) FROM {rows}"))
    })
    .collect()
}

fn strings<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(string).collect::<Vec<_>>().join(", ")
}

/// Whether the text of a table has options that a schema has no place for.
fn options(known: &Table, definition: &Table) -> String {
    let text = "upper(replace(replace(replace(sql, char(9), ' '), char(10), ' '), char(13), ' '))";
    let mut patterns = vec!["*) *WITHOUT *ROWID*", "*)*[), ]STRICT"];
    // A second run, where the record of the first is missing, meets the table as it is to be.
    if !types::never_reuses(known) && !types::never_reuses(definition) {
        patterns.push("*AUTOINCREMENT*");
    }
    patterns.iter().map(|pattern| format!("{text} GLOB '{pattern}'")).collect::<Vec<_>>().join(" OR ")
}

/// Whether a trigger's or view's text has the table's name as a word. A name that stands there for something else stops too.
fn mentions(table: &str) -> String {
    let word: String = table
        .to_ascii_lowercase()
        .chars()
        .map(|letter| if "*?[".contains(letter) { format!("[{letter}]") } else { letter.to_string() })
        .collect();
    let pattern = string(&format!("*[^a-z0-9_$]{word}[^a-z0-9_$]*"));
    format!("' ' || lower(sql) || ' ' GLOB {pattern}")
}

/// Stops where a row of the table, or a row that refers to it, refers to nothing. Others are no business of this table's.
fn nothing_dangles(table: &TableName) -> Vec<Statement> {
    let own = string(&table.name.to_ascii_lowercase());
    let rows =
        format!("FROM pragma_foreign_key_check WHERE lower(\"table\") = {own} OR lower(parent) = {own}");
    guard::stop_unless_zero(
        &format!("rows of {table}, or rows that refer to it, refer to nothing"),
        &format!("SELECT count(*) {rows}"),
    )
}
