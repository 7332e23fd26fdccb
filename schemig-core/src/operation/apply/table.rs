//! Tables and the views that keep their old names.

use super::{Applied, Inapplicable, refuse_twice, require_one};
use crate::schema::{ColumnName, ColumnRef, Comment, State, Table, TableName, View};

impl State {
    pub(super) fn create_table(&mut self, name: &TableName, definition: &Table) -> Applied {
        if self.in_flight.views.contains_key(name) {
            return Err(Inapplicable::Exists(format!("view {name}")));
        }
        for parent in definition.parents(name) {
            self.table(&parent)?;
        }
        self.empty.insert(name.clone());
        refuse_twice(self.schema.tables.insert(name.clone(), definition.clone()), || format!("table {name}"))
    }

    pub(super) fn drop_table(&mut self, name: &TableName) -> Applied {
        self.table(name)?;
        if let Some((other, _)) = self
            .schema
            .tables
            .iter()
            .find(|(other, table)| *other != name && table.parents(other).contains(name))
        {
            return Err(Inapplicable::Needed(format!("a foreign key of {other}")));
        }
        if let Some(view) = self.in_flight.views.iter().find(|(_, view)| view.table == *name) {
            return Err(Inapplicable::Needed(format!("view {}", view.0)));
        }
        self.is_followed(name, None)?;
        self.schema.tables.remove(name);
        self.forget(|table| table == name);
        Ok(())
    }

    /// Drops all that is in flight on the tables that `gone` names.
    pub(super) fn forget(&mut self, gone: impl Fn(&TableName) -> bool) {
        self.empty.retain(|table| !gone(table));
        self.null_free.retain(|at| !gone(&at.table));
        self.copied.retain(|table, _| !gone(table));
        self.in_flight.rows.retain(|table, _| !gone(table));
        self.in_flight.fillers.retain(|at, _| !gone(&at.table));
        self.in_flight.mirrors.retain(|at, _| !gone(&at.table));
        self.in_flight.unfilled.retain(|at| !gone(&at.table));
        self.in_flight.indexes.retain(|(table, _), _| !gone(table));
        self.in_flight.unvalidated.retain(|(table, _), _| !gone(table));
    }

    pub(super) fn rename_table(&mut self, from: &TableName, to: &TableName) -> Applied {
        self.table(from)?;
        if self.schema.tables.contains_key(to) || self.in_flight.views.contains_key(to) {
            return Err(Inapplicable::Exists(to.to_string()));
        }
        self.schema.rename_table(from, to);
        if self.empty.remove(from) {
            self.empty.insert(to.clone());
        }
        let null_free: Vec<ColumnRef> = {
            let of_it = self.null_free.iter_from(|at| at.table < *from).take_while(|at| at.table == *from);
            of_it.cloned().collect()
        };
        for at in null_free {
            self.null_free.remove(&at);
            self.null_free.insert(ColumnRef::new(to, &at.column));
        }
        Ok(())
    }

    pub(super) fn set_comments(&mut self, table: &TableName, comments: &[Comment]) -> Applied {
        for Comment { column, text } in comments {
            match column {
                Some(column) => self.column_mut(table, column)?.comment = text.clone(),
                None => self.table_mut(table)?.comment = text.clone(),
            }
        }
        Ok(())
    }

    pub(super) fn create_view(
        &mut self,
        view: &TableName,
        table: &TableName,
        columns: &[ColumnName],
    ) -> Applied {
        if self.schema.tables.contains_key(view) {
            return Err(Inapplicable::Exists(format!("table {view}")));
        }
        for column in columns {
            self.column_mut(table, column)?;
        }
        let shown = View { table: table.clone(), columns: columns.to_vec() };
        refuse_twice(self.in_flight.views.insert(view.clone(), shown), || format!("view {view}"))
    }

    pub(super) fn drop_view(&mut self, view: &TableName) -> Applied {
        require_one(self.in_flight.views.remove(view), || format!("view {view}"))
    }

    pub(super) fn rebuild(&mut self, table: &TableName, definition: &Table) -> Applied {
        self.table(table)?;
        self.null_free.retain(|at| at.table != *table);
        self.schema.tables.insert(table.clone(), definition.clone());
        Ok(())
    }
}
