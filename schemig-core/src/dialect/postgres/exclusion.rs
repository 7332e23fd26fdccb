//! Exclusion constraints: how they are spelled, and which rows they would reject (DOCTRINE, B19).

use super::Postgres;
use super::index::{sorted, storage};
use super::quote::{columns, ident, literal};
use crate::schema::{Index, IndexKey, TableName};

impl Postgres {
    /// What stands behind the constraint's name.
    pub(super) fn exclusion(&self, index: &Index) -> String {
        let keys = index.sorted_keys().zip(&index.operators);
        let keys: Vec<String> = keys
            .map(|((key, order), operator)| format!("{} WITH {}", sorted(key, order), qualified(operator)))
            .collect();
        let method = index.method.as_deref().unwrap_or("btree");
        let mut sql = format!("EXCLUDE USING {} ({})", ident(method), keys.join(", "));
        if !index.include.is_empty() {
            sql += &format!(" INCLUDE ({})", columns(&index.include));
        }
        if !index.storage.is_empty() {
            sql += &format!(" WITH ({})", storage(index));
        }
        if let Some(predicate) = &index.predicate {
            sql += &format!(" WHERE ({predicate})");
        }
        sql + index.deferral.sql()
    }

    /// Adds the constraint, inside a PL/pgSQL block; where rows exclude each other, it says which, and nothing is changed. Diesel
    /// prints no DETAIL, so the message has it.
    pub(super) fn or_say_who(&self, table: &TableName, index: &Index, add: &str) -> String {
        let message = literal(&format!("schemig: rows of {} exclude each other: ", self.table(table)));
        let show = literal(&format!("; see them: {};", self.excluded(table, index)));
        format!(
            "    DECLARE
        schemig_detail text;
    BEGIN
        {add}
    EXCEPTION WHEN exclusion_violation THEN
        GET STACKED DIAGNOSTICS schemig_detail = PG_EXCEPTION_DETAIL;
        RAISE EXCEPTION USING MESSAGE = {message} || schemig_detail || {show};
    END;"
        )
    }

    /// Pairs of rows that exclude each other, each pair once. NULL excludes nothing, and `ctid` tells rows apart whatever their key is.
    pub(super) fn excluded(&self, table: &TableName, index: &Index) -> String {
        let key = |(place, key): (usize, &IndexKey)| match key {
            IndexKey::Column(column) => format!(", {} AS key_{place}", self.own(table, column)),
            IndexKey::Expression(expression) => format!(", ({expression}) AS key_{place}"),
        };
        let keys: String = index.keys.iter().enumerate().map(key).collect();
        let only =
            index.predicate.iter().map(|predicate| format!(" WHERE ({predicate})")).collect::<String>();
        let row = ident(&table.name);
        let rows = format!(
            "(SELECT {row}.ctid AS place, ({row}.*)::text AS held{keys} FROM {}{only})",
            self.table(table)
        );
        let operators = index.operators.iter().map(|operator| qualified(operator)).enumerate();
        let apart: String = operators
            .map(|(place, operator)| format!(" AND a.key_{place} {operator} b.key_{place}"))
            .collect();
        format!(
            "SELECT a.held AS one, b.held AS other FROM {rows} AS a JOIN {rows} AS b ON a.place < b.place{apart}"
        )
    }
}

/// An operator, with its schema where it has one in front.
fn qualified(operator: &str) -> String {
    match operator.rsplit_once('.') {
        Some((schema, symbol)) => format!("OPERATOR({}.{symbol})", ident(schema)),
        None => operator.to_owned(),
    }
}
