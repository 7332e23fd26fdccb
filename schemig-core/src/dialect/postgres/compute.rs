//! Compute a column from something else, or no more, or from now on.
//!
//! What a server can do about an expression in place differs by version (tried on 12 to 18). Where it can do nothing the column is made
//! anew, in one transaction with all that reads it; its rights and statistics go with the old one.

use super::Postgres;
use super::layout::indent;
use super::lock::Piece;
use super::quote::{ident, literal, shorten};
use crate::dialect::{LockMode, Work};
use crate::schema::{Column, ColumnName, ColumnRef, ForeignKey, State, Table, TableName};

/// How a column gets there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `SET EXPRESSION`: from 17 on, and never on a virtual column of a table that has checks.
    Expression,
    /// `DROP EXPRESSION`: from 13 on, of a stored column, whose values stay.
    Kept,
    /// The column is dropped and added.
    Anew,
}

impl Postgres {
    /// Run again it finds the form that it made, or makes the same values from the same rows.
    pub(super) fn recompute(
        &self,
        table: &TableName,
        column: &ColumnName,
        definition: &Column,
        state: &State,
    ) -> Piece {
        let at = ColumnRef::new(table, column);
        let Some(known) = state.schema.column(&at) else { return self.add_column(table, column, definition) };
        let alter = |what: &str| self.alter_column(table, column, what);
        let mut statements = Vec::new();
        match self.way(table, column, definition, state) {
            Way::Anew => return self.made_anew(table, column, definition, state),
            Way::Expression => {
                statements.extend((!known.nullable && definition.nullable).then(|| alter("DROP NOT NULL")));
                let by = definition.generated.iter();
                statements.extend(by.map(|by| alter(&format!("SET EXPRESSION AS ({})", by.expression))));
            }
            Way::Kept => {
                statements.push(alter("DROP EXPRESSION IF EXISTS"));
                statements.extend((!known.nullable && definition.nullable).then(|| alter("DROP NOT NULL")));
                let default = definition.default.iter();
                statements.extend(
                    default.map(|it| alter(&format!("SET DEFAULT {}", self.default_sql(it.as_str())))),
                );
            }
        }
        statements.extend((known.nullable && !definition.nullable).then(|| alter("SET NOT NULL")));
        Piece::strong(vec![table.clone()], statements)
    }

    fn way(&self, table: &TableName, column: &ColumnName, definition: &Column, state: &State) -> Way {
        let Some(table) = state.schema.tables.get(table) else { return Way::Anew };
        let before = table.columns.get(column).and_then(|known| known.generated.as_ref());
        let refers = table.foreign_keys.values().any(|key| key.columns.contains(column));
        match (before, &definition.generated) {
            (Some(from), Some(to)) if from.stored == to.stored && self.version >= 17 && !refers => {
                if to.stored || table.checks.is_empty() { Way::Expression } else { Way::Anew }
            }
            (Some(from), None) if from.stored && self.version >= 13 => Way::Kept,
            (Some(_) | None, Some(_)) | (Some(_), None) | (None, None) => Way::Anew,
        }
    }

    fn made_anew(&self, table: &TableName, column: &ColumnName, definition: &Column, state: &State) -> Piece {
        let name = self.table(table);
        let known = state.schema.tables.get(table);
        let before = known.and_then(|known| known.columns.get(column)?.generated.as_ref());
        let bare = Column { nullable: true, default: None, ..definition.clone() };
        let filled = before.filter(|_| definition.generated.is_none());
        let added = self.column(column, if filled.is_some() { &bare } else { definition });
        let keys = known.into_iter().flat_map(|known| &known.foreign_keys);
        let mut lines: Vec<String> = keys
            .filter(|(_, key)| key.columns.contains(column))
            .map(|(key, _)| self.drop_constraint(table, key.as_str()))
            .collect();
        lines.push(format!("ALTER TABLE {name} DROP COLUMN {};", ident(column.as_str())));
        lines.push(format!("ALTER TABLE {name} ADD COLUMN {added};"));
        if let Some(by) = filled {
            lines.push(format!("UPDATE {name} SET {} = ({});", ident(column.as_str()), by.expression));
            let default = definition.default.iter();
            lines.extend(default.map(|default| {
                self.alter_column(
                    table,
                    column,
                    &format!("SET DEFAULT {}", self.default_sql(default.as_str())),
                )
            }));
            lines.extend((!definition.nullable).then(|| self.alter_column(table, column, "SET NOT NULL")));
        }
        let comment = definition.comment.as_ref();
        lines.extend(comment.map(|_| self.comment(table, Some(column), comment)));
        lines.extend(known.into_iter().flat_map(|known| self.readers(table, column, known, state)));
        let form = |column: Option<&str>| column.unwrap_or_default().to_owned();
        let (was, wanted) = (form(before.map(letter)), form(definition.generated.as_ref().map(letter)));
        let found = if was == wanted { String::new() } else { format!(" AND attgenerated <> '{wanted}'") };
        let block = format!(
            "IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped{found}) THEN\n{}\nEND IF;",
            self.regclass(table),
            literal(&shorten(column.as_str())),
            indent(&lines.join("\n"), 4)
        );
        Piece::strong_block(self.with_parents(table, state, |key| key.columns.contains(column)), block)
    }

