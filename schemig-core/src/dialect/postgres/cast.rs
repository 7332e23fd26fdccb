//! Type changes: what a cast keeps, and what ALTER TYPE costs.
//!
//! The costs are those measured on PostgreSQL 15 (`tests/facts/postgres-type-changes.tsv`, which a test holds this to). What depends on
//! the session's time zone is taken for the dearer: a file can't know it.

use super::types::bare;
use crate::plan::{Cast, InPlace, Kept};
use crate::schema::SqlType;

/// What PostgreSQL makes of a change from one type to another.
pub fn cast(from: &SqlType, to: &SqlType) -> Cast {
    Cast { kept: kept(from, to), in_place: in_place(from, to) }
}

/// Whether two types are the same text to the server, but for how much they hold.
pub(super) fn are_texts(one: &SqlType, other: &SqlType) -> bool {
    text(&split(one)).is_some() && text(&split(other)).is_some()
}

/// A type's name, as the server folds it, and its sizes.
type Split = (String, Vec<u32>);

fn split(sql_type: &SqlType) -> Split {
    let spelled = sql_type.to_string();
    let numbers = spelled.split_once('(').map(|(_, rest)| rest.trim_end_matches([')', '[', ']']));
    let sizes = numbers.map(|list| list.split(',').filter_map(|n| n.trim().parse().ok()).collect());
    let array = if spelled.ends_with(']') { "[]" } else { "" };
    (bare(spelled.trim_end_matches("[]")) + array, sizes.unwrap_or_default())
}

/// How many characters a text without padding holds; the inner `None` is any number.
fn text((name, sizes): &Split) -> Option<Option<u32>> {
    ["text", "varchar", "citext"].contains(&name.as_str()).then(|| sizes.first().copied())
}

fn in_place(from: &SqlType, to: &SqlType) -> InPlace {
    if from == to {
        return InPlace::Free;
    }
    let ((from_name, from_size), (to_name, to_size)) = (split(from), split(to));
    let grows = to_size.is_empty() || (!from_size.is_empty() && widens(&from_name, &from_size, &to_size));
    let costs = |(one, other, cost): &(&str, &str, InPlace)| {
        (*one == from_name && *other == to_name && (*one != *other || grows)).then_some(*cost)
    };
    let sized = to_size.is_empty() || from_name == to_name;
    IN_PLACE.iter().find_map(costs).filter(|_| sized).unwrap_or(InPlace::Rewrites)
}

/// Pairs of types, without their sizes, that don't rewrite the table; of one type with itself, when it grows.
const IN_PLACE: &[(&str, &str, InPlace)] = &[
    ("varchar", "varchar", InPlace::Free),
    ("varchar", "text", InPlace::Free),
    ("text", "varchar", InPlace::Free),
    ("numeric", "numeric", InPlace::Free),
    ("timestamp", "timestamp", InPlace::Free),
    ("timestamptz", "timestamptz", InPlace::Free),
    ("time", "time", InPlace::Free),
    ("interval", "interval", InPlace::Free),
    ("varbit", "varbit", InPlace::Free),
    ("cidr", "inet", InPlace::Free),
    ("xml", "text", InPlace::Free),
    ("xml", "varchar", InPlace::Free),
    ("text", "citext", InPlace::RebuildsIndexes),
    ("varchar", "citext", InPlace::RebuildsIndexes),
    ("citext", "text", InPlace::RebuildsIndexes),
    ("citext", "varchar", InPlace::RebuildsIndexes),
    ("integer", "oid", InPlace::RebuildsIndexes),
    ("oid", "integer", InPlace::RebuildsIndexes),
    ("bit", "varbit", InPlace::RebuildsIndexes),
];

/// Whether what fits the one size fits the other without a look at the values.
fn widens(name: &str, from: &[u32], to: &[u32]) -> bool {
    match (name, from, to) {
        ("numeric", [precision, scale], [wider, same]) => wider >= precision && same == scale,
        ("timestamp" | "varchar" | "varbit", [one], [other]) => other >= one,
        _ => false,
    }
}

