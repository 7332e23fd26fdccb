//! SQLite's DDL in tokens: just enough to find where names and expressions begin and end.

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word: a keyword or a name.
    Word(String),
    /// A name in quotes of any of the kinds that SQLite takes.
    Quoted(String),
    /// Any other single character.
    Symbol(char),
    /// A string or a number.
    Literal,
}

impl Token {
    /// Whether it is this keyword.
    pub fn is(&self, keyword: &str) -> bool {
        matches!(&self.kind, Kind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Whether it is this character.
    pub fn symbol(&self, wanted: char) -> bool {
        self.kind == Kind::Symbol(wanted)
    }

    /// The name that it is, quoted or not.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(name) | Kind::Quoted(name) => Some(name),
            Kind::Symbol(_) | Kind::Literal => None,
        }
    }
}

/// The tokens of `sql`, without spaces and comments.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (kind, length) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (None, rest.find("*/").map_or(rest.len(), |end| end + 2)),
            '\'' => (Some(Kind::Literal), quoted(rest, '\'').1),
            '"' | '`' => {
                let (name, length) = quoted(rest, first);
                (Some(Kind::Quoted(name)), length)
            }
            '[' => {
                let end = rest.find(']').unwrap_or(rest.len() - 1);
                (Some(Kind::Quoted(rest[1..end].to_owned())), end + 1)
            }
            _ if is_word(first) => {
                let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                let word = rest[..length].to_owned();
                let kind = if first.is_ascii_digit() { Kind::Literal } else { Kind::Word(word) };
                (Some(kind), length)
            }
            _ => (Some(Kind::Symbol(first)), first.len_utf8()),
        };
        found.extend(kind.map(|kind| Token { kind, start: at, end: at + length }));
        at += length;
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii()
}

/// The text between quotes, a doubled one read as one, and the length with quotes.
fn quoted(rest: &str, quote: char) -> (String, usize) {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != quote {
            text.push(letter);
        } else if letters.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return (text, at + 1);
        }
    }
    (text, rest.len())
}

/// The index behind the bracket that closes the one at `open`.
pub(super) fn behind_brackets(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Symbol('(') => depth += 1,
            Kind::Symbol(')') => depth -= 1,
            Kind::Symbol(_) | Kind::Word(_) | Kind::Quoted(_) | Kind::Literal => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The pieces between the commas that stand in no brackets.
pub(super) fn split_at_commas(tokens: &[Token]) -> Vec<&[Token]> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if tokens[at].symbol(',') {
            pieces.push(&tokens[start..at]);
            start = at + 1;
        }
        at = if tokens[at].symbol('(') { behind_brackets(tokens, at) } else { at + 1 };
    }
    pieces.push(&tokens[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::{split_at_commas, tokens};

    #[test]
    fn quotes_comments_and_brackets_hide_commas() {
        let sql = "a -- x, y\n, \"b,\"\"c\" /* , */, check (a, 'it'',s'), [d,e] `f,g`";
        let tokens = tokens(sql);
        let pieces: Vec<&str> = split_at_commas(&tokens)
            .iter()
            .map(|piece| &sql[piece[0].start..piece[piece.len() - 1].end])
            .collect();
        assert_eq!(pieces, ["a", "\"b,\"\"c\"", "check (a, 'it'',s')", "[d,e] `f,g`"]);
        assert_eq!(tokens[2].name(), Some("b,\"c"));
    }
}
