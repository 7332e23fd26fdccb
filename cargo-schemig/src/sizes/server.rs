//! What a server's catalog says of its tables. Nothing but the catalog is read, and nothing is written.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{
    Connection as _, PgConnection, QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection,
};
use schemig_core::safety::estimate::{Basis, Size};
use schemig_core::schema::TableName;

use crate::database::Connection;
use crate::project::Project;

/// The sizes of the tables that the server has counted.
///
/// # Errors
/// The server's.
pub fn sizes(connection: &mut Connection, project: &Project) -> QueryResult<BTreeMap<TableName, Size>> {
    let default = project.dialect.default_schema().unwrap_or_default();
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
        SELECT leaf.root, pg_catalog.pg_relation_size(class.oid) AS main,
            pg_catalog.pg_table_size(class.oid) AS bytes,
            CASE WHEN pg_catalog.pg_relation_size(class.oid) = 0 THEN 0
                WHEN class.reltuples < 0 OR class.relpages = 0 THEN NULL
                ELSE class.reltuples / class.relpages
                    * (pg_catalog.pg_relation_size(class.oid) / pg_catalog.current_setting('block_size')::int8) END AS rows
        FROM leaf JOIN pg_catalog.pg_class AS class ON class.oid = leaf.oid WHERE class.relkind = 'r'
    )
    SELECT space.nspname::text AS schema, class.relname::text AS name,
        CASE WHEN count(*) = count(counted.rows) THEN sum(counted.rows)::int8 END AS rows, sum(counted.bytes)::int8 AS bytes
    FROM counted JOIN pg_catalog.pg_class AS class ON class.oid = counted.root
    JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
    GROUP BY 1, 2 ORDER BY 1, 2";

fn postgres(connection: &mut PgConnection, default: &str) -> QueryResult<BTreeMap<TableName, Size>> {
    let rows: Vec<Row> = connection.transaction(|connection| {
        connection.batch_execute(
            "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '1s'",
        )?;
        diesel::sql_query(SIZES).load(connection)
    })?;
    let size = |row: Row| {
        let schema = (row.schema != default).then_some(row.schema);
        let size = Size {
            rows: row.rows?.unsigned_abs(),
            bytes: row.bytes.map(i64::unsigned_abs),
            basis: Basis::Server,
        };
        Some((TableName { schema, name: row.name }, size))
    };
    Ok(rows.into_iter().filter_map(size).collect())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    stat: String,
}

/// SQLite keeps the rows that ANALYZE counted, with each index: the first number of `stat`. Bytes it doesn't keep.
fn sqlite(connection: &mut SqliteConnection) -> QueryResult<BTreeMap<TableName, Size>> {
    let analyzed: Vec<Name> =
        diesel::sql_query("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'").load(connection)?;
    if analyzed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<Counted> = diesel::sql_query(
        "SELECT tbl AS name, max(CAST(stat AS INTEGER)) || '' AS stat FROM sqlite_stat1 WHERE stat IS NOT NULL GROUP BY tbl ORDER BY tbl",
    )
    .load(connection)?;
    let size = |row: Counted| {
        let rows = row.stat.parse().ok()?;
        Some((TableName::new(row.name), Size { rows, bytes: None, basis: Basis::Server }))
    };
    Ok(rows.into_iter().filter_map(size).collect())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "whether there is a row is all that is asked")]
    name: String,
}
