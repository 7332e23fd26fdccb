//! SQL expressions, as the user wrote them. Never parsed: schemig only asks which words stand in them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ColumnName;

/// An SQL expression: a default, a check, a predicate, a value to fill with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expression(pub String);

/// How often an expression gives a new value, which decides whether a server can add it as a default without writing rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volatility {
    /// The same value always.
    Constant,
    /// The same value throughout one statement: `now()`. One value serves all rows that stand (DOCTRINE, Measured).
    Stable,
    /// Another value for each row, or unknown: to take an unknown function for volatile costs time, the other way round
    /// costs a table rewrite under an exclusive lock.
    Volatile,
}

/// Functions whose value is fixed within a statement (DOCTRINE, Measured: none of them rewrites).
const STABLE: &[&str] = &[
    "now",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtime",
    "localtimestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "current_user",
    "session_user",
    "current_schema",
];

/// Functions that give the same value for the same arguments.
const IMMUTABLE: &[&str] =
    &["lower", "upper", "length", "abs", "coalesce", "concat", "nullif", "replace", "trim", "cast"];

/// Functions that give another value each time. There are more: what isn't known is taken for one, where that only costs time.
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "gen_random_uuid",
    "nextval",
    "random",
    "randomblob",
    "timeofday",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Words that are part of a constant rather than the name of something.
const LITERAL_WORDS: &[&str] = &[
    "true",
    "false",
    "null",
    "not",
    "and",
    "or",
    "is",
    "interval",
    "timestamp",
    "date",
    "time",
    "array",
    "as",
    "with",
    "without",
    "zone",
    "at",
    "precision",
    "double",
];

impl Expression {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifiers and keywords of the expression; quoted ones without their quotes. Strings, numbers, and the type
    /// names behind `::` are left out.
    pub fn words(&self) -> Vec<Word> {
        words(&self.0)
    }

    /// Which of `columns` the expression mentions. Unquoted words are compared without regard to case.
    pub fn columns<'a>(&self, columns: impl IntoIterator<Item = &'a ColumnName>) -> BTreeSet<ColumnName> {
        let words = self.words();
        columns
            .into_iter()
            .filter(|column| words.iter().any(|word| word.names(column.as_str())))
            .cloned()
            .collect()
    }

    /// The names that may be columns: its words as a server folds them, functions left out.
    pub(crate) fn names(&self) -> Vec<ColumnName> {
        let words = self.words().into_iter().filter(|word| !word.call);
        words
            .map(|word| ColumnName(if word.quoted { word.text } else { word.text.to_ascii_lowercase() }))
            .collect()
    }

    /// Whether it reads other rows (holds a sub-query).
    pub fn reads_other_rows(&self) -> bool {
        self.words().iter().any(|word| !word.quoted && word.text.eq_ignore_ascii_case("select"))
    }

    /// How often its value changes. Errs on the volatile side.
    pub fn volatility(&self) -> Volatility {
        self.words().iter().map(Word::volatility).max().unwrap_or(Volatility::Constant)
    }

    /// Whether it is known to give another value at another time, or each time.
    pub fn is_fleeting(&self) -> bool {
        let known = |word: &Word| {
            let mut names = STABLE.iter().chain(VOLATILE);
            !word.quoted && names.any(|name| word.text.eq_ignore_ascii_case(name))
        };
        self.words().iter().any(known)
    }

    /// Whether it is the literal NULL.
    pub fn is_null(&self) -> bool {
        self.0.trim().eq_ignore_ascii_case("null")
    }

    /// The same expression with one column named otherwise.
    pub fn rename(&self, from: &ColumnName, to: &ColumnName) -> Self {
        let mut text = String::new();
        let mut copied = 0;
        for word in self.words() {
            if !word.call && word.names(from.as_str()) {
                text.push_str(&self.0[copied..word.start]);
                if word.quoted {
                    text.push_str(&format!("\"{}\"", to.as_str().replace('"', "\"\"")));
                } else {
                    text.push_str(to.as_str());
                }
                copied = word.end;
            }
        }
        text.push_str(&self.0[copied..]);
        Self(text)
    }
}

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A word of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word, without quotes.
    pub text: String,
    /// Whether it stood in double quotes.
    pub quoted: bool,
    /// Whether an opening bracket follows: the name of a function, or a keyword such as `in`.
    pub call: bool,
    start: usize,
    end: usize,
}

impl Word {
    fn names(&self, name: &str) -> bool {
        if self.quoted { self.text == name } else { self.text.eq_ignore_ascii_case(name) }
    }

    fn volatility(&self) -> Volatility {
        let known =
            |list: &[&str]| !self.quoted && list.iter().any(|word| self.text.eq_ignore_ascii_case(word));
        if known(LITERAL_WORDS) || known(IMMUTABLE) {
            Volatility::Constant
        } else if known(STABLE) {
            Volatility::Stable
        } else {
            Volatility::Volatile
        }
    }
}

/// The words of SQL text, in order.
fn words(sql: &str) -> Vec<Word> {
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'\'' => at = skip_quoted(bytes, at, b'\''),
            b'"' => {
                at = skip_quoted(bytes, at, b'"');
                let text = sql[start + 1..at.max(start + 2) - 1].replace("\"\"", "\"");
                found.push(Word { text, quoted: true, call: followed_by_bracket(bytes, at), start, end: at });
            }
            b':' if bytes.get(at + 1) == Some(&b':') => at = skip_word(bytes, skip_spaces(bytes, at + 2)),
            byte if byte.is_ascii_digit() => at = skip_word(bytes, at),
            byte if is_word(byte) => {
                at = skip_word(bytes, at);
                let text = sql[start..at].to_owned();
                found.push(Word {
                    text,
                    quoted: false,
                    call: followed_by_bracket(bytes, at),
                    start,
                    end: at,
                });
            }
            _ => at += 1,
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn skip_word(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|byte| is_word(**byte)).count()
}

fn skip_spaces(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn followed_by_bracket(bytes: &[u8], at: usize) -> bool {
    bytes.get(skip_spaces(bytes, at)) == Some(&b'(')
}

/// The index behind the closing quote; a doubled quote doesn't close.
fn skip_quoted(bytes: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::{Expression, Volatility};

    #[test]
    fn strings_and_casts_are_no_words() {
        let words = Expression::from("lower(\"E mail\") || 'it''s email' || id::text > 5e3").words();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["lower", "E mail", "id"]);
    }

    #[test]
    fn an_unknown_function_is_taken_for_volatile() {
        for (text, volatility) in [
            ("0", Volatility::Constant),
            ("'draft'::text", Volatility::Constant),
            ("interval '1 day'", Volatility::Constant),
            ("now()", Volatility::Stable),
            ("CURRENT_TIMESTAMP", Volatility::Stable),
            ("now() + interval '1 day'", Volatility::Stable),
            ("gen_random_uuid()", Volatility::Volatile),
            ("my_function()", Volatility::Volatile),
            ("email", Volatility::Volatile),
        ] {
            assert_eq!(Expression::from(text).volatility(), volatility, "{text}");
        }
    }

    #[test]
    fn a_rename_passes_by_strings_and_functions() {
        let renamed =
            Expression::from("name <> 'name' AND name(Name) > 0").rename(&"name".into(), &"title".into());
        assert_eq!(renamed.as_str(), "title <> 'name' AND name(title) > 0");
    }
}
