//! SQL types, free of any product's spelling.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The type of a column. Each dialect spells it in its own words; files hold the form that [`fmt::Display`] prints.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SqlType {
    /// 2 bytes, Rust's `i16`.
    SmallInt,
    /// 4 bytes, Rust's `i32`.
    Integer,
    /// 8 bytes, Rust's `i64`.
    BigInt,
    /// 4 bytes, Rust's `f32`.
    Real,
    /// 8 bytes, Rust's `f64`.
    Double,
    /// Decimal; precision and scale when they are bounded.
    Numeric(Option<(u32, u32)>),
    /// Text of any length.
    Text,
    /// Text of at most so many characters.
    Varchar(Option<u32>),
    /// Text padded to so many characters.
    Char(u32),
    /// True or false.
    Boolean,
    /// Bytes.
    Binary,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day and time without time zone.
    Timestamp,
    /// A moment.
    Timestamptz,
    /// A span of time.
    Interval,
    /// A UUID.
    Uuid,
    /// JSON kept as text.
    Json,
    /// JSON kept parsed.
    Jsonb,
    /// An array of the inner type.
    Array(Box<SqlType>),
    /// Any other type, as the user or the server spells it.
    Named(String),
}

impl SqlType {
    /// Reads a type as a user or a server may write it. Never fails: what isn't known is [`SqlType::Named`].
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(inner) = text.strip_suffix("[]") {
            return Self::Array(Box::new(Self::parse(inner)));
        }
        let (word, arguments) = split_arguments(text);
        let numbers: Option<Vec<u32>> =
            arguments.map(|list| list.split(',').map_while(|n| n.trim().parse().ok()).collect());
        match (word.as_str(), numbers.as_deref()) {
            ("smallint" | "int2", None) => Self::SmallInt,
            ("integer" | "int" | "int4", None) => Self::Integer,
            ("bigint" | "int8", None) => Self::BigInt,
            ("real" | "float4" | "float", None) => Self::Real,
            ("double" | "double precision" | "float8", None) => Self::Double,
            ("numeric" | "decimal", None) => Self::Numeric(None),
            ("numeric" | "decimal", Some([precision])) => Self::Numeric(Some((*precision, 0))),
            ("numeric" | "decimal", Some([precision, scale])) => Self::Numeric(Some((*precision, *scale))),
            ("text", None) => Self::Text,
            ("varchar" | "character varying", None) => Self::Varchar(None),
            ("varchar" | "character varying", Some([length])) => Self::Varchar(Some(*length)),
            ("char" | "character" | "bpchar", None) => Self::Char(1),
            ("char" | "character" | "bpchar", Some([length])) => Self::Char(*length),
            ("boolean" | "bool", None) => Self::Boolean,
            ("binary" | "bytea" | "blob", None) => Self::Binary,
            ("date", None) => Self::Date,
            ("time" | "time without time zone", None) => Self::Time,
            ("timestamp" | "timestamp without time zone", None) => Self::Timestamp,
            ("timestamptz" | "timestamp with time zone", None) => Self::Timestamptz,
            ("interval", None) => Self::Interval,
            ("uuid", None) => Self::Uuid,
            ("json", None) => Self::Json,
            ("jsonb", None) => Self::Jsonb,
            _ => Self::Named(text.to_owned()),
        }
    }
}

impl SqlType {
    /// The type of the numbers behind `serial` and its like, which are no types: a server makes of them an integer, a sequence and a
    /// default that draws from it.
    pub fn behind_serial(&self) -> Option<Self> {
        let Self::Named(name) = self else { return None };
        match name.to_ascii_lowercase().as_str() {
            "smallserial" | "serial2" => Some(Self::SmallInt),
            "serial" | "serial4" => Some(Self::Integer),
            "bigserial" | "serial8" => Some(Self::BigInt),
            _ => None,
        }
    }
}

/// Splits `varchar(20)` into its folded words and what stands between the brackets.
fn split_arguments(text: &str) -> (String, Option<&str>) {
    let fold = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    match text.split_once('(') {
        Some((word, rest)) => match rest.trim_end().strip_suffix(')') {
            Some(arguments) => (fold(word), Some(arguments)),
            None => (fold(text), None),
        },
        None => (fold(text), None),
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("smallint"),
            Self::Integer => f.write_str("integer"),
            Self::BigInt => f.write_str("bigint"),
            Self::Real => f.write_str("real"),
            Self::Double => f.write_str("double precision"),
            Self::Numeric(None) => f.write_str("numeric"),
            Self::Numeric(Some((precision, scale))) => write!(f, "numeric({precision},{scale})"),
            Self::Text => f.write_str("text"),
            Self::Varchar(None) => f.write_str("varchar"),
            Self::Varchar(Some(length)) => write!(f, "varchar({length})"),
            Self::Char(length) => write!(f, "char({length})"),
            Self::Boolean => f.write_str("boolean"),
            Self::Binary => f.write_str("binary"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Timestamptz => f.write_str("timestamptz"),
            Self::Interval => f.write_str("interval"),
            Self::Uuid => f.write_str("uuid"),
            Self::Json => f.write_str("json"),
            Self::Jsonb => f.write_str("jsonb"),
            Self::Array(inner) => write!(f, "{inner}[]"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

impl From<String> for SqlType {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl From<SqlType> for String {
    fn from(sql_type: SqlType) -> Self {
        sql_type.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::SqlType;

    #[test]
    fn every_spelling_reads_back_as_itself() {
        for text in [
            "smallint",
            "integer",
            "bigint",
            "real",
            "double precision",
            "numeric",
            "numeric(10,2)",
            "text",
            "varchar",
            "varchar(20)",
            "char(3)",
            "boolean",
            "binary",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "json",
            "jsonb",
            "text[]",
            "bigint[][]",
            "citext",
            "geometry(Point,4326)",
        ] {
            assert_eq!(SqlType::parse(text).to_string(), text);
        }
    }

    #[test]
    fn servers_and_users_spell_one_type_in_many_ways() {
        assert_eq!(SqlType::parse("character varying(20)"), SqlType::Varchar(Some(20)));
        assert_eq!(SqlType::parse("Timestamp  With Time Zone"), SqlType::Timestamptz);
        assert_eq!(SqlType::parse("INT8[]"), SqlType::Array(Box::new(SqlType::BigInt)));
        assert_eq!(SqlType::parse("decimal(7)"), SqlType::Numeric(Some((7, 0))));
    }
}
