//! What stands beside the tables: views, triggers, policies, functions, and what they read as far as the catalog knows.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{ColumnRef, Dependant, DependantKind, TableName};

use super::super::{Error, KEPT_TABLES};
use super::{OWN_TABLES, things};

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
    /// Of an enum that it names.
    #[diesel(sql_type = Nullable<Text>)]
    enum_schema: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    enum_name: Option<String>,
}

/// Reads what a database has beside the tables of [`super::postgres`]; what extensions brought is left out.
///
/// # Errors
/// The catalog can't be read.
pub fn dependants(connection: &mut PgConnection, default_schema: &str) -> Result<BTreeSet<Dependant>, Error> {
    let rows: Vec<Row> = sql_query(query()).bind::<Array<Text>, _>(&KEPT_TABLES[..]).load(connection)?;
    let mut found: BTreeMap<(DependantKind, String), Dependant> = BTreeMap::new();
    for Row { kind, name, schema, table_name, column_name, enum_schema, enum_name } in rows {
        let Some(kind) = parse(&kind) else { continue };
        let entry = found.entry((kind, name.clone())).or_insert_with(|| Dependant {
            kind,
            name,
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            enums: BTreeSet::new(),
        });
        let in_schema = |schema: Option<String>, name| TableName {
            schema: schema.filter(|schema| schema != default_schema),
            name,
        };
        entry.enums.extend(enum_name.map(|name| in_schema(enum_schema, name)));
        let Some(table) = table_name.map(|name| in_schema(schema, name)) else { continue };
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
        "column grants" => DependantKind::ColumnGrants,
        "default privileges" => DependantKind::DefaultPrivileges,
        "row security" => DependantKind::RowSecurity,
        "publication" => DependantKind::Publication,
        "cast" => DependantKind::Cast,
        "operator" => DependantKind::Operator,
        "event trigger" => DependantKind::EventTrigger,
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
        label (number, space, name) AS (
            SELECT type.oid, home.nspname::text, type.typname::text FROM pg_catalog.pg_type AS type
            JOIN pg_catalog.pg_namespace AS home ON home.oid = type.typnamespace
            WHERE type.typtype = 'e' AND type.typnamespace IN (SELECT number FROM space)
        ),
        thing (kind, name, class, number, base) AS ({things}),
        reads (kind, name, table_number, place, enum_number) AS (
            SELECT kind, name, base, NULL::int2, NULL::oid FROM thing
            UNION
            SELECT thing.kind, thing.name, read.refobjid, nullif(read.refobjsubid, 0)::int2, NULL
            FROM thing JOIN pg_catalog.pg_depend AS read
                ON read.classid = thing.class AND read.objid = thing.number AND thing.number <> 0
                AND read.refclassid = 'pg_catalog.pg_class'::regclass
            WHERE read.refobjid IN (SELECT number FROM own)
            UNION
            SELECT thing.kind, thing.name, NULL, NULL, read.refobjid
            FROM thing JOIN pg_catalog.pg_depend AS read
                ON read.classid = thing.class AND read.objid = thing.number AND thing.number <> 0
                AND read.refclassid = 'pg_catalog.pg_type'::regclass
            WHERE read.refobjid IN (SELECT number FROM label)
            UNION
            {column_grants}
        )
        SELECT reads.kind, reads.name, space.nspname::text AS schema, class.relname::text AS table_name,
            attribute.attname::text AS column_name, label.space AS enum_schema, label.name AS enum_name
        FROM reads LEFT JOIN pg_catalog.pg_class AS class ON class.oid = reads.table_number
        LEFT JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = reads.table_number AND attribute.attnum = reads.place
        LEFT JOIN label ON label.number = reads.enum_number
        WHERE class.relname IS NULL OR class.relname <> ALL ($1)
        ORDER BY 1, 2, 3, 4, 5, 6, 7",
        things = things::query(),
        column_grants = things::column_grants(),
    )
}
