//! Compatibility, computed: what a release does against what a state serves.
//!
//! A release is a schema. It selects all its columns, in INSERT … RETURNING too; inserts with any nullable, defaulted, generated or
//! identity column left out; updates, deletes, and upserts by each of its unique keys. It never names what its schema doesn't have.

use super::misfit::{Access, Cause, Misfit, Session};
use crate::schema::{
    Column, ColumnName, ColumnRef, ConstraintName, ForeignKey, Index, Origin, Schema, State, Table, TableName,
};

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
    let names = release.schema.tables.keys();
    names.flat_map(|name| misfits_on(name, release, before, after, session)).collect()
}

/// The same, on one table of the release. It depends on no other tables than its parents and children.
pub(super) fn misfits_on(
    name: &TableName,
    release: Release<'_>,
    before: &State,
    after: &State,
    session: Session,
) -> Vec<Misfit> {
    let Some(known) = release.schema.tables.get(name) else { return Vec::new() };
    let Some(seen) = Seen::of(name, after) else { return both(name, Cause::NoTable).into() };
    let view = TableView { release, name, known, seen, state: after };
    let mut found = Vec::new();
    view.columns(&mut found);
    view.foreign_columns(&mut found);
    view.constraints(&mut found);
    view.indexes(&mut found);
    view.deletes(&mut found);
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
}

