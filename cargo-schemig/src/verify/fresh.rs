//! Values that no row has: like one that was accepted, with a number in it.

use std::ops::Bound;

use chrono::{Days, NaiveTime, TimeDelta};
use schemig_core::schema::SqlType;
use uuid::Uuid;

use super::rows::sample;
use super::traffic::Value;

/// A value of the type that looks like `base`, and differs for each number as far as the type has so many values.
///
/// What a check lets pass in `base` it mostly lets pass here: signs, letters and the places of digits stay.
pub fn fresh(base: &Value, sql_type: &SqlType, number: u64) -> Value {
    if let Some(element) = ends(sql_type) {
        return range(&element, number);
    }
    let signed = i64::try_from(number % (1 << 62)).unwrap_or(0);
    match base {
        Value::Integer(base) => Value::Integer(integer(*base, sql_type, signed)),
        Value::Real(base) => Value::Real(base + float32(number)),
        Value::Double(base) => Value::Double(base + float64(number)),
        Value::Numeric(base) => Value::Numeric(numeric(base, sql_type, number)),
        Value::Text(base) => Value::Text(text(base, sql_type, number)),
        Value::Boolean(base) => Value::Boolean(*base != (number % 2 == 1)),
        Value::Bytes(base) => Value::Bytes([base.as_slice(), &number.to_be_bytes()].concat()),
        Value::Date(base) => Value::Date(base.checked_add_days(Days::new(number % 100_000)).unwrap_or(*base)),
        Value::Time(base) => Value::Time(later(*base, signed)),
        Value::Timestamp(base) => Value::Timestamp(base.checked_add_signed(seconds(signed)).unwrap_or(*base)),
        Value::Timestamptz(base) => {
            Value::Timestamptz(base.checked_add_signed(seconds(signed)).unwrap_or(*base))
        }
        Value::Interval { months, days, microseconds } => Value::Interval {
            months: *months,
            days: *days,
            microseconds: microseconds.wrapping_add(signed % (1 << 40)),
        },
        Value::Uuid(base) => Value::Uuid(Uuid::from_u128(base.as_u128() ^ u128::from(number))),
        Value::Json(_) => Value::Json(serde_json::json!({ "n": number })),
        Value::List(values) => Value::List(list(values, sql_type, number)),
        Value::Null | Value::Range(_) | Value::Wire(_) => base.clone(),
    }
}

/// What a range has at its ends, for the server's own ranges.
fn ends(sql_type: &SqlType) -> Option<SqlType> {
    let SqlType::Named(name) = sql_type else { return None };
    Some(match name.as_str() {
        "int4range" => SqlType::Integer,
        "int8range" => SqlType::BigInt,
        "numrange" => SqlType::Numeric(None),
        "daterange" => SqlType::Date,
        "tsrange" => SqlType::Timestamp,
        "tstzrange" => SqlType::Timestamptz,
        _ => return None,
    })
}

/// From one value to the next, which is left out: ranges of two numbers never overlap.
fn range(element: &SqlType, number: u64) -> Value {
    let end = |number| fresh(&sample(element), element, number);
    Value::Range(Box::new((Bound::Included(end(number)), Bound::Excluded(end(number.wrapping_add(1))))))
}

fn integer(base: i64, sql_type: &SqlType, number: i64) -> i64 {
    let (low, high) = bounds(sql_type);
    // From the ends inwards, and away from zero elsewhere, within the type.
    let downwards = (low / 2 < base && base < 0) || base > high / 2;
    let moved = if downwards { base.saturating_sub(number) } else { base.saturating_add(number) };
    moved.clamp(low, high)
}

/// The least and the greatest value of an integer type.
pub fn bounds(sql_type: &SqlType) -> (i64, i64) {
    if *sql_type == SqlType::SmallInt {
        (i64::from(i16::MIN), i64::from(i16::MAX))
    } else if *sql_type == SqlType::Integer {
        (i64::from(i32::MIN), i64::from(i32::MAX))
    } else {
        (i64::MIN, i64::MAX)
    }
}

fn float32(number: u64) -> f32 {
    // What a float of this width counts exactly.
    u16::try_from(number % (1 << 16)).map_or(0.0, f32::from)
}

fn float64(number: u64) -> f64 {
    u32::try_from(number % (1 << 32)).map_or(0.0, f64::from)
}

