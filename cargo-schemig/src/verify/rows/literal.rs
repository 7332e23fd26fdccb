//! The constants of a check: values on both sides of what it admits.

use schemig_core::schema::SqlType;

use crate::verify::traffic::Value;

/// Values that a check's text suggests for a column of the type.
pub(super) fn suggestions(expression: &str, sql_type: &SqlType) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for constant in constants(expression) {
        let suggested = match &constant {
            Constant::Text(text) => of_text(text, sql_type),
            Constant::Number(number) => of_number(*number, sql_type),
        };
        for value in suggested {
            if !found.contains(&value) {
                found.push(value);
            }
        }
    }
    found
}

#[derive(Debug, PartialEq)]
enum Constant {
    Text(String),
    Number(i64),
}

/// The strings and whole numbers of an expression, in order.
fn constants(expression: &str) -> Vec<Constant> {
    let mut found = Vec::new();
    let mut rest = expression;
    let mut previous = ' ';
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            // One that isn't closed is no string, and nothing follows it.
            let Some((text, after)) = string(&rest[1..]) else { break };
            found.push(Constant::Text(text));
            rest = after;
        } else if first.is_ascii_digit() && !previous.is_alphanumeric() && previous != '_' {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            found.extend(
                rest[..end]
                    .parse()
                    .ok()
                    .map(|number: i64| Constant::Number(if previous == '-' { -number } else { number })),
            );
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
        }
        previous = first;
    }
    found
}

/// A string's text, and what follows its closing quote.
fn string(text: &str) -> Option<(String, &str)> {
    let mut read = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\'') {
        read.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                read.push('\'');
                rest = more;
            }
            None => return Some((read, after)),
        }
    }
    None
}

fn of_text(text: &str, sql_type: &SqlType) -> Vec<Value> {
    // A pattern of LIKE, filled in; a text that is none stays as it is.
    let filled = text.replace('%', "w").replace('_', "a");
    let as_text = |text: String| {
        if is_number(sql_type) { None } else { Some(Value::Text(text)) }
    };
    let number = text.parse().ok().filter(|_| is_number(sql_type)).map(|number| of_number(number, sql_type));
    [as_text(text.to_owned()), as_text(filled)]
        .into_iter()
        .flatten()
        .chain(number.into_iter().flatten())
        .collect()
}

fn is_number(sql_type: &SqlType) -> bool {
    matches!(
        sql_type,
        SqlType::SmallInt
            | SqlType::Integer
            | SqlType::BigInt
            | SqlType::Real
            | SqlType::Double
            | SqlType::Numeric(_)
    )
}

/// The number and its neighbours; for text, texts of such lengths.
fn of_number(number: i64, sql_type: &SqlType) -> Vec<Value> {
    let near = [number, number.saturating_add(1), number.saturating_sub(1)];
    if matches!(sql_type, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt) {
        return near.map(Value::Integer).to_vec();
    }
    if is_number(sql_type) {
        return near.map(|number| Value::Numeric(number.to_string())).to_vec();
    }
    if matches!(sql_type, SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) | SqlType::Named(_)) {
        let lengths = near
            .into_iter()
            .filter_map(|number| usize::try_from(number).ok())
            .filter(|length| *length <= 10_000);
        return lengths.map(|length| Value::Text("x".repeat(length))).collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use schemig_core::schema::SqlType;

    use super::suggestions;

    fn of(expression: &str, sql_type: &str) -> Vec<String> {
        suggestions(expression, &SqlType::parse(sql_type)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn constants_are_suggested_with_their_neighbours() {
        assert_eq!(of("plan IN ('free', 'it''s pro')", "text"), ["free", "it's pro"]);
        assert_eq!(of("email LIKE '%_@%'", "text"), ["%_@%", "wa@w"]);
        assert_eq!(of("x2 > 10", "integer"), ["10", "11", "9"]);
        assert_eq!(of("price >= -5", "numeric(6,2)"), ["-5", "-4", "-6"]);
        assert_eq!(of("length(code) = 3", "text"), ["xxx", "xxxx", "xx"]);
        assert_eq!(of("at > '2020-01-01'", "date"), ["2020-01-01"]);
        assert_eq!(of("a <> 'unclosed", "text"), [""; 0]);
    }
}
