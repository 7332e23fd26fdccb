//! Type changes: what a rebuild makes of values that are copied into a column of another type.

use super::types::type_name;
use crate::plan::{Cast, InPlace, Kept};
use crate::schema::SqlType;

/// What SQLite makes of a change from one type to another. Values keep the storage that they have, but for what the new column's affinity
/// turns into text or numbers.
pub fn cast(from: &SqlType, to: &SqlType) -> Cast {
    Cast { kept: kept(from, to), in_place: InPlace::Rewrites }
}

fn kept(from: &SqlType, to: &SqlType) -> Kept {
    let some = |what: String| Kept::Some(what);
    if type_name(from) == type_name(to) {
        return Kept::All;
    }
    match (Affinity::of(from), Affinity::of(to)) {
        (Affinity::Text | Affinity::Moment, Affinity::Text) | (Affinity::Blob, Affinity::Blob) => Kept::All,
        (Affinity::Integer(size), Affinity::Integer(room)) if size <= room => Kept::All,
        (Affinity::Integer(size), Affinity::Real) if size < 8 => Kept::All,
        (Affinity::Integer(_), Affinity::Text | Affinity::Numeric) => Kept::All,
        (Affinity::Integer(_), _) => some(format!("numbers that Diesel reads otherwise as {to}")),
        (Affinity::Real, Affinity::Real) if *from == SqlType::Real => Kept::All,
        (Affinity::Real | Affinity::Numeric, _) => some(format!("numbers that no {to} holds")),
        (Affinity::Text | Affinity::Moment, _) => some(format!("texts that are no {to}")),
        (Affinity::Blob, _) => Kept::None,
    }
}

/// How a column stores what is put into it; of whole numbers, how many bytes Diesel reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Integer(u8),
    Real,
    Numeric,
    /// A day or time: a text, but in a column that makes a number of what looks like one.
    Moment,
    Text,
    Blob,
}

impl Affinity {
    fn of(sql_type: &SqlType) -> Self {
        match sql_type {
            SqlType::Boolean => Self::Integer(1),
            SqlType::SmallInt => Self::Integer(2),
            SqlType::Integer => Self::Integer(4),
            SqlType::BigInt => Self::Integer(8),
            SqlType::Real | SqlType::Double => Self::Real,
            SqlType::Numeric(_) => Self::Numeric,
            SqlType::Binary | SqlType::Jsonb => Self::Blob,
            SqlType::Date | SqlType::Time | SqlType::Timestamp | SqlType::Timestamptz => Self::Moment,
            SqlType::Text
            | SqlType::Varchar(_)
            | SqlType::Char(_)
            | SqlType::Interval
            | SqlType::Uuid
            | SqlType::Json
            | SqlType::Array(_) => Self::Text,
            SqlType::Named(name) => match super::inferred_type(name) {
                Some("Bool") => Self::Integer(1),
                Some("SmallInt") => Self::Integer(2),
                Some("Integer") => Self::Integer(4),
                Some("BigInt") => Self::Integer(8),
                Some("Float" | "Double") => Self::Real,
                Some("Binary") => Self::Blob,
                Some("Date" | "Time" | "Timestamp") => Self::Moment,
                Some(_) | None => Self::Text,
            },
        }
    }
}