    /// What reads the column, and is dropped with it.
    fn readers(&self, table: &TableName, column: &ColumnName, known: &Table, state: &State) -> Vec<String> {
        let name = self.table(table);
        let indexes = known.indexes.iter().filter(|(_, index)| index.reads(column)).map(|(index, made)| {
            if made.constraint {
                let constraint = ident(index.as_str());
                format!("ALTER TABLE {name} ADD CONSTRAINT {constraint} {};", self.index_constraint(made))
            } else {
                self.create_index_sql(table, index, made, false)
            }
        });
        let valid = |constraint| {
            let at = (table.clone(), constraint);
            if state.in_flight.unvalidated.contains_key(&at) { " NOT VALID" } else { "" }
        };
        let checks = known.checks.iter().filter(|(_, check)| check.reads(column)).map(|(check, made)| {
            let (constraint, valid) = (ident(check.as_str()), valid(check.clone()));
            format!("ALTER TABLE {name} ADD CONSTRAINT {constraint} CHECK ({}){valid};", made.expression)
        });
        let read = |key: &ForeignKey| key.columns.contains(column);
        let keys = known.foreign_keys.iter().filter(|(_, key)| read(key)).map(|(key, made)| {
            let (constraint, valid) = (ident(key.as_str()), valid(key.clone()));
            format!("ALTER TABLE {name} ADD CONSTRAINT {constraint} {}{valid};", self.foreign_key(made))
        });
        indexes.chain(checks).chain(keys).collect()
    }

    pub(super) fn recompute_locks(
        &self,
        table: &TableName,
        column: &ColumnName,
        definition: &Column,
        before: &State,
    ) -> Vec<(TableName, LockMode)> {
        let anew = self.way(table, column, definition, before) == Way::Anew;
        let locked = self.with_parents(table, before, |key| anew && key.columns.contains(column));
        locked.into_iter().map(|table| (table, LockMode::AccessExclusive)).collect()
    }

    pub(super) fn recompute_work(
        &self,
        table: &TableName,
        column: &ColumnName,
        definition: &Column,
        before: &State,
    ) -> Work {
        let known = before.schema.tables.get(table);
        let nullable = known.and_then(|known| known.columns.get(column)).is_some_and(|it| it.nullable);
        let checked = known.is_some_and(|known| known.checks.values().any(|check| check.reads(column)));
        match (self.way(table, column, definition, before), &definition.generated) {
            (Way::Kept, _) if nullable && !definition.nullable => Work::ScansTable,
            (Way::Kept, _) => Work::Instant,
            (Way::Expression | Way::Anew, Some(by)) if by.stored => Work::RewritesTable,
            // Computed by each read: a row is looked at only to see that it may be so.
            (Way::Expression | Way::Anew, Some(_)) if checked || !definition.nullable => Work::ScansTable,
            (Way::Expression | Way::Anew, Some(_)) => Work::Instant,
            (Way::Expression | Way::Anew, None) => Work::WritesRows { batched: false },
        }
    }
}

/// How the catalog says that a column is computed.
fn letter(by: &crate::schema::Generated) -> &'static str {
    if by.stored { "s" } else { "v" }
}
