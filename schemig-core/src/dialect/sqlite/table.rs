//! Tables, indexes and views as DDL.

use super::quote::{columns, in_schema_of, name, qualified};
use super::statement::Statement;
use super::{guard, types};
use crate::schema::{
    Action, Column, ColumnName, ConstraintName, Expression, ForeignKey, Index, IndexKey, IndexName, KeyOrder,
    State, Table, TableName,
};

/// The table and its indexes.
pub(super) fn create(table: &TableName, definition: &Table) -> Vec<String> {
    let mut statements = vec![create_as(table, definition)];
    statements.extend(indexes(table, definition, |_| true));
    statements
}

/// The table alone, under this name. Keys to itself keep the name they say.
pub(super) fn create_as(table: &TableName, definition: &Table) -> String {
    let mut lines: Vec<String> =
        definition.columns.iter().map(|(column, known)| line(column, known, definition)).collect();
    let row_number =
        definition.columns.keys().any(|column| types::is_row_number(definition, column.as_str()));
    if !row_number && !definition.primary_key.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", columns(&definition.primary_key)));
    }
    for (index, known) in definition.indexes.iter().filter(|(_, known)| known.constraint) {
        lines.push(unique_constraint(index, known));
    }
    for (constraint, check) in &definition.checks {
        lines.push(format!("CONSTRAINT {} CHECK ({})", name(constraint.as_str()), check.expression));
    }
    for (constraint, key) in &definition.foreign_keys {
        lines.push(foreign_key(constraint, key));
    }
    format!("CREATE TABLE {} (\n    {}\n);", qualified(table), lines.join(",\n    "))
}

fn line(column: &ColumnName, known: &Column, table: &Table) -> String {
    if types::is_row_number(table, column.as_str()) {
        let never_reuses = if types::never_reuses(table) { " AUTOINCREMENT" } else { "" };
        return format!("{} INTEGER PRIMARY KEY{never_reuses} NOT NULL", name(column.as_str()));
    }
    column_definition(column, known, table.primary_key.contains(column))
}

/// A column as CREATE TABLE and ADD COLUMN spell it. SQLite lets a key hold NULL unless told otherwise.
pub(super) fn column_definition(column: &ColumnName, known: &Column, in_key: bool) -> String {
    let mut text = format!("{} {}", name(column.as_str()), types::type_name(&known.sql_type));
    if in_key || !known.nullable {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &known.default {
        text.push_str(&format!(" DEFAULT {}", default_value(default)));
    }
    if let Some(collation) = &known.collation {
        text.push_str(&format!(" COLLATE {}", name(collation)));
    }
    if let Some(generated) = &known.generated {
        let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
        text.push_str(&format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression));
    }
    text
}

/// SQLite takes a bare literal or anything in brackets.
fn default_value(default: &Expression) -> String {
    let text = default.as_str().trim();
    let keyword = ["current_timestamp", "current_date", "current_time"]
        .iter()
        .any(|known| text.eq_ignore_ascii_case(known));
    if keyword || is_literal(default) { text.to_owned() } else { format!("({text})") }
}

/// Whether SQLite takes it for a constant: a number, a string, a blob, a truth value or NULL, and nothing in brackets.
pub(super) fn is_literal(default: &Expression) -> bool {
    let text = default.as_str().trim();
    let word = ["null", "true", "false"].iter().any(|known| text.eq_ignore_ascii_case(known));
    let quoted = text.strip_prefix(['x', 'X']).unwrap_or(text);
    let string = quoted.len() >= 2
        && quoted.starts_with('\'')
        && quoted.ends_with('\'')
        && !quoted[1..quoted.len() - 1].replace("''", "").contains('\'');
    word || string || is_number(text.strip_prefix(['-', '+']).unwrap_or(text))
}

fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || first == '.') && text.parse::<f64>().is_ok()
}

fn unique_constraint(index: &IndexName, known: &Index) -> String {
    let named = if index.as_str().starts_with("sqlite_autoindex_") {
        String::new()
    } else {
        format!("CONSTRAINT {} ", name(index.as_str()))
    };
    format!("{named}UNIQUE ({})", keys(known))
}

fn foreign_key(constraint: &ConstraintName, key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        name(constraint.as_str()),
        columns(&key.columns),
        name(&key.references.name),
        columns(&key.key)
    );
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if action != Action::NoAction {
            text.push_str(&format!(" ON {event} {}", action.sql()));
        }
    }
    text.push_str(key.deferral.sql());
    text
}

fn keys(index: &Index) -> String {
    let key = |(key, order): (&IndexKey, Option<&KeyOrder>)| {
        let key = match key {
            IndexKey::Column(column) => name(column.as_str()),
            IndexKey::Expression(expression) => expression.as_str().to_owned(),
        };
        key + if order.is_some_and(|order| order.descending) { " DESC" } else { "" }
    };
    index.sorted_keys().map(key).collect::<Vec<_>>().join(", ")
}

/// Those of the table's indexes that no constraint owns and that `wanted` picks.
pub(super) fn indexes(table: &TableName, definition: &Table, wanted: impl Fn(&Index) -> bool) -> Vec<String> {
    definition
        .indexes
        .iter()
        .filter(|(_, known)| !known.constraint && wanted(known))
        .map(|(index, known)| create_index(table, index, known))
        .collect()
}

/// An index. SQLite knows no access methods and keeps no columns beside the keys; both change speed, not meaning.
pub(super) fn create_index(table: &TableName, index: &IndexName, known: &Index) -> String {
    let unique = if known.unique { "UNIQUE " } else { "" };
    let predicate = known.predicate.as_ref().map(|rows| format!(" WHERE {rows}")).unwrap_or_default();
    format!(
        "CREATE {unique}INDEX {} ON {} ({}){predicate};",
        in_schema_of(table, index.as_str()),
        name(&table.name),
        keys(known)
    )
}

pub(super) fn drop_index(table: &TableName, index: &IndexName) -> String {
    format!("DROP INDEX {};", in_schema_of(table, index.as_str()))
}

/// SQLite can't rename an index: it is built again.
pub(super) fn rename_index(
    table: &TableName,
    from: &IndexName,
    to: &IndexName,
    before: &State,
) -> Vec<Statement> {
    match before.schema.tables.get(table).and_then(|known| known.indexes.get(from)) {
        Some(known) => Statement::plain([drop_index(table, from), create_index(table, to, known)]),
        None => guard::refusal(&format!("nobody knows how index {from} of {table} was made")),
    }
}

pub(super) fn create_view(view: &TableName, table: &TableName, shown: &[ColumnName]) -> String {
    format!("CREATE VIEW {} AS SELECT {} FROM {};", qualified(view), columns(shown), qualified(table))
}

#[cfg(test)]
mod tests {
    use super::{default_value, is_literal};
    use crate::schema::Expression;

    #[test]
    fn only_literals_stand_without_brackets() {
        for text in ["0", "-1", "+2.5", "1e3", "''", "'it''s'", "x'00'", "NULL", "true"] {
            assert!(is_literal(&Expression::from(text)), "{text}");
        }
        for text in ["1 + 1", "abs(1)", "'a' || 'b'", "datetime('now')", "inf", "(1)"] {
            assert!(!is_literal(&Expression::from(text)), "{text}");
        }
        assert_eq!(default_value(&"CURRENT_TIMESTAMP".into()), "CURRENT_TIMESTAMP");
        assert_eq!(default_value(&"datetime('now')".into()), "(datetime('now'))");
    }
}
