//! What an operation does to a state. Strict: an operation that a server would refuse is an error here too.

use thiserror::Error;

use super::Operation;
use crate::schema::{
    Check, Column, ColumnName, ColumnRef, Conformity, ConstraintName, Expression, Index, IndexKey, IndexName,
    Origin, State, Table, TableName, View, Violation,
};

/// An operation that doesn't fit the state it is applied to. Always a fault of a plan, or of a file that was edited by hand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Inapplicable {
    /// What it works on isn't there.
    #[error("{0} doesn't exist")]
    Missing(String),
    /// What it makes is there already.
    #[error("{0} exists already")]
    Exists(String),
    /// Something else still needs what it takes away.
    #[error("{0} still depends on it")]
    Needed(String),
    /// Rows may stand that it would reject.
    #[error("{0} may hold rows that this rejects")]
    Unproved(String),
}

type Applied = Result<(), Inapplicable>;

impl State {
    /// Does `operation`. On an error the state is left half changed and must be thrown away.
    pub fn apply(&mut self, operation: &Operation) -> Applied {
        match operation {
            Operation::CreateTable { table, definition } => self.create_table(table, definition),
            Operation::DropTable { table } => self.drop_table(table),
            Operation::RenameTable { from, to } => self.rename_table(from, to),
            Operation::CreateView { view, table, columns } => self.create_view(view, table, columns),
            Operation::DropView { view } => self
                .in_flight
                .views
                .remove(view)
                .map(|_| ())
                .ok_or_else(|| Inapplicable::Missing(format!("view {view}"))),
            Operation::AddColumn { table, column, definition } => self.add_column(table, column, definition),
            Operation::DropColumn { table, column } => self.drop_column(table, column),
            Operation::RenameColumn { table, from, to } => self.rename_column(table, from, to),
            Operation::SetDefault { table, column, default } => {
                self.set_default(table, column, Some(default))
            }
            Operation::DropDefault { table, column } => self.set_default(table, column, None),
            Operation::SetNotNull { table, column, proof } => {
                self.set_not_null(table, column, proof.as_ref())
            }
            Operation::DropNotNull { table, column } => {
                self.column_mut(table, column)?.nullable = true;
                self.null_free.insert(ColumnRef::new(table, column));
                Ok(())
            }
            Operation::CreateIndex { table, index, definition, online: _ } => {
                self.create_index(table, index, definition)
            }
            Operation::GuardIndex { table, index, definition } => self.guard_index(table, index, definition),
            Operation::DropIndex { table, index, online: _ } => {
                self.in_flight.indexes.remove(&(table.clone(), index.clone()));
                let missing = || Inapplicable::Missing(format!("index {index}"));
                self.table_mut(table)?.indexes.remove(index).map(|_| ()).ok_or_else(missing)
            }
            Operation::RenameIndex { table, from, to } => {
                let missing = Inapplicable::Missing(format!("index {from}"));
                let table = self.table_mut(table)?;
                let index = table.indexes.remove(from).ok_or(missing)?;
                refuse_twice(table.indexes.insert(to.clone(), index), || format!("index {to}"))
            }
            Operation::AddCheck { table, name, definition, validated } => {
                self.add_check(table, name, definition, *validated)
            }
            Operation::DropCheck { table, name } => {
                self.in_flight.unvalidated.remove(&(table.clone(), name.clone()));
                let missing = || Inapplicable::Missing(format!("check {name}"));
                self.table_mut(table)?.checks.remove(name).map(|_| ()).ok_or_else(missing)
            }
            Operation::AddForeignKey { table, name, definition, validated } => {
                self.table(&definition.references)?;
                if !validated && !self.empty.contains(table) {
                    let counted =
                        self.is_counted(table, &Violation::Orphan { foreign_key: definition.clone() });
                    self.in_flight.unvalidated.insert((table.clone(), name.clone()), conformity(counted));
                }
                let foreign_keys = &mut self.table_mut(table)?.foreign_keys;
                refuse_twice(foreign_keys.insert(name.clone(), definition.clone()), || {
                    format!("foreign key {name}")
                })
            }
            Operation::DropForeignKey { table, name } => {
                self.in_flight.unvalidated.remove(&(table.clone(), name.clone()));
                let missing = || Inapplicable::Missing(format!("foreign key {name}"));
                self.table_mut(table)?.foreign_keys.remove(name).map(|_| ()).ok_or_else(missing)
            }
            Operation::Validate { table, constraint } => {
                let known = self.table(table)?;
                if !known.checks.contains_key(constraint) && !known.foreign_keys.contains_key(constraint) {
                    return Err(Inapplicable::Missing(format!("constraint {constraint}")));
                }
                self.in_flight.unvalidated.remove(&(table.clone(), constraint.clone()));
                Ok(())
            }
            Operation::KeepFilled { table, column, origin } => self.keep_filled(table, column, origin),
            Operation::StopFilling { table, column } => {
                let at = ColumnRef::new(table, column);
                let missing = || Inapplicable::Missing(format!("the filler of {at}"));
                self.in_flight.fillers.remove(&at).map(|_| ()).ok_or_else(missing)
            }
            Operation::Follow { table, column, source } => {
                self.column_mut(table, column)?;
                self.column_mut(&source.table, &source.key)?;
                self.column_mut(&source.table, &source.value)?;
                let at = ColumnRef::new(table, column);
                self.mark_unfilled(&at);
                refuse_twice(self.in_flight.followers.insert(at.clone(), source.clone()), || {
                    format!("what follows {at}")
                })
            }
            Operation::StopFollowing { table, column, source: _ } => {
                let at = ColumnRef::new(table, column);
                let missing = || Inapplicable::Missing(format!("what follows {at}"));
                self.in_flight.followers.remove(&at).map(|_| ()).ok_or_else(missing)
            }
            Operation::Mirror { table, old, new } => {
                self.column_mut(table, old)?;
                self.column_mut(table, new)?;
                let at = ColumnRef::new(table, new);
                self.mark_unfilled(&at);
                refuse_twice(self.in_flight.mirrors.insert(at, old.clone()), || {
                    format!("the mirror of {table}.{new}")
                })
            }
            Operation::Unmirror { table, new } => {
                let at = ColumnRef::new(table, new);
                let missing = || Inapplicable::Missing(format!("the mirror of {at}"));
                self.in_flight.mirrors.remove(&at).map(|_| ()).ok_or_else(missing)
            }
            Operation::Backfill { table, column, origin, batched: _ } => self.backfill(table, column, origin),
            Operation::Guard { table, against } => self.guard(table, against),
            Operation::RebuildTable { table, definition, values: _ } => self.rebuild(table, definition),
        }
    }

