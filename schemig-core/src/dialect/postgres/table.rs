//! Tables and columns.

use std::collections::BTreeSet;

use super::Postgres;
use super::lock::{Piece, Statement, Strong};
use super::quote::{columns, dollar, ident, literal};
use crate::schema::{
    Column, ColumnName, ColumnRef, Comment, ConstraintName, ForeignKey, Identity, State, Table, TableName,
};

impl Postgres {
    /// A column as CREATE TABLE and ADD COLUMN define it.
    pub(super) fn column(&self, name: &ColumnName, column: &Column) -> String {
        let Column {
            sql_type,
            nullable,
            default,
            generated,
            identity,
            collation,
            comment: _,
            identifier: _,
            provenance: _,
            observed: _,
        } = column;
        let mut sql = format!("{} {}", ident(name.as_str()), super::types::type_name(sql_type));
        if let Some(collation) = collation {
            sql += &format!(" COLLATE {}", collate(collation));
        }
        if let Some(default) = default {
            sql += &format!(" DEFAULT {}", self.default(default.as_str()));
        }
        if let Some(generated) = generated {
            let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
            sql += &format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression);
        }
        if let Some(identity) = identity {
            let when = match identity {
                Identity::Always => "ALWAYS",
                Identity::ByDefault => "BY DEFAULT",
            };
            sql += &format!(" GENERATED {when} AS IDENTITY");
        }
        if !nullable {
            sql += " NOT NULL";
        }
        sql
    }

    /// A default in brackets: without them, `a IS NULL` would be read as a default and a constraint.
    fn default(&self, expression: &str) -> String {
        let called = expression.strip_suffix("()").unwrap_or(expression);
        let simple = called.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if simple { expression.to_owned() } else { format!("({expression})") }
    }

    /// A new table. What it shares with tables that others use is added behind it, under their locks.
    pub(super) fn create_table(
        &self,
        table: &TableName,
        definition: &Table,
        created: &BTreeSet<TableName>,
    ) -> Vec<Piece> {
        let known_parents: Vec<TableName> =
            definition.parents(table).into_iter().filter(|parent| !created.contains(parent)).collect();
        let (apart, inline): (Vec<_>, Vec<_>) =
            definition.foreign_keys.iter().partition(|(_, key)| known_parents.contains(&key.references));
        let mut pieces = vec![Piece::Plain(self.create_table_sql(table, definition, &inline))];
        for (name, index) in definition.indexes.iter().filter(|(_, index)| !index.constraint) {
            pieces.push(Piece::Plain(self.create_index_sql(table, name, index, false)));
        }
        pieces.extend(self.comments(table, definition).into_iter().map(Piece::Plain));
        if !apart.is_empty() {
            let blocks: Vec<String> =
                apart.iter().map(|(name, key)| self.add_foreign_key_block(table, name, key, true)).collect();
            pieces.push(Piece::strong_block(known_parents, blocks.join("\n")));
        }
        pieces
    }

    fn create_table_sql(
        &self,
        table: &TableName,
        definition: &Table,
        foreign_keys: &[(&ConstraintName, &ForeignKey)],
    ) -> String {
        let mut lines: Vec<String> =
            definition.columns.iter().map(|(name, column)| self.column(name, column)).collect();
        if !definition.primary_key.is_empty() {
            lines.push(format!("PRIMARY KEY ({})", columns(&definition.primary_key)));
        }
        for (name, index) in definition.indexes.iter().filter(|(_, index)| index.constraint) {
            lines.push(format!("CONSTRAINT {} {}", ident(name.as_str()), self.unique(index)));
        }
        for (name, check) in &definition.checks {
            lines.push(format!("CONSTRAINT {} CHECK ({})", ident(name.as_str()), check.expression));
        }
        for (name, key) in foreign_keys {
            lines.push(format!("CONSTRAINT {} {}", ident(name.as_str()), self.foreign_key(key)));
        }
        format!("CREATE TABLE IF NOT EXISTS {} (\n    {}\n);", self.table(table), lines.join(",\n    "))
    }

    fn comments(&self, table: &TableName, definition: &Table) -> Vec<String> {
        let columns = definition.columns.keys().map(Some);
        let commented = |column: &Option<&ColumnName>| definition.comment_on(*column).is_some();
        let comment = |column| self.comment(table, column, definition.comment_on(column));
        std::iter::once(None).chain(columns).filter(commented).map(comment).collect()
    }

    fn comment(&self, table: &TableName, column: Option<&ColumnName>, text: Option<&String>) -> String {
        let text = text.map_or_else(|| "NULL".to_owned(), |text| literal(text));
        match column {
            Some(column) => {
                format!("COMMENT ON COLUMN {}.{} IS {text};", self.table(table), ident(column.as_str()))
            }
            None => format!("COMMENT ON TABLE {} IS {text};", self.table(table)),
        }
    }

    /// It waits for other DDL and for autovacuum, and no query waits for it.
    pub(super) fn set_comments(&self, table: &TableName, comments: &[Comment]) -> Piece {
        let lines = comments
            .iter()
            .map(|Comment { column, text }| self.comment(table, column.as_ref(), text.as_ref()));
        Piece::Scan(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Its foreign keys go first: their parents are locked too, and a table that is in use makes the attempt end there.
    pub(super) fn drop_table(&self, table: &TableName, state: &State) -> Piece {
        let name = self.table(table);
        let known = state.schema.tables.get(table);
        let mut statements: Vec<String> = known
            .into_iter()
            .flat_map(|known| known.foreign_keys.keys())
            .map(|key| {
                format!("ALTER TABLE IF EXISTS {name} DROP CONSTRAINT IF EXISTS {};", ident(key.as_str()))
            })
            .collect();
        statements.push(format!("DROP TABLE IF EXISTS {name};"));
        Piece::strong(self.with_parents(table, state, |_| true), statements)
    }

    /// The table, and those that the chosen ones of its foreign keys refer to.
    pub(super) fn with_parents(
        &self,
        table: &TableName,
        state: &State,
        chosen: impl Fn(&ForeignKey) -> bool,
    ) -> Vec<TableName> {
        let known = state.schema.tables.get(table);
        let keys = known.into_iter().flat_map(|known| known.foreign_keys.values());
        let parents: BTreeSet<TableName> = keys
            .filter(|key| chosen(key) && key.references != *table)
            .map(|key| key.references.clone())
            .collect();
        parents.into_iter().chain([table.clone()]).collect()
    }

    /// Passed by where the new name is taken: then it was done, and the old name may be a view, which RENAME would rename.
    pub(super) fn rename_table(&self, from: &TableName, to: &TableName) -> Piece {
        let mut steps = Vec::new();
        let mut current = from.clone();
        if self.schema(from) != self.schema(to) {
            let schema = ident(self.schema(to));
            steps.push(format!("    ALTER TABLE {} SET SCHEMA {schema};", self.table(from)));
            current = TableName { schema: to.schema.clone(), name: from.name.clone() };
        }
        if from.name != to.name {
            steps.push(format!("    ALTER TABLE {} RENAME TO {};", self.table(&current), ident(&to.name)));
        }
        let block = format!("IF {} IS NULL THEN\n{}\nEND IF;", self.to_regclass(to), steps.join("\n"));
        Piece::strong_block(vec![from.clone()], block)
    }

    pub(super) fn add_column(&self, table: &TableName, name: &ColumnName, column: &Column) -> Piece {
        let add = format!(
            "ALTER TABLE {} ADD COLUMN IF NOT EXISTS {};",
            self.table(table),
            self.column(name, column)
        );
        let text = column.comment.as_ref();
        let comment = text.map(|_| self.comment(table, Some(name), text));
        let statements = std::iter::once(add).chain(comment).collect();
        Piece::strong(vec![table.clone()], statements)
    }

    pub(super) fn drop_column(&self, table: &TableName, column: &ColumnName, state: &State) -> Piece {
        let name = self.table(table);
        let keys = state.schema.tables.get(table).into_iter().flat_map(|known| &known.foreign_keys);
        let mut statements: Vec<String> = keys
            .filter(|(_, key)| key.columns.contains(column))
            .map(|(key, _)| format!("ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {};", ident(key.as_str())))
            .collect();
        statements.push(format!("ALTER TABLE {name} DROP COLUMN IF EXISTS {};", ident(column.as_str())));
        Piece::strong(self.with_parents(table, state, |key| key.columns.contains(column)), statements)
    }

    pub(super) fn rename_column(&self, table: &TableName, from: &ColumnName, to: &ColumnName) -> Piece {
        let block = format!(
            "IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped) THEN
    ALTER TABLE {} RENAME COLUMN {} TO {};
END IF;",
            self.regclass(table),
            literal(&super::quote::shorten(from.as_str())),
            self.table(table),
            ident(from.as_str()),
            ident(to.as_str())
        );
        Piece::strong_block(vec![table.clone()], block)
    }

    /// `ALTER TABLE t ALTER COLUMN c …`.
    pub(super) fn alter_column(&self, table: &TableName, column: &ColumnName, what: &str) -> String {
        format!("ALTER TABLE {} ALTER COLUMN {} {what};", self.table(table), ident(column.as_str()))
    }

    pub(super) fn set_default(&self, table: &TableName, column: &ColumnName, default: &str) -> Piece {
        let what = format!("SET DEFAULT {}", self.default(default));
        Piece::strong(vec![table.clone()], vec![self.alter_column(table, column, &what)])
    }

    /// Where it is so already, the server keeps the indexes as they are.
    pub(super) fn set_collation(
        &self,
        table: &TableName,
        column: &ColumnName,
        collation: Option<&String>,
        state: &State,
    ) -> Piece {
        let known = state.schema.column(&ColumnRef::new(table, column));
        let sql_type =
            known.map_or_else(|| "text".to_owned(), |known| super::types::type_name(&known.sql_type));
        let rules = collation.map_or_else(|| "pg_catalog.\"default\"".to_owned(), |name| collate(name));
        let what = format!("TYPE {sql_type} COLLATE {rules}");
        Piece::strong(vec![table.clone()], vec![self.alter_column(table, column, &what)])
    }

    /// With a proof, the scan of SET NOT NULL is spared; so the proof is made sure of first, under a lock that blocks nobody.
    pub(super) fn set_not_null(
        &self,
        table: &TableName,
        column: &ColumnName,
        proof: Option<&ConstraintName>,
    ) -> Vec<Piece> {
        let set = self.alter_column(table, column, "SET NOT NULL");
        let Some(proof) = proof else { return vec![Piece::strong(vec![table.clone()], vec![set])] };
        let (name, constraint) = (self.table(table), ident(proof.as_str()));
        let validate = format!(
            "-- Free when it is valid. After a revert it is not, and SET NOT NULL would scan under ACCESS EXCLUSIVE.
DO {};",
            dollar(&format!(
                "BEGIN
    IF {} THEN
        ALTER TABLE {name} VALIDATE CONSTRAINT {constraint};
    END IF;
END",
                self.constraint_exists(table, proof)
            ))
        );
        // In one ALTER, the check would be gone before it could prove anything.
        let statements = vec![Statement::Sql(set), Statement::Block(self.drop_check_block(table, proof))];
        vec![Piece::Scan(validate), Piece::Strong(Strong { tables: vec![table.clone()], statements })]
    }
}

fn collate(collation: &str) -> String {
    format!("\"{}\"", collation.replace('"', "\"\""))
}
