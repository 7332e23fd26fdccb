//! What is in flight on one table. It is asked for each column several times, so it is gathered once.

use crate::schema::{
    ColumnName, ColumnRef, Conformity, ConstraintName, IndexName, IndexStatus, Mirrored, Origin, SharedSet,
    State, TableName,
};

/// The parts of a state that are about one table. Each has an entry or two, if any.
pub(super) struct Own<'a> {
    fillers: Vec<(&'a ColumnName, &'a Origin)>,
    mirrors: Vec<(&'a ColumnName, &'a Mirrored)>,
    unfilled: Vec<&'a ColumnName>,
    null_free: Vec<&'a ColumnName>,
    unvalidated: Vec<(&'a ConstraintName, Conformity)>,
    indexes: Vec<(&'a IndexName, IndexStatus)>,
}

impl<'a> Own<'a> {
    /// Those of the table of that name.
    pub fn of(table: &TableName, state: &'a State) -> Self {
        let in_flight = &state.in_flight;
        let constraints = in_flight.unvalidated.iter_from(|(at, _)| at < table);
        let constraints = constraints.take_while(|((at, _), _)| at == table);
        let indexes = in_flight.indexes.iter_from(|(at, _)| at < table);
        let indexes = indexes.take_while(|((at, _), _)| at == table);
        Self {
            fillers: in_flight.fillers_of(table).collect(),
            mirrors: in_flight.mirrors_of(table).collect(),
            unfilled: columns_of(table, &in_flight.unfilled),
            null_free: columns_of(table, &state.null_free),
            unvalidated: constraints.map(|((_, name), status)| (name, *status)).collect(),
            indexes: indexes.map(|((_, name), status)| (name, *status)).collect(),
        }
    }

    /// What fills a column of a written row.
    pub fn filler(&self, column: &ColumnName) -> Option<&'a Origin> {
        self.fillers.iter().find(|(filled, _)| *filled == column).map(|(_, origin)| *origin)
    }

    /// Whether a trigger keeps the column and another alike.
    pub fn is_mirrored(&self, column: &ColumnName) -> bool {
        self.mirrors.iter().any(|(new, mirrored)| *new == column || mirrored.old == *column)
    }

    /// Whether rows don't all hold yet what the new release is to read.
    pub fn is_unfilled(&self, column: &ColumnName) -> bool {
        self.unfilled.contains(&column)
    }

    /// Whether no row was found to hold NULL there.
    pub fn is_null_free(&self, column: &ColumnName) -> bool {
        self.null_free.contains(&column)
    }

    /// The indexes that don't serve, and why.
    pub fn indexes(&self) -> &[(&'a IndexName, IndexStatus)] {
        &self.indexes
    }

    /// Whether a constraint is NOT VALID, and what is known of the rows that stand.
    pub fn conformity(&self, name: &ConstraintName) -> Option<Conformity> {
        self.unvalidated.iter().find(|(constraint, _)| *constraint == name).map(|(_, status)| *status)
    }
}

fn columns_of<'a>(table: &TableName, columns: &'a SharedSet<ColumnRef>) -> Vec<&'a ColumnName> {
    let from_it = columns.iter_from(|at| at.table < *table);
    from_it.take_while(|at| at.table == *table).map(|at| &at.column).collect()
}