    fn table(&self, name: &TableName) -> Result<&Table, Inapplicable> {
        self.schema.tables.get(name).ok_or_else(|| Inapplicable::Missing(format!("table {name}")))
    }

    fn table_mut(&mut self, name: &TableName) -> Result<&mut Table, Inapplicable> {
        self.schema.tables.get_mut(name).ok_or_else(|| Inapplicable::Missing(format!("table {name}")))
    }

    fn column_mut(&mut self, table: &TableName, column: &ColumnName) -> Result<&mut Column, Inapplicable> {
        let missing = || Inapplicable::Missing(format!("column {table}.{column}"));
        self.table_mut(table)?.columns.get_mut(column).ok_or_else(missing)
    }

    /// Rows of an empty table need no filling.
    fn mark_unfilled(&mut self, at: &ColumnRef) {
        if !self.empty.contains(&at.table) {
            self.in_flight.unfilled.insert(at.clone());
        }
    }

    fn create_table(&mut self, name: &TableName, definition: &Table) -> Applied {
        if self.in_flight.views.contains_key(name) {
            return Err(Inapplicable::Exists(format!("view {name}")));
        }
        for parent in definition.parents(name) {
            self.table(&parent)?;
        }
        self.empty.insert(name.clone());
        refuse_twice(self.schema.tables.insert(name.clone(), definition.clone()), || format!("table {name}"))
    }

