//! SQL in pieces, and how Diesel spells it for each kind of server.

use schemig_core::schema::{ColumnName, TableName};

/// What Diesel writes otherwise for one kind of server than for another.
#[derive(Debug, PartialEq, Eq)]
pub struct Spelling {
    /// What stands around names.
    quote: char,
    /// Whether a column that is left out of an insert is written `DEFAULT`, rather than not at all.
    pub(super) says_default: bool,
    /// Whether RETURNING names the table too.
    pub(super) returns_qualified: bool,
}

impl Spelling {
    /// PostgreSQL.
    pub const POSTGRES: &'static Self = &Self { quote: '"', says_default: true, returns_qualified: true };

    /// SQLite.
    pub const SQLITE: &'static Self = &Self { quote: '`', says_default: false, returns_qualified: false };

    /// Whether this is PostgreSQL's.
    pub fn is_postgres(&self) -> bool {
        self == Self::POSTGRES
    }

    fn name(&self, name: &str) -> String {
        let Self { quote, .. } = self;
        format!("{quote}{}{quote}", name.replace(*quote, &format!("{quote}{quote}")))
    }

    /// A column, without its table.
    pub fn column(&self, name: &ColumnName) -> String {
        self.name(name.as_str())
    }

    /// A table.
    pub fn table(&self, name: &TableName) -> String {
        match &name.schema {
            Some(schema) => format!("{}.{}", self.name(schema), self.name(&name.name)),
            None => self.name(&name.name),
        }
    }

    /// A column with its table.
    pub(crate) fn qualified(&self, table: &TableName, column: &ColumnName) -> String {
        format!("{}.{}", self.table(table), self.column(column))
    }
}

/// A statement's text, cut where binds stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sql {
    /// One more than there are binds.
    pieces: Vec<String>,
}

impl Sql {
    /// A text that begins so.
    pub(crate) fn begin(text: &str) -> Self {
        Self { pieces: vec![text.to_owned()] }
    }

    /// Goes on so.
    pub(crate) fn push(&mut self, text: &str) {
        if let Some(last) = self.pieces.last_mut() {
            last.push_str(text);
        }
    }

    /// Puts a bind here.
    pub(crate) fn bind(&mut self) {
        self.pieces.push(String::new());
    }

    /// The pieces between the binds.
    pub(crate) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// The text with the server's own signs for binds.
    pub(crate) fn text(&self, spelling: &Spelling) -> String {
        let mut text = String::new();
        for (place, piece) in self.pieces.iter().enumerate() {
            match (place, spelling.is_postgres()) {
                (0, _) => {}
                (_, true) => text.push_str(&format!("${place}")),
                (_, false) => text.push('?'),
            }
            text.push_str(piece);
        }
        text
    }
}
