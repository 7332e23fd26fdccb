//! Queries of others without their literals, in which passwords stand: of a user, of another server, of a subscription.

/// What stands for a literal.
const HIDDEN: &str = "'…'";

/// The query with an elision for each literal. What can't be told apart, such as a literal that is cut off, is hidden up to the end: rather
/// too much than a password.
pub fn hide(query: &str) -> String {
    let mut shown = String::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let before = shown.chars().next_back();
        let (taken, hides) = match first {
            '\'' => (literal(rest, is_escaped(&shown)), true),
            '$' if !before.is_some_and(is_of_name) => match dollar_quoted(rest) {
                Some(taken) => (taken, true),
                None => (1, false),
            },
            '"' => (rest[1..].find('"').map_or(rest.len(), |end| end + 2), false),
            '-' if rest.starts_with("--") => (rest.find(['\n', '\r']).unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (comment(rest), false),
            other => (other.len_utf8(), false),
        };
        let (token, behind) = rest.split_at(taken);
        if hides {
            shown.push_str(HIDDEN);
        } else if token.starts_with("--") || token.starts_with("/*") {
            shown.push_str(&quotations(token));
        } else {
            shown.push_str(token);
        }
        rest = behind;
    }
    shown
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Whether a backslash escapes in the literal that follows: `E'…'`.
fn is_escaped(before: &str) -> bool {
    let mut last = before.chars().rev();
    last.next().is_some_and(|c| c.eq_ignore_ascii_case(&'e')) && !last.next().is_some_and(is_of_name)
}

/// The length of the literal at the beginning. A backslash before a quote in one that isn't marked means one thing or another by the
/// session's settings.
fn literal(text: &str, escaped: bool) -> usize {
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        match (c, rest.peek()) {
            ('\\', _) if escaped => drop(rest.next()),
            ('\\', Some((_, '\''))) => return text.len(),
            ('\'', Some((_, '\''))) => drop(rest.next()),
            ('\'', _) => return at + 1,
            (_, _) => {}
        }
    }
    text.len()
}

/// The length of what stands between `$tag$` and `$tag$`; `None` where no such thing begins.
fn dollar_quoted(text: &str) -> Option<usize> {
    let end = 1 + text[1..].find('$')?;
    let tag = &text[1..end];
    if !tag.chars().all(|c| c.is_alphanumeric() || c == '_') || tag.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let quote = &text[..=end];
    Some(text[end + 1..].find(quote).map_or(text.len(), |at| end + 1 + at + quote.len()))
}

/// The length of the comment at the beginning, with those that are nested in it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(next) = text[at..].find(['/', '*']) {
        at += next;
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += 1;
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// A comment may hold a statement; what is one person's stays.
fn quotations(comment: &str) -> String {
    match (comment.find('\''), comment.rfind('\'')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}{HIDDEN}{}", &comment[..first], &comment[last + 1..])
        }
        (_, _) => comment.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::hide;

    #[test]
    fn no_literal_is_shown() {
        for (query, shown) in [
            ("SELECT dblink('postgresql://u:s3cret@h/d', 'x')", "SELECT dblink('…', '…')"),
            (
                "CREATE SUBSCRIPTION s CONNECTION 'host=h'PUBLICATION p",
                "CREATE SUBSCRIPTION s CONNECTION '…'PUBLICATION p",
            ),
            ("SELECT crypt('it''s s3cret'), 1", "SELECT crypt('…'), 1"),
            (r"SELECT E'\'s3cret', e'\\', type'x'", "SELECT E'…', e'…', type'…'"),
            ("SELECT $$s3'cret$$ || $a$s3$$cret$a$, $1, a$b$c", "SELECT '…' || '…', $1, a$b$c"),
            ("DO $body$ s3cret", "DO '…'"),
            ("SELECT 's3cret, cut o", "SELECT '…'"),
            (r"SELECT '\' , 's3cret'", "SELECT '…'"),
            ("SELECT \"it's\", 's3cret'", "SELECT \"it's\", '…'"),
            ("SELECT 1 /* somebody's /* run */ */ , 's3cret'", "SELECT 1 /* somebody's /* run */ */ , '…'"),
            ("SELECT 1 -- it's\n, 's3cret'", "SELECT 1 -- it's\n, '…'"),
            ("SELECT 1 /* crypt('s3cret', '') */ / 2", "SELECT 1 /* crypt('…') */ / 2"),
            ("SELECT 5 - 3 / 2 * ä", "SELECT 5 - 3 / 2 * ä"),
        ] {
            assert_eq!(hide(query), shown);
        }
    }
}
