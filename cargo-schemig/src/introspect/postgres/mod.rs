//! PostgreSQL, read back through its catalog. Expressions are in the server's own words.

mod constraints;
mod dependants;
mod domains;
mod enums;
mod indexes;
mod things;

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{
    Column, ColumnName, Generated, Identity, Partitioning, Schema, SqlType, Strategy, Table, TableName,
};

use super::{Error, Introspected, KEPT_TABLES};
pub(super) use dependants::dependants;
pub use domains::domains;

/// Reads a PostgreSQL database back: every table that is the user's own, in any schema.
///
/// Tables of `default_schema` are named without it. Partitions are left out; the table that they belong to is there.
///
/// # Errors
/// When the catalog can't be read.
pub fn postgres(connection: &mut PgConnection, default_schema: &str) -> Result<Introspected, Error> {
    let mut found = Introspected::default();
    let names = tables(connection, default_schema, &mut found.schema)?;
    columns(connection, &names, &mut found.schema)?;
    enums::read(connection, default_schema, &mut found.schema)?;
    indexes::read(connection, &names, &mut found)?;
    constraints::read(connection, &names, &mut found)?;
    found.unmodelled.extend(strangers(connection)?);
    Ok(found)
}

#[derive(QueryableByName)]
struct May {
    #[diesel(sql_type = Bool)]
    may: bool,
}

/// Has the server print names of the default schema without it, whatever the role's search path is.
///
/// # Errors
/// The role may not use that schema, and then the server won't.
pub(super) fn name_bare(connection: &mut PgConnection, default_schema: &str) -> Result<(), Error> {
    let query = "SELECT set_config('search_path', pg_catalog.quote_ident($1), false) IS NOT NULL
        AND pg_catalog.has_schema_privilege($1, 'USAGE') AS may";
    if sql_query(query).bind::<Text, _>(default_schema).get_result::<May>(connection)?.may {
        Ok(())
    } else {
        Err(Error::Unusable { schema: default_schema.to_owned() })
    }
}

/// The tables by their number in the catalog.
type Names = BTreeMap<i64, TableName>;

/// The user's tables, without what belongs to an extension, is a partition, or is Diesel's or schemig's.
const OWN_TABLES: &str = "
    SELECT class.oid FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition AND class.relpersistence <> 't'
        AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
        AND NOT EXISTS (
            SELECT 1 FROM pg_catalog.pg_depend AS owned
            WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = class.oid AND owned.deptype = 'e'
        )";

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    primary_key: Vec<String>,
    /// `r`, `l` or `h`.
    #[diesel(sql_type = Nullable<Text>)]
    strategy: Option<String>,
    /// The columns that decide a row's partition.
    #[diesel(sql_type = Array<Text>)]
    partition_by: Vec<String>,
}

fn tables(connection: &mut PgConnection, default_schema: &str, schema: &mut Schema) -> Result<Names, Error> {
    let query = format!(
        "SELECT class.oid::int8 AS number, space.nspname::text AS schema, class.relname::text AS name,
            pg_catalog.obj_description(class.oid, 'pg_class') AS comment,
            ARRAY(
                SELECT attribute.attname::text FROM pg_catalog.pg_constraint AS key,
                    unnest(key.conkey) WITH ORDINALITY AS at (number, place)
                JOIN pg_catalog.pg_attribute AS attribute ON attribute.attnum = at.number
                WHERE key.conrelid = class.oid AND key.contype = 'p' AND attribute.attrelid = class.oid
                ORDER BY at.place
            ) AS primary_key,
            spread.partstrat::text AS strategy,
            ARRAY(
                SELECT coalesce(attribute.attname::text, '')
                FROM unnest(spread.partattrs) WITH ORDINALITY AS at (number, place)
                LEFT JOIN pg_catalog.pg_attribute AS attribute
                    ON attribute.attrelid = class.oid AND attribute.attnum = at.number AND at.number <> 0
                ORDER BY at.place
            ) AS partition_by
        FROM pg_catalog.pg_class AS class
        LEFT JOIN pg_catalog.pg_partitioned_table AS spread ON spread.partrelid = class.oid
        JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE class.oid IN ({OWN_TABLES}) AND class.relname <> ALL ($1)
        ORDER BY 2, 3"
    );
    let rows: Vec<TableRow> = sql_query(query).bind::<Array<Text>, _>(&KEPT_TABLES[..]).load(connection)?;
    let mut names = Names::new();
    for row in rows {
        let schema_name = (row.schema != default_schema).then_some(row.schema);
        let name = TableName { schema: schema_name, name: row.name };
        let key = row.primary_key.iter().map(String::as_str);
        let partition_by = partitioning(row.strategy.as_deref(), &row.partition_by);
        let table = Table { comment: row.comment, partition_by, ..Table::keyed_by(key) };
        schema.tables.insert(name.clone(), table);
        names.insert(row.number, name);
    }
    Ok(names)
}

