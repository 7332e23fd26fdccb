//! What may stand in a column of a type: ordinary values first, then boundaries.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use schemig_core::schema::SqlType;
use uuid::Uuid;

use crate::verify::fresh::{bounds, longest};
use crate::verify::traffic::Value;

/// How long a text that is meant to be long is, where its type sets no limit: more than fits a page of either server.
const LONG: usize = 9_000;

/// Values of a type. Some are text that the server is to read as the type, for what only it can spell: keys that stand twice in an object.
///
/// Of a type that is only known by name there are guesses; the server picks.
pub(super) fn samples(sql_type: &SqlType) -> Vec<Value> {
    match sql_type {
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => integers(sql_type),
        SqlType::Real => [1.5, 0.0, -1.5, f32::MAX, f32::MIN_POSITIVE].map(Value::Real).to_vec(),
        SqlType::Double => [1.5, 0.0, -1.5, f64::MAX, f64::MIN_POSITIVE].map(Value::Double).to_vec(),
        SqlType::Numeric(bounds) => numerics(*bounds),
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => texts(sql_type),
        SqlType::Boolean => [true, false].map(Value::Boolean).to_vec(),
        SqlType::Binary => {
            [b"bytes".to_vec(), Vec::new(), vec![0, 255, 128, 10, 39]].map(Value::Bytes).to_vec()
        }
        SqlType::Date => dates().map(Value::Date).collect(),
        SqlType::Time => times().map(Value::Time).collect(),
        SqlType::Timestamp => moments().map(Value::Timestamp).collect(),
        SqlType::Timestamptz => moments().map(|moment| Value::Timestamptz(moment.and_utc())).collect(),
        SqlType::Interval => intervals(),
        SqlType::Uuid => {
            [0x8000_4000_8000_0000_u128, 0, u128::MAX].map(|bits| Value::Uuid(Uuid::from_u128(bits))).to_vec()
        }
        SqlType::Json => json(&[r#"{"b": 1, "a": 1, "a": 2}"#, "[]", "null", r#""ünï""#, "1e2", " {} "]),
        SqlType::Jsonb => parsed(),
        SqlType::Array(element) => lists(&samples(element)),
        SqlType::Named(name) => guesses(name).iter().map(|text| Value::text(text)).collect(),
    }
}

/// An ordinary value of a type; NULL of a type that is only known by name.
pub(crate) fn sample(sql_type: &SqlType) -> Value {
    if let SqlType::Named(_) = sql_type { Value::Null } else { samples(sql_type).swap_remove(0) }
}

fn integers(sql_type: &SqlType) -> Vec<Value> {
    let (low, high) = bounds(sql_type);
    [1, 7, 0, -1, low, high].map(Value::Integer).to_vec()
}

fn numerics(bounds: Option<(u32, u32)>) -> Vec<Value> {
    let texts = match bounds {
        None => ["1.25", "0", "-1.25", "0.10", "123456789012345678901234567890.123456789"]
            .map(str::to_owned)
            .to_vec(),
        Some((precision, scale)) => {
            let nines = |count: u32| "9".repeat(usize::try_from(count).unwrap_or(0));
            let whole = nines(precision.saturating_sub(scale));
            let whole = if whole.is_empty() { "0".to_owned() } else { whole };
            let most = if scale == 0 { whole } else { format!("{whole}.{}", nines(scale)) };
            let fraction = if scale == 0 {
                String::new()
            } else {
                format!(".{}", "5".repeat(usize::try_from(scale).unwrap_or(0)))
            };
            vec![format!("1{fraction}"), "0".to_owned(), format!("-{most}"), most]
        }
    };
    texts.into_iter().map(Value::Numeric).collect()
}

fn texts(sql_type: &SqlType) -> Vec<Value> {
    let limit = longest(sql_type);
    let long = limit.unwrap_or(LONG).min(LONG);
    let all = [
        "word".to_owned(),
        "007".to_owned(),
        String::new(),
        "it's \"q\" \\ ünï 😀".to_owned(),
        "NULL".to_owned(),
        "ä".repeat(long),
    ];
    let cut = |text: String| match limit {
        Some(limit) => text.chars().take(limit).collect(),
        None => text,
    };
    all.map(|text| Value::Text(cut(text))).to_vec()
}

fn dates() -> impl Iterator<Item = NaiveDate> {
    [(2024, 2, 29), (1970, 1, 1), (1, 1, 1), (9999, 12, 31)]
        .into_iter()
        .filter_map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day))
}

fn times() -> impl Iterator<Item = NaiveTime> {
    [(12, 30, 15), (0, 0, 0), (23, 59, 59)]
        .into_iter()
        .filter_map(|(hour, minute, second)| NaiveTime::from_hms_opt(hour, minute, second))
}

fn moments() -> impl Iterator<Item = NaiveDateTime> {
    // 2024-02-29, the epoch, a microsecond before it, and near the ends of four-digit years.
    [1_709_209_815_250_000, 0, -1, -62_135_596_800_000_000, 253_402_300_799_999_999]
        .into_iter()
        .filter_map(|microseconds| Some(DateTime::from_timestamp_micros(microseconds)?.naive_utc()))
}

fn intervals() -> Vec<Value> {
    let of = |(months, days, microseconds)| Value::Interval { months, days, microseconds };
    [(0, 0, 3_600_000_000), (0, 0, 0), (14, -3, 1), (-1, 30, 0)].map(of).to_vec()
}

fn json(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::text(text)).collect()
}

/// What is kept parsed has no spelling of its own.
fn parsed() -> Vec<Value> {
    use serde_json::json;
    [json!({ "b": 1 }), json!([]), json!(null), json!("ünï"), json!(0.5), json!({ "b": { "a": [true, -1] } })]
        .map(Value::Json)
        .to_vec()
}

/// Arrays of such elements.
pub(super) fn lists(elements: &[Value]) -> Vec<Value> {
    if elements.is_empty() {
        return Vec::new();
    }
    let some = elements.iter().take(3).cloned().chain([Value::Null]).collect();
    vec![Value::List(elements[..1].to_vec()), Value::List(Vec::new()), Value::List(some)]
}

/// Literals, of which most types read one.
fn guesses(name: &str) -> &'static [&'static str] {
    let bare = name.split('(').next().unwrap_or(name).trim().to_ascii_lowercase();
    match bare.rsplit('.').next().unwrap_or_default() {
        "citext" => &["word", "Word", "", "007", "ünï"],
        "inet" => &["10.0.0.1/32", "10.1.0.0/16", "::1/128"],
        "cidr" => &["10.0.0.0/8", "::/0"],
        _ => &[
            "1",
            "word",
            "10.0.0.1",
            "[1,5)",
            "(,)",
            "[2024-02-28,2024-02-29)",
            "{[1,5)}",
            "{[2024-02-28,2024-02-29)}",
            "08:00:2b:01:02:03",
            "08:00:2b:01:02:03:04:05",
            "16/B374D848",
            "2024-02-29",
            "12:30:15+00",
            "(1,2)",
            "((1,2),(3,4))",
            "{1,2,3}",
            "[(1,2),(3,4)]",
            "<(1,2),3>",
            "POINT(1 2)",
            "[1,2,3]",
            "a=>1",
            "<a/>",
            "101",
            "{}",
        ],
    }
}
