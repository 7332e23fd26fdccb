//! Rows that come from another table: what follows it, and what is copied.

use super::{Applied, Inapplicable, refuse_twice, require_one};
use crate::schema::{ColumnName, ColumnRef, RowsFrom, State, TableName};

impl State {
    pub(super) fn follow_rows(&mut self, table: &TableName, rows: &RowsFrom) -> Applied {
        self.has_both(table, rows)?;
        self.empty.remove(table);
        self.in_flight.unfilled.extend(rows.columns().map(|column| ColumnRef::new(table, column)));
        refuse_twice(self.in_flight.rows.insert(table.clone(), rows.clone()), || {
            format!("what {table} follows")
        })
    }

    pub(super) fn stop_following_rows(&mut self, table: &TableName) -> Applied {
        require_one(self.in_flight.rows.remove(table), || format!("what {table} follows"))
    }

    pub(super) fn copy_rows(&mut self, table: &TableName, rows: &RowsFrom) -> Applied {
        self.has_both(table, rows)?;
        for column in rows.columns() {
            self.in_flight.unfilled.remove(&ColumnRef::new(table, column));
        }
        self.empty.remove(table);
        self.copied.insert(table.clone(), rows.clone());
        Ok(())
    }

    /// Whether the source and the table have the columns that are read and written.
    pub(super) fn has_both(&mut self, table: &TableName, rows: &RowsFrom) -> Applied {
        self.column_mut(&rows.table, &rows.source_key)?;
        rows.columns().try_for_each(|column| self.column_mut(table, column).map(|_| ()))
    }

    /// A trigger reads it for the rows of another table, and would fail without.
    pub(super) fn is_followed(&self, table: &TableName, column: Option<&ColumnName>) -> Applied {
        let Some(known) = self.schema.tables.get(table) else { return Ok(()) };
        let reads = |rows: &RowsFrom| column.is_none_or(|column| rows.reads(known).contains(column));
        match self.in_flight.rows.iter().find(|(_, rows)| rows.table == *table && reads(rows)) {
            Some((follower, _)) => Err(Inapplicable::Needed(format!("what the rows of {follower} follow"))),
            None => Ok(()),
        }
    }
}
