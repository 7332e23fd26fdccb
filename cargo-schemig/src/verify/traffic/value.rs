//! Values as a release's Rust code has them, whatever their type.

use std::fmt;
use std::ops::Bound;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use uuid::Uuid;

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A whole number of any width.
    Integer(i64),
    /// A 4 byte float.
    Real(f32),
    /// An 8 byte float.
    Double(f64),
    /// A decimal, in digits; `NaN` too.
    Numeric(String),
    /// Text, and what Rust code holds as text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A day.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A day and time without time zone.
    Timestamp(NaiveDateTime),
    /// A moment.
    Timestamptz(DateTime<Utc>),
    /// A span of time, in parts that don't convert into each other.
    Interval {
        /// Whole months.
        months: i32,
        /// Whole days.
        days: i32,
        /// The rest.
        microseconds: i64,
    },
    /// A UUID.
    Uuid(Uuid),
    /// JSON.
    Json(serde_json::Value),
    /// An array, or a multirange.
    List(Vec<Value>),
    /// A range: its lower and its upper end.
    Range(Box<(Bound<Value>, Bound<Value>)>),
    /// What a server sends for a type that only the user's crate can decode.
    Wire(Vec<u8>),
}

impl Value {
    /// Text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// The value as a server prints it, where it prints scalars in one way only: the same for a number in four bytes and in eight.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number}"),
            Self::Numeric(text) | Self::Text(text) => f.write_str(text),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Bytes(bytes) => hexadecimal(f, bytes),
            Self::Date(date) => write!(f, "{date}"),
            Self::Time(time) => write!(f, "{time}"),
            Self::Timestamp(time) => write!(f, "{time}"),
            Self::Timestamptz(moment) => write!(f, "{}+00", moment.naive_utc()),
            Self::Interval { months, days, microseconds } => {
                write!(f, "{months} mons {days} days {microseconds} us")
            }
            Self::Uuid(uuid) => write!(f, "{uuid}"),
            Self::Json(json) => write!(f, "{json}"),
            Self::List(values) => {
                f.write_str("{")?;
                for (place, value) in values.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { "," })?;
                    element(f, value)?;
                }
                f.write_str("}")
            }
            Self::Range(ends) => range(f, &ends.0, &ends.1),
            Self::Wire(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => f.write_str(text),
                Err(_) => hexadecimal(f, bytes),
            },
        }
    }
}

/// An element of an array, in quotes where the server would put it so.
fn element(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    let text = value.to_string();
    let special = |letter: char| letter.is_whitespace() || "{}\",\\".contains(letter);
    let nested = matches!(value, Value::List(_) | Value::Null);
    if !nested && (text.is_empty() || text.contains(special) || text.eq_ignore_ascii_case("null")) {
        write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        f.write_str(&text)
    }
}

fn hexadecimal(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("\\x")?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn range(f: &mut fmt::Formatter<'_>, lower: &Bound<Value>, upper: &Bound<Value>) -> fmt::Result {
    match lower {
        Bound::Included(value) => write!(f, "[{value},")?,
        Bound::Excluded(value) => write!(f, "({value},")?,
        Bound::Unbounded => f.write_str("(,")?,
    }
    match upper {
        Bound::Included(value) => write!(f, "{value}]"),
        Bound::Excluded(value) => write!(f, "{value})"),
        Bound::Unbounded => f.write_str(")"),
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn arrays_are_printed_as_the_server_reads_them() {
        let list = Value::List(["a", "", "null", "b,c", "it's \"q\"", "\\"].map(Value::text).to_vec());
        assert_eq!(list.to_string(), r#"{a,"","null","b,c","it's \"q\"","\\"}"#);
        let list = Value::List(vec![Value::Integer(1), Value::Null]);
        assert_eq!(list.to_string(), "{1,NULL}");
    }
}
