//! The checks, keys and indexes of one table: what they reject of a release's writes, and what its upserts miss.

use super::{Seen, TableView};
use crate::operation::not_null_expression;
use crate::safety::kin::Kin;
use crate::safety::misfit::{Cause, Misfit};
use crate::schema::{
    Check, Column, ColumnName, ColumnRef, Conformity, ConstraintName, Deferral, ForeignKey, Index, IndexName,
    IndexStatus, Origin, Schema, Source, Table, TableName,
};

impl TableView<'_> {
    /// Checks and foreign keys.
    pub(super) fn constraints(&self, found: &mut Vec<Misfit>) {
        for (name, check) in &self.seen.table.checks {
            let known = self.known.checks.values().any(|known| known.expression == check.expression);
            if !known && self.may_break(check) {
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

    /// Whether rows that the release writes may be other than a check that it doesn't know has them.
    fn may_break(&self, check: &Check) -> bool {
        let read = check.expression.columns(self.seen.table.columns.keys());
        let implied =
            read.iter().all(|column| self.rejects_only_null(column, check) && !self.writes_null(column));
        !implied && read.iter().any(|column| self.puts_value(column))
    }

    pub(super) fn unvalidated(&self, name: &ConstraintName, found: &mut Vec<Misfit>) {
        if self.own.conformity(name) == Some(Conformity::Unknown) {
            found.push(self.write(Cause::Unvalidated(name.clone())));
        }
    }

    /// Whether the check is `column IS NOT NULL`.
    pub(super) fn rejects_only_null(&self, column: &ColumnName, check: &Check) -> bool {
        check.expression == not_null_expression(column)
    }

    /// Whether a row that the release writes may hold NULL in the column.
    pub(super) fn writes_null(&self, column: &ColumnName) -> bool {
        let kept = self.is_kept(column);
        let in_state = self.seen.table.columns.get(column);
        !kept
            && match self.known.columns.get(column) {
                Some(known) => known.nullable,
                None => in_state.is_some_and(|column| !column.gives_value()),
            }
    }

    /// Whether rows that the release writes hold a value in the column: its own, a default's or a filler's.
    pub(super) fn puts_value(&self, column: &ColumnName) -> bool {
        self.known.columns.contains_key(column)
            || self.is_kept(column)
            || self
                .seen
                .table
                .columns
                .get(column)
                .is_some_and(|column| column.gives_value() || column.generated.is_some())
    }

    /// Whether two foreign keys hold rows to the same, across renames of what they refer to.
    pub(super) fn is_same_key(&self, known: &ForeignKey, key: &ForeignKey) -> bool {
        let ForeignKey {
            columns,
            references,
            key: parent_key,
            on_delete,
            on_update,
            deferral,
            provenance: _,
        } = known;
        let parent = self.state.in_flight.views.get(references).map_or(references, |view| &view.table);
        *columns == key.columns
            && *parent == key.references
            && *parent_key == key.key
            && *on_delete == key.on_delete
            && *on_update == key.on_update
            // Who expects to be checked at once doesn't mind being checked at the end.
            && *deferral <= key.deferral
    }

    /// Whether what a filler puts there comes from a column that the release knows to be held to the same parent.
    pub(super) fn is_covered(&self, key: &ForeignKey) -> bool {
        let [column] = key.columns.as_slice() else { return false };
        if self.known.columns.contains_key(column) {
            return false;
        }
        match self.own.filler(column) {
            Some(Origin::Source(source)) => source_is_held(self.release.schema, source, key),
            Some(Origin::Expression(_) | Origin::Column(_) | Origin::Numbers) | None => false,
        }
    }

    /// The primary key: the release upserts by the one that it knows, and may break one that it doesn't.
    pub(super) fn primary_key(&self, found: &mut Vec<Misfit>) {
        let (own, theirs) = (&self.known.primary_key, &self.seen.table.primary_key);
        if !own.is_empty() && !self.seen.table.is_unique_over(own) {
            found.push(self.write(Cause::NoArbiter(Table::key_name(self.name))));
        }
        if !self.is_held_to(theirs) && theirs.iter().any(|column| self.may_repeat(column)) {
            found.push(self.write(Cause::Duplicate(Table::key_name(self.name))));
        }
    }

    /// Whether the release never writes the same values to these columns twice: it knows some of them to be a key.
    fn is_held_to(&self, columns: &[ColumnName]) -> bool {
        let within =
            |key: &[ColumnName]| !key.is_empty() && key.iter().all(|column| columns.contains(column));
        let known = self.known.indexes.values().filter(|index| index.unique && index.predicate.is_none());
        let mut keys = known.filter_map(|index| index.key_columns());
        within(&self.known.primary_key)
            || keys.any(|key| key.iter().all(|column| columns.contains(column)) && !key.is_empty())
    }

    /// Unique indexes: those that the release upserts by, and those that it doesn't know.
    pub(super) fn indexes(&self, found: &mut Vec<Misfit>) {
        for (name, index) in self.known.indexes.iter().filter(|(_, index)| index.arbitrates()) {
            // One that is checked later is found too, and then the server refuses.
            let serving = self.seen.table.indexes.iter().filter(|(name, _)| !self.is_in_flight(name));
            let mut found_by_key = serving.map(|(_, other)| other).filter(|other| same_key(index, other));
            let first = found_by_key.next().is_some_and(Index::arbitrates);
            if !(first && found_by_key.all(Index::arbitrates)) {
                found.push(self.write(Cause::NoArbiter(name.clone())));
            }
        }
        for (name, index) in self.seen.table.indexes.iter().filter(|(_, index)| index.unique) {
            let as_strict = |other: &Index| other.nulls_not_distinct || !index.nulls_not_distinct;
            let mut alike =
                self.known.indexes.values().filter(|other| same_key(index, other) && as_strict(other));
            // Who expects to be checked at once doesn't mind being checked at the end.
            let later = alike.clone().all(|other| other.deferral > index.deferral);
            let known = alike.next().is_some();
            if known && later {
                found.push(self.write(Cause::CheckedAtOnce(name.clone())));
            }
            if !known && !self.is_over_own_key(index) && self.may_duplicate(index) {
                found.push(self.write(Cause::Duplicate(name.clone())));
            }
        }
        self.exclusions(found);
        for (index, _) in self.own.indexes().iter().filter(|(_, status)| *status == IndexStatus::Invalid) {
            found.push(self.write(Cause::BrokenIndex((*index).clone())));
        }
    }

    /// Whether an index is over all of the key that the release knows, and maybe more: two of its rows never have the same there.
    fn is_over_own_key(&self, index: &Index) -> bool {
        let keys = index.key_columns().unwrap_or_default();
        let own = &self.known.primary_key;
        !own.is_empty() && own.iter().all(|column| keys.contains(&column))
    }

    /// Whether two rows that the release writes may be the same to an index.
    fn may_duplicate(&self, index: &Index) -> bool {
        let reads = |column: &&ColumnName| index.reads(column);
        let mut columns = self.seen.table.columns.keys().filter(reads);
        let repeats_null = |column: &ColumnName| index.nulls_not_distinct && !self.puts_value(column);
        columns.any(|column| self.may_repeat(column) || repeats_null(column)) && !self.leaves_null(index)
    }

    /// Whether an index serves nobody yet: ON CONFLICT doesn't find it (asked of 12 to 18).
    fn is_in_flight(&self, name: &IndexName) -> bool {
        self.own.indexes().iter().any(|(index, _)| *index == name)
    }

    /// Exclusion constraints: those that the release may name in ON CONFLICT DO NOTHING, and those that it doesn't know.
    fn exclusions(&self, found: &mut Vec<Misfit>) {
        let excluding = |(_, index): &(&IndexName, &Index)| index.excludes();
        let named = self.known.indexes.iter().filter(excluding);
        for (name, _) in named.filter(|(_, index)| index.deferral == Deferral::Never) {
            let there = self.seen.table.indexes.get(name);
            if !there.is_some_and(|there| there.excludes() && there.deferral == Deferral::Never) {
                found.push(self.write(Cause::NoArbiter(name.clone())));
            }
        }
        for (name, index) in self.seen.table.indexes.iter().filter(excluding) {
            let same = |other: &&Index| {
                other.operators == index.operators
                    && other.keys == index.keys
                    && other.predicate == index.predicate
            };
            let mut alike = self.known.indexes.values().filter(same);
            // Who expects to be checked at once doesn't mind being checked at the end.
            let known = alike.any(|other| other.deferral <= index.deferral);
            if !known && !self.leaves_null(index) {
                found.push(self.write(Cause::Constrained(name.as_str().into())));
            }
        }
    }

    /// Whether rows of the release always hold NULL in one of the keys: then none repeats another, unless NULL is like NULL.
    pub(super) fn leaves_null(&self, index: &Index) -> bool {
        !index.nulls_not_distinct
            && index
                .key_columns()
                .is_some_and(|columns| columns.into_iter().any(|column| !self.puts_value(column)))
    }

    /// Whether two rows that the release writes may hold the same value in the column.
    pub(super) fn may_repeat(&self, column: &ColumnName) -> bool {
        let in_state = self.seen.table.columns.get(column);
        let per_row = in_state.is_some_and(Column::gives_own_value);
        self.puts_value(column) && (self.known.columns.contains_key(column) || !per_row)
    }

    /// Rows of this table that a key of another keeps from being deleted.
    pub(super) fn deletes(&self, kin: &Kin, found: &mut Vec<Misfit>) {
        let in_flight = &self.state.in_flight.rows;
        // A row that came from here is deleted before this one; so what refers to that keeps this one too.
        let carried =
            |parent: &TableName| in_flight.get(parent).is_some_and(|rows| rows.table == *self.seen.name);
        let goes_before = |child: &TableName, key: &ForeignKey| {
            carried(child) && in_flight.get(child).is_some_and(|rows| key.columns == [rows.key.clone()])
        };
        let parents =
            in_flight.iter().filter(|(_, rows)| rows.table == *self.seen.name).map(|(name, _)| name);
        for child_name in parents.chain([self.seen.name]).flat_map(|parent| kin.of(parent)) {
            let child = self.state.schema.tables.get(child_name);
            for key in child.into_iter().flat_map(|child| child.foreign_keys.values()) {
                if (key.references == *self.seen.name || carried(&key.references))
                    && !goes_before(child_name, key)
                    && key.on_delete.refuses()
                    && !self.expects_refusal(child_name, key)
                {
                    found.push(self.write(Cause::Referenced { child: child_name.clone() }));
                }
            }
        }
    }

    /// Whether the release knows this key, or one that refuses just when this one does.
    pub(super) fn expects_refusal(&self, child: &TableName, key: &ForeignKey) -> bool {
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
                Some(Origin::Expression(_) | Origin::Column(_) | Origin::Numbers) | None => false,
            }
        });
        known || covered
    }
}

/// Whether a release knows the source's value to be held to the same parent as `key`, by a key that refuses where this one does.
fn source_is_held(release: &Schema, source: &Source, key: &ForeignKey) -> bool {
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
