//! Columns, their defaults and NOT NULL.

use super::{Applied, Inapplicable, not_null_expression, refuse_twice};
use crate::schema::{
    Column, ColumnName, ColumnRef, ConstraintName, Expression, Identity, SqlType, State, TableName, View,
};

impl State {
    pub(super) fn add_column(
        &mut self,
        table: &TableName,
        column: &ColumnName,
        definition: &Column,
    ) -> Applied {
        let empty = self.empty.contains(table);
        if !empty && !definition.may_be_left_out() {
            return Err(Inapplicable::Unproved(format!("{table}.{column}")));
        }
        let columns = &mut self.table_mut(table)?.columns;
        refuse_twice(columns.insert(column.clone(), definition.clone()), || {
            format!("column {table}.{column}")
        })?;
        if definition.gives_value() || empty {
            self.null_free.insert(ColumnRef::new(table, column));
        }
        Ok(())
    }

    pub(super) fn drop_column(&mut self, table: &TableName, column: &ColumnName) -> Applied {
        self.column_mut(table, column)?;
        let at = ColumnRef::new(table, column);
        self.shown_by_no_view(table, column)?;
        self.is_followed(table, Some(column))?;
        if self.is_mirrored(&at)
            || self.in_flight.fillers.contains_key(&at)
            || self.in_flight.followers.contains_key(&at)
        {
            return Err(Inapplicable::Needed(format!("a trigger on {at}")));
        }
        let definition = self.table_mut(table)?;
        if let Some((other, _)) = definition.columns.iter().find(|(_, other)| other.is_computed_from(column))
        {
            return Err(Inapplicable::Needed(format!("computed column {table}.{other}")));
        }
        if definition.primary_key.contains(column) {
            return Err(Inapplicable::Needed(format!("the primary key of {table}")));
        }
        if definition.is_partitioned_by(column) {
            return Err(Inapplicable::Needed(format!("the partitions of {table}")));
        }
        definition.columns.shift_remove(column);
        definition.indexes.retain(|_, index| !index.reads(column));
        definition.foreign_keys.retain(|_, key| !key.columns.contains(column));
        definition.checks.retain(|_, check| !check.reads(column));
        self.null_free.remove(&at);
        self.filled.remove(&at);
        self.in_flight.unfilled.remove(&at);
        Ok(())
    }

    fn is_mirrored(&self, at: &ColumnRef) -> bool {
        let mut mirrors = self.in_flight.mirrors_of(&at.table);
        mirrors.any(|(new, mirrored)| *new == at.column || mirrored.old == at.column)
    }

    fn shown_by_no_view(&self, table: &TableName, column: &ColumnName) -> Applied {
        let shows = |view: &View| view.table == *table && view.columns.contains(column);
        match self.in_flight.views.iter().find(|(_, view)| shows(view)) {
            Some((view, _)) => Err(Inapplicable::Needed(format!("view {view}"))),
            None => Ok(()),
        }
    }

    pub(super) fn alter_type(&mut self, table: &TableName, column: &ColumnName, to: &SqlType) -> Applied {
        self.shown_by_no_view(table, column)?;
        let known = self.column_mut(table, column)?;
        known.sql_type = to.clone();
        // What isn't text any more has none.
        known.collation = known.collation.take().filter(|_| to.is_read_as(&SqlType::Text));
        Ok(())
    }

    pub(super) fn rename_column(&mut self, table: &TableName, from: &ColumnName, to: &ColumnName) -> Applied {
        let definition = self.table_mut(table)?;
        let at = definition
            .columns
            .get_index_of(from)
            .ok_or_else(|| Inapplicable::Missing(format!("column {table}.{from}")))?;
        definition
            .columns
            .replace_index(at, to.clone())
            .map_err(|_| Inapplicable::Exists(format!("column {table}.{to}")))?;
        rename_in(&mut definition.primary_key, from, to);
        definition.partition_by.iter_mut().for_each(|by| by.rename_column(from, to));
        for index in definition.indexes.values_mut() {
            *index = index.rename_column(from, to);
        }
        for generated in definition.columns.values_mut().filter_map(|column| column.generated.as_mut()) {
            generated.expression = generated.expression.rename(from, to);
        }
        for check in definition.checks.values_mut() {
            check.expression = check.expression.rename(from, to);
        }
        for key in definition.foreign_keys.values_mut() {
            rename_in(&mut key.columns, from, to);
        }
        self.schema.tables.keys_to(table).for_each(|key| rename_in(&mut key.key, from, to));
        if self.null_free.remove(&ColumnRef::new(table, from)) {
            self.null_free.insert(ColumnRef::new(table, to));
        }
        Ok(())
    }

