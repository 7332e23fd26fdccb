//! What a release does to one table, a statement each, letter for letter as Diesel's query builder writes it.
//!
//! The statements never change from run to run. Which of them a connection keeps prepared is Diesel's rule: selects, deletes and inserts
//! of plain tuples; no update, no DO UPDATE, and on PostgreSQL no insert of a struct (its fields may be `None`).

mod build;
mod judge;
mod spell;

use std::sync::Arc;

use schemig_core::dialect::Dialect;
use schemig_core::schema::{Column, ColumnName, Identity, IndexName, Schema, SqlType, Table, TableName};

use super::codec::{self, Either};

pub(crate) use build::set;
pub use build::statements;
pub use spell::Spelling;
pub(crate) use spell::Sql;

/// Which releases there are beside one, and so whose promises concern it: those of a plan's N, or those of N-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Only newer ones.
    Oldest,
    /// Older and newer ones: it is N to one plan, and N-1 to the next.
    Between,
    /// Only older ones.
    Newest,
}

impl Side {
    /// Whether a plan leads to it.
    pub(super) fn is_after_a_plan(self) -> bool {
        match self {
            Self::Between | Self::Newest => true,
            Self::Oldest => false,
        }
    }

    /// Whether a plan leads away from it.
    pub(super) fn is_before_a_plan(self) -> bool {
        match self {
            Self::Oldest | Self::Between => true,
            Self::Newest => false,
        }
    }
}

/// A release: what it knows, and where it runs.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    /// Its models.
    pub schema: &'a Schema,
    /// Where it stands among those that run.
    pub side: Side,
    /// How its server spells things and what its `table!` says.
    pub dialect: &'a dyn Dialect,
    /// Which kind of server it talks to.
    pub spelling: &'static Spelling,
}

/// A table as a release knows it.
pub struct Known {
    /// Its name in that release.
    pub name: TableName,
    /// What the release's models say of it.
    pub table: Table,
    /// Its columns, in the order in which the release selects them.
    pub fields: Vec<Field>,
    /// Where the release stands among those that run.
    pub side: Side,
    /// How its server spells things.
    pub spelling: &'static Spelling,
}

/// A column as a release reads and binds it.
#[derive(Clone)]
pub struct Field {
    /// Its name.
    pub name: ColumnName,
    /// Its type, as the release believes.
    pub sql_type: SqlType,
    /// Whether the release reads NULL from it.
    pub nullable: bool,
    /// How it goes over the wire.
    pub codec: Either,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Reads the rows with the highest keys.
    Select,
    /// Reads a row by its key.
    Find,
    /// Inserts a row with all that may be written.
    Insert,
    /// Inserts a row with all left out that may be.
    InsertLeast,
    /// Inserts a row with this column left out.
    InsertWithout(ColumnName),
    /// Inserts a row with an explicit NULL here.
    InsertNull(ColumnName),
    /// Writes all but the key of a row.
    Update,
    /// Writes NULL to a column of a row.
    UpdateNull(ColumnName),
    /// Writes one column of a row: what a source says, beside the write to the source.
    Set(ColumnName),
    /// Deletes a row by its key.
    Delete,
    /// Inserts a row, or updates the one that has its key already.
    Upsert(Arbiter),
    /// Inserts a row unless one has its key already.
    InsertOrIgnore(Arbiter),
}

/// The key that an upsert names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arbiter {
    /// The primary key.
    PrimaryKey,
    /// A unique index.
    Index(IndexName),
}

/// A statement of a release. All but none give back all columns that the release knows.
#[derive(Clone)]
pub struct Statement {
    /// The table.
    pub known: Arc<Known>,
    /// What it does.
    pub kind: Kind,
    /// The text, with places for the binds.
    pub(super) sql: Sql,
    /// What is bound, in order.
    pub slots: Vec<Slot>,
    /// Whether Diesel's connection keeps it prepared.
    pub kept: bool,
}

/// What a bind parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A value that is written to a field, by its place.
    Written(usize),
    /// The value of a key field of the row that is meant.
    Key(usize),
    /// How many rows to read.
    Limit,
}

/// How a release binds and decodes a type. Of an enum it knows its own labels.
fn codec(release: Release<'_>, sql_type: &SqlType) -> Either {
    let codec = release.spelling.codec(release.dialect, sql_type);
    match release.schema.enum_of(sql_type) {
        Some((_, known)) => codec.with_labels(&known.labels),
        None => codec,
    }
}

impl Known {
    /// A table of a release.
    pub fn new(release: Release<'_>, name: &TableName, table: &Table) -> Self {
        let field = |(name, column): (&ColumnName, &Column)| Field {
            name: name.clone(),
            sql_type: column.sql_type.clone(),
            nullable: column.nullable,
            codec: codec(release, &column.sql_type),
        };
        Self {
            name: name.clone(),
            table: table.clone(),
            fields: table.columns.iter().map(field).collect(),
            side: release.side,
            spelling: release.spelling,
        }
    }

    /// The place of a column.
    pub fn place(&self, column: &ColumnName) -> Option<usize> {
        self.fields.iter().position(|field| field.name == *column)
    }

    /// The column behind a field.
    pub fn column(&self, field: &Field) -> &Column {
        &self.table.columns[&field.name]
    }

