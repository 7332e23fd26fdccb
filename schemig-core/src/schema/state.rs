//! What a database holds at one moment of a migration: a schema, and what is in flight.

use serde::{Deserialize, Serialize};

use super::{
    ColumnName, ColumnRef, ConstraintName, Conversion, Expression, IndexName, RowsFrom, Schema, Shared,
    SharedSet, TableName, Violation,
};

/// A database at one moment: between two commits of a plan, or at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The tables as the server has them.
    pub schema: Schema,
    /// What a plan has begun and not ended.
    pub in_flight: InFlight,
    /// Nullable columns in which no row holds NULL: counted, with whoever could write one kept from it.
    pub null_free: SharedSet<ColumnRef>,
    /// Columns that a backfill has written to all rows, as far as its origin had values.
    pub filled: SharedSet<ColumnRef>,
    /// What no row was found guilty of when it was counted, by table.
    pub counted: Shared<TableName, Vec<Violation>>,
    /// Tables that a plan made and that no running release has written to.
    pub empty: SharedSet<TableName>,
    /// Tables whose rows were copied from another one, which some release may still write alone.
    pub copied: Shared<TableName, RowsFrom>,
}

/// What a plan has begun and not ended. A finished plan leaves this empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InFlight {
    /// Triggers that set a column of a written row when it is NULL.
    pub fillers: Shared<ColumnRef, Origin>,
    /// Triggers on a source table that keep a column in step with it.
    pub followers: Shared<ColumnRef, Source>,
    /// Triggers on a source table that keep the rows of a new table in step with it; by the new table.
    pub rows: Shared<TableName, RowsFrom>,
    /// Triggers that keep two columns of a row alike; by the new column.
    pub mirrors: Shared<ColumnRef, Mirrored>,
    /// Old names of tables, as updatable views; by the view.
    pub views: Shared<TableName, View>,
    /// Columns whose rows don't all hold yet what the new release is to read.
    pub unfilled: SharedSet<ColumnRef>,
    /// Indexes that don't serve: by table and index.
    pub indexes: Shared<(TableName, IndexName), IndexStatus>,
    /// Constraints that are NOT VALID, and whether the rows that stand are known to satisfy them.
    pub unvalidated: Shared<(TableName, ConstraintName), Conformity>,
}

impl InFlight {
    /// Whether nothing is left to end.
    pub fn is_empty(&self) -> bool {
        let Self { fillers, followers, rows, mirrors, views, unfilled, indexes, unvalidated } = self;
        fillers.is_empty()
            && followers.is_empty()
            && rows.is_empty()
            && mirrors.is_empty()
            && views.is_empty()
            && unfilled.is_empty()
            && indexes.is_empty()
            && unvalidated.is_empty()
    }

    /// The fillers of one table, by the column.
    pub fn fillers_of(&self, table: &TableName) -> impl Iterator<Item = (&ColumnName, &Origin)> {
        let from_it = self.fillers.iter_from(|at| at.table < *table);
        from_it.take_while(move |(at, _)| at.table == *table).map(|(at, origin)| (&at.column, origin))
    }

    /// The mirrors of one table, by the new column.
    pub fn mirrors_of(&self, table: &TableName) -> impl Iterator<Item = (&ColumnName, &Mirrored)> {
        let from_it = self.mirrors.iter_from(|at| at.table < *table);
        from_it.take_while(move |(at, _)| at.table == *table).map(|(at, mirrored)| (&at.column, mirrored))
    }
}

/// Where the value of a filled column comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Computed from the row's own columns, or from nothing.
    Expression(Expression),
    /// Looked up in another table.
    Source(Source),
    /// Copied from another column of the row.
    Column(ColumnName),
    /// Drawn from the column's own sequence.
    Numbers,
}

/// A table that a column's value is looked up in, by the row's primary key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The source table.
    pub table: TableName,
    /// Its column that refers to the row; unique there.
    pub key: ColumnName,
    /// Its column that holds the value.
    pub value: ColumnName,
    /// The value of rows that have no source row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Expression>,
}

/// A column that a new one is kept alike with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The old column.
    pub old: ColumnName,
    /// What the one is in terms of the other, when their types differ.
    pub conversion: Conversion,
}

/// A table's old name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The table that the view shows.
    pub table: TableName,
    /// The columns that it shows, under the same names.
    pub columns: Vec<ColumnName>,
}

/// Why an index doesn't serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexStatus {
    /// It is maintained by writes and read by nobody.
    Building,
    /// Its build stopped. A unique one may still reject rows.
    Invalid,
}

/// Whether the rows that stood before a NOT VALID constraint are known to satisfy it. One that doesn't makes every
/// UPDATE of that row fail, whichever column it sets (DOCTRINE, R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conformity {
    /// Counted: they do.
    Known,
    /// Nobody has looked.
    Unknown,
}

impl State {
    /// A database at rest with this schema.
    pub fn at_rest(schema: Schema) -> Self {
        Self { schema, ..Self::default() }
    }
}
