//! A file, taken apart into its statements: to send them one by one, as no migration is sent, and stop in between.

use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::tokenizer::{Location, Token, Tokenizer};

use crate::database::Connection;

/// The statements of a text, without comments and without the `;` at their ends. The body of a SQLite trigger is part of its statement.
///
/// # Errors
/// The text has no tokens: a quote is open.
pub fn split(sql: &str, connection: &Connection) -> Result<Vec<String>, String> {
    match connection {
        Connection::Postgres(_) => split_as(sql, &PostgreSqlDialect {}),
        Connection::Sqlite(_) => split_as(sql, &SQLiteDialect {}),
    }
}

fn split_as(sql: &str, dialect: &dyn Dialect) -> Result<Vec<String>, String> {
    let tokens = Tokenizer::new(dialect, sql).tokenize_with_location().map_err(|error| error.to_string())?;
    let lines: Vec<&str> = sql.split_inclusive('\n').collect();
    let starts: Vec<usize> =
        lines.iter().scan(0, |start, line| Some(std::mem::replace(start, *start + line.len()))).collect();
    // A location counts lines and characters from 1.
    let offset = |at: Location| {
        let (line, column) = (usize::try_from(at.line).unwrap_or(1), usize::try_from(at.column).unwrap_or(1));
        let text = lines.get(line - 1).copied().unwrap_or_default();
        let within = text.char_indices().nth(column - 1).map_or(text.len(), |(place, _)| place);
        starts.get(line - 1).map_or(sql.len(), |start| start + within)
    };
    let mut statements = vec![Statement::default()];
    for token in tokens {
        let last = statements.len() - 1;
        if token.token == Token::SemiColon && !statements[last].is_open_trigger() {
            statements.push(Statement::default());
        } else {
            statements[last].push(&token.token, &sql[offset(token.span.start)..offset(token.span.end)]);
        }
    }
    let texts = statements.into_iter().map(|statement| statement.text.trim().to_owned());
    Ok(texts.filter(|text| !text.is_empty()).collect())
}

#[derive(Default)]
struct Statement {
    text: String,
    words: Vec<String>,
}

impl Statement {
    /// Takes a token as it is written. A comment holds nothing that a server runs.
    fn push(&mut self, token: &Token, written: &str) {
        if let Token::Word(word) = token
            && word.quote_style.is_none()
        {
            self.words.push(word.value.to_ascii_uppercase());
        }
        if !matches!(token, Token::Whitespace(_)) {
            self.text.push_str(written);
        } else {
            self.text.push(if written.contains('\n') { '\n' } else { ' ' });
        }
    }

    /// Whether it is a trigger whose body has begun and not ended: there `;` stands between the statements of the body.
    fn is_open_trigger(&self) -> bool {
        let mut words = self.words.iter().map(String::as_str);
        let begins = words.next() == Some("CREATE") && words.any(|word| word == "TRIGGER");
        let count =
            |wanted: &[&str]| self.words.iter().filter(|word| wanted.contains(&word.as_str())).count();
        begins && count(&["BEGIN"]) > 0 && count(&["BEGIN", "CASE"]) > count(&["END"])
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::{PostgreSqlDialect, SQLiteDialect};

    use super::split_as;

    #[test]
    fn what_is_quoted_or_a_comment_ends_no_statement() {
        let sql = "-- one; two\nSET x = 'a;''b'; DO $schemig$ BEGIN\n  PERFORM 1; END $schemig$;\n/* ; */ SELECT E'\\';' AS \"a;b\";;";
        let found = split_as(sql, &PostgreSqlDialect {}).expect("tokens");
        assert_eq!(
            found,
            [
                "SET x = 'a;''b'",
                "DO $schemig$ BEGIN\n  PERFORM 1; END $schemig$",
                "SELECT E'\\';' AS \"a;b\""
            ]
        );
    }

    #[test]
    fn the_body_of_a_trigger_is_part_of_it() {
        let sql = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END; BEGIN IMMEDIATE; COMMIT;";
        let found = split_as(sql, &SQLiteDialect {}).expect("tokens");
        assert_eq!(found.len(), 3, "{found:#?}");
        assert_eq!(found[1..], ["BEGIN IMMEDIATE", "COMMIT"]);
    }

    #[test]
    fn an_open_quote_is_said() {
        assert!(split_as("SELECT 'a", &PostgreSqlDialect {}).is_err());
    }
}
