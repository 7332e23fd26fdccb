//! A table under another definition. This server alters in place, so that is what a rebuild comes to; no plan asks for it.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::Postgres;
use super::lock::Piece;
use super::quote::{columns, ident};
use super::types::type_name;
use crate::operation::Operation;
use crate::schema::{Column, ColumnName, Expression, Identity, State, Table, TableName};

impl Postgres {
    /// Drops what isn't wanted, alters what differs, computes `values`, and adds what is missing, in one go.
    pub(super) fn rebuild(
        &self,
        table: &TableName,
        definition: &Table,
        values: &IndexMap<ColumnName, Expression>,
        state: &State,
    ) -> Vec<Piece> {
        let created = BTreeSet::new();
        let Some(known) = state.schema.tables.get(table) else {
            return self.create_table(table, definition, &created);
        };
        let render = |operations: Vec<Operation>| {
            operations.iter().flat_map(|it| self.pieces(it, state, &created)).collect::<Vec<_>>()
        };
        let mut pieces = render(surplus_constraints(table, known, definition));
        let mut statements = self.adapt_columns(table, known, definition);
        if !values.is_empty() {
            let sets: Vec<String> = values
                .iter()
                .map(|(column, value)| format!("{} = ({value})", ident(column.as_str())))
                .collect();
            statements.push(format!("UPDATE {} SET {};", self.table(table), sets.join(", ")));
        }
        for (column, to) in &definition.columns {
            let from = kept(known, column, to);
            let changes = finish_column(from, to);
            statements.extend(changes.iter().map(|what| self.alter_column(table, column, what)));
        }
        let gone = known.columns.keys().filter(|column| !definition.columns.contains_key(*column));
        statements.extend(gone.map(|column| self.drop_column_sql(table, column)));
        if known.primary_key != definition.primary_key {
            statements.push(self.drop_constraint(table, &format!("{}_pkey", table.name)));
            let key = columns(&definition.primary_key);
            statements.push(format!("ALTER TABLE {} ADD PRIMARY KEY ({key});", self.table(table)));
        }
        pieces.push(Piece::strong(vec![table.clone()], statements));
        pieces.extend(render(missing_constraints(table, known, definition)));
        pieces
    }

    fn drop_column_sql(&self, table: &TableName, column: &ColumnName) -> String {
        format!("ALTER TABLE {} DROP COLUMN IF EXISTS {};", self.table(table), ident(column.as_str()))
    }

    /// Types first, and new columns without what their values must satisfy.
    fn adapt_columns(&self, table: &TableName, known: &Table, definition: &Table) -> Vec<String> {
        let mut statements = Vec::new();
        for (column, to) in &definition.columns {
            let Some(from) = kept(known, column, to) else {
                if known.columns.contains_key(column) {
                    statements.push(self.drop_column_sql(table, column));
                }
                let bare = Column { nullable: to.nullable || to.default.is_none(), ..to.clone() };
                statements.push(format!(
                    "ALTER TABLE {} ADD COLUMN IF NOT EXISTS {};",
                    self.table(table),
                    self.column(column, &bare)
                ));
                continue;
            };
            if from.default.is_some() && (from.default != to.default || from.sql_type != to.sql_type) {
                statements.push(self.alter_column(table, column, "DROP DEFAULT"));
            }
            if from.sql_type != to.sql_type || from.collation != to.collation {
                let sql_type = type_name(&to.sql_type);
                let collation =
                    to.collation.as_ref().map(|name| format!(" COLLATE \"{}\"", name.replace('"', "\"\"")));
                let collate = collation.unwrap_or_default();
                let what = format!("TYPE {sql_type}{collate} USING {}::{sql_type}", ident(column.as_str()));
                statements.push(self.alter_column(table, column, &what));
            }
        }
        statements
    }
}

