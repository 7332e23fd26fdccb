//! Names of database objects, as the server spells them (never quoted, never folded).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A column's SQL name.
    ColumnName
}
name! {
    /// An index's SQL name, without its schema: an index lives where its table lives.
    IndexName
}
name! {
    /// The SQL name of a check or a foreign key.
    ConstraintName
}

/// A table's or view's SQL name, with its schema (namespace) when it isn't in the default one.
///
/// Written `name` or `schema.name` in files; neither part may hold a dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct TableName {
    /// `None` is the default schema of the database.
    pub schema: Option<String>,
    /// The bare name.
    pub name: String,
}

impl TableName {
    /// A table of the default schema.
    pub fn new(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// The same schema, another bare name.
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }
}

impl From<&str> for TableName {
    fn from(text: &str) -> Self {
        match text.split_once('.') {
            Some((schema, name)) => Self { schema: Some(schema.to_owned()), name: name.to_owned() },
            None => Self::new(text),
        }
    }
}

impl From<String> for TableName {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<TableName> for String {
    fn from(name: TableName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A column of a table: what steps, misfits and promises point at. Printed `table.column`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRef {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: ColumnName,
}

impl ColumnRef {
    /// Points at `table.column`.
    pub fn new(table: &TableName, column: &ColumnName) -> Self {
        Self { table: table.clone(), column: column.clone() }
    }
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// The longest name, in bytes, that PostgreSQL keeps; others keep longer ones.
const LONGEST: usize = 63;

/// A made-up name, cut to what every server keeps. A name that is cut ends in a hash of the whole, so that two don't meet.
pub fn fitted(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut end = LONGEST - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash:08x}", &name[..end])
}