/// How a table's rows are spread. Which partitions there are is nobody's definition: they come and go.
fn partitioning(strategy: Option<&str>, columns: &[String]) -> Option<Partitioning> {
    let strategy = match strategy? {
        "r" => Strategy::Range,
        "l" => Strategy::List,
        _ => Strategy::Hash,
    };
    let columns = columns.iter().map(|column| ColumnName::from(column.as_str())).collect();
    Some(Partitioning { strategy, columns, partitions: None })
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    type_text: String,
    #[diesel(sql_type = Bool)]
    required: bool,
    #[diesel(sql_type = Nullable<Text>)]
    expression: Option<String>,
    #[diesel(sql_type = Text)]
    identity: String,
    #[diesel(sql_type = Bool)]
    serial: bool,
    #[diesel(sql_type = Text)]
    generated: String,
    #[diesel(sql_type = Nullable<Text>)]
    collation: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

fn columns(connection: &mut PgConnection, names: &Names, schema: &mut Schema) -> Result<(), Error> {
    let query = format!(
        "SELECT attribute.attrelid::int8 AS number, attribute.attname::text AS name,
            pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) AS type_text,
            attribute.attnotnull OR type.typtype = 'd' AND type.typnotnull AS required,
            pg_catalog.pg_get_expr(value.adbin, value.adrelid, attribute.attgenerated <> '') AS expression,
            attribute.attnotnull AND EXISTS (
                SELECT FROM pg_catalog.pg_depend AS owned
                JOIN pg_catalog.pg_class AS sequence ON sequence.oid = owned.objid AND sequence.relkind = 'S'
                WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.deptype = 'a'
                    AND owned.refclassid = 'pg_catalog.pg_class'::regclass
                    AND owned.refobjid = attribute.attrelid AND owned.refobjsubid = attribute.attnum
                    AND pg_catalog.pg_get_expr(value.adbin, value.adrelid)
                        = pg_catalog.format('nextval(%L::regclass)', sequence.oid::regclass)
            ) AS serial,
            attribute.attidentity::text AS identity, attribute.attgenerated::text AS generated,
            CASE WHEN attribute.attcollation <> type.typcollation THEN collation_.collname::text END AS collation,
            pg_catalog.col_description(attribute.attrelid, attribute.attnum) AS comment
        FROM pg_catalog.pg_attribute AS attribute
        JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
        LEFT JOIN pg_catalog.pg_collation AS collation_ ON collation_.oid = attribute.attcollation
        LEFT JOIN pg_catalog.pg_attrdef AS value
            ON value.adrelid = attribute.attrelid AND value.adnum = attribute.attnum
        WHERE attribute.attrelid IN ({OWN_TABLES}) AND attribute.attnum > 0 AND NOT attribute.attisdropped
        ORDER BY attribute.attrelid, attribute.attnum"
    );
    for row in sql_query(query).load::<ColumnRow>(connection)? {
        let Some(table) = names.get(&row.number).and_then(|name| schema.tables.get_mut(name)) else {
            continue;
        };
        table.columns.insert(ColumnName::from(row.name.as_str()), column(row));
    }
    Ok(())
}

fn column(row: ColumnRow) -> Column {
    let computed = !row.generated.is_empty();
    let expression = row.expression.as_deref().map(Into::into);
    // A default that draws from a sequence of the column's own is what `serial` comes to.
    let expression = expression.filter(|_| !row.serial);
    let (default, generated) = if computed {
        let stored = row.generated == "s";
        (None, expression.map(|expression| Generated { expression, stored }))
    } else {
        (expression, None)
    };
    Column {
        nullable: !row.required,
        default,
        generated,
        identity: match row.identity.as_str() {
            "a" => Some(Identity::Always),
            "d" => Some(Identity::ByDefault),
            _ => row.serial.then_some(Identity::Serial),
        },
        collation: row.collation,
        comment: row.comment,
        ..Column::required(SqlType::parse(&row.type_text))
    }
}

#[derive(QueryableByName)]
struct StrangerRow {
    #[diesel(sql_type = Text)]
    what: String,
}

/// Views and triggers: they stand in a change's way, and have no place in a schema. Partitions have none either, and go with their table.
fn strangers(connection: &mut PgConnection) -> Result<Vec<String>, Error> {
    let query = format!(
        "SELECT CASE class.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view '
                ELSE 'foreign table ' END
                || class.oid::regclass AS what
        FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE class.relkind IN ('v', 'm', 'f') AND NOT class.relispartition
            AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
            AND NOT EXISTS (
                SELECT 1 FROM pg_catalog.pg_depend AS owned
                WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = class.oid
                    AND owned.deptype = 'e'
            )
        UNION ALL
        SELECT 'trigger ' || quote_ident(tgname) || ' of ' || tgrelid::regclass FROM pg_catalog.pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN ({OWN_TABLES})
        ORDER BY 1"
    );
    Ok(sql_query(query).load::<StrangerRow>(connection)?.into_iter().map(|row| row.what).collect())
}
