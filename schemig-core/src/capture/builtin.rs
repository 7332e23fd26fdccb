//! The types that Diesel itself, or a crate that Diesel knows, reads from columns.

use super::Fit;
use crate::schema::SqlType;

/// Crates whose types are listed here. An import from one of them can't mean a type of the user's.
pub const CRATES: &[&str] = &[
    "alloc",
    "bigdecimal",
    "chrono",
    "core",
    "diesel",
    "ipnet",
    "ipnetwork",
    "rust_decimal",
    "serde_json",
    "std",
    "time",
    "uuid",
];

/// The column type of a type that every file has, whatever it imports.
fn primitive(name: &str) -> Option<SqlType> {
    match name {
        "i16" => Some(SqlType::SmallInt),
        "i32" => Some(SqlType::Integer),
        "i64" => Some(SqlType::BigInt),
        "f32" => Some(SqlType::Real),
        "f64" => Some(SqlType::Double),
        "bool" => Some(SqlType::Boolean),
        _ => None,
    }
}

/// Whether a name needs no declaration to be looked for: the language's own.
pub fn is_primitive(name: &str) -> bool {
    primitive(name).is_some() || matches!(name, "str" | "String" | "Option" | "Vec" | "Cow" | "u8" | "Box")
}

/// What a type of the last segment `name` fits. `root` is the crate that it was seen to come from; names that more than one crate
/// uses are only known from their own.
pub fn fit(name: &str, root: Option<&str>) -> Option<Fit> {
    let exactly = |sql_type: SqlType| Some(Fit::Exactly(sql_type));
    if let Some(sql_type) = primitive(name) {
        return exactly(sql_type);
    }
    let any = |types: &[SqlType]| Some(Fit::AnyOf(types.iter().cloned().map(Fit::Exactly).collect()));
    let from = |crates: &[&str]| root.is_none_or(|root| crates.contains(&root));
    let moment = [SqlType::Timestamptz];
    // Diesel reads a type without a zone from both kinds of column.
    let zoneless = [SqlType::Timestamp, SqlType::Timestamptz];
    match name {
        "String" | "str" => Some(Fit::Text),
        "NaiveDate" | "PgDate" => exactly(SqlType::Date),
        "NaiveTime" | "PgTime" => exactly(SqlType::Time),
        "NaiveDateTime" | "PrimitiveDateTime" | "SystemTime" | "PgTimestamp" => any(&zoneless),
        "OffsetDateTime" => any(&moment),
        "DateTime" if from(&["chrono"]) => any(&moment),
        "Date" if from(&["time"]) => exactly(SqlType::Date),
        "Time" if from(&["time"]) => exactly(SqlType::Time),
        "Duration" if root == Some("chrono") => exactly(SqlType::Interval),
        "PgInterval" | "TimeDelta" => exactly(SqlType::Interval),
        "Uuid" => exactly(SqlType::Uuid),
        "Value" if from(&["serde_json"]) => any(&[SqlType::Jsonb, SqlType::Json]),
        "BigDecimal" | "PgNumeric" => Some(Fit::Numeric),
        "Decimal" if from(&["rust_decimal"]) => Some(Fit::Numeric),
        "IpNetwork" | "IpNet" => any(&[named("inet"), named("cidr")]),
        "Cents" | "PgMoney" if from(&["diesel"]) => exactly(named("money")),
        _ => None,
    }
}

fn named(name: &str) -> SqlType {
    SqlType::Named(name.to_owned())
}

/// What one of Diesel's own SQL types, as `#[diesel(sql_type = …)]` names it, stands for.
pub fn diesel_type(name: &str) -> Option<Fit> {
    let sql_type = match name {
        "Text" | "VarChar" => return Some(Fit::Text),
        "Numeric" | "Decimal" => return Some(Fit::Numeric),
        "SmallInt" | "Int2" | "SmallSerial" => SqlType::SmallInt,
        "Integer" | "Int4" | "Serial" => SqlType::Integer,
        "BigInt" | "Int8" | "BigSerial" => SqlType::BigInt,
        "Float" | "Float4" => SqlType::Real,
        "Double" | "Float8" => SqlType::Double,
        "Bool" => SqlType::Boolean,
        "Binary" | "Bytea" | "Blob" => SqlType::Binary,
        "Date" => SqlType::Date,
        "Time" => SqlType::Time,
        "Timestamp" | "Datetime" => SqlType::Timestamp,
        "Timestamptz" | "TimestamptzSqlite" => SqlType::Timestamptz,
        "Interval" => SqlType::Interval,
        "Uuid" => SqlType::Uuid,
        "Json" => SqlType::Json,
        "Jsonb" => SqlType::Jsonb,
        "Bpchar" => return Some(Fit::Text),
        "Citext" | "Inet" | "Cidr" | "Money" | "Oid" | "Ltree" => named(&name.to_ascii_lowercase()),
        "MacAddr" | "MacAddr8" => named(&name.to_ascii_lowercase()),
        "Tsvector" | "TsVector" => named("tsvector"),
        _ => return None,
    };
    Some(Fit::Exactly(sql_type))
}