/// The column as it was, where it can be altered to what is wanted: a computed column can't.
fn kept<'a>(known: &'a Table, column: &ColumnName, to: &Column) -> Option<&'a Column> {
    known.columns.get(column).filter(|from| from.generated == to.generated)
}

/// Defaults, numbering and NOT NULL, which wait until the values are right.
fn finish_column(from: Option<&Column>, to: &Column) -> Vec<String> {
    let mut changes = Vec::new();
    if let Some(from) = from {
        if from.identity.is_some() && from.identity != to.identity {
            // A serial's default goes with the rest of the rebuild.
            changes.push(match from.identity {
                Some(Identity::Serial) => "DROP DEFAULT".to_owned(),
                Some(Identity::Always | Identity::ByDefault) | None => "DROP IDENTITY IF EXISTS".to_owned(),
            });
        }
        if from.nullable && !to.nullable {
            changes.push("SET NOT NULL".to_owned());
        }
        if let Some(identity) = to.identity.filter(|_| from.identity != to.identity) {
            changes.push(match identity {
                Identity::Always => "ADD GENERATED ALWAYS AS IDENTITY".to_owned(),
                Identity::ByDefault | Identity::Serial => "ADD GENERATED BY DEFAULT AS IDENTITY".to_owned(),
            });
        }
        if let Some(default) = &to.default
            && (from.default != to.default || from.sql_type != to.sql_type)
        {
            changes.push(format!("SET DEFAULT ({default})"));
        }
        if !from.nullable && to.nullable {
            changes.push("DROP NOT NULL".to_owned());
        }
    } else if !to.nullable && to.default.is_none() {
        changes.push("SET NOT NULL".to_owned());
    }
    changes
}

fn surplus_constraints(table: &TableName, known: &Table, definition: &Table) -> Vec<Operation> {
    let keys =
        known.foreign_keys.iter().filter(|(name, key)| definition.foreign_keys.get(*name) != Some(*key));
    let checks = known.checks.iter().filter(|(name, check)| definition.checks.get(*name) != Some(*check));
    let indexes = known.indexes.iter().filter(|(name, index)| definition.indexes.get(*name) != Some(*index));
    keys.map(|(name, _)| Operation::DropForeignKey { table: table.clone(), name: name.clone() })
        .chain(checks.map(|(name, _)| Operation::DropCheck { table: table.clone(), name: name.clone() }))
        .chain(indexes.map(|(index, _)| Operation::DropIndex {
            table: table.clone(),
            index: index.clone(),
            online: false,
        }))
        .collect()
}

/// What depends on a column that was made anew is made anew as well: each of these looks whether it is there.
fn missing_constraints(table: &TableName, known: &Table, definition: &Table) -> Vec<Operation> {
    let anew: Vec<&ColumnName> = definition
        .columns
        .iter()
        .filter(|(name, to)| kept(known, name, to).is_none())
        .map(|(name, _)| name)
        .collect();
    let indexes = definition.indexes.iter().filter(|(name, index)| {
        known.indexes.get(*name) != Some(*index) || anew.iter().any(|column| index.reads(column))
    });
    let checks = definition.checks.iter().filter(|(name, check)| {
        known.checks.get(*name) != Some(*check) || anew.iter().any(|column| check.reads(column))
    });
    let keys = definition.foreign_keys.iter().filter(|(name, key)| {
        known.foreign_keys.get(*name) != Some(*key) || anew.iter().any(|column| key.columns.contains(column))
    });
    indexes
        .map(|(index, definition)| Operation::CreateIndex {
            table: table.clone(),
            index: index.clone(),
            definition: definition.clone(),
            online: false,
        })
        .chain(checks.map(|(name, definition)| Operation::AddCheck {
            table: table.clone(),
            name: name.clone(),
            definition: definition.clone(),
            validated: true,
        }))
        .chain(keys.map(|(name, definition)| Operation::AddForeignKey {
            table: table.clone(),
            name: name.clone(),
            definition: definition.clone(),
            validated: true,
        }))
        .collect()
}