    /// Whether the server numbers the field.
    pub fn is_numbered(&self, place: usize) -> bool {
        let column = self.column(&self.fields[place]);
        let is = |text: &str, word: &str| text.eq_ignore_ascii_case(word);
        let drawn = column.default.as_ref().map(|default| default.words()).unwrap_or_default();
        let serial = if let SqlType::Named(name) = &column.sql_type {
            ["smallserial", "serial", "bigserial"].iter().any(|serial| is(name, serial))
        } else {
            false
        };
        serial || column.identity.is_some() || drawn.iter().any(|word| is(&word.text, "nextval"))
    }

    /// The places of the key.
    pub fn key(&self) -> Vec<usize> {
        self.table.primary_key.iter().filter_map(|column| self.place(column)).collect()
    }

    /// The places of the fields that an INSERT may name.
    pub fn insertable(&self) -> Vec<usize> {
        let writable = |field: &Field| {
            let column = self.column(field);
            column.generated.is_none() && column.identity != Some(Identity::Always)
        };
        (0..self.fields.len()).filter(|place| writable(&self.fields[*place])).collect()
    }

    /// The places of the fields that an UPDATE may set, the key left out.
    pub fn updatable(&self) -> Vec<usize> {
        let free = |place: &usize| !self.table.primary_key.contains(&self.fields[*place].name);
        self.insertable().into_iter().filter(free).collect()
    }
}

impl Statement {
    /// The SQL as it is sent.
    pub fn sql(&self) -> String {
        self.sql.text(self.known.spelling)
    }

    /// Whether it writes.
    pub fn writes(&self) -> bool {
        match self.kind {
            Kind::Select | Kind::Find => false,
            Kind::Insert
            | Kind::InsertLeast
            | Kind::InsertWithout(_)
            | Kind::InsertNull(_)
            | Kind::Update
            | Kind::UpdateNull(_)
            | Kind::Set(_)
            | Kind::Delete
            | Kind::Upsert(_)
            | Kind::InsertOrIgnore(_) => true,
        }
    }

    /// Whether it may leave a new row.
    pub fn inserts(&self) -> bool {
        match self.kind {
            Kind::Insert
            | Kind::InsertLeast
            | Kind::InsertWithout(_)
            | Kind::InsertNull(_)
            | Kind::Upsert(_)
            | Kind::InsertOrIgnore(_) => true,
            Kind::Select | Kind::Find | Kind::Update | Kind::UpdateNull(_) | Kind::Set(_) | Kind::Delete => {
                false
            }
        }
    }

    /// Whether it writes a value to the column.
    pub fn sets(&self, column: &ColumnName) -> bool {
        let place = self.known.place(column);
        place.is_some_and(|place| self.slots.contains(&Slot::Written(place)))
    }

    /// Whether it leaves the column out of a new row.
    pub fn leaves_out(&self, column: &ColumnName) -> bool {
        self.inserts() && !self.sets(column)
    }

    /// Whether it writes an explicit NULL to the column.
    pub fn writes_null_to(&self, column: &ColumnName) -> bool {
        match &self.kind {
            Kind::InsertNull(null) | Kind::UpdateNull(null) => null == column,
            Kind::Select
            | Kind::Find
            | Kind::Insert
            | Kind::InsertLeast
            | Kind::InsertWithout(_)
            | Kind::Update
            | Kind::Set(_)
            | Kind::Delete
            | Kind::Upsert(_)
            | Kind::InsertOrIgnore(_) => false,
        }
    }

    /// The places of the key that an upsert names; none of other statements.
    pub fn arbiter(&self) -> Vec<usize> {
        let (Kind::Upsert(arbiter) | Kind::InsertOrIgnore(arbiter)) = &self.kind else { return Vec::new() };
        match arbiter {
            Arbiter::PrimaryKey => self.known.key(),
            Arbiter::Index(name) => {
                let columns = self.known.table.indexes.get(name).and_then(|index| index.key_columns());
                columns.into_iter().flatten().filter_map(|column| self.known.place(column)).collect()
            }
        }
    }
}

impl Spelling {
    /// How a column goes over the wire of this kind of server.
    pub fn codec(&self, dialect: &dyn Dialect, sql_type: &SqlType) -> Either {
        if self.is_postgres() {
            Either::Postgres(codec::postgres(dialect, sql_type))
        } else {
            Either::Sqlite(codec::sqlite(dialect, sql_type))
        }
    }
}

/// In a report: the kind with what it is about.
impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Select => f.write_str("select"),
            Self::Find => f.write_str("select by key"),
            Self::Insert => f.write_str("insert"),
            Self::InsertLeast => f.write_str("insert with all defaults"),
            Self::InsertWithout(column) => write!(f, "insert without {column}"),
            Self::InsertNull(column) => write!(f, "insert with NULL in {column}"),
            Self::Update => f.write_str("update"),
            Self::UpdateNull(column) => write!(f, "update of {column} to NULL"),
            Self::Set(column) => write!(f, "update of {column}"),
            Self::Delete => f.write_str("delete"),
            Self::Upsert(arbiter) => write!(f, "upsert by {arbiter}"),
            Self::InsertOrIgnore(arbiter) => write!(f, "insert unless {arbiter} conflicts"),
        }
    }
}

impl std::fmt::Display for Arbiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PrimaryKey => f.write_str("the primary key"),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}
