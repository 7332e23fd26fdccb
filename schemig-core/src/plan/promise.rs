//! What only the app can keep: printed with a plan, kept with it, confirmed before its contract.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::schema::{ColumnName, ColumnRef, ConstraintName, EnumName, IndexName, SqlType, TableName};

/// Something that a running release must do or leave, for a plan's states to fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Promise {
    /// N-1 writes a row and its source row in one transaction, and leaves none without one (R1).
    WritesBothInOneTransaction { table: TableName, source: TableName },
    /// Until contract N writes the source too, for N-1 reads it (R1).
    WritesTheSourceToo { at: ColumnRef, source: TableName },
    /// A transaction that writes both writes the source first, or retries a deadlock (R1).
    WritesTheSourceFirst { table: TableName, source: TableName },
    /// Until contract N writes what both tables hold to the source first, and its row of the new table only with ON CONFLICT, for a
    /// trigger has made that row (R1, for whole rows).
    WritesBothRows { table: TableName, source: TableName, key: ColumnName },
    /// The roles that write the source may write the table whose rows come from it (R14).
    RolesMayCopy { table: TableName, source: TableName },
    /// N writes no NULL before contract (R10).
    WritesNoNull { at: ColumnRef },
    /// N-1 reads NULL in this column as the value that replaces it.
    AcceptsTheFill { at: ColumnRef },
    /// N writes no explicit NULL to a mirrored column whose old form has a default (R2).
    WritesNoExplicitNull { at: ColumnRef },
    /// Until contract N writes to a column of another type only what the old one can hold (R2).
    WritesWhatHasAnOldForm { at: ColumnRef, old: SqlType },
    /// N-1 doesn't read the rows that N writes (R9, `fill = none`).
    SkipsRowsOfN { at: ColumnRef },
    /// N upserts by this index, and relies on it, only after contract.
    WaitsForIndex { table: TableName, index: IndexName },
    /// N writes no row before contract that this constraint, which it no longer has, rejects.
    HeedsConstraint { table: TableName, constraint: ConstraintName },
    /// N writes no key twice before contract, though it no longer has this unique index.
    HeedsIndex { table: TableName, index: IndexName },
    /// N swaps no keys of this unique index in several statements before contract, though it may be checked later then.
    PutsOffNoCheck { table: TableName, index: IndexName },
    /// Nobody deletes a row that a row of the new or leaving table refers to.
    DeletesNothingReferenced { parent: TableName, child: TableName },
    /// N accepts the default that was before, until contract, in rows that leave the column out.
    AcceptsOldDefault { at: ColumnRef },
    /// N-1 doesn't care that the column it leaves out has a default now.
    AcceptsNewDefault { at: ColumnRef },
    /// Where one release names the numbers of a column and another leaves them to the server, they don't name the same.
    KeepsNumbersApart { at: ColumnRef },
    /// While the old name is a view: nobody uses COPY or ON CONFLICT ON CONSTRAINT on it (R8).
    UsesOldNameAsView { view: TableName },
    /// Triggers that the app has put on the table may run for each row that a backfill writes (R6).
    LetsTriggersFire { table: TableName },
    /// Somebody makes the new table's partitions before N writes a row.
    MakesPartitions { table: TableName },
    /// The roles that write the source may write the column, and those that write the table may read the source (R14).
    RolesMayFollow { at: ColumnRef, source: TableName },
    /// N writes no value before contract that N-1 doesn't know (DOCTRINE, B21).
    WritesNoLabel { name: EnumName, label: String },
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WritesBothInOneTransaction { table, source } => write!(
                f,
                "N-1 and N write a row of {table} and its row of {source} in one transaction, and leave none without one"
            ),
            Self::WritesTheSourceToo { at, source } => {
                write!(f, "until contract, N writes {at} and {source} alike: N-1 reads {source}")
            }
            Self::WritesTheSourceFirst { table, source } => write!(
                f,
                "a transaction that writes {source} and {table} writes {source} first, or retries a deadlock (40P01)"
            ),
            Self::WritesBothRows { table, source, key } => write!(
                f,
                "until contract, N writes to {source} too what it writes to {table}, before it, and {table} with ON CONFLICT ({key}) DO \
                 UPDATE, and deletes a row there only with its row of {source}: N-1 reads {source}, and a trigger makes the rows of {table}"
            ),
            Self::RolesMayCopy { table, source } => {
                write!(f, "whoever writes {source} may SELECT, INSERT, UPDATE and DELETE {table}")
            }
            Self::WritesNoNull { at } => {
                write!(f, "until contract, N writes no NULL to {at}: the server rejects it")
            }
            Self::AcceptsTheFill { at } => {
                write!(f, "N-1 can live with reading the fill where it wrote NULL to {at}")
            }
            Self::WritesNoExplicitNull { at } => {
                write!(
                    f,
                    "until contract, N inserts no explicit NULL into {at}: the old column's default would stand"
                )
            }
            Self::WritesWhatHasAnOldForm { at, old } => {
                write!(
                    f,
                    "until contract, N writes to {at} only what is {old} too: anything else fails, or is cut for N-1"
                )
            }
            Self::SkipsRowsOfN { at } => write!(f, "N-1 doesn't read rows that N writes: their {at} is NULL"),
            Self::WaitsForIndex { table, index } => {
                write!(f, "until contract, N neither upserts by {index} of {table} nor relies on it")
            }
            Self::HeedsConstraint { table, constraint } => {
                write!(f, "until contract, N writes nothing to {table} that {constraint} rejects")
            }
            Self::HeedsIndex { table, index } => {
                write!(f, "until contract, N writes no key to {table} twice that {index} rejects")
            }
            Self::PutsOffNoCheck { table, index } => write!(
                f,
                "until contract, each statement of N by itself leaves no key in {table} twice that {index} rejects: it is checked at once"
            ),
            Self::DeletesNothingReferenced { parent, child } => {
                write!(f, "until contract, nobody deletes a row of {parent} that a row of {child} refers to")
            }
            Self::AcceptsOldDefault { at } => {
                write!(f, "until contract, rows of N that leave {at} out get the old default")
            }
            Self::AcceptsNewDefault { at } => {
                write!(f, "rows of N-1 that leave {at} out get the new default")
            }
            Self::KeepsNumbersApart { at } => {
                write!(
                    f,
                    "until contract, whoever still names numbers of {at} names none that the server gives: it counts on from the \
                     highest that stands"
                )
            }
            Self::UsesOldNameAsView { view } => {
                write!(
                    f,
                    "until contract, nobody uses COPY, TRUNCATE or ON CONFLICT ON CONSTRAINT on {view}: it is a view"
                )
            }
            Self::MakesPartitions { table } => write!(
                f,
                "before N runs, somebody makes the partitions of {table}: a row that finds none is refused, and schemig makes none"
            ),
            Self::LetsTriggersFire { table } => write!(
                f,
                "your own UPDATE triggers on {table}, if there are any, may run for each row that is backfilled (one that sets \
                 updated_at would move it everywhere)"
            ),
            Self::RolesMayFollow { at, source } => write!(
                f,
                "whoever writes {source} may SELECT and UPDATE {at}, and whoever writes {} may SELECT {source}",
                at.table
            ),
            Self::WritesNoLabel { name, label } => {
                write!(f, "until contract, N writes no value '{label}' of {name}: N-1 can't read it")
            }
        }
    }
}