    fn drop_table(&mut self, name: &TableName) -> Applied {
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
        self.schema.tables.remove(name);
        self.forget(|table| table == name);
        Ok(())
    }

    /// Drops all that is in flight on the tables that `gone` names.
    fn forget(&mut self, gone: impl Fn(&TableName) -> bool) {
        self.empty.retain(|table| !gone(table));
        self.null_free.retain(|at| !gone(&at.table));
        self.in_flight.fillers.retain(|at, _| !gone(&at.table));
        self.in_flight.mirrors.retain(|at, _| !gone(&at.table));
        self.in_flight.unfilled.retain(|at| !gone(&at.table));
        self.in_flight.indexes.retain(|(table, _), _| !gone(table));
        self.in_flight.unvalidated.retain(|(table, _), _| !gone(table));
    }

    fn rename_table(&mut self, from: &TableName, to: &TableName) -> Applied {
        self.table(from)?;
        if self.schema.tables.contains_key(to) || self.in_flight.views.contains_key(to) {
            return Err(Inapplicable::Exists(to.to_string()));
        }
        self.schema.rename_table(from, to);
        if self.empty.remove(from) {
            self.empty.insert(to.clone());
        }
        self.null_free = std::mem::take(&mut self.null_free)
            .into_iter()
            .map(|at| if at.table == *from { ColumnRef::new(to, &at.column) } else { at })
            .collect();
        Ok(())
    }

    fn create_view(&mut self, view: &TableName, table: &TableName, columns: &[ColumnName]) -> Applied {
        if self.schema.tables.contains_key(view) {
            return Err(Inapplicable::Exists(format!("table {view}")));
        }
        for column in columns {
            self.column_mut(table, column)?;
        }
        let shown = View { table: table.clone(), columns: columns.to_vec() };
        refuse_twice(self.in_flight.views.insert(view.clone(), shown), || format!("view {view}"))
    }

    fn add_column(&mut self, table: &TableName, column: &ColumnName, definition: &Column) -> Applied {
        let empty = self.empty.contains(table);
        if !empty && !definition.may_be_left_out() {
            return Err(Inapplicable::Unproved(format!("{table}.{column}")));
        }
        let columns = &mut self.table_mut(table)?.columns;
        refuse_twice(columns.insert(column.clone(), definition.clone()), || {
            format!("column {table}.{column}")
        })?;
        if definition.default.as_ref().is_some_and(|default| !default.is_null()) || empty {
            self.null_free.insert(ColumnRef::new(table, column));
        }
        Ok(())
    }

    fn drop_column(&mut self, table: &TableName, column: &ColumnName) -> Applied {
        self.column_mut(table, column)?;
        let at = ColumnRef::new(table, column);
        if let Some(view) = self
            .in_flight
            .views
            .iter()
            .find(|(_, view)| view.table == *table && view.columns.contains(column))
        {
            return Err(Inapplicable::Needed(format!("view {}", view.0)));
        }
        let mirrored = self
            .in_flight
            .mirrors
            .iter()
            .any(|(new, old)| *new == at || new.table == *table && old == column);
        if mirrored || self.in_flight.fillers.contains_key(&at) || self.in_flight.followers.contains_key(&at)
        {
            return Err(Inapplicable::Needed(format!("a trigger on {at}")));
        }
        let definition = self.table_mut(table)?;
        definition.columns.shift_remove(column);
        definition.indexes.retain(|_, index| !index.reads(column));
        definition.foreign_keys.retain(|_, key| !key.columns.contains(column));
        definition.checks.retain(|_, check| !check.reads(column));
        self.null_free.remove(&at);
        self.filled.remove(&at);
        self.in_flight.unfilled.remove(&at);
        Ok(())
    }

