//! Indexes, unique constraints included; the primary key's is the table's own matter.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{ColumnName, Index, IndexKey, IndexName, Provenance};

use super::super::{Error, Introspected};
use super::{Names, OWN_TABLES};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    table_number: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Bool)]
    is_valid: bool,
    #[diesel(sql_type = Bool)]
    is_constraint: bool,
    #[diesel(sql_type = Bool)]
    has_options: bool,
    #[diesel(sql_type = Text)]
    method: String,
    #[diesel(sql_type = Nullable<Text>)]
    predicate: Option<String>,
    /// Empty for an expression.
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    /// What the server prints for a key, without its options.
    #[diesel(sql_type = Array<Text>)]
    texts: Vec<String>,
    /// Operator class, collation and order where they aren't the usual ones.
    #[diesel(sql_type = Array<Text>)]
    options: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    include: Vec<String>,
}

/// An exclusion constraint's index is left out: a schema has no place for it, and `unmodelled` names it.
pub(super) fn read(
    connection: &mut PgConnection,
    names: &Names,
    found: &mut Introspected,
) -> Result<(), Error> {
    for row in sql_query(query()).load::<Row>(connection)? {
        let Some(table) = names.get(&row.table_number) else { continue };
        let name = IndexName(row.name.clone());
        if !row.is_valid {
            found.invalid_indexes.push((table.clone(), name.clone()));
        }
        if row.has_options || row.options.iter().any(|option| !option.is_empty()) {
            found.unmodelled.push(format!("options of index {name} of {table}"));
        }
        if let Some(known) = found.schema.tables.get_mut(table) {
            known.indexes.insert(name, index(row));
        }
    }
    Ok(())
}

/// One row per index; arrays run over its keys in order.
fn query() -> String {
    let per_key = |value: &str| {
        format!("ARRAY(SELECT {value} FROM generate_series(0, entry.indnkeyatts - 1) AS at ORDER BY at)")
    };
    let column = "coalesce((SELECT attribute.attname::text FROM pg_catalog.pg_attribute AS attribute
                WHERE attribute.attrelid = entry.indrelid AND attribute.attnum = entry.indkey[at]
                    AND entry.indkey[at] <> 0), '')";
    let option = "coalesce((SELECT ' ' || family.opcname FROM pg_catalog.pg_opclass AS family
                    WHERE family.oid = entry.indclass[at] AND NOT family.opcdefault), '')
                || coalesce((SELECT ' COLLATE ' || quote_ident(other.collname) FROM pg_catalog.pg_collation AS other
                    JOIN pg_catalog.pg_attribute AS attribute
                        ON attribute.attrelid = entry.indrelid AND attribute.attnum = entry.indkey[at]
                    WHERE other.oid = entry.indcollation[at] AND other.oid <> attribute.attcollation), '')
                || CASE entry.indoption[at] WHEN 0 THEN '' WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST'
                    ELSE ' DESC' END";
    let text = "pg_catalog.pg_get_indexdef(entry.indexrelid, at + 1, true)";
    format!(
        "SELECT entry.indrelid::int8 AS table_number, class.relname::text AS name, entry.indisunique AS is_unique,
            entry.indisvalid AND entry.indisready AS is_valid, owner.oid IS NOT NULL AS is_constraint,
            coalesce(owner.condeferrable, false) OR class.reloptions IS NOT NULL
                OR pg_catalog.pg_get_indexdef(entry.indexrelid) LIKE '%NULLS NOT DISTINCT%' AS has_options,
            method.amname::text AS method, pg_catalog.pg_get_expr(entry.indpred, entry.indrelid, true) AS predicate,
            {columns} AS columns, {texts} AS texts, {options} AS options,
            ARRAY(
                SELECT attribute.attname::text FROM generate_series(entry.indnkeyatts, entry.indnatts - 1) AS at
                JOIN pg_catalog.pg_attribute AS attribute
                    ON attribute.attrelid = entry.indrelid AND attribute.attnum = entry.indkey[at]
                ORDER BY at
            ) AS include
        FROM pg_catalog.pg_index AS entry
        JOIN pg_catalog.pg_class AS class ON class.oid = entry.indexrelid
        JOIN pg_catalog.pg_am AS method ON method.oid = class.relam
        LEFT JOIN pg_catalog.pg_constraint AS owner
            ON owner.conindid = entry.indexrelid AND owner.contype IN ('u', 'x')
        WHERE NOT entry.indisprimary AND entry.indrelid IN ({OWN_TABLES}) AND owner.contype IS DISTINCT FROM 'x'
        ORDER BY class.relname",
        columns = per_key(column),
        texts = per_key(text),
        options = per_key(option),
    )
}

fn index(row: Row) -> Index {
    let keys = row
        .columns
        .iter()
        .zip(&row.texts)
        .zip(&row.options)
        .map(|((column, text), option)| match (column.as_str(), option.as_str()) {
            ("", "") => IndexKey::Expression(text.as_str().into()),
            (column, "") => IndexKey::Column(column.into()),
            (_, option) => IndexKey::Expression(format!("{text}{option}").as_str().into()),
        })
        .collect();
    Index {
        keys,
        unique: row.is_unique,
        method: (row.method != "btree").then_some(row.method),
        predicate: row.predicate.map(|text| text.as_str().into()),
        include: row.include.into_iter().map(ColumnName).collect(),
        constraint: row.is_constraint,
        provenance: Provenance::Declared,
    }
}