fn kept(from: &SqlType, to: &SqlType) -> Kept {
    if let (SqlType::Array(from), SqlType::Array(to)) = (from, to) {
        return kept(from, to);
    }
    let (one, other) = (split(from), split(to));
    match (text(&one), text(&other)) {
        _ if from == to => Kept::All,
        (Some(length), Some(room)) => within(length, room),
        (None, Some(_)) if SPELLED_BY_SETTINGS.contains(&one.0.as_str()) => {
            Kept::Some("all of them: their text depends on the settings of who casts".to_owned())
        }
        (None, Some(room)) => within(longest(&one), room),
        (Some(_), None) if other.0 == "char" => {
            Kept::Some("blanks at the end, and what is too long".to_owned())
        }
        (Some(_), None) => Kept::Some(format!("texts that are no {to}")),
        (None, None) => match (Digits::of(&one), Digits::of(&other)) {
            (Some(digits), Some(room)) if digits.fit(room) => Kept::All,
            (Some(_), Some(_)) => Kept::Some(format!("numbers that no {to} holds")),
            _ => pair(&one.0, &other.0),
        },
    }
}

/// Types whose text DateStyle, IntervalStyle or TimeZone decide.
const SPELLED_BY_SETTINGS: &[&str] = &["date", "timestamp", "timestamptz", "timetz", "interval", "money"];

/// What becomes of values between types that are neither texts nor numbers.
fn pair(from: &str, to: &str) -> Kept {
    let lost = |what: &str| Kept::Some(what.to_owned());
    match (from, to) {
        ("boolean", "integer") | ("date", "timestamp") | ("jsonb", "json") | ("cidr", "inet") => Kept::All,
        ("integer", "boolean") => lost("numbers other than 0 and 1"),
        ("json", "jsonb") => lost("spacing, keys that stand twice, and texts with \\u0000"),
        ("timestamp", "timestamptz") | ("timestamptz", "timestamp") | ("date", "timestamptz") => {
            lost("all of them: the time zone of who casts decides what they become")
        }
        ("timestamp" | "timestamptz", "date") => lost("the time of day"),
        ("timestamp" | "timestamptz", "time") => lost("the day"),
        ("inet", "cidr") => lost("the bits behind the mask"),
        (one, other) if one == other => lost("what the smaller one has no room for"),
        _ => Kept::None,
    }
}

/// Text of at most `length` characters in a type that has room for `room`.
fn within(length: Option<u32>, room: Option<u32>) -> Kept {
    match (length, room) {
        (_, None) => Kept::All,
        (Some(length), Some(room)) if length <= room => Kept::All,
        (_, Some(room)) => Kept::Some(format!("what is longer than {room} characters")),
    }
}

/// How long the longest text of a type's values is, where that is bounded.
fn longest((name, sizes): &Split) -> Option<u32> {
    match name.as_str() {
        "smallint" => Some(6),
        "integer" => Some(11),
        "bigint" => Some(20),
        "boolean" => Some(5),
        "uuid" => Some(36),
        "char" => sizes.first().copied(),
        _ => None,
    }
}

/// The decimal digits of a type's numbers.
#[derive(Clone, Copy)]
enum Digits {
    /// So many are needed before the point for the largest number, and for so many there is always room; so many stand behind it.
    Exact { before: u32, room: u32, behind: u32 },
    /// Any number of them.
    Any,
    /// So many are kept exactly, wherever the point is.
    Binary { kept: u32 },
}

impl Digits {
    fn of((name, sizes): &Split) -> Option<Self> {
        let whole = |before| Some(Self::Exact { before, room: before - 1, behind: 0 });
        match (name.as_str(), sizes.as_slice()) {
            ("smallint", _) => whole(5),
            ("integer", _) => whole(10),
            ("bigint", _) => whole(19),
            ("real", _) => Some(Self::Binary { kept: 6 }),
            ("double precision", _) => Some(Self::Binary { kept: 15 }),
            ("numeric", [precision, scale]) => {
                let before = precision.saturating_sub(*scale);
                Some(Self::Exact { before, room: before, behind: *scale })
            }
            ("numeric", _) => Some(Self::Any),
            _ => None,
        }
    }

    /// Whether each number of the one kind is one of the other.
    fn fit(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exact { before, behind, .. }, Self::Exact { room, behind: places, .. }) => {
                before <= room && behind <= places
            }
            (Self::Exact { .. } | Self::Any, Self::Any) => true,
            (Self::Exact { before, behind: 0, .. }, Self::Binary { kept }) => before <= kept,
            (Self::Binary { kept }, Self::Binary { kept: room }) => kept <= room,
            (Self::Exact { .. } | Self::Any | Self::Binary { .. }, _) => false,
        }
    }
}
