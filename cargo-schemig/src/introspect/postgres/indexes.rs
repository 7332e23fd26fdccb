//! Indexes, those of unique and exclusion constraints included; the primary key's is the table's own matter.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{ColumnName, Deferral, Index, IndexKey, IndexName, KeyOrder, Nulls, Provenance};

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
    is_deferrable: bool,
    #[diesel(sql_type = Bool)]
    is_deferred: bool,
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
    /// A collation that isn't the column's.
    #[diesel(sql_type = Array<Text>)]
    collations: Vec<String>,
    /// An operator class that isn't the type's usual one.
    #[diesel(sql_type = Array<Text>)]
    classes: Vec<String>,
    /// An exclusion constraint's, one for each key.
    #[diesel(sql_type = Array<Text>)]
    operators: Vec<String>,
    /// 1 for descending, 2 for NULLs first, or both.
    #[diesel(sql_type = Array<Integer>)]
    sorting: Vec<i32>,
    #[diesel(sql_type = Bool)]
    nulls_not_distinct: bool,
    /// `name=value`.
    #[diesel(sql_type = Array<Text>)]
    storage: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    include: Vec<String>,
}

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
        if let Some(known) = found.schema.tables.get_mut(table) {
            known.indexes.insert(name, index(row));
        }
    }
    Ok(())
}

/// One row per index; arrays run over its keys in order. The places come from `unnest`, which a planner takes for ten rows; a
/// `generate_series` is a thousand to it, and then it compiles the query (JIT) before it runs it, 60 ms each time.
fn query() -> String {
    let places = "(SELECT place::int4 - 1 AS at FROM pg_catalog.unnest(entry.indkey) WITH ORDINALITY AS listed (number, place)) AS places";
    let per_key =
        |value: &str| format!("ARRAY(SELECT {value} FROM {places} WHERE at < entry.indnkeyatts ORDER BY at)");
    let column = "coalesce((SELECT attribute.attname::text FROM pg_catalog.pg_attribute AS attribute
                WHERE attribute.attrelid = entry.indrelid AND attribute.attnum = entry.indkey[at]
                    AND entry.indkey[at] <> 0), '')";
    // What an expression would have by itself the catalog doesn't say; the server prints a collation where it is another.
    let collation = "coalesce((SELECT ' COLLATE ' || other.name FROM (
                        SELECT collation_.oid, CASE WHEN pg_catalog.pg_collation_is_visible(collation_.oid) THEN ''
                            ELSE quote_ident(home.nspname) || '.' END || quote_ident(collation_.collname) AS name
                        FROM pg_catalog.pg_collation AS collation_
                        JOIN pg_catalog.pg_namespace AS home ON home.oid = collation_.collnamespace
                        WHERE collation_.oid = entry.indcollation[at]
                    ) AS other LEFT JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = entry.indrelid
                        AND attribute.attnum = entry.indkey[at] AND entry.indkey[at] <> 0
                    WHERE CASE WHEN entry.indkey[at] <> 0 THEN other.oid <> attribute.attcollation
                        ELSE strpos(pg_catalog.pg_get_indexdef(entry.indexrelid, 0, true),
                            pg_catalog.pg_get_indexdef(entry.indexrelid, at + 1, true) || ' COLLATE ' || other.name) > 0
                        END), '')";
    let class = "coalesce((SELECT CASE WHEN pg_catalog.pg_opclass_is_visible(class.oid) THEN class.opcname::text
                        ELSE space.nspname || '.' || class.opcname END
                    FROM pg_catalog.pg_opclass AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.opcnamespace
                    WHERE class.oid = entry.indclass[at] AND NOT class.opcdefault), '')";
    let operator = "CASE WHEN pg_catalog.pg_operator_is_visible(sign.oid) THEN sign.oprname::text
                    ELSE home.nspname || '.' || sign.oprname END";
    let operators = format!(
        "ARRAY(SELECT {operator} FROM pg_catalog.unnest(owner.conexclop) WITH ORDINALITY AS listed (number, place)
                JOIN pg_catalog.pg_operator AS sign ON sign.oid = listed.number
                JOIN pg_catalog.pg_namespace AS home ON home.oid = sign.oprnamespace
                WHERE owner.contype = 'x'
                ORDER BY listed.place)"
    );
    let text = "pg_catalog.pg_get_indexdef(entry.indexrelid, at + 1, true)";
    format!(
        "SELECT entry.indrelid::int8 AS table_number, class.relname::text AS name, entry.indisunique AS is_unique,
            entry.indisvalid AND entry.indisready AS is_valid, owner.oid IS NOT NULL AS is_constraint,
            coalesce(owner.condeferrable, false) AS is_deferrable,
            coalesce(owner.condeferred, false) AS is_deferred, coalesce(class.reloptions, '{{}}') AS storage,
            pg_catalog.pg_get_indexdef(entry.indexrelid) LIKE '%NULLS NOT DISTINCT%' AS nulls_not_distinct,
            method.amname::text AS method, pg_catalog.pg_get_expr(entry.indpred, entry.indrelid, true) AS predicate,
            {columns} AS columns, {texts} AS texts, {collations} AS collations,
            {classes} AS classes, {sorting} AS sorting, {operators} AS operators,
            ARRAY(
                SELECT attribute.attname::text FROM {places}
                JOIN pg_catalog.pg_attribute AS attribute
                    ON attribute.attrelid = entry.indrelid AND attribute.attnum = entry.indkey[at]
                WHERE at >= entry.indnkeyatts
                ORDER BY at
            ) AS include
        FROM pg_catalog.pg_index AS entry
        JOIN pg_catalog.pg_class AS class ON class.oid = entry.indexrelid
        JOIN pg_catalog.pg_am AS method ON method.oid = class.relam
        LEFT JOIN pg_catalog.pg_constraint AS owner
            ON owner.conindid = entry.indexrelid AND owner.contype IN ('u', 'x')
        WHERE NOT entry.indisprimary AND entry.indrelid IN ({OWN_TABLES})
        ORDER BY class.relname",
        columns = per_key(column),
        texts = per_key(text),
        collations = per_key(collation),
        classes = per_key(class),
        sorting = per_key("entry.indoption[at]::int4"),
    )
}

