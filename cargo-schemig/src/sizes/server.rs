//! What a server's catalog says of its tables. Nothing but the catalog is read, and nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{
    Connection as _, PgConnection, QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection,
};
use schemig_core::dialect::Dialect;
use schemig_core::safety::estimate::{Basis, Size};
use schemig_core::schema::TableName;

use crate::database::Connection;

/// What a server says of the tables that it has, Diesel's and schemig's own aside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Those that it has counted.
    pub counted: BTreeMap<TableName, Size>,
    /// Those that it has not: nobody has run ANALYZE there.
    pub uncounted: BTreeSet<TableName>,
}

impl Found {
    fn of(tables: impl Iterator<Item = (TableName, Option<Size>)>) -> Self {
        let mut found = Self::default();
        for (table, size) in tables {
            match size {
                Some(size) => _ = found.counted.insert(table, size),
                None => _ = found.uncounted.insert(table),
            }
        }
        found
    }
}

/// The sizes of a server's tables, as far as it has counted them. Those of its dialect's default schema go by their names alone.
///
/// # Errors
/// The server's.
pub fn sizes(connection: &mut Connection, dialect: &dyn Dialect) -> QueryResult<Found> {
    let default = dialect.default_schema().unwrap_or_default();
    match connection {
        Connection::Postgres(connection) => postgres(connection, default),
        Connection::Sqlite(connection) => sqlite(connection),
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    rows: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    bytes: Option<i64>,
}

/// Rows are the last vacuum's or analyze's count for a page, times the pages that there are now, as the server's own planner has it. A
/// table that nobody has counted is left out unless it has no page. A partitioned table is the sum of its partitions.
const SIZES: &str = "
    WITH RECURSIVE leaf (root, oid) AS (
        SELECT class.oid, class.oid FROM pg_catalog.pg_class AS class
        JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition AND class.relpersistence <> 't'
            AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
            AND class.relname NOT LIKE '\\_\\_%'
        UNION ALL
        SELECT leaf.root, child.inhrelid FROM leaf
        JOIN pg_catalog.pg_inherits AS child ON child.inhparent = leaf.oid
        JOIN pg_catalog.pg_class AS part ON part.oid = child.inhrelid AND part.relispartition
    ), counted AS (
        SELECT leaf.root, pg_catalog.pg_table_size(class.oid) AS bytes,
            CASE WHEN pg_catalog.pg_relation_size(class.oid) = 0 THEN 0
                WHEN class.reltuples < 0 OR class.relpages = 0 THEN NULL
                ELSE class.reltuples / class.relpages
                    * (pg_catalog.pg_relation_size(class.oid) / pg_catalog.current_setting('block_size')::int8) END AS rows
        FROM leaf JOIN pg_catalog.pg_class AS class ON class.oid = leaf.oid WHERE class.relkind IN ('r', 'p')
    )
    SELECT space.nspname::text AS schema, class.relname::text AS name,
        CASE WHEN count(*) = count(counted.rows) THEN sum(counted.rows)::int8 END AS rows, sum(counted.bytes)::int8 AS bytes
    FROM counted JOIN pg_catalog.pg_class AS class ON class.oid = counted.root
    JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
    GROUP BY 1, 2 ORDER BY 1, 2";

fn postgres(connection: &mut PgConnection, default: &str) -> QueryResult<Found> {
    let rows: Vec<Row> = connection.transaction(|connection| {
        connection.batch_execute(
            "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '1s'",
        )?;
        diesel::sql_query(SIZES).load(connection)
    })?;
    let size = |Row { schema, name, rows, bytes }: Row| {
        let bytes = bytes.map(i64::unsigned_abs);
        let size = rows.map(|rows| Size { rows: rows.unsigned_abs(), bytes, basis: Basis::Server });
        (TableName { schema: (schema != default).then_some(schema), name }, size)
    };
    Ok(Found::of(rows.into_iter().map(size)))
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    rows: Option<i64>,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "whether there is a row is all that is asked")]
    name: String,
}

/// SQLite keeps the rows that ANALYZE counted, with each index: the first number of `stat`. Bytes it doesn't keep.
const COUNTS: &str = "(SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = name)";

const OF_TABLES: &str = "FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 2) <> '__'
    AND substr(name, 1, 7) <> 'sqlite_' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";

/// Of an empty table SQLite keeps nothing, so what has no count is asked for one row.
fn sqlite(connection: &mut SqliteConnection) -> QueryResult<Found> {
    let analyzed: Vec<Name> =
        diesel::sql_query("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'").load(connection)?;
    let rows = if analyzed.is_empty() { "NULL" } else { COUNTS };
    let tables: Vec<Counted> =
        diesel::sql_query(format!("SELECT name, {rows} AS rows {OF_TABLES}")).load(connection)?;
    let mut found = Vec::new();
    for Counted { name, rows } in tables {
        let quoted = name.replace('"', "\"\"");
        let rows = match rows {
            Some(rows) => Some(rows.unsigned_abs()),
            None => diesel::sql_query(format!("SELECT '' AS name FROM \"{quoted}\" LIMIT 1"))
                .load::<Name>(connection)?
                .is_empty()
                .then_some(0),
        };
        found.push((TableName::new(name), rows.map(|rows| Size { rows, bytes: None, basis: Basis::Server })));
    }
    Ok(Found::of(found.into_iter()))
}
