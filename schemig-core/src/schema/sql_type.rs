//! SQL types, free of any product's spelling.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TableName;

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
    /// Whether Diesel decodes a value of the other type as one of this: they are the same on the wire (DOCTRINE, Diesel wire contract).
    pub fn is_read_as(&self, other: &Self) -> bool {
        self == other || self.wire() == other.wire()
    }

    /// What a type is on the wire: texts are alike whatever their length, numbers whatever their precision.
    fn wire(&self) -> String {
        match self {
            Self::Text | Self::Varchar(_) | Self::Char(_) => "text".to_owned(),
            Self::Numeric(_) => "numeric".to_owned(),
            Self::Array(inner) => format!("{}[]", inner.wire()),
            Self::Named(name) => {
                let bare = name.split('(').next().unwrap_or(name).trim().to_ascii_lowercase();
                let is_text = matches!(bare.as_str(), "citext" | "bpchar") || bare.ends_with(".citext");
                if is_text { "text".to_owned() } else { bare }
            }
            Self::SmallInt
            | Self::Integer
            | Self::BigInt
            | Self::Real
            | Self::Double
            | Self::Boolean
            | Self::Binary
            | Self::Date
            | Self::Time
            | Self::Timestamp
            | Self::Timestamptz
            | Self::Interval
            | Self::Uuid
            | Self::Json
            | Self::Jsonb => self.to_string(),
        }
    }

    /// Whether every value of the other type, which is the same on the wire, has room here.
    pub fn holds(&self, other: &Self) -> bool {
        match (self.room(), other.room()) {
            (Some(room), Some(needed)) => {
                room.iter().zip(&needed).all(|(room, needed)| match (room, needed) {
                    (None, _) => true,
                    (Some(room), Some(needed)) => room >= needed,
                    (Some(_), None) => false,
                })
            }
            (Some(_), None) | (None, Some(_)) | (None, None) => self == other,
        }
    }

    /// How much a type holds where that can be compared: characters, or digits before and behind the point.
    fn room(&self) -> Option<Vec<Option<u32>>> {
        match self {
            Self::Text => Some(vec![None]),
            Self::Varchar(length) => Some(vec![*length]),
            Self::Numeric(None) => Some(vec![None, None]),
            Self::Numeric(Some((precision, scale))) => {
                Some(vec![Some(precision.saturating_sub(*scale)), Some(*scale)])
            }
            Self::SmallInt
            | Self::Integer
            | Self::BigInt
            | Self::Real
            | Self::Double
            | Self::Char(_)
            | Self::Boolean
            | Self::Binary
            | Self::Date
            | Self::Time
            | Self::Timestamp
            | Self::Timestamptz
            | Self::Interval
            | Self::Uuid
            | Self::Json
            | Self::Jsonb
            | Self::Array(_)
            | Self::Named(_) => None,
        }
    }

    /// Whether it holds whole numbers, which a server compares whatever their sizes.
    pub fn is_whole_number(&self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

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
            // Without a length `bpchar` is text of any: that one has a name only.
            ("char" | "character", None) => Self::Char(1),
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
    /// The name of a type that schemig has no word for, or of the elements of its arrays: as the server keeps it, without quotes.
    pub fn type_name(&self) -> Option<TableName> {
        let mut element = self;
        while let Self::Array(inner) = element {
            element = inner;
        }
        let Self::Named(spelled) = element else { return None };
        let (first, rest) = name_part(spelled)?;
        match rest.strip_prefix('.') {
            None if rest.is_empty() => Some(TableName::new(first)),
            None => None,
            Some(second) => {
                let (name, rest) = name_part(second)?;
                rest.is_empty().then_some(TableName { schema: Some(first), name })
            }
        }
    }

    /// Whether its values, or the elements of its arrays, are of the type of this name.
    pub fn is_of(&self, name: &TableName) -> bool {
        self.type_name().as_ref() == Some(name)
    }

    /// The type of this name, quoted as servers want it.
    pub fn of_name(name: &TableName) -> Self {
        let TableName { schema, name } = name;
        let schema = schema.as_ref().map(|schema| format!("{}.", spelled_name(schema))).unwrap_or_default();
        Self::Named(format!("{schema}{}", spelled_name(name)))
    }
}

/// The first part of a dotted name, folded unless it is quoted, and what stands behind it.
fn name_part(text: &str) -> Option<(String, &str)> {
    let Some(mut quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_ascii_lowercase(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (inside, rest) = quoted.split_once('"')?;
        name.push_str(inside);
        let Some(more) = rest.strip_prefix('"') else { return Some((name, rest)) };
        name.push('"');
        quoted = more;
    }
}

fn spelled_name(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
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
    use crate::schema::TableName;

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
    fn a_named_type_has_the_name_that_its_spelling_means() {
        for (text, name) in [
            ("mood", Some("mood")),
            ("Mood", Some("mood")),
            ("shop.mood[]", Some("shop.mood")),
            ("\"Mood\"", Some("Mood")),
            ("shop.\"a\"\"b\"", Some("shop.a\"b")),
            ("geometry(Point,4326)", None),
            ("text", None),
        ] {
            let name = name.map(TableName::from);
            assert_eq!(SqlType::parse(text).type_name(), name, "{text}");
            if let Some(name) = name {
                assert_eq!(SqlType::of_name(&name).type_name(), Some(name));
            }
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
