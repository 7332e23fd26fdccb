//! What fails, or reads wrong data.

use std::fmt;

use crate::plan::Promise;
use crate::schema::{ColumnName, ColumnRef, ConstraintName, EnumName, IndexName, SqlType, TableName};

/// What a release does when it meets a misfit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It selects, or returns what it wrote.
    Read,
    /// It inserts, updates, upserts or deletes.
    Write,
}

/// Since when a connection is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Session {
    /// Opened after the change.
    Fresh,
    /// Opened before it, with statements prepared and type numbers looked up.
    Pooled,
}

/// One thing that a release does and a state doesn't serve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misfit {
    /// The table, as the release calls it.
    pub table: TableName,
    /// What it does.
    pub access: Access,
    /// Why that goes wrong.
    pub cause: Cause,
}

/// Why a query fails or is answered wrongly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// No table or view of that name.
    NoTable,
    /// No column of that name.
    NoColumn(ColumnName),
    /// Another type on the wire than the release decodes.
    WireType { column: ColumnName, expected: SqlType, found: SqlType },
    /// The release may write what the column has no room for.
    TooNarrow { column: ColumnName, room: SqlType },
    /// The type has changed under a statement that is prepared.
    CachedPlan(ColumnName),
    /// The release can't read NULL, and rows may hold it.
    NullRead(ColumnName),
    /// Rows don't hold yet, or no longer, what the release is to read.
    Stale(ColumnName),
    /// The release reads what the server computes there, and it computes something else, or nothing any more.
    ComputedOtherwise(ColumnName),
    /// An INSERT without this column has nothing to put there.
    LeftOut(ColumnName),
    /// The release may write NULL, and the column rejects it.
    NullRejected(ColumnName),
    /// The server computes or numbers a column that the release writes.
    NotWritable(ColumnName),
    /// One release names the numbers of this column, another leaves them to the server: they may name the same.
    NumberTaken(ColumnName),
    /// An INSERT without this column gets another value than the release expects.
    OtherDefault(ColumnName),
    /// A filler writes where the release wrote NULL.
    Overruled(ColumnName),
    /// A check or foreign key that the release doesn't know, on columns that it writes.
    Constrained(ConstraintName),
    /// A foreign key that the release doesn't know keeps rows of the table from being deleted.
    Referenced { child: TableName },
    /// A unique index that the release doesn't know, on columns that it writes.
    Duplicate(IndexName),
    /// A unique key that the release may have checked later is checked with each statement.
    CheckedAtOnce(IndexName),
    /// A constraint that rows which stand may violate: each UPDATE of such a row fails.
    Unvalidated(ConstraintName),
    /// An upsert names a key that no unique index has.
    NoArbiter(IndexName),
    /// An index that isn't valid, and may still reject.
    BrokenIndex(IndexName),
    /// Rows may hold a label that the release doesn't know.
    UnknownLabel(Label),
    /// The release may write a label that the type doesn't have.
    NoLabel(Label),
}

/// A label of an enum, where it stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The column.
    pub column: ColumnName,
    /// The enum.
    pub enumeration: EnumName,
    /// The label.
    pub label: String,
}