fn index(row: Row) -> Index {
    let keys = row
        .columns
        .iter()
        .zip(&row.texts)
        .zip(&row.collations)
        .map(|((column, text), collation)| match (column.as_str(), collation.as_str()) {
            ("", "") => IndexKey::Expression(text.as_str().into()),
            (column, "") => IndexKey::Column(column.into()),
            (_, collation) => IndexKey::Expression(format!("{text}{collation}").as_str().into()),
        })
        .collect();
    let orders =
        row.classes.iter().zip(&row.sorting).map(|(class, sorting)| order(class, *sorting)).collect();
    let pair = |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let index = Index {
        keys,
        orders: Vec::new(),
        operators: row.operators,
        unique: row.is_unique,
        nulls_not_distinct: row.nulls_not_distinct,
        method: (row.method != "btree").then_some(row.method),
        predicate: row.predicate.map(|text| text.as_str().into()),
        include: row.include.into_iter().map(ColumnName).collect(),
        storage: row.storage.iter().filter_map(pair).collect(),
        constraint: row.is_constraint,
        deferral: match (row.is_deferrable, row.is_deferred) {
            (false, _) => Deferral::Never,
            (true, false) => Deferral::Immediate,
            (true, true) => Deferral::Deferred,
        },
        provenance: Provenance::Declared,
    };
    index.sorted(orders)
}

fn order(class: &str, sorting: i32) -> KeyOrder {
    let (descending, nulls_first) = (sorting & 1 != 0, sorting & 2 != 0);
    let nulls = match (descending, nulls_first) {
        (false, true) => Some(Nulls::First),
        (true, false) => Some(Nulls::Last),
        (false, false) | (true, true) => None,
    };
    KeyOrder { class: (!class.is_empty()).then(|| class.to_owned()), descending, nulls }
}