fn numeric(base: &str, sql_type: &SqlType, number: u64) -> String {
    let digits = if let SqlType::Numeric(Some((precision, scale))) = sql_type {
        precision.saturating_sub(*scale).min(18)
    } else {
        18
    };
    let sign = if base.starts_with('-') { "-" } else { "" };
    let fraction = base.split_once('.').map(|(_, fraction)| format!(".{fraction}")).unwrap_or_default();
    let whole = if digits == 0 { 0 } else { number % 10_u64.pow(digits) };
    format!("{sign}{whole}{fraction}")
}

/// The number stands where the last digits are, else before an `@`, else at the end; what is too long loses its beginning.
fn text(base: &str, sql_type: &SqlType, number: u64) -> String {
    let number = number.to_string();
    let end = base.rfind(|letter: char| letter.is_ascii_digit()).map(|place| place + 1);
    let (before, after) = match end {
        Some(end) => {
            let before = base[..end].trim_end_matches(|letter: char| letter.is_ascii_digit());
            (before, &base[end..])
        }
        None => base.split_at(base.find('@').unwrap_or(base.len())),
    };
    let width = base.len() - before.len() - after.len();
    let numbered = format!("{before}{}{number}{after}", "0".repeat(width.saturating_sub(number.len())));
    let limit = match longest(sql_type) {
        Some(limit) => limit,
        None => return numbered,
    };
    let letters: Vec<char> = numbered.chars().collect();
    letters[letters.len().saturating_sub(limit)..].iter().collect()
}

/// How many characters a value of the type may have.
pub fn longest(sql_type: &SqlType) -> Option<usize> {
    if let SqlType::Varchar(Some(limit)) | SqlType::Char(limit) = sql_type {
        usize::try_from(*limit).ok()
    } else {
        None
    }
}

fn later(base: NaiveTime, number: i64) -> NaiveTime {
    base.overflowing_add_signed(seconds(number % 86_400)).0
}

fn seconds(number: i64) -> TimeDelta {
    TimeDelta::try_seconds(number % (1 << 31)).unwrap_or_default()
}

fn list(values: &[Value], sql_type: &SqlType, number: u64) -> Vec<Value> {
    let SqlType::Array(element) = sql_type else { return values.to_vec() };
    let first = values.iter().find(|value| !value.is_null());
    first.map(|first| vec![fresh(first, element, number)]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use schemig_core::schema::SqlType;

    use super::fresh;
    use crate::verify::traffic::Value;

    #[test]
    fn text_keeps_its_looks() {
        let of = |base: &str, sql_type: &str, number| {
            fresh(&Value::text(base), &SqlType::parse(sql_type), number).to_string()
        };
        assert_eq!(of("w12@x", "text", 345), "w345@x");
        assert_eq!(of("a@b.c", "text", 345), "a345@b.c");
        assert_eq!(of("word", "text", 7), "word7");
        assert_eq!(of("007", "text", 8), "008");
        assert_eq!(of("", "text", 8), "8");
        assert_eq!(of("word", "varchar(5)", 123), "rd123");
        assert_eq!(of("ünï", "char(2)", 4), "ï4");
    }

    #[test]
    fn ranges_lie_side_by_side() {
        let of = |sql_type: &str, number| {
            fresh(&Value::text("(,)"), &SqlType::parse(sql_type), number).to_string()
        };
        assert_eq!([of("int4range", 4), of("int4range", 5)], ["[5,6)", "[6,7)"]);
        assert_eq!(of("daterange", 1), "[2024-03-01,2024-03-02)");
        assert_eq!(of("numrange", 7), "[7.25,8.25)");
    }

    #[test]
    fn numbers_keep_their_sign_and_stay_within_their_type() {
        let of =
            |base, sql_type: &str, number| fresh(&Value::Integer(base), &SqlType::parse(sql_type), number);
        assert_eq!(of(0, "integer", 5), Value::Integer(5));
        assert_eq!(of(-1, "integer", 5), Value::Integer(-6));
        assert_eq!(of(32767, "smallint", 5), Value::Integer(32762));
        assert_eq!(of(i64::MIN, "bigint", 5), Value::Integer(i64::MIN + 5));
        let numeric = |base: &str, number| {
            fresh(&Value::Numeric(base.to_owned()), &SqlType::parse("numeric(4,2)"), number).to_string()
        };
        assert_eq!(numeric("-1.25", 345), "-45.25");
    }
}
