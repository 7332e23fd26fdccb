//! How large tables are, and who says so.

use std::collections::BTreeMap;
use std::fmt;

use crate::dialect::Pace;
use crate::schema::{SqlType, Table, TableName};

/// The size of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Its rows.
    pub rows: u64,
    /// Its bytes without indexes; `None` where only rows are known.
    pub bytes: Option<u64>,
    /// Who says so.
    pub basis: Basis,
}

/// Who knows how large a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The statistics of the server at hand.
    Server,
    /// schemig/statistics.toml.
    Statistics,
    /// Whoever ran the command.
    Typed,
}

/// What is known of the tables, and of the server that has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// How large they are; what isn't there is unknown.
    pub tables: BTreeMap<TableName, Size>,
    /// How long the server takes beside the rates of its dialect; `None` where nobody has measured.
    pub pace: Option<Pace>,
}

impl Known {
    /// Nothing.
    pub const NOTHING: &'static Self = &Self { tables: BTreeMap::new(), pace: None };
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "the server's statistics",
            Self::Statistics => "statistics.toml",
            Self::Typed => "--rows",
        })
    }
}

impl Size {
    /// The bytes that are known, or that rows of these columns usually take.
    pub fn bytes_of(&self, table: &Table) -> f64 {
        match self.bytes {
            Some(bytes) => bytes as f64,
            None => self.rows as f64 * width(table),
        }
    }
}

/// Bytes of a row with its header: what types of fixed length take, and what texts usually do.
fn width(table: &Table) -> f64 {
    const HEADER: f64 = 28.0;
    HEADER + table.columns.values().map(|column| bytes(&column.sql_type)).sum::<f64>()
}

fn bytes(sql_type: &SqlType) -> f64 {
    match sql_type {
        SqlType::Boolean => 1.0,
        SqlType::SmallInt => 2.0,
        SqlType::Integer | SqlType::Real | SqlType::Date => 4.0,
        SqlType::BigInt | SqlType::Double | SqlType::Time | SqlType::Timestamp | SqlType::Timestamptz => 8.0,
        SqlType::Numeric(_) => 10.0,
        SqlType::Interval | SqlType::Uuid => 16.0,
        SqlType::Char(length) | SqlType::Varchar(Some(length)) => f64::from(*length).min(24.0),
        SqlType::Text | SqlType::Varchar(None) | SqlType::Named(_) => 24.0,
        SqlType::Binary | SqlType::Json | SqlType::Jsonb | SqlType::Array(_) => 80.0,
    }
}