    fn rename_column(&mut self, table: &TableName, from: &ColumnName, to: &ColumnName) -> Applied {
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
        for index in definition.indexes.values_mut() {
            *index = index.rename_column(from, to);
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

    fn set_default(
        &mut self,
        table: &TableName,
        column: &ColumnName,
        default: Option<&Expression>,
    ) -> Applied {
        self.column_mut(table, column)?.default = default.cloned();
        Ok(())
    }

    fn set_not_null(
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

    fn create_index(&mut self, table: &TableName, name: &IndexName, index: &Index) -> Applied {
        for key in &index.keys {
            match key {
                IndexKey::Column(column) => drop(self.column_mut(table, column)?),
                IndexKey::Expression(_) => {}
            }
        }
        let indexes = &mut self.table_mut(table)?.indexes;
        refuse_twice(indexes.insert(name.clone(), index.clone()), || format!("index {name}"))
    }

    fn guard_index(&mut self, table: &TableName, name: &IndexName, wanted: &Index) -> Applied {
        match self.table(table)?.indexes.get(name) {
            Some(index) if index == wanted => {
                self.in_flight.indexes.remove(&(table.clone(), name.clone()));
                Ok(())
            }
            _ => Err(Inapplicable::Missing(format!("index {name}"))),
        }
    }

    fn add_check(
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
                    .iter()
                    .any(|at| at.table == *table && check.expression == not_null_expression(&at.column));
            self.in_flight.unvalidated.insert((table.clone(), name.clone()), conformity(counted));
        }
        let checks = &mut self.table_mut(table)?.checks;
        refuse_twice(checks.insert(name.clone(), check.clone()), || format!("check {name}"))
    }

    /// Whether no row was guilty of it when it was counted.
    fn is_counted(&self, table: &TableName, violation: &Violation) -> bool {
        self.counted.iter().any(|(counted, what)| counted == table && what == violation)
    }

    fn keep_filled(&mut self, table: &TableName, column: &ColumnName, origin: &Origin) -> Applied {
        self.column_mut(table, column)?;
        let at = ColumnRef::new(table, column);
        refuse_twice(self.in_flight.fillers.insert(at.clone(), origin.clone()), || {
            format!("the filler of {at}")
        })
    }

    fn backfill(&mut self, table: &TableName, column: &ColumnName, origin: &Origin) -> Applied {
        self.column_mut(table, column)?;
        match origin {
            Origin::Expression(_) => {}
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

    fn guard(&mut self, table: &TableName, against: &Violation) -> Applied {
        match against {
            Violation::Null { column } => {
                let nullable = self.column_mut(table, column)?.nullable;
                let at = ColumnRef::new(table, column);
                let hopeful = !nullable || self.filled.contains(&at) || self.null_free.contains(&at);
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
            Violation::Check { .. } | Violation::Orphan { .. } | Violation::Duplicate { .. } => {
                self.table(table)?;
            }
        }
        self.counted.push((table.clone(), against.clone()));
        Ok(())
    }

    fn rebuild(&mut self, table: &TableName, definition: &Table) -> Applied {
        self.table(table)?;
        self.null_free.retain(|at| at.table != *table);
        self.schema.tables.insert(table.clone(), definition.clone());
        Ok(())
    }
}

/// The check that proves a column free of NULL.
pub(crate) fn not_null_expression(column: &ColumnName) -> Expression {
    Expression(format!("\"{}\" IS NOT NULL", column.as_str().replace('"', "\"\"")))
}

fn conformity(counted: bool) -> Conformity {
    if counted { Conformity::Known } else { Conformity::Unknown }
}

fn rename_in(columns: &mut [ColumnName], from: &ColumnName, to: &ColumnName) {
    for column in columns {
        if column == from {
            *column = to.clone();
        }
    }
}

fn refuse_twice<T>(replaced: Option<T>, what: impl Fn() -> String) -> Applied {
    match replaced {
        Some(_) => Err(Inapplicable::Exists(what())),
        None => Ok(()),
    }
}
