//! What a Rust type demands of a column: it constrains, and rarely names one SQL type.

use crate::schema::SqlType;

/// The SQL types that values of a Rust type can be read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// This one.
    Exactly(SqlType),
    /// Text of any kind: `String`.
    Text,
    /// Decimals of any precision.
    Numeric,
    /// An array of what the inner type fits.
    Array(Box<Fit>),
    /// Any of these, the first preferred. Never empty.
    AnyOf(Vec<Fit>),
}

impl Fit {
    /// Whether a column of this type can be read.
    pub fn agrees(&self, sql_type: &SqlType) -> bool {
        match self {
            Self::Exactly(only) => same(only, sql_type),
            Self::Text => is_text(sql_type),
            Self::Numeric => matches!(sql_type, SqlType::Numeric(_)),
            Self::Array(inner) => matches!(sql_type, SqlType::Array(element) if inner.agrees(element)),
            Self::AnyOf(fits) => fits.iter().any(|fit| fit.agrees(sql_type)),
        }
    }

    /// The types for a new column, the preferred one first.
    pub fn candidates(&self) -> Vec<SqlType> {
        match self {
            Self::Exactly(only) => vec![only.clone()],
            Self::Text => vec![SqlType::Text],
            Self::Numeric => vec![SqlType::Numeric(None)],
            Self::Array(inner) => {
                inner.candidates().into_iter().map(|element| SqlType::Array(Box::new(element))).collect()
            }
            Self::AnyOf(fits) => fits.iter().flat_map(Self::candidates).collect(),
        }
    }
}

/// Whether a value of the Rust type can be read from a column of the SQL type.
pub fn agrees(rust: &Fit, sql_type: &SqlType) -> bool {
    rust.agrees(sql_type)
}

/// A type that schemig has no word for is compared as servers do, without regard to case.
fn same(one: &SqlType, other: &SqlType) -> bool {
    match (one, other) {
        (SqlType::Named(one), SqlType::Named(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

fn is_text(sql_type: &SqlType) -> bool {
    match sql_type {
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => true,
        SqlType::Named(name) => ["citext", "name"].iter().any(|text| name.eq_ignore_ascii_case(text)),
        SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Array(_) => false,
    }
}