    pub(super) fn set_default(
        &mut self,
        table: &TableName,
        column: &ColumnName,
        default: Option<&Expression>,
    ) -> Applied {
        let known = self.column_mut(table, column)?;
        if known.identity.is_some() && default.is_some() {
            return Err(Inapplicable::Exists(format!("a numbering of {table}.{column}")));
        }
        known.default = default.cloned();
        Ok(())
    }

    pub(super) fn number(
        &mut self,
        table: &TableName,
        column: &ColumnName,
        identity: Option<Identity>,
    ) -> Applied {
        let known = self.column_mut(table, column)?;
        if identity.is_some() && known.default.is_some() {
            return Err(Inapplicable::Exists(format!("a default of {table}.{column}")));
        }
        let strict = match identity {
            Some(Identity::Always | Identity::ByDefault) => true,
            Some(Identity::Serial) | None => false,
        };
        if strict && known.nullable {
            return Err(Inapplicable::Unproved(format!("{table}.{column}")));
        }
        known.identity = identity;
        Ok(())
    }

    pub(super) fn recompute(
        &mut self,
        table: &TableName,
        column: &ColumnName,
        definition: &Column,
    ) -> Applied {
        let at = ColumnRef::new(table, column);
        if self.in_flight.fillers.contains_key(&at) || self.is_mirrored(&at) {
            return Err(Inapplicable::Needed(format!("a trigger on {at}")));
        }
        let computed = |(_, other): &(&ColumnName, &Column)| other.is_computed_from(column);
        if let Some((other, _)) = self.table(table)?.columns.iter().find(computed) {
            return Err(Inapplicable::Needed(format!("computed column {table}.{other}")));
        }
        let known = self.column_mut(table, column)?;
        if known.generated.is_none() && definition.generated.is_none() {
            return Err(Inapplicable::Missing(format!("an expression of {at}")));
        }
        *known = definition.clone();
        self.null_free.remove(&at);
        Ok(())
    }

    pub(super) fn set_not_null(
        &mut self,
        table: &TableName,
        column: &ColumnName,
        proof: Option<&ConstraintName>,
    ) -> Applied {
        let at = ColumnRef::new(table, column);
        if let Some(proof) = proof {
            let wanted = not_null_expression(column);
            let proves = self.table(table)?.checks.get(proof).is_some_and(|check| check.expression == wanted);
            if !proves {
                return Err(Inapplicable::Missing(format!("the check {proof}")));
            }
            self.in_flight.unvalidated.remove(&(table.clone(), proof.clone()));
            self.table_mut(table)?.checks.remove(proof);
        } else if !self.empty.contains(table) && !self.null_free.contains(&at) {
            return Err(Inapplicable::Unproved(at.to_string()));
        }
        self.column_mut(table, column)?.nullable = false;
        self.null_free.remove(&at);
        Ok(())
    }

    pub(super) fn drop_not_null(&mut self, table: &TableName, column: &ColumnName) -> Applied {
        let known = self.column_mut(table, column)?;
        match known.identity {
            Some(Identity::Always | Identity::ByDefault) => {
                return Err(Inapplicable::Needed(format!("the numbering of {table}.{column}")));
            }
            Some(Identity::Serial) | None => known.nullable = true,
        }
        self.null_free.insert(ColumnRef::new(table, column));
        Ok(())
    }
}

fn rename_in(columns: &mut [ColumnName], from: &ColumnName, to: &ColumnName) {
    for column in columns {
        if column == from {
            *column = to.clone();
        }
    }
}