impl Misfit {
    /// The promise of the release, or of those beside it, under which this doesn't happen; `None` when nothing the app could do
    /// helps. `newest` is whether the release is the one that the plan leads to.
    pub fn waiver(&self, newest: bool) -> Option<Promise> {
        let table = self.table.clone();
        let at = |column: &ColumnName| ColumnRef::new(&self.table, column);
        match &self.cause {
            Cause::NullRejected(column) if newest => Some(Promise::WritesNoNull { at: at(column) }),
            Cause::OtherDefault(column) if newest => Some(Promise::AcceptsOldDefault { at: at(column) }),
            Cause::OtherDefault(column) => Some(Promise::AcceptsNewDefault { at: at(column) }),
            Cause::NumberTaken(column) => Some(Promise::KeepsNumbersApart { at: at(column) }),
            Cause::Overruled(column) => Some(Promise::AcceptsTheFill { at: at(column) }),
            Cause::Constrained(constraint) if newest => {
                Some(Promise::HeedsConstraint { table, constraint: constraint.clone() })
            }
            Cause::CheckedAtOnce(index) => Some(Promise::PutsOffNoCheck { table, index: index.clone() }),
            Cause::Duplicate(index) if newest => Some(Promise::HeedsIndex { table, index: index.clone() }),
            Cause::NoArbiter(index) if newest => Some(Promise::WaitsForIndex { table, index: index.clone() }),
            Cause::Referenced { child } => {
                Some(Promise::DeletesNothingReferenced { parent: table, child: child.clone() })
            }
            Cause::UnknownLabel(Label { column: _, enumeration, label }) if !newest => {
                Some(Promise::WritesNoLabel { name: enumeration.clone(), label: label.clone() })
            }
            Cause::NoTable
            | Cause::NoColumn(_)
            | Cause::WireType { .. }
            | Cause::TooNarrow { .. }
            | Cause::CachedPlan(_)
            | Cause::NullRead(_)
            | Cause::Stale(_)
            | Cause::ComputedOtherwise(_)
            | Cause::LeftOut(_)
            | Cause::NullRejected(_)
            | Cause::NotWritable(_)
            | Cause::Constrained(_)
            | Cause::Duplicate(_)
            | Cause::Unvalidated(_)
            | Cause::NoArbiter(_)
            | Cause::BrokenIndex(_)
            | Cause::UnknownLabel(_)
            | Cause::NoLabel(_) => None,
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        match &self.cause {
            Cause::NoTable => write!(f, "{table} doesn't exist"),
            Cause::NoColumn(column) => write!(f, "{table}.{column} doesn't exist"),
            Cause::WireType { column, expected, found } => {
                write!(f, "{table}.{column} is {found}, and the release decodes {expected}")
            }
            Cause::TooNarrow { column, room } => {
                write!(f, "{table}.{column} has room for {room} only, and the release may write more")
            }
            Cause::CachedPlan(column) => {
                write!(f, "{table}.{column} changed its type under prepared statements")
            }
            Cause::NullRead(column) => {
                write!(f, "{table}.{column} may be NULL, which the release can't read")
            }
            Cause::Stale(column) => write!(f, "{table}.{column} isn't filled, or isn't kept in step"),
            Cause::ComputedOtherwise(column) => {
                write!(f, "{table}.{column} isn't computed from what the release expects")
            }
            Cause::LeftOut(column) => {
                write!(f, "an INSERT without {table}.{column} fails: NOT NULL, no default")
            }
            Cause::NullRejected(column) => {
                write!(f, "{table}.{column} rejects NULL, which the release may write")
            }
            Cause::NotWritable(column) => write!(f, "{table}.{column} is written by the server only"),
            Cause::NumberTaken(column) => {
                write!(f, "a number of {table}.{column} may be given twice, by the server and by a release")
            }
            Cause::OtherDefault(column) => {
                write!(f, "an INSERT without {table}.{column} gets another default")
            }
            Cause::Overruled(column) => {
                write!(f, "a NULL that the release writes to {table}.{column} is filled")
            }
            Cause::Constrained(name) => write!(f, "{name} of {table} may reject what the release writes"),
            Cause::Referenced { child } => {
                write!(f, "rows of {table} can't be deleted while {child} refers to them")
            }
            Cause::CheckedAtOnce(index) => {
                write!(f, "{index} of {table} is checked with each statement, which the release may put off")
            }
            Cause::Duplicate(index) => write!(f, "{index} of {table} may reject what the release writes"),
            Cause::Unvalidated(name) => {
                write!(f, "{name} of {table} makes updates of rows that violate it fail")
            }
            Cause::NoArbiter(index) => {
                write!(f, "an upsert by the key of {index} finds no unique index on {table}")
            }
            Cause::BrokenIndex(index) => write!(f, "{index} of {table} isn't valid"),
            Cause::UnknownLabel(Label { column, enumeration: _, label }) => {
                write!(f, "{table}.{column} may hold '{label}', which the release can't read")
            }
            Cause::NoLabel(Label { column, enumeration, label }) => {
                write!(
                    f,
                    "{table}.{column} can't hold '{label}', which the release may write: {enumeration} hasn't got it"
                )
            }
        }
    }
}
