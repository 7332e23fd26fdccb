//! Compatibility, computed: what a release does against what a state serves.
//!
//! A release is a schema. It selects all its columns, in INSERT … RETURNING too; inserts with any nullable, defaulted, generated or
//! identity column left out; updates, deletes, and upserts by each of its unique keys. It never names what its schema doesn't have.

mod column;
mod label;
mod own;
mod part;

use own::Own;

use super::kin::Kin;
use super::misfit::{Access, Cause, Misfit, Session};
use crate::schema::{Column, ColumnName, ColumnRef, Schema, State, Table, TableName};

/// A release that may run, and those that write beside it.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    /// What it knows.
    pub schema: &'a Schema,
    /// The releases that write meanwhile, itself included or not.
    pub beside: &'a [&'a Schema],
}

/// What would fail, or read wrong data, when `release` runs on the state `after`, which follows `before`. In order, each once.
///
/// `before` only matters to a pooled session: what has changed under its prepared statements.
pub fn misfits(release: Release<'_>, before: &State, after: &State, session: Session) -> Vec<Misfit> {
    let kin = Kin::of_schema(&after.schema);
    let names = release.schema.tables.keys();
    names.flat_map(|name| misfits_on(name, release, [before, after], session, &kin)).collect()
}

/// The same, on one table of the release. It depends on no other tables than its parents and children, which `kin` has. A pooled
/// session meets what a fresh one meets, and more.
pub(super) fn misfits_on(
    name: &TableName,
    release: Release<'_>,
    [before, after]: [&State; 2],
    session: Session,
    kin: &Kin,
) -> Vec<Misfit> {
    let Some(known) = release.schema.tables.get(name) else { return Vec::new() };
    let Some(seen) = Seen::of(name, after) else { return both(name, Cause::NoTable).into() };
    let own = Own::of(seen.name, after);
    let view = TableView { release, name, known, seen, own, state: after };
    let mut found = Vec::new();
    view.columns(&mut found);
    view.foreign_columns(&mut found);
    view.constraints(&mut found);
    view.primary_key(&mut found);
    view.indexes(&mut found);
    view.deletes(kin, &mut found);
    if session == Session::Pooled {
        view.cached_plans(before, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn both(table: &TableName, cause: Cause) -> [Misfit; 2] {
    [Access::Read, Access::Write].map(|access| Misfit { table: table.clone(), access, cause: cause.clone() })
}

/// A table as a release meets it: itself, or a view under its old name.
#[derive(Clone, Copy)]
struct Seen<'a> {
    /// The name that it has in the state.
    name: &'a TableName,
    table: &'a Table,
    /// The columns that a view shows; a table shows all.
    shown: Option<&'a [ColumnName]>,
}

impl<'a> Seen<'a> {
    fn of(name: &'a TableName, state: &'a State) -> Option<Self> {
        if let Some(table) = state.schema.tables.get(name) {
            return Some(Self { name, table, shown: None });
        }
        let view = state.in_flight.views.get(name)?;
        let table = state.schema.tables.get(&view.table)?;
        Some(Self { name: &view.table, table, shown: Some(&view.columns) })
    }

    fn column(&self, name: &ColumnName) -> Option<&'a Column> {
        let shown = self.shown.is_none_or(|shown| shown.contains(name));
        self.table.columns.get(name).filter(|_| shown)
    }

    /// The same, of a column that stands at that place in most cases: a look there takes less than a search by name.
    fn column_near(&self, place: usize, name: &ColumnName) -> Option<&'a Column> {
        let shown = self.shown.is_none_or(|shown| shown.contains(name));
        near(self.table, place, name).filter(|_| shown)
    }
}

/// A column of a table, looked for at a place first.
fn near<'a>(table: &'a Table, place: usize, name: &ColumnName) -> Option<&'a Column> {
    match table.columns.get_index(place) {
        Some((there, column)) if there == name => Some(column),
        Some(_) | None => table.columns.get(name),
    }
}

/// One table of one release against one state.
struct TableView<'a> {
    release: Release<'a>,
    name: &'a TableName,
    known: &'a Table,
    seen: Seen<'a>,
    own: Own<'a>,
    state: &'a State,
}

impl TableView<'_> {
    fn at(&self, column: &ColumnName) -> ColumnRef {
        ColumnRef::new(self.seen.name, column)
    }

    fn read(&self, cause: Cause) -> Misfit {
        Misfit { table: self.name.clone(), access: Access::Read, cause }
    }

    fn write(&self, cause: Cause) -> Misfit {
        Misfit { table: self.name.clone(), access: Access::Write, cause }
    }

    /// Columns whose type changed under statements that are prepared.
    fn cached_plans(&self, before: &State, found: &mut Vec<Misfit>) {
        let Some(was) = Seen::of(self.name, before) else { return };
        for name in self.known.columns.keys() {
            if let (Some(old), Some(new)) = (was.column(name), self.seen.column(name))
                && old.sql_type != new.sql_type
            {
                found.extend(both(self.name, Cause::CachedPlan(name.clone())));
            }
        }
    }
}
