//! What is in flight: fillers, followers, mirrors; what they and the counts make of the rows.

use super::{Applied, Inapplicable, refuse_twice, require_one};
use crate::schema::{
    ColumnName, ColumnRef, Conversion, Mirrored, Origin, Source, State, TableName, Violation,
};

impl State {
    pub(super) fn keep_filled(&mut self, table: &TableName, column: &ColumnName, origin: &Origin) -> Applied {
        self.column_mut(table, column)?;
        let at = ColumnRef::new(table, column);
        refuse_twice(self.in_flight.fillers.insert(at.clone(), origin.clone()), || {
            format!("the filler of {at}")
        })
    }

    pub(super) fn backfill(&mut self, table: &TableName, column: &ColumnName, origin: &Origin) -> Applied {
        self.column_mut(table, column)?;
        match origin {
            Origin::Expression(_) | Origin::Numbers => {}
            Origin::Source(source) => drop(self.column_mut(&source.table, &source.value)?),
            Origin::Column(old) => {
                let old_required = !self.column_mut(table, old)?.nullable;
                if old_required {
                    self.null_free.insert(ColumnRef::new(table, column));
                }
            }
        }
        let at = ColumnRef::new(table, column);
        self.in_flight.unfilled.remove(&at);
        self.filled.insert(at);
        Ok(())
    }

    pub(super) fn guard(&mut self, table: &TableName, against: &Violation) -> Applied {
        match against {
            Violation::Null { column } => {
                let known = self.column_mut(table, column)?;
                // The server fills a computed one.
                let given = !known.nullable || known.generated.is_some();
                let at = ColumnRef::new(table, column);
                let hopeful = given || self.filled.contains(&at) || self.null_free.contains(&at);
                if !hopeful && !self.empty.contains(table) {
                    return Err(Inapplicable::Unproved(at.to_string()));
                }
                self.null_free.insert(at);
            }
            Violation::Stale { column, source } => {
                self.column_mut(table, column)?;
                self.column_mut(&source.table, &source.value)?;
            }
            Violation::Differ { old, new } => {
                self.column_mut(table, old)?;
                self.column_mut(table, new)?;
            }
            Violation::Uncopied { rows } => self.has_both(table, rows)?,
            Violation::Check { .. } | Violation::Orphan { .. } | Violation::Duplicate { .. } => {
                self.table(table)?;
            }
        }
        match self.counted.get_mut(table) {
            Some(counted) => counted.push(against.clone()),
            None => _ = self.counted.insert(table.clone(), vec![against.clone()]),
        }
        Ok(())
    }

    pub(super) fn stop_filling(&mut self, table: &TableName, column: &ColumnName) -> Applied {
        let at = ColumnRef::new(table, column);
        require_one(self.in_flight.fillers.remove(&at), || format!("the filler of {at}"))
    }

    pub(super) fn follow(&mut self, table: &TableName, column: &ColumnName, source: &Source) -> Applied {
        self.column_mut(table, column)?;
        self.column_mut(&source.table, &source.key)?;
        self.column_mut(&source.table, &source.value)?;
        let at = ColumnRef::new(table, column);
        self.mark_unfilled(&at);
        refuse_twice(self.in_flight.followers.insert(at.clone(), source.clone()), || {
            format!("what follows {at}")
        })
    }

    pub(super) fn stop_following(&mut self, table: &TableName, column: &ColumnName) -> Applied {
        let at = ColumnRef::new(table, column);
        require_one(self.in_flight.followers.remove(&at), || format!("what follows {at}"))
    }

    pub(super) fn mirror(
        &mut self,
        table: &TableName,
        old: &ColumnName,
        new: &ColumnName,
        conversion: &Conversion,
    ) -> Applied {
        self.column_mut(table, old)?;
        self.column_mut(table, new)?;
        let at = ColumnRef::new(table, new);
        self.mark_unfilled(&at);
        let mirrored = Mirrored { old: old.clone(), conversion: conversion.clone() };
        refuse_twice(self.in_flight.mirrors.insert(at.clone(), mirrored), || format!("the mirror of {at}"))
    }

    pub(super) fn unmirror(&mut self, table: &TableName, new: &ColumnName) -> Applied {
        let at = ColumnRef::new(table, new);
        require_one(self.in_flight.mirrors.remove(&at), || format!("the mirror of {at}"))
    }
}
