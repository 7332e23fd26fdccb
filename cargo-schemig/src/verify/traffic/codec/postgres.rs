//! PostgreSQL's types.

use std::marker::PhantomData;
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::data_types::{PgInterval, PgLsn, PgMoney, PgNumeric};
use diesel::deserialize::FromSql;
use diesel::pg::Pg;
use diesel::serialize::ToSql;
use diesel::sql_types::{self as sql, Array, HasSqlType, Multirange, Nullable, Range, SingleValue};
use ipnetwork::IpNetwork;
use schemig_core::dialect::Dialect;
use schemig_core::schema::SqlType;
use uuid::Uuid;

use super::native::Native;
use super::{Code, Codec, Plain, custom};

/// The codec of a column that a release believes to be of this type.
pub fn codec(dialect: &dyn Dialect, sql_type: &SqlType) -> Codec<Pg> {
    let (element, array) = element(sql_type);
    let name = dialect.diesel_type(element);
    let known = name.and_then(|name| known(&name, array).or_else(|| ranged(&name, array)));
    known.unwrap_or_else(|| custom::codec(dialect, element, array))
}

/// The type of an array's elements: any number of dimensions is one type.
fn element(sql_type: &SqlType) -> (&SqlType, bool) {
    let mut element = sql_type;
    let mut array = false;
    while let SqlType::Array(inner) = element {
        (element, array) = (inner, true);
    }
    (element, array)
}

/// Types by the names that `table!` has for them, with the Rust types that apps use.
fn known(name: &str, array: bool) -> Option<Codec<Pg>> {
    Some(match name {
        "Int2" => plain::<sql::SmallInt, i16>(array),
        "Int4" => plain::<sql::Integer, i32>(array),
        "Int8" => plain::<sql::BigInt, i64>(array),
        "Float4" => plain::<sql::Float, f32>(array),
        "Float8" => plain::<sql::Double, f64>(array),
        "Numeric" => plain::<sql::Numeric, PgNumeric>(array),
        "Text" | "Varchar" | "Bpchar" => plain::<sql::Text, String>(array),
        "Citext" => plain::<sql::Citext, String>(array),
        "Bool" => plain::<sql::Bool, bool>(array),
        "Bytea" => plain::<sql::Binary, Vec<u8>>(array),
        "Date" => plain::<sql::Date, NaiveDate>(array),
        "Time" => plain::<sql::Time, NaiveTime>(array),
        "Timestamp" => plain::<sql::Timestamp, NaiveDateTime>(array),
        "Timestamptz" => plain::<sql::Timestamptz, DateTime<Utc>>(array),
        "Interval" => plain::<sql::Interval, PgInterval>(array),
        "Uuid" => plain::<sql::Uuid, Uuid>(array),
        "Json" => plain::<sql::Json, serde_json::Value>(array),
        "Jsonb" => plain::<sql::Jsonb, serde_json::Value>(array),
        "Inet" => plain::<sql::Inet, IpNetwork>(array),
        "Cidr" => plain::<sql::Cidr, IpNetwork>(array),
        "Macaddr" => plain::<sql::MacAddr, [u8; 6]>(array),
        "Macaddr8" => plain::<sql::MacAddr8, [u8; 8]>(array),
        "Money" => plain::<sql::Money, PgMoney>(array),
        "Oid" => plain::<sql::Oid, u32>(array),
        "PgLsn" => plain::<sql::PgLsn, PgLsn>(array),
        "Char" => plain::<sql::CChar, u8>(array),
        _ => return None,
    })
}

/// Ranges and sets of them.
fn ranged(name: &str, array: bool) -> Option<Codec<Pg>> {
    type Ends<T> = (Bound<T>, Bound<T>);
    Some(match name {
        "Int4range" => plain::<Range<sql::Integer>, Ends<i32>>(array),
        "Int8range" => plain::<Range<sql::BigInt>, Ends<i64>>(array),
        "Numrange" => plain::<Range<sql::Numeric>, Ends<PgNumeric>>(array),
        "Daterange" => plain::<Range<sql::Date>, Ends<NaiveDate>>(array),
        "Tsrange" => plain::<Range<sql::Timestamp>, Ends<NaiveDateTime>>(array),
        "Tstzrange" => plain::<Range<sql::Timestamptz>, Ends<DateTime<Utc>>>(array),
        "Int4multirange" => plain::<Multirange<sql::Integer>, Vec<Ends<i32>>>(array),
        "Int8multirange" => plain::<Multirange<sql::BigInt>, Vec<Ends<i64>>>(array),
        "Nummultirange" => plain::<Multirange<sql::Numeric>, Vec<Ends<PgNumeric>>>(array),
        "Datemultirange" => plain::<Multirange<sql::Date>, Vec<Ends<NaiveDate>>>(array),
        "Tsmultirange" => plain::<Multirange<sql::Timestamp>, Vec<Ends<NaiveDateTime>>>(array),
        "Tstzmultirange" => plain::<Multirange<sql::Timestamptz>, Vec<Ends<DateTime<Utc>>>>(array),
        _ => return None,
    })
}

/// A type, or an array of it.
pub(super) fn plain<ST, T>(array: bool) -> Codec<Pg>
where
    Pg: HasSqlType<ST>,
    ST: sql::SqlType<IsNull = sql::is_nullable::NotNull> + SingleValue + 'static,
    T: Native + FromSql<ST, Pg> + ToSql<ST, Pg> + std::fmt::Debug + 'static,
    Plain<ST, T>: Code<Pg>,
    Plain<Array<Nullable<ST>>, Vec<Option<T>>>: Code<Pg>,
{
    if array {
        Arc::new(Plain::<Array<Nullable<ST>>, Vec<Option<T>>>(PhantomData))
    } else {
        Arc::new(Plain::<ST, T>(PhantomData))
    }
}
