//! What stands beside the tables: views, triggers, policies, functions, and what they read as far as the catalog knows.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{ColumnRef, Dependant, DependantKind, TableName};

use super::super::{Error, KEPT_TABLES};
use super::OWN_TABLES;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    table_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
}

/// Reads what a database has beside the tables of [`super::postgres`]; what extensions brought is left out.
///
/// # Errors
/// The catalog can't be read.
pub fn dependants(connection: &mut PgConnection, default_schema: &str) -> Result<BTreeSet<Dependant>, Error> {
    let rows: Vec<Row> = sql_query(query()).bind::<Array<Text>, _>(&KEPT_TABLES[..]).load(connection)?;
    let mut found: BTreeMap<(DependantKind, String), Dependant> = BTreeMap::new();
    for Row { kind, name, schema, table_name, column_name } in rows {
        let Some(kind) = parse(&kind) else { continue };
        let entry = found.entry((kind, name.clone())).or_insert_with(|| Dependant {
            kind,
            name,
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
        });
        let Some(table) = table_name else { continue };
        let table = TableName { schema: schema.filter(|schema| schema != default_schema), name: table };
        entry.columns.extend(column_name.map(|column| ColumnRef::new(&table, &column.into())));
        entry.tables.insert(table);
    }
    Ok(found.into_values().collect())
}

fn parse(kind: &str) -> Option<DependantKind> {
    Some(match kind {
        "view" => DependantKind::View,
        "materialized view" => DependantKind::MaterializedView,
        "foreign table" => DependantKind::ForeignTable,
        "function" => DependantKind::Function,
        "trigger" => DependantKind::Trigger,
        "policy" => DependantKind::Policy,
        "rule" => DependantKind::Rule,
        "statistics" => DependantKind::Statistics,
        "sequence" => DependantKind::Sequence,
        "type" => DependantKind::Type,
        "grants" => DependantKind::Grants,
        _ => return None,
    })
}

/// Each thing with where the catalog has it (`class`, `number`) and the table that it is part of, if any; what it reads is what it
/// depends on there.
fn query() -> String {
    format!(
        "WITH own (number) AS ({OWN_TABLES}),
        space (number) AS (
            SELECT oid FROM pg_catalog.pg_namespace
            WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
        ),
        thing (kind, name, class, number, base) AS (
            SELECT CASE class.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END,
                class.oid::regclass::text, 'pg_catalog.pg_rewrite'::regclass, coalesce(rule.oid, 0), NULL::oid
            FROM pg_catalog.pg_class AS class LEFT JOIN pg_catalog.pg_rewrite AS rule ON rule.ev_class = class.oid
            WHERE class.relkind IN ('v', 'm', 'f') AND NOT class.relispartition
                AND class.relnamespace IN (SELECT number FROM space) AND {no_extension_has_class}
            UNION ALL
            SELECT 'rule', pg_catalog.quote_ident(rule.rulename) || ' of ' || rule.ev_class::regclass,
                'pg_catalog.pg_rewrite'::regclass, rule.oid, rule.ev_class
            FROM pg_catalog.pg_rewrite AS rule WHERE rule.ev_class IN (SELECT number FROM own)
            UNION ALL
            SELECT 'trigger', pg_catalog.quote_ident(entry.tgname) || ' of ' || entry.tgrelid::regclass,
                'pg_catalog.pg_trigger'::regclass, entry.oid, entry.tgrelid
            FROM pg_catalog.pg_trigger AS entry
            WHERE NOT entry.tgisinternal AND entry.tgrelid IN (SELECT number FROM own)
                AND entry.tgname NOT LIKE 'schemig\\_%'
            UNION ALL
            SELECT 'policy', pg_catalog.quote_ident(entry.polname) || ' of ' || entry.polrelid::regclass,
                'pg_catalog.pg_policy'::regclass, entry.oid, entry.polrelid
            FROM pg_catalog.pg_policy AS entry WHERE entry.polrelid IN (SELECT number FROM own)
            UNION ALL
            SELECT 'statistics', pg_catalog.quote_ident(entry.stxname), 'pg_catalog.pg_statistic_ext'::regclass,
                entry.oid, entry.stxrelid
            FROM pg_catalog.pg_statistic_ext AS entry WHERE entry.stxrelid IN (SELECT number FROM own)
            UNION ALL
            SELECT 'function', entry.oid::regprocedure::text, 'pg_catalog.pg_proc'::regclass, entry.oid, NULL
            FROM pg_catalog.pg_proc AS entry
            WHERE entry.pronamespace IN (SELECT number FROM space) AND entry.proname NOT LIKE 'schemig\\_%'
                AND {no_extension_has_function}
            UNION ALL
            SELECT 'sequence', class.oid::regclass::text, 'pg_catalog.pg_class'::regclass, 0, NULL
            FROM pg_catalog.pg_class AS class
            WHERE class.relkind = 'S' AND class.relnamespace IN (SELECT number FROM space) AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend AS owned
                WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = class.oid
                    AND owned.deptype IN ('a', 'i', 'e')
            )
            UNION ALL
            SELECT 'type', type.oid::regtype::text, 'pg_catalog.pg_type'::regclass, 0, NULL
            FROM pg_catalog.pg_type AS type LEFT JOIN pg_catalog.pg_class AS class ON class.oid = type.typrelid
            WHERE type.typnamespace IN (SELECT number FROM space) AND {no_extension_has_type}
                AND (type.typtype IN ('d', 'r') OR class.relkind = 'c')
            UNION ALL
            SELECT 'grants', class.oid::regclass::text, 'pg_catalog.pg_class'::regclass, 0, class.oid
            FROM pg_catalog.pg_class AS class
            WHERE class.oid IN (SELECT number FROM own) AND EXISTS (
                SELECT FROM pg_catalog.aclexplode(class.relacl) AS granted WHERE granted.grantee <> class.relowner
            )
        ),
        reads (kind, name, table_number, place) AS (
            SELECT kind, name, base, NULL::int2 FROM thing
            UNION
            SELECT thing.kind, thing.name, read.refobjid, nullif(read.refobjsubid, 0)::int2
            FROM thing JOIN pg_catalog.pg_depend AS read
                ON read.classid = thing.class AND read.objid = thing.number AND thing.number <> 0
                AND read.refclassid = 'pg_catalog.pg_class'::regclass
            WHERE read.refobjid IN (SELECT number FROM own)
        )
        SELECT reads.kind, reads.name, space.nspname::text AS schema, class.relname::text AS table_name,
            attribute.attname::text AS column_name
        FROM reads LEFT JOIN pg_catalog.pg_class AS class ON class.oid = reads.table_number
        LEFT JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = reads.table_number AND attribute.attnum = reads.place
        WHERE class.relname IS NULL OR class.relname <> ALL ($1)
        ORDER BY 1, 2, 3, 4, 5",
        no_extension_has_class = not_owned("pg_class", "class"),
        no_extension_has_function = not_owned("pg_proc", "entry"),
        no_extension_has_type = not_owned("pg_type", "type"),
    )
}

fn not_owned(catalog: &str, row: &str) -> String {
    format!(
        "NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS owned
            WHERE owned.classid = 'pg_catalog.{catalog}'::regclass AND owned.objid = {row}.oid AND owned.deptype = 'e'
        )"
    )
}
