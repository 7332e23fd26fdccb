//! Checks and foreign keys.

use super::Postgres;
use super::lock::Piece;
use super::quote::{columns, ident, literal, shorten};
use crate::schema::{Action, Check, ConstraintName, ForeignKey, State, TableName};

impl Postgres {
    /// An SQL condition. From PostgreSQL 18 on NOT NULL is a constraint too, and the server gives it the name that a check which proves
    /// it has here: only checks and foreign keys are meant.
    pub(super) fn constraint_exists(&self, table: &TableName, name: &ConstraintName) -> String {
        format!(
            "EXISTS (SELECT FROM pg_constraint WHERE conrelid = {} AND conname = {} AND contype IN ('c', 'f'))",
            self.to_regclass(table),
            literal(&shorten(name.as_str()))
        )
    }

    pub(super) fn foreign_key(&self, key: &ForeignKey) -> String {
        let ForeignKey { columns: own, references, key, on_delete, on_update, deferral, provenance: _ } = key;
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
        sql += deferral.sql();
        sql
    }

    /// Adds a constraint unless it is there, where `also` holds: a condition and the `AND` behind it, or nothing.
    fn add_constraint_block(
        &self,
        also: &str,
        table: &TableName,
        name: &ConstraintName,
        definition: &str,
        valid: bool,
    ) -> String {
        format!(
            "IF {also}NOT {} THEN\n    ALTER TABLE {} ADD CONSTRAINT {}\n        {definition}{};\nEND IF;",
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
        self.add_constraint_block("", table, name, &self.foreign_key(key), valid)
    }

    pub(super) fn add_check(
        &self,
        table: &TableName,
        name: &ConstraintName,
        check: &Check,
        valid: bool,
    ) -> Piece {
        self.add_check_also("", table, name, check, valid)
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
        self.add_check_also(&format!("{condition} AND "), table, name, check, valid)
    }

    fn add_check_also(
        &self,
        also: &str,
        table: &TableName,
        name: &ConstraintName,
        check: &Check,
        valid: bool,
    ) -> Piece {
        let definition = format!("CHECK ({})", check.expression);
        let block = self.add_constraint_block(also, table, name, &definition, valid);
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
        Piece::strong_block(vec![table.clone()], self.drop_check_block(table, name))
    }

    /// By its name alone a second run could drop the NOT NULL that came in its place.
    pub(super) fn drop_check_block(&self, table: &TableName, name: &ConstraintName) -> String {
        format!(
            "IF {} THEN\n    ALTER TABLE {} DROP CONSTRAINT {};\nEND IF;",
            self.constraint_exists(table, name),
            self.table(table),
            ident(name.as_str())
        )
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
