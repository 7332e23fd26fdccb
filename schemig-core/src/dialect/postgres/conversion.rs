//! Columns that change their type: what the values of one are as values of another (DOCTRINE, R2).

use super::Postgres;
use super::cast::{are_texts, cast};
use super::lock::Piece;
use super::quote::{ident, literal, shorten};
use super::types::{bare, type_name, unlike};
use crate::plan::InPlace;
use crate::schema::{ColumnName, ColumnRef, Conversion, Expression, Identity, SqlType, State, TableName};

/// Two columns that are kept alike, in SQL: each as it stands, and as the other would have it.
pub(super) struct Pair {
    pub old: String,
    pub new: String,
    /// What the new column is to hold.
    pub forth: String,
    /// What the old column is to hold.
    pub back: String,
    /// Whether what the one holds is always what the other does.
    same: bool,
}

impl Pair {
    /// Whether the new column holds neither what the old one says nor what the old one was made from: a value that the new release wrote
    /// may be another than the one that its old form leads to.
    pub(super) fn new_is_wrong(&self) -> String {
        let Self { old, new, forth, back, same } = self;
        let apart = unlike(new, forth);
        if *same { apart } else { format!("{apart} AND ({new} IS NULL OR {})", unlike(old, back)) }
    }

    /// Whether the two aren't a pair.
    pub(super) fn differs(&self) -> String {
        if self.same { unlike(&self.old, &self.new) } else { self.new_is_wrong() }
    }

    /// Adds to a condition that the old column isn't what the new one leads to: filled from it, it says nothing new.
    pub(super) fn unless_made_from_new(&self, condition: String) -> String {
        let Self { old, back, same, .. } = self;
        if *same { condition } else { format!("{condition} AND {}", unlike(old, back)) }
    }

    /// The same of the old column.
    pub(super) fn old_is_wrong(&self) -> String {
        let Self { old, new, forth, back, same } = self;
        let apart = unlike(old, back);
        if *same { apart } else { format!("{apart} AND ({old} IS NULL OR {})", unlike(new, forth)) }
    }
}

impl Postgres {
    /// The pair that a mirror keeps, in a query over the table.
    pub(super) fn pair(
        &self,
        table: &TableName,
        [old, new]: [&ColumnName; 2],
        conversion: &Conversion,
        state: &State,
    ) -> Pair {
        let to = |column: &ColumnName, other: &ColumnName, said: &Option<Expression>| match said {
            Some(expression) => format!("({expression})"),
            None => self.as_type_of(self.own(table, other), [other, column], table, state),
        };
        Pair {
            old: self.own(table, old),
            new: self.own(table, new),
            forth: to(new, old, &conversion.forth),
            back: to(old, new, &conversion.back),
            same: conversion.is_plain() && self.type_of(table, old, state) == self.type_of(table, new, state),
        }
    }

    /// The same, in a trigger over the row that is written.
    pub(super) fn pair_of_new_row(
        &self,
        table: &TableName,
        [old, new]: [&ColumnName; 2],
        conversion: &Conversion,
        state: &State,
    ) -> Pair {
        let own = |column: &ColumnName| format!("NEW.{}", ident(column.as_str()));
        let to = |column: &ColumnName, other: &ColumnName, said: &Option<Expression>| match said {
            Some(expression) => self.over_new_row(table, expression, state),
            None => self.as_type_of(own(other), [other, column], table, state),
        };
        Pair {
            old: own(old),
            new: own(new),
            forth: to(new, old, &conversion.forth),
            back: to(old, new, &conversion.back),
            same: conversion.is_plain() && self.type_of(table, old, state) == self.type_of(table, new, state),
        }
    }