/// One table of one release against one state.
struct TableView<'a> {
    release: Release<'a>,
    name: &'a TableName,
    known: &'a Table,
    seen: Seen<'a>,
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

    /// The columns that the release knows.
    fn columns(&self, found: &mut Vec<Misfit>) {
        for (name, known) in &self.known.columns {
            let Some(column) = self.seen.column(name) else {
                found.extend(both(self.name, Cause::NoColumn(name.clone())));
                continue;
            };
            if column.sql_type != known.sql_type {
                let (expected, in_state) = (known.sql_type.clone(), column.sql_type.clone());
                found.extend(both(
                    self.name,
                    Cause::WireType { column: name.clone(), expected, found: in_state },
                ));
            }
            self.reads(name, known, column, found);
            self.writes(name, known, column, found);
        }
    }

    fn reads(&self, name: &ColumnName, known: &Column, column: &Column, found: &mut Vec<Misfit>) {
        let at = self.at(name);
        if !known.nullable
            && column.nullable
            && !(self.state.null_free.contains(&at) && self.stays_null_free(name, column))
        {
            found.push(self.read(Cause::NullRead(name.clone())));
        }
        if self.state.in_flight.unfilled.contains(&at) || self.falls_behind(name) {
            found.push(self.read(Cause::Stale(name.clone())));
        }
    }

    /// Whether nobody who writes can put NULL into a column that holds none.
    fn stays_null_free(&self, name: &ColumnName, column: &Column) -> bool {
        let at = self.at(name);
        let kept = self.state.in_flight.fillers.contains_key(&at) || self.is_mirrored(name);
        kept || self.others().all(|schema| {
            match self.table_of(schema).and_then(|table| table.columns.get(name)) {
                Some(theirs) => !theirs.nullable || column.generated.is_some(),
                None => {
                    self.table_of(schema).is_none()
                        || column.default.as_ref().is_some_and(|default| !default.is_null())
                }
            }
        })
    }

    /// Whether the column is looked up in a table that someone writes without writing the column, and no trigger carries that over.
    fn falls_behind(&self, name: &ColumnName) -> bool {
        let at = self.at(name);
        match self.state.in_flight.fillers.get(&at) {
            Some(Origin::Source(_)) => {
                let unaware = |schema: &Schema| {
                    self.table_of(schema).is_some_and(|table| !table.columns.contains_key(name))
                };
                !self.state.in_flight.followers.contains_key(&at) && self.others().any(unaware)
            }
            Some(Origin::Expression(_) | Origin::Column(_)) | None => false,
        }
    }

    /// All that write: those beside the release, and the release itself.
    fn others(&self) -> impl Iterator<Item = &Schema> {
        self.release.beside.iter().copied().chain([self.release.schema])
    }

    /// The table as another release knows it, under its new name or the old one that a view keeps.
    fn table_of<'s>(&self, schema: &'s Schema) -> Option<&'s Table> {
        schema.tables.get(self.seen.name).or_else(|| {
            let mut views = self.state.in_flight.views.iter();
            let (view, _) = views.find(|(_, view)| view.table == *self.seen.name)?;
            schema.tables.get(view)
        })
    }

    fn is_mirrored(&self, column: &ColumnName) -> bool {
        let mirrors = &self.state.in_flight.mirrors;
        mirrors
            .iter()
            .any(|(new, old)| new.table == *self.seen.name && (new.column == *column || old == column))
    }

    fn writes(&self, name: &ColumnName, known: &Column, column: &Column, found: &mut Vec<Misfit>) {
        let kept = self.state.in_flight.fillers.contains_key(&self.at(name)) || self.is_mirrored(name);
        if known.nullable && !column.nullable && !kept {
            found.push(self.write(Cause::NullRejected(name.clone())));
        }
        if known.nullable && self.state.in_flight.fillers.contains_key(&self.at(name)) {
            found.push(self.write(Cause::Overruled(name.clone())));
        }
        let server_writes = |column: &Column| column.generated.is_some();
        if server_writes(column) && !server_writes(known) {
            found.push(self.write(Cause::NotWritable(name.clone())));
        }
        let leaves_null = known.nullable && known.default.is_none();
        if known.may_be_left_out() && !leaves_null && !column.may_be_left_out() && !kept {
            found.push(self.write(Cause::LeftOut(name.clone())));
        }
        if known.default != column.default && known.may_be_left_out() && !kept {
            found.push(self.write(Cause::OtherDefault(name.clone())));
        }
    }

    /// The columns that the release doesn't know: each of its INSERTs leaves them out.
    fn foreign_columns(&self, found: &mut Vec<Misfit>) {
        for (name, column) in &self.seen.table.columns {
            let unknown = !self.known.columns.contains_key(name);
            let filled = self.state.in_flight.fillers.contains_key(&self.at(name)) || self.is_mirrored(name);
            if unknown && !filled && !column.may_be_left_out() {
                found.push(self.write(Cause::LeftOut(name.clone())));
            }
        }
    }

    /// Checks and foreign keys.
    fn constraints(&self, found: &mut Vec<Misfit>) {
        for (name, check) in &self.seen.table.checks {
            let read = check.expression.columns(self.seen.table.columns.keys());
            let known = self.known.checks.values().any(|known| known.expression == check.expression);
            let implied =
                read.iter().all(|column| self.rejects_only_null(column, check) && !self.writes_null(column));
            if !known && !implied && read.iter().any(|column| self.puts_value(column)) {
                found.push(self.write(Cause::Constrained(name.clone())));
            }
            self.unvalidated(name, found);
        }
        for (name, key) in &self.seen.table.foreign_keys {
            let known = self.known.foreign_keys.values().any(|known| self.is_same_key(known, key));
            if !known && !self.is_covered(key) && key.columns.iter().any(|column| self.puts_value(column)) {
                found.push(self.write(Cause::Constrained(name.clone())));
            }
            self.unvalidated(name, found);
        }
    }

    fn unvalidated(&self, name: &ConstraintName, found: &mut Vec<Misfit>) {
        let status = self.state.in_flight.unvalidated.get(&(self.seen.name.clone(), name.clone()));
        if status == Some(&crate::schema::Conformity::Unknown) {
            found.push(self.write(Cause::Unvalidated(name.clone())));
        }
    }

    /// Whether the check is `column IS NOT NULL`.
    fn rejects_only_null(&self, column: &ColumnName, check: &crate::schema::Check) -> bool {
        check.expression == crate::operation::not_null_expression(column)
    }

    /// Whether a row that the release writes may hold NULL in the column.
    fn writes_null(&self, column: &ColumnName) -> bool {
        let kept = self.state.in_flight.fillers.contains_key(&self.at(column)) || self.is_mirrored(column);
        let in_state = self.seen.table.columns.get(column);
        !kept
            && match self.known.columns.get(column) {
                Some(known) => known.nullable,
                None => in_state
                    .is_some_and(|column| column.default.as_ref().is_none_or(|default| default.is_null())),
            }
    }

    /// Whether rows that the release writes hold a value in the column: its own, a default's or a filler's.
    fn puts_value(&self, column: &ColumnName) -> bool {
        let at = self.at(column);
        self.known.columns.contains_key(column)
            || self.state.in_flight.fillers.contains_key(&at)
            || self.is_mirrored(column)
            || self.seen.table.columns.get(column).is_some_and(|column| {
                column.default.as_ref().is_some_and(|default| !default.is_null())
                    || column.generated.is_some()
            })
    }

    /// Whether two foreign keys hold rows to the same, across renames of what they refer to.
    fn is_same_key(&self, known: &ForeignKey, key: &ForeignKey) -> bool {
        let ForeignKey { columns, references, key: parent_key, on_delete, on_update, provenance: _ } = known;
        let parent = self.state.in_flight.views.get(references).map_or(references, |view| &view.table);
        *columns == key.columns
            && *parent == key.references
            && *parent_key == key.key
            && *on_delete == key.on_delete
            && *on_update == key.on_update
    }

    /// Whether what a filler puts there comes from a column that the release knows to be held to the same parent.
    fn is_covered(&self, key: &ForeignKey) -> bool {
        let [column] = key.columns.as_slice() else { return false };
        if self.known.columns.contains_key(column) {
            return false;
        }
        match self.state.in_flight.fillers.get(&self.at(column)) {
            Some(Origin::Source(source)) => source_is_held(self.release.schema, source, key),
            Some(Origin::Expression(_) | Origin::Column(_)) | None => false,
        }
    }

    /// Unique indexes: those that the release upserts by, and those that it doesn't know.
    fn indexes(&self, found: &mut Vec<Misfit>) {
        for (name, index) in self.known.indexes.iter().filter(|(_, index)| index.unique) {
            if !self.seen.table.indexes.values().any(|other| same_key(index, other)) {
                found.push(self.write(Cause::NoArbiter(name.clone())));
            }
        }
        for (name, index) in self.seen.table.indexes.iter().filter(|(_, index)| index.unique) {
            let known = self.known.indexes.values().any(|other| same_key(index, other));
            let reads = |column: &&ColumnName| index.reads(column);
            let mut columns = self.seen.table.columns.keys().filter(reads);
            let meets = columns.any(|column| self.may_repeat(column)) && !self.leaves_null(index);
            if !known && meets {
                found.push(self.write(Cause::Duplicate(name.clone())));
            }
        }
        for (table, index) in self.state.in_flight.indexes.keys() {
            if table == self.seen.name {
                found.push(self.write(Cause::BrokenIndex(index.clone())));
            }
        }
    }

    /// Whether rows of the release always hold NULL in one of the keys: then none repeats another.
    fn leaves_null(&self, index: &Index) -> bool {
        index.key_columns().is_some_and(|columns| columns.into_iter().any(|column| !self.puts_value(column)))
    }

    /// Whether two rows that the release writes may hold the same value in the column.
    fn may_repeat(&self, column: &ColumnName) -> bool {
        let in_state = self.seen.table.columns.get(column);
        let per_row = in_state
            .and_then(|column| column.default.as_ref())
            .is_some_and(|default| default.volatility() == crate::schema::Volatility::Volatile);
        self.puts_value(column) && (self.known.columns.contains_key(column) || !per_row)
    }

    /// Rows of this table that a key of another keeps from being deleted.
    fn deletes(&self, found: &mut Vec<Misfit>) {
        for (child_name, child) in &self.state.schema.tables {
            for key in child.foreign_keys.values() {
                if key.references == *self.seen.name
                    && key.on_delete.refuses()
                    && !self.expects_refusal(child_name, key)
                {
                    found.push(self.write(Cause::Referenced { child: child_name.clone() }));
                }
            }
        }
    }

    /// Whether the release knows this key, or one that refuses just when this one does.
    fn expects_refusal(&self, child: &TableName, key: &ForeignKey) -> bool {
        let theirs = Seen::of(child, self.state).and_then(|seen| {
            let name = self
                .state
                .in_flight
                .views
                .iter()
                .find(|(_, view)| view.table == *seen.name)
                .map(|(name, _)| name);
            let tables = &self.release.schema.tables;
            tables.get(child).or_else(|| tables.get(name?))
        });
        let known =
            theirs.is_some_and(|table| table.foreign_keys.values().any(|known| self.is_same_key(known, key)));
        let covered = key.columns.first().is_some_and(|column| {
            match self.state.in_flight.fillers.get(&ColumnRef::new(child, column)) {
                Some(Origin::Source(source)) => source_is_held(self.release.schema, source, key),
                Some(Origin::Expression(_) | Origin::Column(_)) | None => false,
            }
        });
        known || covered
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

/// Whether a release knows the source's value to be held to the same parent as `key`, by a key that refuses where this one does.
fn source_is_held(release: &Schema, source: &crate::schema::Source, key: &ForeignKey) -> bool {
    release.tables.get(&source.table).is_some_and(|table| {
        table.foreign_keys.values().any(|known| {
            known.columns == [source.value.clone()]
                && known.references == key.references
                && known.key == key.key
                && (known.on_delete.refuses() || !key.on_delete.refuses())
        })
    })
}

/// Whether ON CONFLICT on the key of one finds the other.
fn same_key(wanted: &Index, other: &Index) -> bool {
    other.unique && wanted.keys == other.keys && wanted.predicate == other.predicate
}
