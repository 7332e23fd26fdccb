//! The columns of one table: what a release reads there, and what its INSERTs put there.

use super::{TableView, both, near};
use crate::safety::misfit::{Cause, Misfit};
use crate::schema::{Column, ColumnName, Identity, Origin, Schema, Table};

impl TableView<'_> {
    /// The columns that the release knows.
    pub(super) fn columns(&self, found: &mut Vec<Misfit>) {
        for (place, (name, known)) in self.known.columns.iter().enumerate() {
            let Some(column) = self.seen.column_near(place, name) else {
                found.extend(both(self.name, Cause::NoColumn(name.clone())));
                continue;
            };
            self.decodes(name, known, column, found);
            self.reads(name, known, column, found);
            self.labels(name, known, found);
            self.writes(name, known, column, found);
        }
    }

    /// What comes over the wire, and what has room.
    fn decodes(&self, name: &ColumnName, known: &Column, column: &Column, found: &mut Vec<Misfit>) {
        let (expected, in_state) = (&known.sql_type, &column.sql_type);
        if !expected.is_read_as(in_state) {
            let (expected, found_type) = (expected.clone(), in_state.clone());
            let cause = Cause::WireType { column: name.clone(), expected, found: found_type };
            found.extend(both(self.name, cause));
        } else if expected != in_state && !in_state.holds(expected) {
            found.push(self.write(Cause::TooNarrow { column: name.clone(), room: in_state.clone() }));
        }
    }

    pub(super) fn reads(&self, name: &ColumnName, known: &Column, column: &Column, found: &mut Vec<Misfit>) {
        if !known.nullable
            && column.nullable
            && !(self.own.is_null_free(name) && self.stays_null_free(name, column))
        {
            found.push(self.read(Cause::NullRead(name.clone())));
        }
        if let Some(by) = &known.generated
            && column.generated.as_ref().is_none_or(|found| found.expression != by.expression)
        {
            found.push(self.read(Cause::ComputedOtherwise(name.clone())));
        }
        if self.own.is_unfilled(name) || self.falls_behind(name) || self.rows_fall_behind(name) {
            found.push(self.read(Cause::Stale(name.clone())));
        }
    }

    /// Whether nobody who writes can put NULL into a column that holds none.
    pub(super) fn stays_null_free(&self, name: &ColumnName, column: &Column) -> bool {
        let kept = self.is_kept(name);
        kept || self.others().all(|schema| {
            match self.table_of(schema).and_then(|table| table.columns.get(name)) {
                Some(theirs) => !theirs.nullable || column.generated.is_some(),
                None => self.table_of(schema).is_none() || column.gives_value(),
            }
        })
    }

    /// Whether the column is looked up in a table that someone writes without writing the column, and no trigger carries that over.
    pub(super) fn falls_behind(&self, name: &ColumnName) -> bool {
        match self.own.filler(name) {
            Some(Origin::Source(_)) => {
                let unaware = |schema: &Schema| {
                    self.table_of(schema).is_some_and(|table| !table.columns.contains_key(name))
                };
                !self.state.in_flight.followers.contains_key(&self.at(name)) && self.others().any(unaware)
            }
            Some(Origin::Expression(_) | Origin::Column(_) | Origin::Numbers) | None => false,
        }
    }

    /// Whether the row comes from a table that an older release writes without knowing this one, and no trigger carries that over. A
    /// newer one that doesn't know it has given it up.
    fn rows_fall_behind(&self, name: &ColumnName) -> bool {
        let Some(rows) = self.state.copied.get(self.seen.name) else { return false };
        let followed = self.state.in_flight.rows.contains_key(self.seen.name);
        let older = |schema: &&&Schema| !std::ptr::eq(**schema, self.release.schema);
        let unaware =
            |schema: &&Schema| schema.tables.contains_key(&rows.table) && self.table_of(schema).is_none();
        let copied = rows.columns().any(|column| column == name);
        copied && !followed && self.release.beside.iter().take_while(older).any(unaware)
    }

    /// All that write: those beside the release, and the release itself.
    pub(super) fn others(&self) -> impl Iterator<Item = &Schema> {
        self.release.beside.iter().copied().chain([self.release.schema])
    }

    /// The table as another release knows it, under its new name or the old one that a view keeps.
    pub(super) fn table_of<'s>(&self, schema: &'s Schema) -> Option<&'s Table> {
        schema.tables.get(self.seen.name).or_else(|| {
            let mut views = self.state.in_flight.views.iter();
            let (view, _) = views.find(|(_, view)| view.table == *self.seen.name)?;
            schema.tables.get(view)
        })
    }

    /// Whether a trigger puts a value where a release leaves none.
    pub(super) fn is_kept(&self, column: &ColumnName) -> bool {
        self.own.filler(column).is_some() || self.own.is_mirrored(column)
    }

    pub(super) fn writes(&self, name: &ColumnName, known: &Column, column: &Column, found: &mut Vec<Misfit>) {
        let kept = self.is_kept(name);
        if known.nullable && !column.nullable && !kept {
            found.push(self.write(Cause::NullRejected(name.clone())));
        }
        if known.nullable && self.own.filler(name).is_some() {
            found.push(self.write(Cause::Overruled(name.clone())));
        }
        let server_writes =
            |column: &Column| column.generated.is_some() || column.identity == Some(Identity::Always);
        if server_writes(column) && !server_writes(known) {
            found.push(self.write(Cause::NotWritable(name.clone())));
        }
        if column.identity.is_some() && self.is_numbered_twice(name) {
            found.push(self.write(Cause::NumberTaken(name.clone())));
        }
        let leaves_null = known.nullable && known.default.is_none();
        if known.may_be_left_out() && !leaves_null && !column.may_be_left_out() && !kept {
            found.push(self.write(Cause::LeftOut(name.clone())));
        }
        if known.default != column.default && known.may_be_left_out() && !kept {
            found.push(self.write(Cause::OtherDefault(name.clone())));
        }
    }

    /// Whether one who writes names the numbers and another leaves that to the server.
    pub(super) fn is_numbered_twice(&self, name: &ColumnName) -> bool {
        let columns = || self.others().filter_map(|schema| self.table_of(schema)?.columns.get(name));
        columns().any(|theirs| !theirs.may_be_left_out()) && columns().any(Column::may_be_left_out)
    }

    /// The columns that the release doesn't know: each of its INSERTs leaves them out.
    pub(super) fn foreign_columns(&self, found: &mut Vec<Misfit>) {
        for (place, (name, column)) in self.seen.table.columns.iter().enumerate() {
            let unknown = || near(self.known, place, name).is_none();
            if !column.may_be_left_out() && unknown() && !self.is_kept(name) {
                found.push(self.write(Cause::LeftOut(name.clone())));
            }
        }
    }
}
