//! SQLite's types.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::sql_types as sql;
use diesel::sqlite::Sqlite;
use schemig_core::dialect::Dialect;
use schemig_core::schema::SqlType;

use super::{Code, Codec, Plain};

/// The codec of a column that a release believes to be of this type. What Diesel has no type for is text to everybody.
///
/// A decimal is read from a float, as Diesel reads one there.
pub fn codec(dialect: &dyn Dialect, sql_type: &SqlType) -> Codec<Sqlite> {
    match dialect.diesel_type(sql_type).as_deref() {
        Some("SmallInt") => plain::<sql::SmallInt, i16>(),
        Some("Integer") => plain::<sql::Integer, i32>(),
        Some("BigInt") => plain::<sql::BigInt, i64>(),
        Some("Float") => plain::<sql::Float, f32>(),
        Some("Double" | "Numeric") => plain::<sql::Double, f64>(),
        Some("Bool") => plain::<sql::Bool, bool>(),
        Some("Binary") => plain::<sql::Binary, Vec<u8>>(),
        Some("Date") => plain::<sql::Date, NaiveDate>(),
        Some("Time") => plain::<sql::Time, NaiveTime>(),
        Some("Timestamp") => plain::<sql::Timestamp, NaiveDateTime>(),
        Some("TimestamptzSqlite") => plain::<sql::TimestamptzSqlite, DateTime<Utc>>(),
        Some("Json") => plain::<sql::Json, serde_json::Value>(),
        Some("Jsonb") => plain::<sql::Jsonb, serde_json::Value>(),
        Some(_) | None => plain::<sql::Text, String>(),
    }
}

fn plain<ST: 'static, T: 'static>() -> Codec<Sqlite>
where
    Plain<ST, T>: Code<Sqlite>,
{
    Arc::new(Plain::<ST, T>(PhantomData))
}
