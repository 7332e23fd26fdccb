//! What the judgement on a plan means for one statement: which misfits make it fail, which promises it doesn't keep.

use schemig_core::plan::Promise;
use schemig_core::safety::{Access, Cause, Fit, Misfit};
use schemig_core::schema::{ColumnName, Table, TableName};

use super::{Arbiter, Kind, Statement};

impl Statement {
    /// Whether a misfit of the release says that this statement fails, or is answered wrongly.
    pub fn predicted_by(&self, misfit: &Misfit) -> bool {
        let Misfit { table, access, cause } = misfit;
        let reaches = match access {
            Access::Read => true,
            Access::Write => self.writes(),
        };
        *table == self.known.name && reaches && self.meets(cause)
    }

    fn meets(&self, cause: &Cause) -> bool {
        match cause {
            Cause::NoTable
            | Cause::NoColumn(_)
            | Cause::WireType { .. }
            | Cause::NullRead(_)
            | Cause::Stale(_)
            | Cause::ComputedOtherwise(_)
            | Cause::BrokenIndex(_) => true,
            Cause::CachedPlan(_) => self.kept,
            Cause::LeftOut(column) => self.leaves_out(column),
            Cause::OtherDefault(column) => self.leaves_out(column),
            // The values are those of rows that stand, NULL among them.
            Cause::NullRejected(column) | Cause::Overruled(column) => {
                self.may_write_null(column) || (self.writes() && self.sets(column))
            }
            Cause::NotWritable(column) | Cause::TooNarrow { column, .. } => self.sets(column),
            Cause::NumberTaken(_) => self.inserts(),
            Cause::Constrained(_) | Cause::Duplicate(_) | Cause::CheckedAtOnce(_) | Cause::Unvalidated(_) => {
                self.kind != Kind::Delete
            }
            Cause::Referenced { .. } => self.kind == Kind::Delete,
            Cause::NoArbiter(index) => self.names_arbiter(index.as_str()),
            Cause::UnknownLabel(_) => true,
            Cause::NoLabel(label) => self.sets(&label.column),
        }
    }

    /// Whether the release, doing this, doesn't keep the promise.
    pub fn breaks(&self, promise: &Promise) -> bool {
        let Self { known, kind, .. } = self;
        let on = |table: &TableName| *table == known.name;
        match promise {
            Promise::WritesBothInOneTransaction { table, source } => {
                (on(table) || on(source)) && (self.inserts() || *kind == Kind::Delete)
            }
            Promise::WritesTheSourceToo { at, .. } => {
                known.side.is_after_a_plan() && on(&at.table) && (self.sets(&at.column) || self.inserts())
            }
            Promise::WritesBothRows { table, .. } => {
                known.side.is_after_a_plan() && on(table) && self.writes()
            }
            Promise::WritesNoNull { at } => {
                known.side.is_after_a_plan() && on(&at.table) && self.may_write_null(&at.column)
            }
            Promise::WritesNoExplicitNull { at } => {
                known.side.is_after_a_plan() && on(&at.table) && self.writes_null_to(&at.column)
            }
            Promise::SkipsRowsOfN { at } => {
                known.side.is_before_a_plan() && on(&at.table) && *kind == Kind::Select
            }
            Promise::WaitsForIndex { table, index } => {
                known.side.is_after_a_plan() && on(table) && self.names_arbiter(index.as_str())
            }
            // Kept by the values: they are those of rows that conform, keys are new, and what is deleted was just inserted.
            Promise::WritesNoLabel { .. }
            | Promise::HeedsConstraint { .. }
            | Promise::WritesWhatHasAnOldForm { .. }
            | Promise::HeedsIndex { .. }
            | Promise::PutsOffNoCheck { .. }
            | Promise::DeletesNothingReferenced { .. }
            // Kept whatever is run.
            | Promise::WritesTheSourceFirst { .. }
            | Promise::AcceptsTheFill { .. }
            | Promise::AcceptsOldDefault { .. }
            | Promise::AcceptsNewDefault { .. }
            | Promise::KeepsNumbersApart { .. }
            | Promise::RolesMayCopy { .. }
            | Promise::UsesOldNameAsView { .. }
            | Promise::LetsTriggersFire { .. }
            | Promise::MakesPartitions { .. }
            | Promise::RolesMayFollow { .. } => false,
        }
    }

    /// Whether the release, doing this, keeps all of these.
    pub fn keeps<'a>(&self, promises: impl IntoIterator<Item = &'a Promise>) -> bool {
        !promises.into_iter().any(|promise| self.breaks(promise))
    }

    /// Whether it has to work for a release that fits so, reads and writes. What it writes it also reads back.
    pub fn has_to_work(&self, [reads, writes]: &[Fit; 2]) -> bool {
        self.is_let_by(reads) && (!self.writes() || self.is_let_by(writes))
    }

    /// Whether the judgement promises that it works. Where a release breaks, what else it would meet isn't said any more.
    fn is_let_by(&self, fit: &Fit) -> bool {
        match fit {
            Fit::Fits => true,
            Fit::FitsIf(promises) => self.keeps(promises),
            Fit::Breaks(_) => false,
        }
    }

    /// Whether it puts NULL into the column: explicitly, or by leaving out what has no default.
    fn may_write_null(&self, column: &ColumnName) -> bool {
        let known = self.known.table.columns.get(column);
        let by_default = known.is_some_and(|known| {
            let written = known.generated.is_none();
            written && known.nullable && known.default.as_ref().is_none_or(|default| default.is_null())
        });
        self.writes_null_to(column) || (by_default && self.leaves_out(column))
    }

    fn names_arbiter(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Upsert(arbiter) | Kind::InsertOrIgnore(arbiter) => match arbiter {
                Arbiter::Index(index) => index.as_str() == name,
                Arbiter::PrimaryKey => Table::key_name(&self.known.name).as_str() == name,
            },
            Kind::Select
            | Kind::Find
            | Kind::Insert
            | Kind::InsertLeast
            | Kind::InsertWithout(_)
            | Kind::InsertNull(_)
            | Kind::Update
            | Kind::UpdateNull(_)
            | Kind::Set(_)
            | Kind::Delete => false,
        }
    }
}
