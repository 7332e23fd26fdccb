//! Indexes, checks and foreign keys.

use super::{Applied, Inapplicable, not_null_expression, refuse_twice, require_one};
use crate::schema::{
    Check, ColumnName, Conformity, ConstraintName, ForeignKey, Index, IndexKey, IndexName, State, TableName,
    Violation,
};

impl State {
    pub(super) fn create_index(&mut self, table: &TableName, name: &IndexName, index: &Index) -> Applied {
        for key in &index.keys {
            match key {
                IndexKey::Column(column) => drop(self.column_mut(table, column)?),
                IndexKey::Expression(_) => {}
            }
        }
        let indexes = &mut self.table_mut(table)?.indexes;
        refuse_twice(indexes.insert(name.clone(), index.clone()), || format!("index {name}"))
    }

    /// A foreign key stands on the index that it found when it was made: one to the old key's columns keeps that key.
    pub(super) fn change_primary_key(
        &mut self,
        table: &TableName,
        key: &[ColumnName],
        index: Option<&IndexName>,
    ) -> Applied {
        for column in key {
            if self.column_mut(table, column)?.nullable {
                return Err(Inapplicable::Unproved(format!("{table}.{column}")));
            }
        }
        let old = self.table(table)?.primary_key.clone();
        let mut tables = self.schema.tables.iter();
        if let Some((child, _)) = tables.find(|(_, known)| known.keys_to(table, &old).next().is_some()) {
            return Err(Inapplicable::Needed(format!("a foreign key of {child}")));
        }
        let known = self.table_mut(table)?;
        if let Some(index) = index {
            let built = known.indexes.remove(index).filter(|built| built.is_unique_over(key));
            built.ok_or_else(|| Inapplicable::Missing(format!("unique index {index} over the key")))?;
        }
        known.primary_key = key.to_vec();
        Ok(())
    }

    pub(super) fn guard_index(&mut self, table: &TableName, name: &IndexName, wanted: &Index) -> Applied {
        match self.table(table)?.indexes.get(name) {
            Some(index) if index == wanted => {
                self.in_flight.indexes.remove(&(table.clone(), name.clone()));
                Ok(())
            }
            _ => Err(Inapplicable::Missing(format!("index {name}"))),
        }
    }

    pub(super) fn add_check(
        &mut self,
        table: &TableName,
        name: &ConstraintName,
        check: &Check,
        validated: bool,
    ) -> Applied {
        if !validated && !self.empty.contains(table) {
            let counted = self.is_counted(table, &Violation::Check { expression: check.expression.clone() })
                || self
                    .null_free
                    .iter_from(|at| at.table < *table)
                    .take_while(|at| at.table == *table)
                    .any(|at| check.expression == not_null_expression(&at.column));
            self.in_flight.unvalidated.insert((table.clone(), name.clone()), conformity(counted));
        }
        let checks = &mut self.table_mut(table)?.checks;
        refuse_twice(checks.insert(name.clone(), check.clone()), || format!("check {name}"))
    }

    /// Whether no row was guilty of it when it was counted.
    pub(super) fn is_counted(&self, table: &TableName, violation: &Violation) -> bool {
        self.counted.get(table).is_some_and(|counted| counted.contains(violation))
    }

    pub(super) fn drop_index(&mut self, table: &TableName, index: &IndexName) -> Applied {
        self.in_flight.indexes.remove(&(table.clone(), index.clone()));
        require_one(self.table_mut(table)?.indexes.remove(index), || format!("index {index}"))
    }

    pub(super) fn constrain(&mut self, table: &TableName, name: &IndexName, wanted: &Index) -> Applied {
        match self.table_mut(table)?.indexes.get_mut(name) {
            Some(index) if *index == wanted.plain() => {
                *index = wanted.clone();
                Ok(())
            }
            _ => Err(Inapplicable::Missing(format!("index {name}"))),
        }
    }

    pub(super) fn rename_index(&mut self, table: &TableName, from: &IndexName, to: &IndexName) -> Applied {
        let indexes = &mut self.table_mut(table)?.indexes;
        let index = indexes.remove(from).ok_or_else(|| Inapplicable::Missing(format!("index {from}")))?;
        refuse_twice(indexes.insert(to.clone(), index), || format!("index {to}"))
    }

    pub(super) fn drop_check(&mut self, table: &TableName, name: &ConstraintName) -> Applied {
        self.in_flight.unvalidated.remove(&(table.clone(), name.clone()));
        require_one(self.table_mut(table)?.checks.remove(name), || format!("check {name}"))
    }

    pub(super) fn add_foreign_key(
        &mut self,
        table: &TableName,
        name: &ConstraintName,
        definition: &ForeignKey,
        validated: bool,
    ) -> Applied {
        self.table(&definition.references)?;
        if !validated && !self.empty.contains(table) {
            let counted = self.is_counted(table, &Violation::Orphan { foreign_key: definition.clone() });
            self.in_flight.unvalidated.insert((table.clone(), name.clone()), conformity(counted));
        }
        let foreign_keys = &mut self.table_mut(table)?.foreign_keys;
        refuse_twice(foreign_keys.insert(name.clone(), definition.clone()), || format!("foreign key {name}"))
    }

    pub(super) fn drop_foreign_key(&mut self, table: &TableName, name: &ConstraintName) -> Applied {
        self.in_flight.unvalidated.remove(&(table.clone(), name.clone()));
        require_one(self.table_mut(table)?.foreign_keys.remove(name), || format!("foreign key {name}"))
    }

    pub(super) fn validate(&mut self, table: &TableName, constraint: &ConstraintName) -> Applied {
        let known = self.table(table)?;
        if !known.checks.contains_key(constraint) && !known.foreign_keys.contains_key(constraint) {
            return Err(Inapplicable::Missing(format!("constraint {constraint}")));
        }
        self.in_flight.unvalidated.remove(&(table.clone(), constraint.clone()));
        Ok(())
    }
}

fn conformity(counted: bool) -> Conformity {
    if counted { Conformity::Known } else { Conformity::Unknown }
}
