//! Whether two expressions are the same in other words.

use diesel::connection::SimpleConnection as _;
use diesel::result::Error;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query, sql_types::Text};
use schemig_core::dialect::Dialect;
use schemig_core::schema::{ColumnName, Expression, Table};

use crate::database::Connection;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) enum Use<'a> {
    /// A column's default.
    Default(&'a ColumnName),
    /// What a column is computed from.
    Generated(&'a ColumnName),
    /// A check, or an index's predicate.
    Check,
    /// An index's key.
    Key,
}

/// Whether two texts differ in nothing but spaces, brackets, quotes of names, letter case outside of strings, and casts to the type that a
/// server prints behind each constant.
pub(super) fn are_alike(one: &Expression, other: &Expression) -> bool {
    one == other || bare(one.as_str()) == bare(other.as_str())
}

fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let end = rest[1..].find('\'').map_or(rest.len(), |end| end + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(behind) = rest.strip_prefix("::") {
            rest = behind_type(behind);
        } else {
            if !(first.is_whitespace() || matches!(first, '(' | ')' | '"')) {
                out.extend(first.to_lowercase());
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// What follows a type's name: words that only types have more than one of, a length, brackets.
fn behind_type(text: &str) -> &str {
    const MORE: [&str; 6] =
        [" varying", " precision", " without time zone", " with time zone", " zone", " time"];
    let plain = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '"'));
    let mut rest = &text[text.find(plain).unwrap_or(text.len())..];
    while let Some(next) = MORE.iter().find_map(|more| rest.strip_prefix(more)) {
        rest = next;
    }
    if let Some(inside) = rest.strip_prefix('(')
        && let Some(end) = inside.find(')')
        && inside[..end].chars().all(|c| c.is_ascii_digit() || c == ',')
    {
        rest = &inside[end + 1..];
    }
    while let Some(next) = rest.strip_prefix("[]") {
        rest = next;
    }
    rest
}

#[derive(QueryableByName)]
struct Worded {
    #[diesel(sql_type = Text)]
    text: String,
}

/// An expression as the server words it: it is given to a temporary table with the same columns, in a transaction that is taken back.
/// `None` where the server keeps texts as they are written, or where the role may not do so.
pub(super) fn as_server_says(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    table: &Table,
    expression: &Expression,
    place: Use<'_>,
) -> Option<Expression> {
    let Connection::Postgres(connection) = connection else { return None };
    let quoted = |name: &ColumnName| format!("\"{}\"", name.as_str().replace('"', "\"\""));
    let computed = |name: &ColumnName| matches!(place, Use::Generated(computed) if computed == name);
    let columns = table.columns.iter().map(|(name, column)| {
        let own = if computed(name) {
            format!(" GENERATED ALWAYS AS ({expression}) STORED")
        } else {
            String::new()
        };
        format!("{} {}{own}", quoted(name), dialect.type_name(&column.sql_type))
    });
    let make = format!("CREATE TEMPORARY TABLE schemig_words ({})", columns.collect::<Vec<_>>().join(", "));
    let of_column = |name: &ColumnName| {
        format!(
            "SELECT pg_get_expr(adbin, adrelid, {}) AS text FROM pg_attrdef
            WHERE adrelid = 'pg_temp.schemig_words'::regclass AND adnum = (
                SELECT attnum FROM pg_attribute WHERE attrelid = adrelid AND attname = '{}'
            )",
            matches!(place, Use::Generated(_)),
            name.as_str().replace('\'', "''")
        )
    };
    let (add, ask) = match place {
        Use::Default(name) => (
            format!(
                "ALTER TABLE pg_temp.schemig_words ALTER COLUMN {} SET DEFAULT {expression}",
                quoted(name)
            ),
            of_column(name),
        ),
        Use::Generated(name) => (String::new(), of_column(name)),
        Use::Check => (
            format!("ALTER TABLE pg_temp.schemig_words ADD CHECK ({expression})"),
            "SELECT pg_get_expr(conbin, conrelid, true) AS text FROM pg_constraint
            WHERE conrelid = 'pg_temp.schemig_words'::regclass AND contype = 'c'"
                .to_owned(),
        ),
        Use::Key => (
            format!("CREATE INDEX schemig_words_key ON pg_temp.schemig_words (({expression}))"),
            "SELECT pg_get_indexdef('pg_temp.schemig_words_key'::regclass, 1, true) AS text".to_owned(),
        ),
    };
    tried(connection, &[&make, &add], &ask).map(|text| Expression::from(text.as_str()))
}

fn tried(connection: &mut PgConnection, statements: &[&str], ask: &str) -> Option<String> {
    let mut answer = None;
    let undone = connection.transaction(|connection| {
        for statement in statements.iter().filter(|statement| !statement.is_empty()) {
            connection.batch_execute(statement)?;
        }
        answer = Some(sql_query(ask).get_result::<Worded>(connection)?.text);
        // Nothing of it is to stay.
        Err::<(), Error>(Error::RollbackTransaction)
    });
    debug_assert!(undone.is_err());
    answer
}

#[cfg(test)]
mod tests {
    use schemig_core::schema::Expression;

    use super::are_alike;

    #[test]
    fn what_a_server_adds_makes_no_difference() {
        let alike = |one: &str, other: &str| are_alike(&Expression::from(one), &Expression::from(other));
        for (written, printed) in [
            ("'glad'", "'glad'::mood"),
            ("length(email) > 3", "(length((email)::text) > 3)"),
            ("position >= 0", "(\"position\" >= 0)"),
            ("name <> ''", "name <> ''::character varying(20)"),
            ("'{}'", "'{}'::text[]"),
            ("NOW()", "now()"),
            ("at > '2020-01-01'", "at > '2020-01-01 '::timestamp without time zone"),
        ] {
            assert_eq!(alike(written, printed), !printed.contains("01 '"), "{written}");
        }
        assert!(!alike("'a'", "'A'") && !alike("a > 1", "a > 2") && !alike("'(a)'", "'a'"));
        assert!(!alike("a::text || b", "a"));
    }
}
