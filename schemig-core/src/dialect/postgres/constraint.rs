//! Checks and foreign keys.

use super::Postgres;
use super::layout::indent;
use super::lock::Piece;
use super::quote::{columns, ident, literal, shorten};
use crate::schema::{Action, Check, ConstraintName, ForeignKey, State, TableName};

impl Postgres {
    /// An SQL condition.
    pub(super) fn constraint_exists(&self, table: &TableName, name: &ConstraintName) -> String {
        format!(
            "EXISTS (SELECT FROM pg_constraint WHERE conrelid = {} AND conname = {})",
            self.to_regclass(table),
            literal(&shorten(name.as_str()))
        )
    }

    pub(super) fn foreign_key(&self, key: &ForeignKey) -> String {
        let ForeignKey { columns: own, references, key, on_delete, on_update, provenance: _ } = key;
        let mut sql = format!(
            "FOREIGN KEY ({}) REFERENCES {} ({})",
            columns(own),
            self.table(references),
            columns(key)
        );
        for (event, action) in [("DELETE", on_delete), ("UPDATE", on_update)] {
            if *action != Action::NoAction {
                sql += &format!(" ON {event} {}", action.sql());
            }
        }
        sql
    }

    fn add_constraint_block(
        &self,
        table: &TableName,
        name: &ConstraintName,
        definition: &str,
        valid: bool,
    ) -> String {
        format!(
            "IF NOT {} THEN\n    ALTER TABLE {} ADD CONSTRAINT {}\n        {definition}{};\nEND IF;",
            self.constraint_exists(table, name),
            self.table(table),
            ident(name.as_str()),
            if valid { "" } else { " NOT VALID" }
        )
    }

    pub(super) fn add_foreign_key_block(
        &self,
        table: &TableName,
        name: &ConstraintName,
        key: &ForeignKey,
        valid: bool,
    ) -> String {
        self.add_constraint_block(table, name, &self.foreign_key(key), valid)
    }

    pub(super) fn add_check(
        &self,
        table: &TableName,
        name: &ConstraintName,
        check: &Check,
        valid: bool,
    ) -> Piece {
        let definition = format!("CHECK ({})", check.expression);
        Piece::strong_block(vec![table.clone()], self.add_constraint_block(table, name, &definition, valid))
    }

    /// The same, where a condition holds.
    pub(super) fn add_check_if(
        &self,
        condition: &str,
        table: &TableName,
        name: &ConstraintName,
        check: &Check,
        valid: bool,
    ) -> Piece {
        let definition = format!("CHECK ({})", check.expression);
        let add = self.add_constraint_block(table, name, &definition, valid);
        let block = format!("IF {condition} THEN\n{}\nEND IF;", indent(&add, 4));
        Piece::strong_block(vec![table.clone()], block)
    }

    pub(super) fn add_foreign_key(
        &self,
        table: &TableName,
        name: &ConstraintName,
        key: &ForeignKey,
        valid: bool,
    ) -> Piece {
        let tables = vec![key.references.clone(), table.clone()];
        Piece::strong_block(tables, self.add_foreign_key_block(table, name, key, valid))
    }

    pub(super) fn drop_check(&self, table: &TableName, name: &ConstraintName) -> Piece {
        Piece::strong(vec![table.clone()], vec![self.drop_constraint(table, name.as_str())])
    }

    pub(super) fn drop_constraint(&self, table: &TableName, name: &str) -> String {
        format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {};", self.table(table), ident(name))
    }

    /// The parent is locked as strongly as the child.
    pub(super) fn drop_foreign_key(&self, table: &TableName, name: &ConstraintName, state: &State) -> Piece {
        let parent = state
            .schema
            .tables
            .get(table)
            .and_then(|known| known.foreign_keys.get(name))
            .map(|key| key.references.clone());
        let tables = parent.into_iter().chain([table.clone()]).collect();
        Piece::strong(tables, vec![self.drop_constraint(table, name.as_str())])
    }

    pub(super) fn validate(&self, table: &TableName, constraint: &ConstraintName) -> Piece {
        Piece::Scan(format!(
            "ALTER TABLE {} VALIDATE CONSTRAINT {};",
            self.table(table),
            ident(constraint.as_str())
        ))
    }
}