    /// The mirror that holds two columns, the old one and the new one.
    pub(super) fn mirrored<'a>(
        &self,
        table: &TableName,
        [one, other]: [&'a ColumnName; 2],
        state: &'a State,
    ) -> Option<([&'a ColumnName; 2], &'a Conversion)> {
        [[one, other], [other, one]].into_iter().find_map(|[old, new]| {
            let mirror = state.in_flight.mirrors.get(&ColumnRef::new(table, new))?;
            (mirror.old == *old).then_some(([old, new], &mirror.conversion))
        })
    }

    fn as_type_of(
        &self,
        value: String,
        [from, to]: [&ColumnName; 2],
        table: &TableName,
        state: &State,
    ) -> String {
        match (self.type_of(table, from, state), self.type_of(table, to, state)) {
            (Some(from), Some(to)) if from != to => convert(&value, from, &self.placed(to, state)),
            (Some(_), Some(_)) | (Some(_), None) | (None, Some(_)) | (None, None) => value,
        }
    }

    /// ALTER TYPE, unless it was done before: a second run would convert what is converted.
    pub(super) fn alter_type(
        &self,
        table: &TableName,
        column: &ColumnName,
        to: &SqlType,
        conversion: &Conversion,
        state: &State,
    ) -> Piece {
        let placed = self.placed(to, state);
        let using = match (&conversion.forth, self.type_of(table, column, state)) {
            (Some(expression), _) => format!(" USING ({expression})"),
            (None, Some(from)) => using(column, from, to, &placed),
            (None, None) => String::new(),
        };
        // Without its name it would be the new type's own.
        let known = state.schema.column(&ColumnRef::new(table, column));
        let collation = known.and_then(|known| known.collation.as_ref());
        let collation = collation.filter(|_| to.is_read_as(&SqlType::Text));
        let collate = collation.map(|name| format!(" COLLATE {}", ident(name))).unwrap_or_default();
        let alter = self.alter_column(table, column, &format!("TYPE {}{collate}{using}", type_name(&placed)));
        // An identity's sequence takes the column's type by itself.
        let counts = known.is_some_and(|known| known.identity == Some(Identity::Serial));
        let sequence = if counts && to.is_whole_number() {
            format!(
                "\n    EXECUTE 'ALTER SEQUENCE ' || {} || ' AS {}';",
                self.own_sequence(table, column),
                type_name(to)
            )
        } else {
            String::new()
        };
        let block = format!(
            "IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = {} AND attname = {} AND {}) THEN\n    {alter}{sequence}\nEND IF;",
            self.regclass(table),
            literal(&shorten(column.as_str())),
            is_other(&placed)
        );
        Piece::strong_block(self.tied_by(table, column, state), block)
    }

    /// The table, and those that foreign keys over this column tie to it: ALTER TYPE checks the keys anew.
    pub(super) fn tied_by(&self, table: &TableName, column: &ColumnName, state: &State) -> Vec<TableName> {
        let mut tables = self.with_parents(table, state, |key| key.columns.contains(column));
        for (name, child) in &state.schema.tables {
            let refers =
                child.foreign_keys.values().any(|key| key.references == *table && key.key.contains(column));
            if refers && !tables.contains(name) {
                tables.push(name.clone());
            }
        }
        tables
    }
}

/// A value as one of another type. Types of the user's own meet in their text.
fn convert(value: &str, from: &SqlType, to: &SqlType) -> String {
    let own = |sql_type: &SqlType| matches!(sql_type, SqlType::Named(name) if bare(name) != "citext");
    if own(from) && own(to) {
        return format!("{value}::text::{}", type_name(to));
    }
    format!("{value}::{}", type_name(to))
}

/// An explicit cast cuts a text that is too long in silence, and the server's own way refuses it; and what costs nothing without a
/// cast may rewrite the table with one.
fn using(column: &ColumnName, from: &SqlType, to: &SqlType, placed: &SqlType) -> String {
    match cast(from, to).in_place {
        InPlace::Rewrites if !are_texts(from, to) => {
            format!(" USING {}", convert(&ident(column.as_str()), from, placed))
        }
        InPlace::Rewrites | InPlace::Free | InPlace::RebuildsIndexes => String::new(),
    }
}

/// The condition on `pg_attribute` that a column isn't of this type yet.
fn is_other(to: &SqlType) -> String {
    let known = match to {
        SqlType::Varchar(Some(length)) => format!("character varying({length})"),
        SqlType::Varchar(None) => "character varying".to_owned(),
        SqlType::Char(length) => format!("character({length})"),
        SqlType::Time => "time without time zone".to_owned(),
        SqlType::Timestamp => "timestamp without time zone".to_owned(),
        SqlType::Timestamptz => "timestamp with time zone".to_owned(),
        SqlType::Array(_) | SqlType::Named(_) => {
            return format!("atttypid IS DISTINCT FROM to_regtype({})", literal(&type_name(to)));
        }
        SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Text
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb => type_name(to),
    };
    format!("format_type(atttypid, atttypmod) IS DISTINCT FROM {}", literal(&known))
}
